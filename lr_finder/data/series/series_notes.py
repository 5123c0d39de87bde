"""What a person should know of the columns and the steps of a series."""

from __future__ import annotations

import pandas as pd

from lr_finder._text import listed
from lr_finder.data.cells.columns import is_number
from lr_finder.data.request import Request

GAP = 1.5  # times the median step
ROUNDED_TO = 0.1  # of the step, at most
UNITS = ("D", "h", "min", "s", "ms", "us")


def notes_on_columns(
    table: pd.DataFrame, time: str | None, target: str, request: Request
) -> tuple[str, ...]:
    """Which column is forecast, if nobody chose it, and which are not used.

    Args:
        table: DataFrame with all columns of the source; its first rows are enough.
        time: str, the column of times, or None.
        target: str, the column that is forecast.
        request: Request.

    Returns:
        tuple of str.

    Example:
    >>> table = pd.DataFrame({"day": ["2024-01-01"], "n": [3], "town": ["a"]})
    >>> notes = notes_on_columns(table, "day", "n", Request("sales.csv", target="n"))
    >>> notes
    ("1 other column not used: 'town'; --kind tabular uses it",)
    """
    notes: tuple[str, ...] = ()
    others = [name for name in table if name not in (time, target)]
    if request.target is None:
        which = "first" if any(is_number(table[name]) for name in others) else "only"
        another = "; --target names another" if which == "first" else ""
        notes += (f"forecasts {target!r}, the {which} column of numbers{another}",)
    if others:
        columns, them = ("column", "it") if len(others) == 1 else ("columns", "them")
        notes += (
            f"{len(others):,} other {columns} not used: {listed(others)}; "
            f"--kind tabular uses {them}",
        )
    return notes


def notes_on_steps(times: pd.Index) -> tuple[str, ...]:
    """Notes on points that do not follow each other evenly.

    Args:
        times: Index of timestamps or numbers, sorted.

    Returns:
        tuple of str, empty if no step is long.

    Example:
    >>> notes_on_steps(pd.Index([0.0, 1.0, 2.0, 5.0]))
    ('1 gap longer than the usual step (1.0): taken as one step',)
    """
    steps = pd.Series(times).diff().dropna()
    if steps.empty:
        return ()
    gaps = int((steps > GAP * steps.median()).sum())
    if not gaps:
        return ()
    are = "gap" if gaps == 1 else "gaps"
    step = _rounded(steps.median())
    return (f"{gaps:,} {are} longer than the usual step ({step}): taken as one step",)


def _rounded(step) -> str:
    """A step of time in words, to a tenth of it or finer; a number as it is."""
    if not isinstance(step, pd.Timedelta):
        return f"{step:.6g}" if step != round(step) else str(step)
    fine = (u for u in UNITS if pd.Timedelta(1, unit=u) <= ROUNDED_TO * step)
    text = str(step.round(next(fine, "us")))
    text = text.removeprefix("0 days ").removesuffix(" 00:00:00")
    return text.replace("days", "day", 1) if text.startswith("1 days") else text
