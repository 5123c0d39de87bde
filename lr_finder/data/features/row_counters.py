"""Columns that only count the rows of a table: its index, numbers given to rows."""

from __future__ import annotations

import re

import pandas as pd

from lr_finder.data.cells.times import counts_time

NAMES_OF_COUNTERS = re.compile(
    r"unnamed: ?\d+|index|idx|no\.?|nr\.?|#|row|rows|rowid|row[ _.]?(id|no|nr"
    r"|num|number|names?)|rownames|instant|id|ids|.*[ _.-]id|id[ _.-].*"
    r"|level_\d+|serial|serial[ _.-]?(no|number)|s\.?no\.?|sr\.?no\.?|record(no|id)?",
    re.IGNORECASE,
)
CAMEL_ID = re.compile(r".*[a-z]I[Dd]")  # customerID, but neither paid nor valid
FEWEST_ROWS = 10  # fewer rows may be in such an order by chance


def counts_rows(column: pd.Series) -> bool:
    """Whether a column only counts rows.

    It does if its whole numbers rise by 1 from row to row; or if they differ in every
    row and its name is that of an index or an id. A column that counts time, such as
    `Year`, is not such a column.

    Args:
        column: Series, named, in the order of rows.

    Returns:
        bool; False if there are fewer than ten rows.

    Example:
    >>> counts_rows(pd.Series(range(1, 20), name="instant"))
    True
    >>> counts_rows(pd.Series(range(0, 40, 2), name="area"))
    False
    """
    if len(column) < FEWEST_ROWS or not pd.api.types.is_numeric_dtype(column):
        return False
    if column.isna().any() or not (column == column.round()).all():
        return False
    if counts_time(column):
        return False
    if (column.diff().iloc[1:] == 1).all():
        return True
    return is_named_as_counter(str(column.name)) and column.is_unique


def is_named_as_counter(name: str) -> bool:
    """Whether a name is that of an index or an id.

    Args:
        name: str.

    Returns:
        bool.

    Example:
    >>> [is_named_as_counter(n) for n in ("Unnamed: 0", "customerID", "paid", "No")]
    [True, True, False, True]
    """
    name = name.strip()
    if CAMEL_ID.fullmatch(name):
        return True
    return NAMES_OF_COUNTERS.fullmatch(name) is not None
