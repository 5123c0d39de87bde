"""From a table with a column of times to windows of one series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lr_finder.data import sampling
from lr_finder.data.cells.columns import (
    default_series_target,
    find_column,
    header_notes,
    is_date,
    is_number,
)
from lr_finder.data.cells.times import find_times, order_format
from lr_finder.data.dataset import Dataset
from lr_finder.data.features.doubts import row_doubts
from lr_finder.data.request import HORIZON, WINDOW, Request
from lr_finder.data.saved_preprocessing import (
    Preprocessing,
    Reading,
    SeriesSteps,
    Target,
)
from lr_finder.data.series.ordered_points import filled, in_order
from lr_finder.data.series.series_notes import notes_on_columns
from lr_finder.data.series.windows import make_windows
from lr_finder.errors import InputError


def series_dataset(
    table: pd.DataFrame, request: Request, head: pd.DataFrame | None = None
) -> Dataset:
    """One column of a table over time, as windows and the points that follow them.

    Rows are sorted by time; points of equal time are averaged if they are few;
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
    series, more = in_order(table, time, target, request.date_format, request.source)
    notes += more
    if request.limit is not None and request.limit < len(series):
        notes += (f"the last {request.limit:,} of {len(series):,} points",)
        series = series.iloc[-request.limit :]
    values, more = filled(series)
    form = None if time is None else order_format(table[time], request.date_format)
    return windows_dataset(
        values, target, request, notes=notes + more, time=time, date_format=form
    )


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
    values: np.ndarray,
    target: str,
    request: Request,
    *,
    notes: tuple[str, ...] = (),
    time: str | None = None,
    date_format: str | None = None,
) -> Dataset:
    """Values in time order, as windows and the points that follow them.

    Args:
        values: float64 array (time,), finite.
        target: str, name of the series.
        request: Request, of which `window`, `horizon` and `validation_fraction`
            count.
        notes: tuple of str, what was done before.
        time: str, the column of times that ordered them, or None.
        date_format: str, by which its dates were read, or None.

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
        1
        + len(values)
        * (window + horizon)
        * sampling.FLOAT32_BYTES
        // sampling.MEMORY_BUDGET
    )
    parts = [
        make_windows(part, window, horizon=horizon, stride=stride)
        for part in (scaled[:border], scaled[border:])
    ]
    (x_train, y_train), (x_validation, y_validation) = parts
    if stride > 1:
        notes += (f"one in {stride} windows: not all fit in memory",)
    notes += (f"series standardised: mean {mean:.6g}, sd {sd:.6g}",)
    notes += row_doubts(len(x_train), "windows")
    ahead = "point" if horizon == 1 else f"{horizon} points"
    return Dataset(
        x_train, y_train, x_validation, y_validation, task="regression",
        target=target, reason=f"the {ahead} after each {window}", notes=notes,
        kind="series", target_mean=mean, target_scale=sd,
        preprocessing=Preprocessing(
            "series", Target(target, "regression", (), mean, sd),
            SeriesSteps(time, date_format, window, horizon),
            Reading((target,), True, {}),
        ),
    )  # fmt: skip


def _time_name(
    table: pd.DataFrame, request: Request
) -> tuple[str | None, tuple[str, ...]]:
    """The column of times, or None if the order of the file is all there is."""
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
