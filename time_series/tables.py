"""A series from a CSV file: checked, or repaired where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder.errors import InputError
from time_series.checks import check_whole

READABLE_SHARE = 0.95  # of a text column that must be dates for it to be the times


def read_series(
    path: str | Path,
    target: str | None = None,
    *,
    inputs: Sequence[str] = (),
    time_column: str | None = None,
    limit: int | None = None,
    is_repaired: bool = False,
) -> np.ndarray:
    r"""Read columns of a CSV file over time.

    Args:
        path: str or Path of a CSV file with a header line.
        target: str, the column to forecast; None for the first column of numbers.
        inputs: sequence of str, further columns to forecast from.
        time_column: str, the column of times; None for the first column of dates.
            Without one the rows must be in order.
        limit: int >= 1, at most so many of the last points; None for all.
        is_repaired: bool; True sorts by time, averages the values of equal times and
            interpolates blanks, where otherwise an error tells of them.

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
    table = _read(Path(path))
    time_name = time_column or _time_name(table)
    for name in filter(None, (time_name, target, *inputs)):
        _check_column(table, name)
    if target is None:
        target = _first_of_numbers(table, time_name)
    values = pd.DataFrame(
        {name: _numbers(table[name]) for name in dict.fromkeys((target, *inputs))}
    )
    if time_name is not None:
        times = _times(table[time_name])
        values = _in_order(values, times, time_name, is_repaired=is_repaired)
    values = _without_blanks(values, is_repaired=is_repaired)
    if limit is not None:
        check_whole("limit", limit)
        values = values.iloc[-int(limit) :]
    array = values.to_numpy(np.float64)
    return array if inputs else array[:, 0]


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise InputError(f"File {path} does not exist: check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{path} must be a CSV file. Received: a folder.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        raise InputError(
            f"File {path} must be a CSV table with a header line. Received: one that "
            f"cannot be read ({' '.join(str(error).split())[:100]})."
        ) from None
    if table.empty:
        raise InputError(
            f"File {path} must hold rows. Received: none below its header line."
        )
    return table.rename(columns=str)


def _check_column(table: pd.DataFrame, name: str) -> None:
    if name not in table:
        raise InputError(
            f"Column {name!r} must be one of {', '.join(map(repr, table))[:200]}. "
            "Received: another name. Check the header line."
        )


def _time_name(table: pd.DataFrame) -> str | None:
    """The first column of text that can be read as dates."""
    for name, column in table.items():
        if pd.api.types.is_numeric_dtype(column):
            continue
        dates = pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
        if dates.notna().mean() >= READABLE_SHARE:
            return name
    return None


def _first_of_numbers(table: pd.DataFrame, time_name: str | None) -> str:
    for name in table.select_dtypes("number"):
        if name != time_name:
            return name
    raise InputError(
        "The table must have a column of numbers to forecast. Received: "
        f"{', '.join(map(repr, table))[:200]}. Name one by `target`."
    )


def _numbers(column: pd.Series) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce")
    wrong = column[values.isna() & column.notna()]
    if len(wrong):
        raise InputError(
            f"Column {column.name!r} must hold numbers. Received: "
            f"{str(wrong.iloc[0])!r:.40} in row {wrong.index[0] + 1}. Name another "
            "column, or mend the file."
        )
    return values.astype(np.float64).replace([np.inf, -np.inf], np.nan)


def _times(column: pd.Series) -> pd.Series:
    """The times as numbers or dates, all of them known."""
    if pd.api.types.is_numeric_dtype(column):
        times = column
    else:
        times = pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
    unknown = np.flatnonzero(times.isna())
    if len(unknown):
        raise InputError(
            f"Time column {column.name!r} must be known in every row. Received: "
            f"{len(unknown)} blank or unreadable, the first in row {unknown[0] + 1}. "
            "Mend or delete those rows."
        )
    return times


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
        values = values.reset_index(drop=True)
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
