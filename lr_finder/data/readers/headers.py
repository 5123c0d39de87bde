"""Whether the first line names the columns, and what they are called."""

from __future__ import annotations

import itertools
from collections import Counter

import pandas as pd

from lr_finder.data.cells.number_styles import is_styled_alike, styled_share, to_numbers

MISSING_MARKS = ("", "?", "na", "n/a", "#n/a", "nan", "<na>", "null", "none")
ORDINALS = {1: "first", 2: "second", 3: "third"}
MOST_TOLD = 5  # renamed columns
NUMERIC_COLUMN = 0.5  # share of numbers above which a column counts as numeric


def has_header(cells: pd.DataFrame) -> bool:
    """Whether the first row names the columns; `read_table` tells the rule.

    Args:
        cells: DataFrame of str.

    Returns:
        bool.

    Example:
    >>> has_header(pd.DataFrame([["area", "town"], ["3", "Bern"]], dtype="str"))
    True
    """
    first, below = cells.iloc[0], cells.iloc[1:]
    blank = is_missing(first)
    known = first[~blank]
    if known.empty or (first[blank] != "").any():
        return False
    is_value = to_numbers(known).notna() | _is_date(known)
    for i in known.index[~is_value]:
        is_value[i] = is_styled_alike(known[i], _known(below[i]))
    names = known[~is_value]
    all_text = len(names) == len(known)
    if below.empty or names.empty:
        return all_text
    shares = below[names.index].apply(_numeric_share)
    if shares.eq(1).any():
        return True
    if not all_text or shares.gt(NUMERIC_COLUMN).any():
        return all_text
    return not any((below[i] == name).any() for i, name in names.items())


def is_missing(cells: pd.Series) -> pd.Series:
    """Which cells are blank or a mark such as `?` or `NA`.

    Args:
        cells: Series of str.

    Returns:
        Series of bool.

    Example:
    >>> is_missing(pd.Series(["3", "?", ""])).tolist()
    [False, True, True]
    """
    return cells.str.lower().isin(MISSING_MARKS)


def unique_names(cells) -> list[str]:
    """One name for each cell, unlike all others; `column_<index>` for blanks.

    Args:
        cells: iterable of str.

    Returns:
        list of str.

    Example:
    >>> unique_names(["a", "", "a"])
    ['a', 'column_1', 'a.1']
    """
    names: list[str] = []
    for index, cell in enumerate(cells):
        name = base = cell or f"column_{index}"
        copies = itertools.count(1)
        while name in names:
            name = f"{base}.{next(copies)}"
        names.append(name)
    return names


def renamed_note(cells, names: list[str]) -> tuple[str, ...]:
    """What a person should know of columns whose names came twice.

    Args:
        cells: iterable of str, the names as written.
        names: list of str, as `unique_names` gives them.

    Returns:
        tuple of one str, or of none.

    Example:
    >>> renamed_note(["a", "", "a"], ["a", "column_1", "a.1"])
    ("columns renamed, as names repeat: a second 'a' is 'a.1'",)
    """
    seen: Counter[str] = Counter()
    told = []
    for cell, name in zip(cells, names, strict=True):
        seen[cell] += 1
        if cell and cell != name:
            nth = ORDINALS.get(seen[cell], f"{seen[cell]}th")
            told.append(f"a {nth} {cell!r} is {name!r}")
    if not told:
        return ()
    shown = ", ".join(told[:MOST_TOLD]) + ", …" * (len(told) > MOST_TOLD)
    return (f"columns renamed, as names repeat: {shown}",)


def _known(column: pd.Series) -> pd.Series:
    return column[~is_missing(column)]


def _numeric_share(column: pd.Series) -> float:
    """The share of numbers or dates among the known cells of a column."""
    known = _known(column)
    if known.empty:
        return 0.0
    plain = float((to_numbers(known).notna() | _is_date(known)).mean())
    return max(plain, styled_share(known))


def _is_date(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True).notna()
