"""What the command found, for a person to read."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lr_finder._text import format_rate
from time_series.settings import COMPARED

EQUAL = 1e-3  # of the larger error: two that differ by less are alike


def verdict(report: Mapping[str, Any]) -> str:
    """Which way won, what gained it, and whether that can be told from chance.

    Args:
        report: mapping as `time_series.pipeline.compare` gives it; `gains` may be
            missing, as in files of earlier versions.

    Returns:
        str, one sentence; one more on what the stopping and the rate gained, and one if
        a forecast without a network is better.

    Example:
    >>> arms = [{"arm": "baseline", "validation_mse": 4.0},
    ...         {"arm": "stopping_plateau", "validation_mse": 3.2},
    ...         {"arm": "optimized", "validation_mse": 3.0}]
    >>> gains = {"stopping": 0.2, "rate": 0.0625, "both": 0.25}
    >>> print(verdict({"arms": arms, "gains": gains, "references": {}}))
    optimized won with 25.0 % less error than baseline; one seed cannot tell this from \
chance: repeat it with other values of --seed. Early stopping with plateaus, at \
Keras' rate, took 20.0 % off the error of baseline; the rate found took 6.2 % off \
what was left.
    """
    rows = sorted(report["arms"], key=lambda row: row["validation_mse"])
    errors = {row["arm"]: row["validation_mse"] for row in rows}
    text = (
        f"{_winner(errors)}; one seed cannot tell this from chance: repeat it with "
        "other values of --seed."
    )
    if report.get("gains"):
        text += f" {_attribution(report['gains'])}"
    low, references = rows[0]["validation_mse"], report["references"]
    if references and min(references.values()) < low:
        name = min(references, key=references.get)
        every = "both" if len(rows) == 2 else "all of them"
        text += f" {name}, without a network, is better than {every}."
    return text


def _winner(errors: Mapping[str, float]) -> str:
    """Which way has the least error, and how much less than the baseline.

    `errors` are in rising order.
    """
    names = list(errors)
    least, most = errors[names[0]], errors[names[-1]]
    alike = [name for name in names if errors[name] - least <= EQUAL * most]
    if len(alike) == len(names):
        return f"{_listed(alike)} have the same error"
    against = names[len(alike)] if "baseline" in alike else "baseline"
    less = f"{100 * (1 - least / errors[against]):.1f} % less"
    if len(alike) > 1:
        return f"{_listed(alike)} have the same error, {less} than {_label(against)}"
    return f"{_label(alike[0])} won with {less} error than {_label(against)}"


def _attribution(gained: Mapping[str, float | None]) -> str:
    """What the stopping gained, and what the rate."""
    stopping = _change(gained["stopping"], "off the error of baseline", "to it")
    rate = _change(gained["rate"], "off what was left", "to it")
    return (
        f"Early stopping with plateaus, at Keras' rate, {stopping}; the rate found "
        f"{rate}."
    )


def _change(gain: float | None, off: str, to: str) -> str:
    """A share of an error, as the rest of a sentence."""
    if gain is None or abs(gain) <= EQUAL:
        return "changed nothing"
    if gain < 0:
        return f"added {-100 * gain:.1f} % {to}"
    return f"took {100 * gain:.1f} % {off}"


def _label(arm: str) -> str:
    """An arm as a person reads it."""
    return COMPARED.get(arm, arm)


def _listed(arms: Sequence[str]) -> str:
    *others, last = map(_label, arms)
    return f"{'; '.join(others)} and {last}" if others else last


def print_report(report: Mapping[str, Any], folder: Path) -> None:
    """Print a table, the verdict, and what else a person should know.

    Args:
        report: mapping as `compare` gives it, with `series` and `season_reason`.
        folder: Path, where the files are.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{report['series']}: scored once, on the last 20 %")
    table.add_column("way", no_wrap=True)
    for column in ("mean squared error", "learning rate", "epochs", "seconds"):
        table.add_column(column)
    for row in report["arms"]:
        seconds = f"{row['seconds']:.1f}"
        if row["search_seconds"]:
            seconds += f" and {row['search_seconds']:.1f} of search"
        table.add_row(
            _label(row["arm"]), f"{row['validation_mse']:.4g}",
            format_rate(row['learning_rate']), str(row["epochs_run"]), seconds,
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
