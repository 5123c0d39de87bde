"""What `lr_finder landscape` prints."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from lr_finder._text import counted
from lr_finder.cli.shared.summary import (
    print_facts,
    print_files,
    print_warnings,
    print_wide,
)
from lr_finder.reports.kinds.run_facts import model_text


def deliver(report: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print a report in the form asked for.

    Args:
        report: dict, as JSON has it.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the first sentence alone.
    """
    if as_json:
        print(json.dumps(report, indent=2))
    elif quiet:
        print(report["landscape"]["says"][0])
        print_warnings(report)
    else:
        print_wide(lambda console: _print(console, report))


def _print(console: Console, report: dict[str, Any]) -> None:
    """The report for people."""
    print_facts(console, report | {"model": model_text(report)})
    told = report["landscape"]
    points = " × ".join(map(str, told["points"]))
    rows = counted(report["samples"], "row")
    first, *others = told["says"]
    console.print(f"\n[bold]{escape(first)}[/]")
    for text in (*others, f"{points} points, each the loss of {rows}"):
        console.print(Padding(escape(text), (0, 0, 0, 2), expand=False))
    print_files(console, report["files"])
