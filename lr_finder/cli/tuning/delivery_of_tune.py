"""What a tuning found: table, figure and sentences, written and printed."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lr_finder._output import REPORT_PAGES, OutputFolder
from lr_finder.cli.shared.exit_codes import FAILURE, print_failure
from lr_finder.cli.shared.summary import print_facts, print_files, print_wide
from lr_finder.cli.shared.typed_command import facts_of
from lr_finder.data.parts import ThreeParts
from lr_finder.reports.run_folder import TUNING_FILE
from lr_finder.results.tuning.tuning import Tuning
from lr_finder.results.tuning.tuning_text import shown_paid

TRIALS_FILE, PICTURE_FILE = "trials.csv", "tuning.png"


def write_tuning(
    tuning: Tuning, parts: ThreeParts, output: OutputFolder
) -> tuple[Tuning, dict[str, Any]]:
    """Write trials, figure and result.

    Args:
        tuning: Tuning.
        parts: ThreeParts, its data.
        output: OutputFolder.

    Returns:
        `(tuning, told)`: the tuning, told what its data are; and a dict of JSON
        values, what the command prints.
    """
    from lr_finder.plots.style import save_figure

    about = facts_of(parts) | {"target": parts.dataset.target}
    tuning = dataclasses.replace(tuning, about={**tuning.about, **about})
    output.write_table(TRIALS_FILE, tuning.to_frame())
    save_figure(tuning.plot().figure, output.target(PICTURE_FILE))
    output.discard(REPORT_PAGES)
    tuning.save(output.target(TUNING_FILE))
    told = about | tuning.to_dict()
    del told["about"]
    return tuning, told | {"files": output.files}


def deliver_tuning(
    told: dict[str, Any], tuning: Tuning, *, as_json: bool, quiet: bool
) -> None:
    """Print what was found in the form asked for.

    Args:
        told: dict of `write_tuning`.
        tuning: Tuning.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the best values alone, as CSV.

    Raises:
        typer.Exit: With code 1 if no trial had a finite loss.
    """
    if as_json:
        print(json.dumps(told, indent=2))
    elif quiet and told["best"]:
        print(pd.DataFrame([tuning.best]).to_csv(index=False), end="")
    elif not quiet:
        print_wide(lambda console: _print(console, told, tuning))
    if told["best"] is None:
        print_failure("No trial had a finite loss. Search lower learning rates.")
        raise typer.Exit(FAILURE)


def _print(console: Console, told: dict[str, Any], tuning: Tuning) -> None:
    """For people: the data, the methods, what they say, where it is."""
    print_facts(console, told)
    columns = ("method", "validation loss", "test loss", "trials", "trainings paid",
               "until the best")  # fmt: skip
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for row in tuning.summary().to_dict("records"):
        spread = f" ± {row['sd']:.2g}" if row["n"] > 1 else ""
        table.add_row(
            row["method"], f"{row['loss']:.4g}{spread}", f"{row['test_loss']:.4g}",
            str(row["trials"]), shown_paid(row["paid"]),
            shown_paid(row["paid_until_best"]),
        )  # fmt: skip
    console.print()
    console.print(table)
    console.print()
    for sentence in told["sentences"]:
        console.print(escape(f"{sentence[:1].upper()}{sentence[1:]}"))
    print_files(console, told["files"])
