"""From a table with a column of times to windows of one series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lr_finder.data import sampling
from lr_finder.data.columns import find_column, header_notes, is_date, is_number
from lr_finder.data.dataset import Dataset
from lr_finder.data.kinds import default_series_target
from lr_finder.data.preprocessing import FLOAT32_MAX
from lr_finder.data.reading import to_numbers
from lr_finder.data.reasons import counted
from lr_finder.data.request import HORIZON, WINDOW, Request
from lr_finder.data.series import make_windows
from lr_finder.data.series_notes import notes_on_columns, notes_on_steps
from lr_finder.data.times import find_times, read_times
from lr_finder.errors import InputError

DUPLICATE_SHARE = 0.05  # of rows: a clock set back repeats an hour, no more
UNREADABLE_SHARE = 0.05  # of times
BLANK_SHARE = 0.5  # of points: beyond, most of the series would be invented
FLOAT32_BYTES = 4


def series_dataset(
    table: pd.DataFrame, request: Request, head: pd.DataFrame | None = None
) -> Dataset:
    """One column of a table over time, as windows and the points that follow them.

    Rows are sorted by time; points of equal time are averaged where they are few;
    blanks are cut at both ends and interpolated between. The last points validate:
    no point in time is in both parts. Mean and spread are those of the training part.

    Args:
        table: DataFrame, columns of numbers or text, named by text.
        request: Request.
        head: DataFrame, first rows of the source with all its columns, where `table`
            holds but a few of them.

    Returns:
        Dataset of kind "series": x (windows, window), y (windows, horizon), float32.

    Raises:
        InputError: If times or values break a rule, or the series is too short.

    Example:
    >>> days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    >>> table = pd.DataFrame({"day": days, "price": [i % 7 for i in range(60)]})
    >>> dataset = series_dataset(table, Request("prices.csv", window=7, horizon=2))
    >>> dataset.x_train.shape, dataset.y_validation.shape
    ((40, 7), (4, 2))
    """
    if request.task == "classification":
        raise InputError(
            "Argument `task` must be regression for a series: its next values are "
            "forecast. Received: task='classification'. Leave it out."
        )
    table = table.reset_index(drop=True)
    head = table if head is None else head
    time, notes = _time_name(head, request)
    target = _target_name(table, time, request)
    notes += header_notes(head) + notes_on_columns(head, time, target, request)
    series, more = _in_order(table, time, target, request)
    notes += more
    if request.limit is not None and request.limit < len(series):
        notes += (f"the last {request.limit:,} of {len(series):,} points",)
        series = series.iloc[-request.limit :]
    values, more = _filled(series)
    return windows_dataset(values, target, request, notes=notes + more)


def series_columns(table: pd.DataFrame, request: Request) -> list[str]:
    """The columns of a table that its series is made of.

    Args:
        table: DataFrame, or its first rows.
        request: Request.

    Returns:
        list of str, one or two names.

    Raises:
        InputError: If there are no such columns.

    Example:
    >>> table = pd.DataFrame({"day": ["2024-01-01"], "n": [3], "town": ["a"]})
    >>> series_columns(table, Request("sales.parquet"))
    ['day', 'n']
    """
    time, _ = _time_name(table, request)
    target = _target_name(table, time, request)
    return [target] if time is None else [time, target]


def windows_dataset(
    values: np.ndarray, target: str, request: Request, *, notes: tuple[str, ...] = ()
) -> Dataset:
    """Values in time order, as windows and the points that follow them.

    Args:
        values: float64 array (time,), finite.
        target: str, name of the series.
        request: Request, of which `window`, `horizon` and `validation_fraction`
            count.
        notes: tuple of str, what was done before.

    Returns:
        Dataset of kind "series".

    Raises:
        InputError: If the series is constant or too short.

    Example:
    >>> request = Request("a.csv", window=3)
    >>> windows_dataset(np.arange(20.0), "load", request).x_train.shape
    (13, 3)
    """
    window, horizon = request.window or WINDOW, request.horizon or HORIZON
    border = _border(values, target, window + horizon, request.validation_fraction)
    _check_varies(values, values[:border], target)
    mean, sd = float(values[:border].mean()), float(values[:border].std())
    scaled = (values - mean) / sd
    stride = (
        1 + len(values) * (window + horizon) * FLOAT32_BYTES // sampling.MEMORY_BUDGET
    )
    parts = [
        make_windows(part, window, horizon=horizon, stride=stride)
        for part in (scaled[:border], scaled[border:])
    ]
    (x_train, y_train), (x_validation, y_validation) = parts
    if stride > 1:
        notes += (f"one in {stride} windows: all do not fit in memory",)
    notes += (f"series standardised: mean {mean:.6g}, sd {sd:.6g}",)
    ahead = "point" if horizon == 1 else f"{horizon} points"
    return Dataset(
        x_train, y_train, x_validation, y_validation, task="regression",
        target=target, reason=f"the {ahead} after each {window}", notes=notes,
        kind="series", target_mean=mean, target_scale=sd,
    )  # fmt: skip


def _time_name(
    table: pd.DataFrame, request: Request
) -> tuple[str | None, tuple[str, ...]]:
    """The column of times, or None where the order of the file is all there is."""
    if request.time_column is not None:
        return find_column(table, request.time_column, "time_column"), ()
    wanted = None
    if request.target is not None:
        wanted = find_column(table, request.target, "target")
    others = table.drop(columns=[] if wanted is None else wanted)
    name = find_times(others)
    if name is None:
        return None, ("no column of dates: rows are taken in the file's order",)
    if sum(is_date(others[each]) for each in others) > 1:
        return name, (f"ordered by {name!r}, the first column of dates",)
    return name, ()


def _target_name(table: pd.DataFrame, time: str | None, request: Request) -> str:
    """The column that is forecast."""
    if request.target is None:
        name = default_series_target(table, time)
        if name is None:
            raise InputError(
                f"{request.source} must have a column of numbers to forecast, besides "
                f"the time. Received: {', '.join(map(repr, list(table)[:5]))}. "
                "Name another `time_column`, or read it with `--kind tabular`."
            )
        return name
    name = find_column(table, request.target, "target")
    if name == time:
        raise InputError(
            "Argument `target` must be another column than `time_column`. "
            f"Received: {name!r} for both. Change one of them."
        )
    if not is_number(table[name]):
        raise InputError(
            f"Target {name!r} must hold numbers for a series. Received: "
            f"{table[name].dropna().head(1).tolist()}. Name another target, or read "
            "it with `--kind tabular`."
        )
    return name


def _in_order(
    table: pd.DataFrame, time: str | None, target: str, request: Request
) -> tuple[pd.Series, tuple[str, ...]]:
    """Values by time, each time once; NaN where unknown."""
    values = to_numbers(table[target]).astype(np.float64)
    values = values.where(values.abs() <= FLOAT32_MAX)
    if time is None:
        return values.reset_index(drop=True), ()
    times, notes = _known_times(table[time], request.date_format)
    series = pd.Series(values.loc[times.index].to_numpy(), index=pd.Index(times))
    if not series.index.is_monotonic_increasing:
        notes += (f"sorted by {time!r}: rows were not in order of time",)
        series = series.sort_index(kind="stable")
    n_repeated = int(series.index.duplicated().sum())
    if n_repeated > DUPLICATE_SHARE * len(series):
        raise InputError(
            f"Time column {time!r} must hold each time once. Received: "
            f"{n_repeated:,} of {len(series):,} rows repeat one, as when several "
            f"series are stacked. Keep the rows of one series in {request.source}, "
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


def _filled(series: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Values without blanks: cut at the ends, interpolated between."""
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


def _border(values: np.ndarray, target: str, span: int, fraction: float) -> int:
    """Where the validation part starts; both parts hold at least one window."""
    n = len(values)
    if n < 2 * span:
        raise InputError(
            f"Series {target!r} must have at least 2 × (window + horizon) = {2 * span} "
            f"points, to train on and to validate with. Received: {n}. Give a longer "
            "series, or a smaller `window` or `horizon`."
        )
    return min(max(round(n * (1 - fraction)), span), n - span)


def _check_varies(values: np.ndarray, train: np.ndarray, target: str) -> None:
    for part, where in ((values, "at all points"), (train, "in the training part")):
        if part.std() <= 1e-12 * np.abs(part).max():
            raise InputError(
                f"Series {target!r} must vary. Received: {float(part[0]):.6g} {where}. "
                "Name another target."
            )
