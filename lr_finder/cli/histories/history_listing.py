"""The runs of a history as a table and a picture; the question before a loss."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lr_finder._text import counted, format_rate
from lr_finder.cli.shared.summary import print_wide
from lr_finder.errors import InputError
from lr_finder.history.earlier_runs import spoken_optimizer
from lr_finder.history.kept_columns import IMPORTED

if TYPE_CHECKING:
    from lr_finder.history.kept_history import History

SHOWN_OF_ID = 8  # characters
PICTURES = (".png", ".svg", ".pdf")
HOW_TO_KEEP = (
    "`lr_finder find --remember` keeps a run; so does every find and compare if the "
    "environment variable LR_FINDER_REMEMBER is 1."
)


def print_runs(
    runs: Sequence[Mapping[str, Any]], limit: int, file: Path, *, is_filtered: bool
) -> None:
    """Print the latest runs, one on each line, and where they are kept.

    Args:
        runs: sequence of mapping, as `History.runs` gives them.
        limit: int, how many are shown.
        file: Path of the history.
        is_filtered: bool, whether there may be other runs.
    """
    if not runs:
        of_choice = " that you chose" if is_filtered else ""
        print(f"No runs{of_choice} are kept in {file}. {HOW_TO_KEEP}")
        return
    print_wide(lambda console: _print(console, runs, limit, file))


def _print(
    console: Console, runs: Sequence[Mapping[str, Any]], limit: int, file: Path
) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("id", "date", "by", "data", "optimizer"):
        table.add_column(name)
    for name in ("parameters", "batch", "suggested", "verified", "best loss"):
        table.add_column(name, justify="right")
    for run in runs[-limit:]:
        table.add_row(*map(escape, _cells(run)))
    console.print(table)
    shown = "" if len(runs) <= limit else f"; the latest {limit} are shown"
    console.print(escape(f"{counted(len(runs), 'run')} in {file}{shown}"))


def _cells(run: Mapping[str, Any]) -> list[str]:
    """A run's row of the table; what it lacks is blank."""
    loss = run["best_val_loss"] if run["best_val_loss"] is not None else None
    loss = run["final_loss"] if loss is None else loss
    by = f"{run['command']}, imported" if run["origin"] == IMPORTED else run["command"]
    return [
        run["id"][:SHOWN_OF_ID],
        run["date"].replace("T", " ")[:16],
        by or "",
        run["kind"] or "",
        spoken_optimizer(run),
        "" if run["parameters"] is None else f"{run['parameters']:,}",
        "" if run["batch_size"] is None else str(run["batch_size"]),
        *(_rate(run[name]) for name in ("suggested", "verified")),
        "" if loss is None else f"{loss:.4g}",
    ]


def _rate(value: float | None) -> str:
    return "" if value is None else format_rate(value)


def draw_runs(kept: History, path: Path, given: Mapping[str, Any]) -> Path:
    """Draw the runs into a file.

    Args:
        kept: History.
        path: Path, ending in one of `PICTURES`.
        given: mapping, arguments of `History.runs`.

    Returns:
        Path, the file written.

    Raises:
        InputError: If it has another ending, its folder does not exist, or no run has
            a rate.
    """
    if path.suffix.lower() not in PICTURES or path.is_dir():
        raise InputError(
            f"Option --plot must name a file that ends in {', '.join(PICTURES)}. "
            f"Received: {path}. Give {path.with_suffix(PICTURES[0])}."
        )
    if not path.parent.is_dir():
        raise InputError(
            f"Option --plot must lie in a folder that exists. Received: {path}. Create "
            f"{path.parent} first."
        )
    from lr_finder.plots.style import save_figure

    return save_figure(kept.plot(**given).figure, path)


def confirm(count: int) -> None:
    """Ask whether runs are to be removed.

    Args:
        count: int, how many.

    Raises:
        InputError: If nobody can be asked.
        typer.Abort: If the answer is no.
    """
    if not sys.stdin.isatty():
        raise InputError(
            f"Option --delete must come with --yes if nobody can be asked. Received: "
            f"{counted(count, 'run')} to remove. Add --yes."
        )
    typer.confirm(f"Remove {counted(count, 'run')} for good?", abort=True, err=True)
