"""The points of a series as they must be if nothing is mended: in order, all known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lr_finder._text import listed
from lr_finder.data.cells.columns import NAMES_SHOWN
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.errors import InputError


def numbers_of(column: pd.Series, offered: Sequence[str] = ()) -> pd.Series:
    """The cells of a column as numbers, or an error for one that is something else.

    Args:
        column: Series of numbers or text, named.
        offered: sequence of str, columns of numbers, for the message.

    Returns:
        Series of float64, NaN where a cell is blank or not finite.

    Raises:
        InputError: If a cell that is not blank is no number; names the first.

    Example:
    >>> numbers_of(pd.Series(["1.5", None, "inf"], name="load")).tolist()
    [1.5, nan, nan]
    """
    values = to_numbers(column).astype(np.float64)
    wrong = column[values.isna() & column.notna()]
    if len(wrong):
        names = listed(offered, NAMES_SHOWN) or "there is none"
        raise InputError(
            f"Column {column.name!r} must hold numbers. Received: "
            f"{str(wrong.iloc[0])!r:.40} in row {wrong.index[0] + 1}. Name another "
            f"column ({names}), or mend the file."
        )
    return values.replace([np.inf, -np.inf], np.nan)


def check_points(points: pd.DataFrame, time: str | None, *, way_out: str) -> None:
    """Raise `InputError` unless times rise from row to row and every cell is known.

    Args:
        points: DataFrame of float64, NaN where unknown, whose index is the time.
        time: str, the column of times; None if rows are in order.
        way_out: str, what would mend the points, for the message.

    Raises:
        InputError: If a time is earlier than the one before it or repeats one, or a
            cell is unknown; names the first.

    Example:
    >>> points = pd.DataFrame({"load": [1.0, 2.0]}, index=[1885, 1886])
    >>> check_points(points, "Year", way_out="--repair")
    """
    if time is not None:
        _check_order(points.index, time, way_out)
    blank = points.isna()
    if blank.any(axis=None):
        name = blank.any().idxmax()
        count, row = int(blank[name].sum()), int(np.argmax(blank[name])) + 1
        raise InputError(
            f"Column {name!r} must be known in every row. Received: {count} blank or "
            f"not finite, the first in row {row}. Fill them, or repair the series: "
            f"{way_out} interpolates."
        )


def _check_order(times: pd.Index, name: str, way_out: str) -> None:
    """Raise `InputError` unless times rise from row to row."""
    back = np.flatnonzero(times[1:] < times[:-1])
    if len(back):
        raise InputError(
            f"Time column {name!r} must rise from row to row. Received: it falls after "
            f"row {back[0] + 1}. Sort the file, or repair the series: {way_out}."
        )
    n_repeated = int(times.duplicated().sum())
    if n_repeated:
        raise InputError(
            f"Time column {name!r} must hold each time once. Received: {n_repeated} "
            "that repeat one. Keep one row of each, or repair the series: "
            f"{way_out} averages them."
        )
