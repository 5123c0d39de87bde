"""Where a series comes from, with all that is known of it: built in, or a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lr_finder._arguments import check_count
from lr_finder._text import listed
from lr_finder.data import (
    counts_rows,
    find_times,
    is_date,
    notes_on_steps,
    read_table,
)
from lr_finder.data.series.checked_points import check_points, numbers_of
from lr_finder.data.series.ordered_points import known_times, mended
from lr_finder.errors import InputError
from time_series.generator import DAYS_PER_YEAR, time_series_components
from time_series.references import seasonal_naive, usual_season
from time_series.splitting import ForecastData, prepare_forecast

REPAIR = "--repair"  # what mends a file, as messages call it
MOST_NAMED = 20  # columns in a message


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A series with all that is known of it.

    Args:
        name: str, for titles and files.
        series: float64 array (time,) or (time, columns), the target first.
        season: int or None, points of the season that such series usually have.
        reason: str, what that season is, or why there is none.
        noise_variance: float, the least mean squared error there is; None if unknown.
        notes: tuple of str, how its times were read, and whether they have gaps.
    """

    name: str
    series: np.ndarray
    season: int | None
    reason: str
    noise_variance: float | None = None
    notes: tuple[str, ...] = ()

    def prepare(
        self, window: int, horizon: int, *, is_scaled: bool, season: int | None = None
    ) -> tuple[ForecastData, int | None, str]:
        """Cut the series into its parts, and settle its season.

        Args:
            window: int >= 1, points to forecast from.
            horizon: int >= 1, points to forecast.
            is_scaled: bool, whether to standardise.
            season: int >= 1, that a person asked for; None for the usual one.

        Returns:
            `(data, season, reason)`: the season is None if none is known, or the
            usual one does not fit; the reason says so.

        Raises:
            InputError: If an argument breaks its rule, or the series is too short.
        """
        data = prepare_forecast(
            self.series, window, horizon=horizon, is_scaled=is_scaled,
            noise_variance=self.noise_variance,
        )  # fmt: skip
        if season is not None:
            seasonal_naive(data, season)  # an error before anything is trained
            return data, season, "as asked for"
        if self.season is None:
            return data, None, self.reason
        try:
            seasonal_naive(data, self.season)
        except InputError:
            return data, None, f"the series is shorter than {self.reason}"
        return data, self.season, self.reason


def built_in(limit: int | None = None) -> Source:
    """The synthetic series of four years.

    Args:
        limit: int >= 1, how many of the last points to keep; None for all.

    Returns:
        Source.

    Raises:
        InputError: If the limit breaks its rule.

    Example:
    >>> source = built_in(limit=400)
    >>> len(source.series), source.season
    (400, 365)
    """
    parts = time_series_components()
    return Source(
        "built-in series", _last(parts.series, limit), DAYS_PER_YEAR, "a year of days",
        parts.noise_variance,
    )  # fmt: skip


def from_file(path: Path, target: str | None = None, **options: Any) -> Source:
    """The series of a CSV file.

    Args:
        path: Path of a CSV file with a header line.
        target: str, the column to forecast; None for the first column of numbers.
        options: `inputs`, `time_column`, …: the other arguments of `read_series`.

    Returns:
        Source.

    Raises:
        InputError: If the file, its times or its values break a rule.
    """
    series, times, notes = read_timed_series(path, target, **options)
    return Source(path.name, series, *usual_season(times), notes=notes)


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
        limit: int >= 1, how many of the last points to keep; None for all.
        is_repaired: bool; True sorts by time, averages the values of equal times and
            interpolates blanks; False raises an error for any of these.
        date_format: str, how dates are written, as of `strptime`; None infers it from
            the whole column.
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
        dates were read, what was repaired, and whether times have gaps.

    Raises:
        InputError: If the file, its times or its values break a rule.
    """
    table = read_table(path, **form)
    if time_column is not None and time_column not in table:
        raise _wrong_column(time_column, _timelike(table), is_time=False)
    time = time_column or find_times(table)
    values = _chosen(table, target, inputs, time, is_repaired=is_repaired)
    notes: tuple[str, ...] = ()
    if time is not None:
        times, notes = known_times(table[time], date_format, most_lost=0.0)
        values = values.set_index(pd.Index(times))
    if is_repaired:
        values, done = mended(values, time)
        notes += done
    else:
        check_points(values, time, way_out=REPAIR)
    values = _last(values, limit)
    if time is not None:
        notes += notes_on_steps(values.index)
    array = values.to_numpy(np.float64)
    return array if inputs else array[:, 0], values.index, notes


def _chosen(
    table: pd.DataFrame,
    target: str | None,
    inputs: Sequence[str],
    time: str | None,
    *,
    is_repaired: bool,
) -> pd.DataFrame:
    """The column to forecast and those to forecast it from, NaN where unknown."""
    usable = _usable(table, time)
    offered = [n for n in usable if is_repaired or table[n].notna().all()]
    for name in filter(None, (target, *inputs)):
        if name not in table or name == time:
            raise _wrong_column(name, offered, is_time=name == time)
    if target is None:
        target = _first_of_numbers(table, usable, time)
    names = dict.fromkeys((target, *inputs))
    return pd.DataFrame({name: numbers_of(table[name], offered) for name in names})


def _last(points: Any, limit: int | None) -> Any:
    """The last of the points, an array or a frame, at most `limit` of them."""
    if limit is None:
        return points
    check_count("limit", limit, least=1)
    return points[-int(limit) :]


def _wrong_column(name: str, offered: Sequence[str], *, is_time: bool) -> InputError:
    """The error for a column that is not there, or holds the times; offers others."""
    names = listed(offered, MOST_NAMED) or "a column of numbers: there is none"
    received = "the column of times" if is_time else "another name"
    return InputError(
        f"Column {name!r} must be one of {names}. Received: {received}. Check the "
        "header line."
    )


def _usable(table: pd.DataFrame, time: str | None) -> list[str]:
    """The columns that can be forecast, or forecast from: numbers that vary."""
    return [
        name
        for name in table.select_dtypes("number")
        if name != time and table[name].nunique() > 1
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
    table: pd.DataFrame, usable: Sequence[str], time: str | None
) -> str:
    """The column to forecast if nobody named one."""
    measured = [name for name in usable if not counts_rows(table[name])]
    for name in (*measured, *usable, *table.select_dtypes("number")):
        if name != time:
            return name
    raise InputError(
        "The table must have a column of numbers to forecast. Received: "
        f"{listed(table, MOST_NAMED)}. Give another file."
    )
