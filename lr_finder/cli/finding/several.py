"""One model swept, or several in turn: what each found, in one report."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.cli.finding.runs import (
    SWEEP_FILES,
    Run,
    Settings,
    describe_data,
    describe_model,
)
from lr_finder.cli.finding.swept_models import Candidate
from lr_finder.cli.finding.trainings import TRAINING_FILES
from lr_finder.cli.finding.verifying import VERIFICATION_FILES
from lr_finder.cli.shared.exit_codes import FAILURE, describe_error, print_failure
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.cli.shared.sources import Source
from lr_finder.cli.shared.summary import print_facts, print_files, print_wide
from lr_finder.errors import SuggestionError

TABLE_FILE, PICTURE_FILE = COMPARISON_FILES = ("models.csv", "sweeps.png")


def run_one(
    candidate: Candidate, data: Source, output: OutputFolder, settings: Settings
) -> tuple[dict[str, Any], SuggestionError | None]:
    """Sweep a model that is alone.

    Args:
        candidate: Candidate.
        data: Source.
        output: OutputFolder, which gets its files.
        settings: Settings.

    Returns:
        `(report, error)`: dict of JSON values, and why there is no suggestion, or None.

    Raises:
        LRFinderError: If the sweep or the training fails.
    """
    run = Run(candidate, data, output, settings)
    run.execute()
    output.discard(COMPARISON_FILES)
    return run.report | {"files": output.files}, run.verdict.error


def compare(
    candidates: Sequence[Candidate],
    data: Source,
    output: OutputFolder,
    settings: Settings,
) -> dict[str, Any]:
    """Sweep each model in a folder of its own; one that fails does not end the rest.

    Args:
        candidates: sequence of Candidate, with labels that differ.
        data: Source, the same for all.
        output: OutputFolder, which gets a folder for each, `models.csv` (written
            again after each) and `sweeps.png`.
        settings: Settings, the same for all.

    Returns:
        dict, the report: the data, `models` with a report of each, `files`.
    """
    runs = [
        Run(candidate, data, output.inside(candidate.label), settings)
        for candidate in candidates
    ]
    reports = []
    for run in runs:
        run.report = _identity(run.candidate) | run.report
        try:
            run.execute()
        except Exception as error:  # what is known of the others is worth having
            run.report["error"] = describe_error(error)
            if settings.is_debugged:
                traceback.print_exception(error)
        reports.append(run.report | {"files": run.output.files})
        output.write_table(TABLE_FILE, pd.DataFrame(map(_row, reports)))
    earlier = SWEEP_FILES + VERIFICATION_FILES + TRAINING_FILES
    output.discard(earlier, kept=settings.kept)
    _draw([run for run in runs if run.verdict is not None], output)
    return describe_data(data) | {"models": reports, "files": output.files}


def deliver_comparison(report: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print the report of several models in the form asked for.

    Args:
        report: dict, as `compare` returns it.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the rates alone: one on each line, in the order
            of the models, nan for one without a suggestion.

    Raises:
        typer.Exit: With code 1 if a model has no suggestion or failed.
    """
    if as_json:
        print(json.dumps(report, indent=2))
    elif quiet:
        for model in report["models"]:
            print(f"{model.get('suggestion', {}).get('lr', math.nan):.6g}")
    else:
        print_wide(lambda console: _print(console, report))
    for model in report["models"]:
        if quiet and not as_json:
            for warning in model.get("suggestion", {}).get("warnings", ()):
                print_failure(f"{model['name']}: {warning}", kind="Warning")
        if "error" in model:
            print_failure(f"{model['name']}: {model['error']['message']}")
    if any("error" in model for model in report["models"]):
        raise typer.Exit(FAILURE)


def _identity(candidate: Candidate) -> dict[str, Any]:
    """Which of several models a report is of."""
    named = {"name": candidate.label, "spec": candidate.spec}
    return named | describe_model(candidate.model)


def _row(report: dict[str, Any]) -> dict[str, Any]:
    """One model's row of `models.csv`; what it lacks is left blank."""
    names = ("name", "spec", "parameters", "optimizer", "loss")
    suggestion = report.get("suggestion", {})
    training = report.get("training", {})
    return {
        **{name: report[name] for name in names},
        **{name: suggestion.get(name) for name in ("lr", "low", "high", "method")},
        "stop_reason": report.get("stop_reason"),
        "warnings": len(suggestion.get("warnings", ())),
        "best_val_loss": training.get("best_val_loss"),
        **_own_losses(training),
        "error": report.get("error", {}).get("message"),
    }


def _own_losses(training: dict[str, Any]) -> dict[str, Any]:
    """The best loss at a model's own rate, in a column that is there on request."""
    if "against_default" not in training:
        return {}
    return {"best_val_loss_default": training["against_default"]["best_val_loss"]}


def _draw(runs: Sequence[Run], output: OutputFolder) -> None:
    """Write the sweeps over each other."""
    from lr_finder.plots.style import save_figure
    from lr_finder.plots.sweep_overlay import plot_sweeps

    if runs:
        ax = plot_sweeps(
            {run.candidate.label: run.verdict.result for run in runs},
            suggestions={run.candidate.label: run.suggestion for run in runs},
        )
        save_figure(ax.figure, output.target(PICTURE_FILE))


def _print(console: Console, report: dict[str, Any]) -> None:
    """The report for people: the data once, then a row for each model."""
    print_facts(console, report)
    trainings = [model.get("training", {}) for model in report["models"]]
    losses = ["best validation loss"] * any(trainings)
    losses += ["at its own rate"] * any("against_default" in t for t in trainings)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("model", "optimizer"):
        table.add_column(name)
    for name in ("parameters", "rate"):
        table.add_column(name, justify="right")
    for name in ("interval", "ended", "warnings", *losses):
        table.add_column(name)
    for model in report["models"]:
        table.add_row(*map(escape, _cells(model)))
    console.print()
    console.print(table)
    console.print()
    for model in report["models"]:
        _print_reasons(console, model["name"], model.get("suggestion", {}))
    print_files(console, _places(report["files"]))


def _print_reasons(console: Console, name: str, suggestion: dict[str, Any]) -> None:
    """Why a model's rate is what it is, how its own compares, and the doubts."""
    compiled = suggestion.get("compiled") or {}
    for text in filter(None, [suggestion.get("why"), compiled.get("compared")]):
        console.print(f"{escape(name)}: {escape(text)}")
    for warning in suggestion.get("warnings", ()):
        console.print(f"[yellow]Warning:[/] {escape(name)}: {escape(warning)}")


def _places(files: dict[str, str]) -> dict[str, str]:
    """The files that are about all models, and the folder of each model."""
    folders = {
        name.split("/")[0]: str(Path(path).parent)
        for name, path in files.items()
        if "/" in name
    }
    return {name: path for name, path in files.items() if "/" not in name} | folders


def _cells(model: dict[str, Any]) -> list[str]:
    """A model's row of the table."""
    suggestion = model.get("suggestion")
    rate, interval = "none", ""
    if suggestion is not None:
        rate, low, high = (format_rate(suggestion[n]) for n in ("lr", "low", "high"))
        interval = f"{low} to {high}"
    warnings = len(suggestion["warnings"]) if suggestion else 0
    cells = [
        model["name"],
        model["optimizer"],
        f"{model['parameters']:,}",
        rate,
        interval,
        str(StopReason(model["stop_reason"])) if "stop_reason" in model else "failed",
        str(warnings or ""),
    ]
    training = model.get("training", {})
    losses = (training, training.get("against_default", {}))
    losses = [each.get("best_val_loss") for each in losses]
    return [*cells, *("" if loss is None else f"{loss:.4g}" for loss in losses)]
