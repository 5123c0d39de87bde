"""The column of times of a table: which it is, and its values."""

from __future__ import annotations

import re

import pandas as pd

from lr_finder._text import counted
from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.cells.columns import is_date, is_number
from lr_finder.data.cells.date_shapes import formats_of, order_of
from lr_finder.data.cells.dates import DateReading, count_read, date_reading
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.errors import InputError

NAMES_OF_TIMES = frozenset(
    "year years yr quarter month months week weeks day days date dates hour hours "
    "minute minutes second seconds time times timestamp datetime t".split()
)
FIRST_WORD = re.compile(r"[a-z]+")


def read_times(
    column: pd.Series, date_format: str | None = None
) -> tuple[pd.Series, tuple[str, ...]]:
    """A column of dates or numbers as values that sort by time.

    Args:
        column: Series of dates as text or as numbers like 20240131, or of numbers, in
            the order of rows, which tells day from month, see `date_reading`.
        date_format: str or None, the format of the dates, as of `strptime`.

    Returns:
        `(times, notes)`: Series of UTC timestamps, NaT if unknown, or of float64, NaN
        if unknown, with the index of `column`; what a person should know.

    Raises:
        InputError: If it holds neither dates nor numbers, or day and month cannot be
            told apart.

    Example:
    >>> times, notes = read_times(pd.Series(["31/12/2024", "01/01/2025"], name="day"))
    >>> times.diff().iloc[1].days, notes
    (1, ("dates of 'day' read day first: '31/12/2024' can be read no other way",))
    """
    reading = _reading(column, date_format)
    if reading is not None:
        return reading.read(column), reading.note(str(column.name))
    if is_number(column):
        numbers = to_numbers(column).astype("float64")
        return numbers.where(numbers.abs() <= FLOAT32_MAX), ()
    known = column.dropna()
    example = (
        "no known cell" if known.empty else f"cells such as {str(known.iloc[0])!r}"
    )
    raise InputError(
        f"Time column {column.name!r} must hold dates or numbers. Received: "
        f"{example}. Write dates as 2024-01-31, give their format with "
        "--date-format, or name another `time_column`."
    )


def order_format(column: pd.Series, date_format: str | None = None) -> str | None:
    """The format of dates whose day and month only their rows tell apart.

    Args:
        column: Series, as of `read_times`.
        date_format: str or None, as of `read_times`.

    Returns:
        str, by which other rows of this kind are read; None if cells tell it.

    Example:
    >>> order_format(pd.Series(["31/12/2024", "01/01/2025"], name="day"))
    '%d/%m/%Y'
    >>> order_format(pd.Series(["2024-12-31"], name="day"))
    """
    known = column.dropna()
    if date_format is not None or known.empty:
        return date_format
    if not any(map(order_of, formats_of(str(known.iloc[0])))):
        return None
    reading = _reading(column, None)
    return None if reading is None or reading.order is None else reading.form


def counts_time(column: pd.Series) -> bool:
    """Whether a column counts years, days or steps: its name says so, and its order.

    Args:
        column: Series, named.

    Returns:
        bool, True if it holds numbers that rise (or fall) from row to row.

    Example:
    >>> counts_time(pd.Series([1885, 1886, 1887], name="Year"))
    True
    >>> counts_time(pd.Series([1885, 1886, 1887], name="price"))
    False
    """
    word = FIRST_WORD.match(str(column.name).strip().lower())
    if word is None or word[0] not in NAMES_OF_TIMES or not is_number(column):
        return False
    times = to_numbers(column)
    if times.isna().any() or not times.is_unique:
        return False
    return times.is_monotonic_increasing or times.is_monotonic_decreasing


def find_times(table: pd.DataFrame) -> str | None:
    """Find the first column of dates; if there is none, the first that counts time.

    Args:
        table: DataFrame, columns of numbers or text, named by text.

    Returns:
        str, the name of a column, or None.

    Example:
    >>> find_times(pd.DataFrame({"load": [5.0, 4.0], "Year": [1885, 1886]}))
    'Year'
    """
    for is_one in (is_date, counts_time):
        for name in table:
            if is_one(table[name]):
                return name
    return None


def _reading(column: pd.Series, date_format: str | None) -> DateReading | None:
    known = column.dropna()
    if known.empty:
        return None
    if not pd.api.types.is_numeric_dtype(known):
        known = known.astype("str")
    reading = date_reading(known, date_format)
    if date_format is not None and (reading is None or reading.form != date_format):
        count = count_read(known, date_format)
        read = f"which reads {count:,} of {counted(len(known), 'cell')}, " * bool(count)
        raise InputError(
            "Argument `date_format` must read the times of the series. Received: "
            f"date_format={date_format!r}, {read}and {column.name!r} holds cells such "
            f"as {str(known.iloc[0])!r}. Change it, or leave it out."
        )
    if reading is None or is_date(column) or date_format is not None:
        return reading
    return None
