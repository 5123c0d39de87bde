"""A series from a CSV file: checked, or repaired where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder._arguments import check_count
from lr_finder.data import (
    counts_rows,
    find_times,
    is_date,
    notes_on_steps,
    read_table,
    read_times,
)
from lr_finder.errors import InputError


def read_series(
    path: str | Path,
    target: str | None = None,
    *,
    inputs: Sequence[str] = (),
    time_column: str | None = None,
    limit: int | None = None,
    is_repaired: bool = False,
    date_format: str | None = None,
    encoding: str | None = None,
    sep: str | None = None,
    decimal: str | None = None,
) -> np.ndarray:
    r"""Read columns of a CSV file over time.

    Args:
        path: str or Path of a CSV file with a header line.
        target: str, the column to forecast; None for the first column of numbers.
        inputs: sequence of str, further columns to forecast from.
        time_column: str, the column of times; None for the first column of dates,
            else one such as `Year` that counts time. Without one the rows must be in
            order.
        limit: int >= 1, at most so many of the last points; None for all.
        is_repaired: bool; True sorts by time, averages the values of equal times and
            interpolates blanks, where otherwise an error tells of them.
        date_format: str, how dates are written, as of `strptime`; None tells it by the
            whole column.
        encoding: str, of the file, as Python calls it; None finds it.
        sep: str, its delimiter: one character, "tab" or "space"; None finds it.
        decimal: "." or ",", its decimal mark; None finds it.

    Returns:
        float64 array (time,), with `inputs` (time, columns), the target first.

    Raises:
        InputError: If the file, its times or its values break a rule.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "sales.csv")
    ...     _ = path.write_text("day,sold\n2024-01-01,3\n2024-01-02,5\n")
    ...     read_series(path, "sold")
    array([3., 5.])
    """
    return read_timed_series(
        path, target, inputs=inputs, time_column=time_column, limit=limit,
        is_repaired=is_repaired, date_format=date_format, encoding=encoding, sep=sep,
        decimal=decimal,
    )[0]  # fmt: skip


def read_timed_series(
    path: str | Path,
    target: str | None = None,
    *,
    inputs: Sequence[str] = (),
    time_column: str | None = None,
    limit: int | None = None,
    is_repaired: bool = False,
    date_format: str | None = None,
    **form: str | None,
) -> tuple[np.ndarray, pd.Index, tuple[str, ...]]:
    """As `read_series`, with the time of each point, and what was decided.

    Args:
        path: str or Path, and the others as of `read_series`.
        target: str or None.
        inputs: sequence of str.
        time_column: str or None.
        limit: int or None.
        is_repaired: bool.
        date_format: str or None.
        form: `encoding`, `sep` and `decimal`, str or None.

    Returns:
        `(series, times, notes)`: array as of `read_series`; Index of timestamps or
        numbers, without a column of times the numbers of the rows; tuple of str, how
        dates were read, and whether times have gaps.

    Raises:
        InputError: If the file, its times or its values break a rule.
    """
    table = read_table(path, **form)
    if time_column is not None and time_column not in table:
        raise _wrong_column(time_column, _timelike(table), is_time=False)
    time_name = time_column or find_times(table)
    usable = _usable(table, time_name)
    offered = [n for n in usable if is_repaired or table[n].notna().all()]
    for name in filter(None, (target, *inputs)):
        if name not in table or name == time_name:
            raise _wrong_column(name, offered, is_time=name == time_name)
    if target is None:
        target = _first_of_numbers(table, usable, time_name)
    values = pd.DataFrame(
        {
            name: _numbers(table[name], offered)
            for name in dict.fromkeys((target, *inputs))
        }
    )
    notes = ()
    if time_name is not None:
        times, notes = _times(table[time_name], date_format)
        values = _in_order(values, times, time_name, is_repaired=is_repaired)
    values = _without_blanks(values, is_repaired=is_repaired)
    if limit is not None:
        check_count("limit", limit, least=1)
        values = values.iloc[-int(limit) :]
    if time_name is not None:
        notes += notes_on_steps(values.index)
    array = values.to_numpy(np.float64)
    return array if inputs else array[:, 0], values.index, notes


def _wrong_column(name: str, offered: Sequence[str], *, is_time: bool) -> InputError:
    """The error for a column that is not there, or holds the times; offers others."""
    names = ", ".join(map(repr, offered))[:200] or "a column of numbers: there is none"
    received = "the column of times" if is_time else "another name"
    return InputError(
        f"Column {name!r} must be one of {names}. Received: {received}. Check the "
        "header line."
    )


def _usable(table: pd.DataFrame, time_name: str | None) -> list[str]:
    """The columns that can be forecast, or forecast from: numbers that vary."""
    return [
        name
        for name in table.select_dtypes("number")
        if name != time_name and table[name].nunique() > 1
    ]


def _timelike(table: pd.DataFrame) -> list[str]:
    """The columns that can be the times: dates or numbers, known in every row."""
    numbers = table.select_dtypes("number")
    return [
        name
        for name, column in table.items()
        if column.notna().all() and (name in numbers or is_date(column))
    ]


def _first_of_numbers(
    table: pd.DataFrame, usable: Sequence[str], time_name: str | None
) -> str:
    """The column to forecast where nobody named one."""
    measured = [name for name in usable if not counts_rows(table[name])]
    for name in (*measured, *usable, *table.select_dtypes("number")):
        if name != time_name:
            return name
    raise InputError(
        "The table must have a column of numbers to forecast. Received: "
        f"{', '.join(map(repr, table))[:200]}. Give another file."
    )


def _numbers(column: pd.Series, offered: Sequence[str]) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce")
    wrong = column[values.isna() & column.notna()]
    if len(wrong):
        names = ", ".join(map(repr, offered))[:200] or "there is none"
        raise InputError(
            f"Column {column.name!r} must hold numbers. Received: "
            f"{str(wrong.iloc[0])!r:.40} in row {wrong.index[0] + 1}. Name another "
            f"column ({names}), or mend the file."
        )
    return values.astype(np.float64).replace([np.inf, -np.inf], np.nan)


def _times(
    column: pd.Series, date_format: str | None
) -> tuple[pd.Series, tuple[str, ...]]:
    """The times as numbers or dates, all of them known, and what was decided."""
    times, notes = read_times(column, date_format)
    unknown = np.flatnonzero(times.isna())
    if len(unknown):
        raise InputError(
            f"Time column {column.name!r} must be known in every row. Received: "
            f"{len(unknown)} blank or unreadable, the first in row {unknown[0] + 1}. "
            "Mend or delete those rows."
        )
    return times, notes


def _in_order(
    values: pd.DataFrame, times: pd.Series, name: str, *, is_repaired: bool
) -> pd.DataFrame:
    """The rows by rising time, each time once."""
    values = values.set_index(pd.Index(times))
    if is_repaired:
        return values.groupby(level=0).mean()  # sorted by it too
    ordered = times.to_numpy()
    back = np.flatnonzero(ordered[1:] < ordered[:-1])
    if len(back):
        raise InputError(
            f"Time column {name!r} must rise from row to row. Received: it falls after "
            f"row {back[0] + 1}. Sort the file, or repair the series: --repair."
        )
    n_repeated = int(times.duplicated().sum())
    if n_repeated:
        raise InputError(
            f"Time column {name!r} must hold each time once. Received: {n_repeated} "
            "that repeat one. Keep one row of each, or repair the "
            "series: --repair averages them."
        )
    return values


def _without_blanks(values: pd.DataFrame, *, is_repaired: bool) -> pd.DataFrame:
    """The rows from the first to the last that are known, nothing blank between."""
    if is_repaired:
        known = np.flatnonzero(values.notna().all(axis=1))
        if not len(known):
            raise InputError(
                "A series must hold numbers. Received: no row in which all of "
                f"{', '.join(map(repr, values))} are known. Name other columns."
            )
        return values.iloc[known[0] : known[-1] + 1].interpolate()
    blank = values.isna()
    if blank.any(axis=None):
        name = blank.any().idxmax()
        count, row = int(blank[name].sum()), int(np.argmax(blank[name])) + 1
        raise InputError(
            f"Column {name!r} must be known in every row. Received: {count} blank or "
            f"not finite, the first in row {row}. Fill them, or repair "
            "the series: --repair interpolates."
        )
    return values
