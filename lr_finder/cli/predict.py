"""`lr_finder predict`: the predictions of a trained model for another file."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._output import MODEL_FILE, PREDICTIONS_FILE
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = """
**Examples**

`lr_finder find prices.csv --train 50 --out runs/prices` — trains a model

`lr_finder predict runs/prices new.csv` — the model's predictions for new rows

`lr_finder predict runs/prices new.csv --out answers.csv` — in a file of your choice
"""
MOST_SHOWN = 20  # points forecast that are printed


def predict(
    run_dir: options.RunDir,
    file: options.NewFile,
    out: options.PredictionsFile = None,
    encoding: options.Encoding = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    date_format: options.DateFormat = None,
    as_json: options.AsJSON = False,
    quiet: options.QuietPredictions = False,
    debug: options.Debug = False,
) -> None:
    """Predict with a model that `lr_finder find --train` kept.

    FILE is read and prepared as the training file was: the same columns, fill values,
    categories and units. One row is written for each row of FILE, with the class
    predicted or the number, in the unit of the target. If FILE has the target column,
    the score is printed too; a score on training rows says little. For a series, the
    next points are forecast, with their times.
    """
    del debug  # `main` reads it
    from lr_finder.cli.shared.predictions import (
        prediction_table,
        score,
        unknown_classes,
    )
    from lr_finder.data.new_rows import read_new_rows
    from lr_finder.data.readers.text_formats import TextFormat
    from lr_finder.data.saved_preprocessing import load_preprocessing, with_date_format

    form = TextFormat(encoding, sep, decimal)
    saved = _check_run(run_dir)
    out = _check_out(out or run_dir / PREDICTIONS_FILE)
    preprocessing = load_preprocessing(saved)
    if date_format is not None:
        preprocessing = with_date_format(preprocessing, date_format)
    rows = read_new_rows(file, preprocessing, form)
    load_keras()
    with contextlib.redirect_stdout(sys.stderr):
        output, is_logit = _output(run_dir / MODEL_FILE, preprocessing, rows)
    target = preprocessing.target
    table = prediction_table(output, preprocessing, rows, is_logit=is_logit)
    _write(out, table)
    report = {
        "source": str(file),
        "kind": preprocessing.kind,
        "target": target.name,
        "task": target.task,
        "model": str(run_dir / MODEL_FILE),
        "rows": len(table),
        "notes": [*rows.notes, *unknown_classes(table, target)],
        "score": score(table, target),
        "files": {out.name: str(out)},
    }
    _deliver(report, table, as_json=as_json, quiet=quiet)


def _check_run(run_dir: Path) -> Path:
    """The file of the preprocessing, in a folder that holds the model too."""
    from lr_finder.data.saved_preprocessing import FILE_NAME

    if not run_dir.is_dir():
        problem = "a file" if run_dir.exists() else "which does not exist"
        raise InputError(
            f"RUN_DIR must be a folder that `lr_finder find --train` wrote. Received: "
            f"{run_dir}, {problem}. Check the path."
        )
    if not (run_dir / MODEL_FILE).is_file():
        inside = sorted(path.parent.name for path in run_dir.glob(f"*/{MODEL_FILE}"))
        way_out = f"Name one of the folders in it: {', '.join(inside)}."
        raise InputError(
            f"RUN_DIR must hold {MODEL_FILE}, which `lr_finder find --train` writes. "
            f"Received: {run_dir}, without it. {way_out if inside else 'Train first.'}"
        )
    saved = run_dir / FILE_NAME
    if not saved.is_file():
        raise InputError(
            f"RUN_DIR must hold {FILE_NAME}, which `lr_finder find --train` writes for "
            f"tables, series and texts in files. Received: {run_dir}, without it. For "
            "images and arrays load the model by keras.models.load_model; for a file, "
            "train again."
        )
    return saved


def _check_out(out: Path) -> Path:
    """Refuse a place that cannot be written, before anything is read."""
    if out.is_dir() or not out.parent.is_dir():
        problem = "a folder" if out.is_dir() else f"but there is no folder {out.parent}"
        raise InputError(
            f"Option --out must be a file in a folder that exists. Received: {out}, "
            f"{problem}. Name another."
        )
    return out


def _output(path: Path, preprocessing: Any, rows: Any) -> tuple[Any, bool]:
    """What the model says of the rows, and whether it says it in logits."""
    import numpy as np

    from lr_finder.data.dataset import Dataset
    from lr_finder.models.checks import check_fits
    from lr_finder.models.compile_arguments import gives_logits
    from lr_finder.models.own_models import read_saved

    model, target = read_saved(path), preprocessing.target
    inputs = rows.inputs
    if inputs is None:
        from lr_finder.data.prepare.texts import text_tokens

        inputs = text_tokens(preprocessing.steps, rows.texts)
    is_class = target.task == "classification"
    shape = () if preprocessing.kind != "series" else (preprocessing.steps.horizon,)
    answers = np.zeros((len(inputs), *shape), "int32" if is_class else "float32")
    expected = Dataset(
        inputs, answers, inputs, answers, target.task, target.name, target.classes,
        kind=preprocessing.kind,
    )  # fmt: skip
    check_fits(model, expected, str(path))
    return np.asarray(model.predict(inputs, verbose=0)), gives_logits(model)


def _write(path: Path, table: Any) -> None:
    from lr_finder._files import write_atomically

    text = table.to_csv(index=False)
    write_atomically(path, lambda file: file.write(text.encode()))


def _deliver(report: dict[str, Any], table: Any, *, as_json: bool, quiet: bool) -> None:
    """Print a report in the form asked for."""
    from lr_finder.cli.shared.summary import print_warnings, print_wide

    if as_json:
        predictions = {"predictions": table["prediction"].tolist()}
        print(json.dumps(report | predictions, indent=2))
    elif quiet:
        for prediction in table["prediction"]:
            print(prediction)
        print_warnings(report)
    else:
        print_wide(lambda console: _print(console, report, table))


def _print(console: Console, report: dict[str, Any], table: Any) -> None:
    """The report for people."""
    from rich.markup import escape

    from lr_finder._text import counted
    from lr_finder.cli.shared.summary import print_facts, print_files

    thing, what = "row", "a prediction of"
    if report["kind"] == "series":
        thing, what = "point", "the next of"
    data = f"{counted(report['rows'], thing)}, {what} {report['target']!r}"
    print_facts(console, report | {"data": data})
    found = report["score"]
    if found is not None:
        rows = f"over {found['rows']:,} rows whose {report['target']!r} is known"
        if "accuracy" in found:
            text = f"{found['accuracy']:.1%} right, {rows}"
        else:
            r2 = "" if found["r2"] is None else f", R² {found['r2']:.3f}"
            text = f"Mean absolute error {found['mean_absolute_error']:.4g}{r2}, {rows}"
        console.print(f"\n[bold]{escape(text)}[/]")
    if report["kind"] == "series":
        console.print()
        console.print(escape(table.head(MOST_SHOWN).to_string(index=False)))
    print_files(console, report["files"])
