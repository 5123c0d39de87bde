"""The points of a series in order of time, each once, none unknown."""

from __future__ import annotations

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
    times, notes = _known_times(table[time], date_format)
    series = pd.Series(values.loc[times.index].to_numpy(), index=pd.Index(times))
    if not series.index.is_monotonic_increasing:
        notes += (f"sorted by {time!r}: rows were not in order of time",)
        series = series.sort_index(kind="stable")
    n_repeated = int(series.index.duplicated().sum())
    if n_repeated > DUPLICATE_SHARE * len(series):
        raise InputError(
            f"Time column {time!r} must hold each time once. Received: "
            f"{n_repeated:,} of {len(series):,} rows repeat one, as when several "
            f"series are stacked. Keep the rows of one series in {source}, "
            "or read it with `--kind tabular`."
        )
    if n_repeated:
        notes += (f"{counted(n_repeated, 'repeated time')}: values averaged",)
        series = series.groupby(level=0).mean()
    return series, notes + notes_on_steps(series.index)


def _known_times(
    column: pd.Series, date_format: str | None
) -> tuple[pd.Series, tuple[str, ...]]:
    """The times that can be read; refused where many cannot."""
    times, notes = read_times(column, date_format)
    n_lost = int(times.isna().sum())
    if n_lost > UNREADABLE_SHARE * len(times):
        raise InputError(
            f"Time column {column.name!r} must be known in every row. Received: "
            f"{n_lost:,} of {len(times):,} blank or unreadable. Mend or delete those "
            "rows."
        )
    if not n_lost:
        return times, notes
    rows = counted(n_lost, "row")
    note = f"{rows} left out: {column.name!r} is blank or unreadable there"
    return times.dropna(), (*notes, note)


def filled(series: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Values without blanks: cut at the ends, interpolated between.

    Args:
        series: Series of float64, NaN where unknown.

    Returns:
        `(values, notes)`: float64 array.

    Raises:
        InputError: If most values are unknown.
    """
    values = series.reset_index(drop=True)
    first, last = values.first_valid_index(), values.last_valid_index()
    if first is None:
        raise InputError(
            "A series must hold numbers. Received: nothing but blanks at the times "
            "read. Name another target, or raise `limit`."
        )
    inner, notes = values.iloc[first : last + 1], ()
    if len(inner) < len(values):
        n_cut = len(values) - len(inner)
        notes += (f"{counted(n_cut, 'blank point')} cut off at the ends of the series",)
    blanks = int(inner.isna().sum())
    if blanks > BLANK_SHARE * len(inner):
        raise InputError(
            "A series must be known at half of its points or more. Received: "
            f"{blanks:,} of {len(inner):,} blank between the first and the last known. "
            "Name another target, or cut the file."
        )
    if blanks:
        notes += (f"{counted(blanks, 'blank point')} interpolated linearly",)
    return inner.interpolate().to_numpy(np.float64), notes
