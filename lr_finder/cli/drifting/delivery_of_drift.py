"""What a deployment found: tables, figure and sentences, written and printed."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lr_finder._output import REPORT_PAGES, OutputFolder
from lr_finder.cli.shared.summary import print_facts, print_files, print_wide
from lr_finder.cli.shared.typed_command import typed_command
from lr_finder.experiments.drift.streams import DriftStream
from lr_finder.reports.run_folder import DEPLOYMENT_FILE
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.drift.drift_text import shown_error

ROWS_FILE, TRAININGS_FILE, PICTURE = "rows.csv", "trainings.csv", "deployment.png"


def write_deployment(
    report: DriftReport, stream: DriftStream, output: OutputFolder
) -> tuple[DriftReport, dict[str, Any]]:
    """Write rows, trainings, figure and result.

    Args:
        report: DriftReport.
        stream: DriftStream, its data.
        output: OutputFolder.

    Returns:
        `(report, told)`: the report, told what its data are; and a dict of JSON
        values, what the command prints.
    """
    from lr_finder.plots.style import save_figure

    about = facts_of_stream(stream)
    report = dataclasses.replace(report, about={**report.about, **about})
    output.write_table(ROWS_FILE, report.to_frame())
    output.write_table(TRAININGS_FILE, report.trainings())
    save_figure(report.plot().figure, output.target(PICTURE))
    output.discard(REPORT_PAGES)
    report.save(output.target(DEPLOYMENT_FILE))
    told = about | report.to_dict()
    del told["about"]
    return report, told | {"files": output.files}


def facts_of_stream(stream: DriftStream) -> dict[str, Any]:
    """What the JSON says of a stream, and how to make it again.

    Args:
        stream: DriftStream.

    Returns:
        dict of `source`, `kind`, `task`, `target`, `data`, `notes` and `command`.
    """
    first, last = stream.time_of(stream.n_before), stream.time_of(len(stream.x) - 1)
    held_out = stream.n_before - stream.n_trained
    return {
        "source": stream.name,
        "kind": stream.kind,
        "task": stream.task,
        "target": stream.target,
        "data": f"{stream.n_trained:,} rows to train on, {held_out:,} held out, "
        f"{stream.n_after:,} after deployment, from {first} to {last}",
        "notes": list(stream.notes),
        "command": typed_command(),
    }


def deliver_deployment(
    told: dict[str, Any], report: DriftReport, *, as_json: bool, quiet: bool
) -> None:
    """Print what was found in the form asked for.

    Args:
        told: dict of `write_deployment`.
        report: DriftReport.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the policies alone, as CSV.
    """
    if as_json:
        print(json.dumps(told, indent=2))
    elif quiet:
        print(report.summary().to_csv(index=False), end="")
    else:
        print_wide(lambda console: _print(console, told, report))


def _print(console: Console, told: dict[str, Any], report: DriftReport) -> None:
    """For people: the data, the policies, what they say, where it is."""
    print_facts(console, told)
    columns = ("trained again", "error", "since failing", "alarms", "trainings",
               "trainings paid")  # fmt: skip
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for row in report.summary().to_dict("records"):
        later = row["error_after"]
        table.add_row(
            row["policy"], shown_error(row["error"], report.task),
            "" if math.isnan(later) else shown_error(later, report.task),
            str(row["alarms"]), str(row["trainings"]), f"{row['paid']:.1f}",
        )  # fmt: skip
    console.print()
    console.print(table)
    console.print()
    for sentence in told["sentences"]:
        console.print(escape(f"{sentence[:1].upper()}{sentence[1:]}."))
    print_files(console, told["files"])
