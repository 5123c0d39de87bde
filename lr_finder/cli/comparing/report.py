"""What a comparison found: tables, figures and sentences, written and printed."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lr_finder._output import REPORT_PAGES, OutputFolder
from lr_finder._text import counted
from lr_finder.cli.shared.exit_codes import FAILURE, print_failure
from lr_finder.cli.shared.summary import print_facts, print_files, print_wide
from lr_finder.cli.shared.typed_command import facts_of
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.comparison.kept_runs import STORE_FILE
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.reports.run_folder import COMPARISON_REPORT, COMPARISON_RUNS
from lr_finder.results.comparison import Comparison

TABLES = (COMPARISON_RUNS, "epochs.csv", "ranking.csv", "rates.csv", "found_rates.csv")
PICTURE_FILE = "comparison.png"
UNSCORED = "No run of the comparison could be scored"


def write_report(
    comparison: Comparison, parts: ThreeParts, output: OutputFolder
) -> dict[str, Any]:
    """Write tables, figure and report.

    Args:
        comparison: Comparison.
        parts: ThreeParts, its data.
        output: OutputFolder.

    Returns:
        dict of JSON values: the data, `ranking` (a dict for each optimizer), `rates`,
        `found_rates`, `sentences`, `failures`, `files`.
    """
    from lr_finder.plots.style import save_figure

    ranking, rates = comparison.table(), comparison.table("rate")
    found = comparison.found_against_fixed()
    frames = (comparison.runs, comparison.to_frame(), ranking, rates, found)
    for name, frame in zip(TABLES, frames, strict=True):
        output.write_table(name, frame)
    save_figure(comparison.plot(), output.target(PICTURE_FILE))
    facts = facts_of(parts)
    facts["notes"] += _notes(comparison, output)
    report = facts | comparison.to_dict()
    output.discard(REPORT_PAGES)
    output.write_json(COMPARISON_REPORT, report)
    return report | {"files": output.files}


def deliver(
    report: dict[str, Any], comparison: Comparison, *, as_json: bool, quiet: bool
) -> None:
    """Print a report in the form asked for.

    Args:
        report: dict, as `write_report` returns it.
        comparison: Comparison.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the ranking alone, as CSV.

    Raises:
        typer.Exit: With code 1 if no run could be scored.
    """
    if as_json:
        print(json.dumps(report, indent=2))
    elif quiet:
        print(comparison.table().to_csv(index=False), end="")
    else:
        print_wide(lambda console: _print(console, report, comparison))
    for failure in report["failures"]:
        print_failure(failure, kind="Warning")
    if not any(row["mean"] is not None for row in report["ranking"]):
        print_failure(f"{UNSCORED}. Look at runs.csv, or try smaller rates.")
        raise typer.Exit(FAILURE)


def _print(console: Console, report: dict[str, Any], comparison: Comparison) -> None:
    """The report for people: the data, the ranking, what it says, where it is."""
    print_facts(console, report)
    callbacks = report["callbacks"]
    told = f"trained with callbacks: {callbacks}" if callbacks else None
    print_table(console, comparison.summary(), told)
    print_table(console, comparison.found_summary())
    console.print()
    for sentence in report["sentences"]:
        console.print(escape(sentence))
    print_files(console, report["files"])


def print_table(
    console: Console, shown: pd.DataFrame, caption: str | None = None
) -> None:
    """Print a table of text after an empty line; nothing of a table without rows.

    Args:
        console: rich Console.
        shown: DataFrame of str.
        caption: str, below the table, or None.
    """
    if shown.empty:
        return
    table = Table(
        *map(escape, shown.columns), box=None, padding=(0, 2, 0, 0),
        caption=caption, caption_justify="left",
    )  # fmt: skip
    for row in shown.itertuples(index=False):
        table.add_row(*map(escape, row))
    console.print()
    console.print(table)


def _notes(comparison: Comparison, output: OutputFolder) -> list[str]:
    """That the folder keeps runs which are no part of these tables."""
    store = output.path / STORE_FILE
    if not store.is_file():
        return []
    with RunStore(store) as kept:
        others = len(kept.runs()) - len(comparison.runs)
    if not others:
        return []
    were = "is" if others == 1 else "are"
    return [
        f"{counted(others, 'run')} of other plans in this folder {were} kept in "
        f"{STORE_FILE}, but not in the tables and the figure, which replace theirs"
    ]
