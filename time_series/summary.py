"""What the command found, for a person to read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EQUAL = 1e-3  # of the larger error: two that differ by less are alike


def verdict(report: Mapping[str, Any]) -> str:
    """Which way won, and whether that can be told from chance.

    Args:
        report: mapping as `time_series.pipeline.compare` gives it.

    Returns:
        str, one sentence; a second one where a forecast without a network is better.

    Example:
    >>> arms = [{"arm": "baseline", "validation_mse": 4.0},
    ...         {"arm": "optimized", "validation_mse": 3.0}]
    >>> print(verdict({"arms": arms, "references": {}}))
    optimized won with 25.0 % less error than baseline; one seed cannot tell this from \
chance: repeat it with other values of --seed.
    """
    best, other = sorted(report["arms"], key=lambda row: row["validation_mse"])
    low, high = best["validation_mse"], other["validation_mse"]
    text = f"{best['arm']} and {other['arm']} have the same error"
    if high - low > EQUAL * high:
        less = f"{100 * (1 - low / high):.1f} % less error"
        text = f"{best['arm']} won with {less} than {other['arm']}"
    text += (
        "; one seed cannot tell this from chance: repeat it with other values of "
        "--seed."
    )
    references = report["references"]
    if references and min(references.values()) < low:
        name = min(references, key=references.get)
        text += f" {name}, without a network, is better than both."
    return text


def print_report(report: Mapping[str, Any], folder: Path) -> None:
    """Print a table, the verdict, and what else a person should know.

    Args:
        report: mapping as `compare` gives it, with `series` and `season_reason`.
        folder: Path, where the files are.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{report['series']}: scored once, on the last 20 %")
    for column in ("way", "mean squared error", "learning rate", "epochs", "seconds"):
        table.add_column(column)
    for row in report["arms"]:
        seconds = f"{row['seconds']:.1f}"
        if row["search_seconds"]:
            seconds += f" and {row['search_seconds']:.1f} of search"
        table.add_row(
            row["arm"], f"{row['validation_mse']:.4g}", f"{row['learning_rate']:.2e}",
            str(row["epochs_run"]), seconds,
        )  # fmt: skip
    for name, error in report["references"].items():
        table.add_row(name, f"{error:.4g}")
    console = Console()
    console.print(table)
    for text in (verdict(report), *_notes(report)):
        console.print(text, soft_wrap=True, highlight=False)
    for text in report["warnings"]:
        print(f"Warning: {text}", file=sys.stderr)
    console.print(f"Files are in {folder}", soft_wrap=True)


def _notes(report: Mapping[str, Any]) -> list[str]:
    """What the figures of the table stand for, and what is missing there."""
    season, reason = report["season"], report["season_reason"]
    told = [f"{note[0].upper()}{note[1:]}." for note in report.get("notes", ())]
    notes = [f"seasonal_naive: the point {season} points before ({reason})."]
    if season is None:
        notes = [f"No seasonal_naive: {reason}. Name a season by --season."]
    if report["noise_variance"] is not None:
        notes.append(f"No forecast can be better than {report['noise_variance']:g}.")
    return told + notes
