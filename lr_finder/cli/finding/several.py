"""Several models swept in turn: what each found, in one report."""

from __future__ import annotations

import dataclasses
import functools
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

from lr_finder._output import OutputFolder
from lr_finder._text import format_rate
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.cli.finding.swept_models import SweptModel
from lr_finder.cli.shared.exit_codes import FAILURE, describe_error, print_failure
from lr_finder.cli.shared.live import shown_live
from lr_finder.cli.shared.summary import (
    format_cuts,
    print_facts,
    print_files,
    print_wide,
)
from lr_finder.cli.shared.wording import report_in_options
from lr_finder.cli.tracking.track_option import run_name, tracked
from lr_finder.finding import FindSettings, find_in
from lr_finder.finding_data import FindingData
from lr_finder.finding_files import (
    COMPARISON_FILES,
    SWEEP_FILES,
    TRAINING_FILES,
    VERIFICATION_FILES,
    FindingFiles,
)
from lr_finder.integrations.tracking import Destination
from lr_finder.results.finding import Finding

TABLE_FILE, PICTURE_FILE = COMPARISON_FILES


def find_each(
    models: Sequence[SweptModel],
    data: FindingData,
    output: OutputFolder,
    settings: FindSettings,
    trackers: Sequence[Destination] = (),
    *,
    is_shown: bool = True,
    is_told: bool = True,
    is_debugged: bool = False,
) -> dict[str, Any]:
    """Find a rate for each model in a folder of its own; a failure ends that one only.

    Args:
        models: sequence of SweptModel, with labels that differ.
        data: FindingData, the same for all.
        output: OutputFolder, which gets a folder for each, `models.csv` (written
            again after each) and `sweeps.png`.
        settings: FindSettings, the same for all.
        trackers: sequence of Destination, to which each finding is logged.
        is_shown: bool, whether progress is shown.
        is_told: bool, whether it is told where trackers keep it.
        is_debugged: bool, whether a failure shows its traceback.

    Returns:
        dict, the report: the data, `models` with a report of each, `files`.
    """
    reports, findings = [], {}
    for model in models:
        folder = output.inside(model.label)
        about = dataclasses.replace(data, about=model.identity() | dict(data.about))
        report = dict(about.about)
        finding: Finding | None
        try:
            finding = tracked(
                functools.partial(
                    find_in, about, model.model, settings,
                    files=FindingFiles(folder, data.preprocessing, report_in_options),
                    progress=shown_live(model.label, is_shown=is_shown),
                ),
                trackers, f"{run_name(output)}, {model.label}", is_told=is_told,
            )  # fmt: skip
            report |= report_in_options(finding.to_dict())
        except Exception as error:  # what is known of the others is worth having
            finding = getattr(error, "finding", None)
            if finding is not None:
                report |= report_in_options(finding.to_dict())
            report["error"] = describe_error(error)
            if is_debugged:
                traceback.print_exception(error)
        if finding is not None:
            findings[model.label] = finding
        reports.append(report | {"files": folder.files})
        output.write_table(TABLE_FILE, pd.DataFrame(map(_row, reports)))
    output.discard(SWEEP_FILES + VERIFICATION_FILES + TRAINING_FILES)
    _draw(findings, output)
    return dict(data.about) | {"models": reports, "files": output.files}


def deliver_comparison(report: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print the report of several models in the form asked for.

    Args:
        report: dict, as `find_each` returns it.
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
    """The best loss at the compiled rate, in a column that is there on request."""
    if "against_default" not in training:
        return {}
    return {"best_val_loss_default": training["against_default"]["best_val_loss"]}


def _draw(findings: dict[str, Finding], output: OutputFolder) -> None:
    """Write the sweeps over each other."""
    from lr_finder.plots.style import save_figure
    from lr_finder.plots.sweep_overlay import plot_sweeps

    if findings:
        ax = plot_sweeps(
            {label: finding.sweep for label, finding in findings.items()},
            suggestions={label: each.suggestion for label, each in findings.items()},
        )
        save_figure(ax.figure, output.target(PICTURE_FILE))


def _print(console: Console, report: dict[str, Any]) -> None:
    """The report for people: the data once, then a row for each model."""
    print_facts(console, report)
    trainings = [model.get("training", {}) for model in report["models"]]
    losses = ["best validation loss"] * any(trainings)
    losses += ["at the compiled rate"] * any("against_default" in t for t in trainings)
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
        _print_reasons(console, model)
        for cut in format_cuts(model.get("training", {})):
            console.print(f"{escape(model['name'])}: {escape(cut)}")
    print_files(console, _places(report["files"]))


def _print_reasons(console: Console, model: dict[str, Any]) -> None:
    """Why a model's rate is what it is, how others compare, and the doubts."""
    name, suggestion = model["name"], model.get("suggestion", {})
    compiled = (suggestion.get("compiled") or {}).get("compared")
    for text in filter(None, [suggestion.get("why"), compiled, model.get("history")]):
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
    trained = (training, training.get("against_default", {}))
    losses = [each.get("best_val_loss") for each in trained]
    return [*cells, *("" if loss is None else f"{loss:.4g}" for loss in losses)]
