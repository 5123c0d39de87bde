"""The points of a series in order of time, each once, none unknown."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from lr_finder._text import counted
from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.data.cells.times import read_times
from lr_finder.data.series.series_notes import notes_on_steps
from lr_finder.errors import InputError

DUPLICATE_SHARE = 0.05  # of rows: a clock set back repeats an hour, no more
UNREADABLE_SHARE = 0.05  # of times
BLANK_SHARE = 0.5  # of points: beyond, most of the series would be invented

# The points of a series, by time: of one column, or of several.
Points = TypeVar("Points", pd.Series, pd.DataFrame)


def in_order(
    table: pd.DataFrame,
    time: str | None,
    target: str,
    date_format: str | None,
    source: str,
) -> tuple[pd.Series, tuple[str, ...]]:
    """Values by time, each time once; NaN where unknown.

    Args:
        table: DataFrame of numbers or text, its rows counted from 0.
        time: str, the column of times; None if rows are in order.
        target: str, the column of values.
        date_format: str, how dates are written, or None to tell it.
        source: str, the file, for a message.

    Returns:
        `(series, notes)`: Series of float64 whose index is the time.

    Raises:
        InputError: If times break a rule.
    """
    values = to_numbers(table[target]).astype(np.float64)
    values = values.where(values.abs() <= FLOAT32_MAX)
    if time is None:
        return values.reset_index(drop=True), ()
    times, notes = known_times(table[time], date_format)
    series = pd.Series(values.loc[times.index].to_numpy(), index=pd.Index(times))
    n_repeated = int(series.index.duplicated().sum())
    if n_repeated > DUPLICATE_SHARE * len(series):
        raise InputError(
            f"Time column {time!r} must hold each time once. Received: "
            f"{n_repeated:,} of {len(series):,} rows repeat one, as when several "
            f"series are stacked. Keep the rows of one series in {source}, "
            "or read it with `--kind tabular`."
        )
    series, more = sorted_points(series, time)
    return series, notes + more + notes_on_steps(series.index)


def known_times(
    column: pd.Series, date_format: str | None, most_lost: float = UNREADABLE_SHARE
) -> tuple[pd.Series, tuple[str, ...]]:
    """The times that can be read, of a column; refused if many cannot.

    Args:
        column: Series of dates or numbers, as of `read_times`.
        date_format: str, how dates are written, or None to tell it.
        most_lost: float in [0, 1], share of the rows that may have no time.

    Returns:
        `(times, notes)`: Series of UTC timestamps or float64, none of them unknown,
        with the index that the rows have in `column`; tuple of str, what was decided.

    Raises:
        InputError: If it holds neither dates nor numbers, or more than the share are
            unknown.

    Example:
    >>> known_times(pd.Series([3.0, 1.0], name="t"), None)[0].tolist()
    [3.0, 1.0]
    """
    times, notes = read_times(column, date_format)
    lost = np.flatnonzero(times.isna())
    if len(lost) > most_lost * len(times):
        raise InputError(
            f"Time column {column.name!r} must be known in every row. Received: "
            f"{len(lost):,} of {len(times):,} blank or unreadable, the first in row "
            f"{lost[0] + 1}. Mend or delete those rows."
        )
    if not len(lost):
        return times, notes
    rows = counted(len(lost), "row")
    note = f"{rows} left out: {column.name!r} is blank or unreadable there"
    return times.dropna(), (*notes, note)


def sorted_points(points: Points, name: str) -> tuple[Points, tuple[str, ...]]:
    """Points by rising time, each time once: those of equal time are averaged.

    Args:
        points: Series or DataFrame of float64 whose index is the time.
        name: str, the column of times, for a note.

    Returns:
        `(points, notes)`: of the same kind; tuple of str, what was changed.

    Example:
    >>> points, notes = sorted_points(pd.Series([5.0, 1.0, 3.0], [2, 1, 1]), "t")
    >>> points.to_dict(), notes[0]
    ({1: 2.0, 2: 5.0}, "sorted by 't': rows were not in order of time")
    """
    notes: tuple[str, ...] = ()
    if not points.index.is_monotonic_increasing:
        notes += (f"sorted by {name!r}: rows were not in order of time",)
        points = points.sort_index(kind="stable")
    n_repeated = int(points.index.duplicated().sum())
    if n_repeated:
        notes += (f"{counted(n_repeated, 'repeated time')}: values averaged",)
        points = points.groupby(level=0).mean()
    return points, notes


def filled(series: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Values without blanks: cut at the ends, interpolated between.

    Args:
        series: Series of float64, NaN where unknown.

    Returns:
        `(values, notes)`: float64 array.

    Raises:
        InputError: If most values are unknown.
    """
    inner, notes = _cut_to_known(series)
    if inner.empty:
        raise InputError(
            "A series must hold numbers. Received: only blanks at the times "
            "read. Name another target, or raise `limit`."
        )
    blanks = int(inner.isna().sum())
    if blanks > BLANK_SHARE * len(inner):
        raise InputError(
            "A series must be known at half of its points or more. Received: "
            f"{blanks:,} of {len(inner):,} blank between the first and the last known. "
            "Name another target, or cut the file."
        )
    values, more = _interpolated(inner)
    return values.to_numpy(np.float64), notes + more


def mended(
    points: pd.DataFrame, time: str | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Points in order of time, each time once, nothing blank, however much that takes.

    Args:
        points: DataFrame of float64 whose index is the time, NaN where unknown.
        time: str, the column of times, for a note; None if rows are in order.

    Returns:
        `(points, notes)`: DataFrame; tuple of str, what was done.

    Raises:
        InputError: If there is no row in which all columns are known.

    Example:
    >>> points = pd.DataFrame({"load": [5.0, np.nan, 1.0]}, index=[3, 2, 1])
    >>> mended(points, "t")[0]["load"].to_dict()
    {1: 1.0, 2: 3.0, 3: 5.0}
    """
    points, notes = (points, ()) if time is None else sorted_points(points, time)
    inner, cut = _cut_to_known(points)
    if inner.empty:
        raise InputError(
            "A series must hold numbers. Received: no row in which all of "
            f"{', '.join(map(repr, points))} are known. Name other columns."
        )
    values, done = _interpolated(inner)
    return values, notes + cut + done


def _cut_to_known(points: Points) -> tuple[Points, tuple[str, ...]]:
    """Points from the first to the last known; none if none is."""
    known = np.flatnonzero(~_blank(points))
    if not len(known):
        return points.iloc[:0], ()
    inner = points.iloc[known[0] : known[-1] + 1]
    n_cut = len(points) - len(inner)
    if not n_cut:
        return inner, ()
    n_points = counted(n_cut, "blank point")
    return inner, (f"{n_points} cut off at the ends of the series",)


def _interpolated(points: Points) -> tuple[Points, tuple[str, ...]]:
    """Points known at both ends, with straight lines over the blank ones between."""
    blanks = int(_blank(points).sum())
    if not blanks:
        return points, ()
    n_points = counted(blanks, "blank point")
    return points.interpolate(), (f"{n_points} interpolated linearly",)


def _blank(points: Points) -> np.ndarray:
    """Which points are unknown, of several columns in any of them."""
    return pd.DataFrame(points).isna().any(axis=1).to_numpy()
