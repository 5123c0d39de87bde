"""Columns found in a table: by name or index, dates, numbers, running text."""

from __future__ import annotations

import difflib
import re
from typing import Any

import pandas as pd

from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.cells.dates import could_be_dates
from lr_finder.data.cells.number_styles import NUMBER_SHARE, to_numbers
from lr_finder.errors import InputError

NAMES_SHOWN = 20  # column names in an error message
MIN_WORDS = 3  # on average, from which cells are text and no longer labels
FEWEST_WORDS = 2  # on average: below, they are no text even where one was asked for
NUMBERED = re.compile(r"column_\d+")


def find_column(table: pd.DataFrame, wanted: str | int, argument: str) -> str:
    """The column that an argument names or counts to.

    Args:
        table: DataFrame with columns named by text.
        wanted: str or int, a name or, if no column has it, an index.
        argument: str, name of the argument, for the message.

    Returns:
        str, the name of the column.

    Raises:
        InputError: If there is no such column.

    Example:
    >>> table = pd.DataFrame({"area": [1], "rent": [2]})
    >>> find_column(table, "-1", "target")
    'rent'
    """
    names = list(table.columns)
    if str(wanted) in names:
        return str(wanted)
    try:
        return names[int(wanted)]
    except (ValueError, IndexError, TypeError, OverflowError):
        pass
    shown = ", ".join(names[:NAMES_SHOWN]) + ", …" * (len(names) > NAMES_SHOWN)
    close = difflib.get_close_matches(str(wanted), names, n=1)
    raise InputError(
        f"Argument `{argument}` must be the name of a column or an index from "
        f"{-len(names)} to {len(names) - 1}. Received: {argument}={wanted!r}. "
        + (f"Did you mean {close[0]!r}? " if close else "")
        + f"Columns: {shown}."
    )


def header_notes(table: pd.DataFrame) -> tuple[str, ...]:
    """What a person should know who named no columns.

    Args:
        table: DataFrame, as read.

    Returns:
        tuple of str, empty if the file names its columns.

    Example:
    >>> header_notes(pd.DataFrame({"rent": [5]}))
    ()
    """
    if not all(NUMBERED.fullmatch(name) for name in table.columns):
        return ()
    return (
        "no header line: columns are named column_0, column_1, …; --target takes the "
        "name or the index",
    )


def is_number(column: pd.Series) -> bool:
    """Whether nearly all known cells, and at least one, are finite numbers.

    Args:
        column: Series of numbers or text.

    Returns:
        bool.

    Example:
    >>> is_number(pd.Series(["1.5", None, "2"]))
    True
    """
    known = column.dropna()
    if known.empty:
        return False
    if not pd.api.types.is_numeric_dtype(known):
        known = to_numbers(known)
    return bool((known.abs() <= FLOAT32_MAX).mean() >= NUMBER_SHARE)


def is_date(column: pd.Series) -> bool:
    """Whether one format reads nearly all known cells as dates.

    Numbers are not dates, except those written as 20240131.

    Args:
        column: Series of numbers or text.

    Returns:
        bool.

    Example:
    >>> is_date(pd.Series(["1949-01", "1949-02"])), is_date(pd.Series([1949, 1950]))
    (True, False)
    """
    known = column.dropna()
    return not known.empty and could_be_dates(known)


def words(column: pd.Series) -> float:
    """Mean number of words of the known cells; 0 for numbers.

    Args:
        column: Series of numbers or text.

    Returns:
        float.

    Example:
    >>> words(pd.Series(["so it goes", None, "on"]))
    2.0
    """
    known = column.dropna()
    if known.empty or pd.api.types.is_numeric_dtype(known):
        return 0.0
    return float(known.astype("str").str.count(r"\S+").mean())


def is_running_text(column: pd.Series) -> bool:
    """Whether cells are sentences: several words each, most of them met once.

    Args:
        column: Series of numbers or text.

    Returns:
        bool.

    Example:
    >>> is_running_text(pd.Series(["so it goes", "on and on", "to the end"]))
    True
    """
    known = column.dropna()
    if len(known) == 0 or known.nunique() * 2 < len(known):
        return False
    return words(column) >= MIN_WORDS and not is_date(column)


def could_be_classes(column: pd.Series, max_numbers: int) -> bool:
    """Whether a column holds labels: values that come again, at least two of them.

    Args:
        column: Series of numbers or text.
        max_numbers: int, distinct whole numbers that are still labels.

    Returns:
        bool.

    Example:
    >>> could_be_classes(pd.Series(["ham", "spam", "ham", "ham"]), 20)
    True
    """
    known: Any = column.dropna()
    n_values = known.nunique()
    if n_values < 2 or n_values * 2 > len(known):
        return False
    if pd.api.types.is_numeric_dtype(known):
        return n_values <= max_numbers and bool((known == known.round()).all())
    return True


def default_series_target(table: pd.DataFrame, time: str | None) -> str | None:
    """The first column of numbers after the time, else before it.

    Args:
        table: DataFrame.
        time: str, name of the time column, or None.

    Returns:
        str, name of the column, or None if none holds numbers.

    Example:
    >>> table = pd.DataFrame({"id": [7], "day": ["2024-01-01"], "load": [3.5]})
    >>> default_series_target(table, "day")
    'load'
    """
    names = list(table.columns)
    start = names.index(time) + 1 if time in names else 0
    for name in names[start:] + names[:start]:
        if name != time and is_number(table[name]):
            return name
    return None
