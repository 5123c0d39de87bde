"""Windows over a series in tf.data form, and a split by time that leaks nothing."""

from __future__ import annotations

import dataclasses
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lr_finder._arguments import check_count, check_fraction
from lr_finder.data.series.windows import as_series, make_windows
from lr_finder.errors import InputError

if TYPE_CHECKING:
    import tensorflow as tf

HELD_OUT = 0.2  # of a series, at its end
CONSTANT = 1e-6  # of the largest value: below, float32 tells no spread


def window_arrays(
    series: ArrayLike,
    window_size: int = 20,
    *,
    horizon: int = 1,
    stride: int = 1,
    target: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Windows of all columns, and the values of one column that follow each.

    Args:
        series: array-like (time,) or (time, columns), finite numbers in time order.
        window_size: int >= 1, points that a forecast is made from.
        horizon: int >= 1, points to forecast.
        stride: int >= 1, points between the starts of two windows.
        target: int, index of the column to forecast, of a 2-D series.

    Returns:
        `(x, y)`, float32 arrays: x (n, window_size), of a 2-D series
        (n, window_size, columns); y (n, horizon).

    Raises:
        InputError: If an argument breaks its rule, or the series is too short.

    Example:
    >>> x, y = window_arrays([[1, 10], [2, 20], [3, 30]], window_size=2, target=1)
    >>> x.tolist(), y.tolist()
    ([[[1.0, 10.0], [2.0, 20.0]]], [[30.0]])
    """
    x, y = make_windows(series, window_size, horizon=horizon, stride=stride)
    if y.ndim == 3:
        y = y[:, :, _checked_target(target, y.shape[2])]
    return x, y


def create_windowed_dataset(
    series: ArrayLike,
    window_size: int = 20,
    batch_size: int = 32,
    *,
    horizon: int = 1,
    stride: int = 1,
    target: int = 0,
    is_shuffled: bool = True,
    seed: int | None = None,
) -> tf.data.Dataset:
    """Batches of windows and the values that follow each, shuffled and prefetched.

    Window `i` holds points `i * stride` to `i * stride + window_size - 1`. The order
    of the windows is drawn anew on each pass, from all of them.

    Args:
        series: array-like (time,) or (time, columns), finite numbers in time order.
        window_size: int >= 1, points that a forecast is made from.
        batch_size: int >= 1, windows in a batch; the last batch may hold fewer.
        horizon: int >= 1, points to forecast.
        stride: int >= 1, points between the starts of two windows.
        target: int, index of the column to forecast, of a 2-D series.
        is_shuffled: bool; False keeps the order of time.
        seed: int or None, from which the order is drawn.

    Returns:
        tf.data.Dataset of `(x, y)`, float32: x (batch, window_size), of a 2-D series
        (batch, window_size, columns); y (batch, horizon).

    Raises:
        InputError: If an argument breaks its rule, or the series is too short.

    Example:
    >>> dataset = create_windowed_dataset(range(100), window_size=20, batch_size=32)
    >>> [tuple(x.shape) for x, _ in dataset]
    [(32, 20), (32, 20), (16, 20)]
    """
    import tensorflow as tf

    check_count("batch_size", batch_size, least=1)
    x, y = window_arrays(
        series, window_size, horizon=horizon, stride=stride, target=target
    )
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    if is_shuffled:
        dataset = dataset.shuffle(len(x), seed=seed)
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def split_by_time(
    series: ArrayLike,
    validation_fraction: float = HELD_OUT,
    *,
    window_size: int = 20,
    horizon: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series in two: the past to train on, the latest part to validate.

    No point is in both parts, so no window of the one reaches into the other.

    Args:
        series: array-like (time,) or (time, columns).
        validation_fraction: float in (0, 1), share of the points, at the end.
        window_size: int >= 1; each part needs at least `window_size + horizon` points.
        horizon: int >= 1.

    Returns:
        `(train, validation)`: arrays (n, …) and (time - n, …), in time order.

    Raises:
        InputError: If the fraction lies outside (0, 1), or a part is too short for a
            window.

    Example:
    >>> train, validation = split_by_time(range(200), 0.2)
    >>> len(train), int(validation[0])
    (160, 160)
    """
    check_fraction("validation_fraction", validation_fraction, usual=HELD_OUT)
    check_count("window_size", window_size, least=1)
    check_count("horizon", horizon, least=1)
    values = np.asarray(series)
    points = len(values) if values.ndim else 0
    border = points - round(points * validation_fraction)
    least, span = min(border, points - border), window_size + horizon
    if least < span:
        raise InputError(
            "Argument `series` must have window_size + horizon = "
            f"{span} points in each part. Received: {border} to train on and "
            f"{points - border} to validate with, of {points}. Give a longer series, a "
            "smaller `window_size`, or another `validation_fraction`."
        )
    return values[:border], values[border:]


@dataclasses.dataclass(frozen=True, eq=False)
class Scaling:
    """How a series is standardised: by mean and spread of its training part.

    Args:
        mean: float64 array () or (columns,).
        sd: float64 array () or (columns,), standard deviation, positive.

    Example:
    >>> scaling = Scaling.fitted([1.0, 3.0])
    >>> scaling.apply([1.0, 3.0, 5.0])
    array([-1.,  1.,  3.])
    """

    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def fitted(cls, train: ArrayLike) -> Scaling:
        """Mean and spread of the training part of a series.

        Args:
            train: array-like (time,) or (time, columns), finite numbers.

        Returns:
            Scaling.

        Raises:
            InputError: If it is empty or not finite, or a column is constant.
        """
        values = as_series(train, np.float64)
        if not values.size:
            raise InputError(
                f"Argument `series` must have a point. Received: shape {values.shape}."
            )
        mean, sd = values.mean(axis=0), values.std(axis=0)
        is_constant = sd <= CONSTANT * np.abs(values).max(axis=0)
        if np.any(is_constant):
            column = np.flatnonzero(is_constant)[0]
            where = f"column {column}" if values.ndim == 2 else "all of it"
            value = values[0, column] if values.ndim == 2 else values[0]
            raise InputError(
                "Argument `series` must vary in its training part. Received: "
                f"{value:.6g} throughout, in {where}. Leave it out, or give a longer "
                "series."
            )
        return cls(mean, sd)

    def apply(self, series: ArrayLike) -> np.ndarray:
        """The series with mean 0 and spread 1 in the training part."""
        return (np.asarray(series, dtype=np.float64) - self.mean) / self.sd


def _checked_target(target: Any, columns: int) -> int:
    is_whole = isinstance(target, numbers.Integral) and not isinstance(target, bool)
    if not is_whole or not -columns <= target < columns:
        raise InputError(
            f"Argument `target` must be the index of one of {columns} columns. "
            f"Received: target={target!r}."
        )
    return int(target)
