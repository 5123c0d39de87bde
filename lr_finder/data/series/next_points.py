"""The last window of a series, and the times of the points that follow it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from lr_finder.data.new_rows import NewRows
from lr_finder.data.saved_preprocessing import Preprocessing, SeriesSteps
from lr_finder.data.series.ordered_points import filled, in_order
from lr_finder.errors import InputError

FEWEST_FOR_RHYTHM = 3  # times that tell days from months


def last_window(
    table: pd.DataFrame,
    preprocessing: Preprocessing,
    source: str,
    notes: tuple[str, ...] = (),
) -> NewRows:
    """The last points of a series, as a model is given them.

    Args:
        table: DataFrame, with the columns of target and time.
        preprocessing: Preprocessing of a series.
        source: str, the file, for a message.
        notes: tuple of str, what was decided before.

    Returns:
        NewRows with one window, and the times of the points forecast.

    Raises:
        InputError: If times or values break a rule, or there are too few.
    """
    steps, target = preprocessing.steps, preprocessing.target
    if not isinstance(steps, SeriesSteps):
        raise InputError(
            "Argument `preprocessing` must be that of a series. Received: one of kind "
            f"{preprocessing.kind}."
        )
    series, more = in_order(table, steps.time, target.name, steps.date_format, source)
    notes += more
    values, more = filled(series)
    if len(values) < steps.window:
        raise InputError(
            f"Series {target.name!r} must have at least {steps.window} points, as the "
            f"model was trained to see. Received: {len(values)} in {source}. Give "
            "earlier points too."
        )
    window = (values[-steps.window :] - target.mean) / target.scale
    times = None
    if steps.time is not None:
        known = series.index[: np.flatnonzero(series.notna())[-1] + 1]
        times = next_times(known, steps.horizon)
    return NewRows(window.astype(np.float32)[None], None, notes + more, times=times)


def next_times(times: pd.Index, count: int) -> pd.Index:
    """The times that follow: in the rhythm of dates, else by the median step.

    Args:
        times: Index of timestamps or numbers, rising, two or more.
        count: int, how many.

    Returns:
        Index.

    Example:
    >>> months = pd.DatetimeIndex(["2024-01-31", "2024-02-29", "2024-03-31"])
    >>> next_times(months, 2).strftime("%Y-%m-%d").tolist()
    ['2024-04-30', '2024-05-31']
    >>> next_times(pd.Index([1885.0, 1886.0]), 1).tolist()
    [1887.0]
    """
    rhythm = None
    if isinstance(times, pd.DatetimeIndex) and len(times) >= FEWEST_FOR_RHYTHM:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the type that it will have one day
            rhythm = pd.infer_freq(times)
    if rhythm is not None:
        return pd.date_range(times[-1], periods=count + 1, freq=rhythm)[1:]
    step = pd.Series(times).diff().median()
    return pd.Index([times[-1] + step * (i + 1) for i in range(count)])
