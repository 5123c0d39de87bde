"""Windows over a series: past values to learn from, next values to forecast."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from lr_finder._arguments import check_count
from lr_finder.errors import InputError


def make_windows(
    series: ArrayLike, window_size: int = 20, *, horizon: int = 1, stride: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows and the values that follow each.

    Window `i` starts at point `i * stride`; its target starts where it ends. With
    `n` windows, `n = 1 + (time - window_size - horizon) // stride`.

    Args:
        series: array-like (time,) or (time, columns), finite numbers in time order.
        window_size: int, points in a window, at least 1.
        horizon: int, points to forecast after each window, at least 1.
        stride: int, points between the starts of two windows, at least 1.

    Returns:
        `(x, y)`, float32 arrays of their own memory: x (n, window_size) and
        y (n, horizon), each with a last axis `columns` for a 2-D series.

    Raises:
        InputError: If the series is not finite numbers of one or two axes, is
            shorter than `window_size + horizon`, or a size is not positive.

    Example:
    >>> x, y = make_windows([1, 2, 3, 4, 5], window_size=3)
    >>> x.tolist(), y.tolist()
    ([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], [[4.0], [5.0]])
    """
    check_count("window_size", window_size, least=1)
    check_count("horizon", horizon, least=1)
    check_count("stride", stride, least=1)
    values = as_series(series)
    span = window_size + horizon
    if len(values) < span:
        raise InputError(
            "Argument `series` must have at least window_size + horizon = "
            f"{span} points. Received: {len(values)}. Give a longer series or a "
            "smaller `window_size`."
        )
    spans = sliding_window_view(values, span, axis=0)[::stride]
    spans = np.moveaxis(spans, -1, 1)  # (n, span) or (n, span, columns)
    return spans[:, :window_size].copy(), spans[:, window_size:].copy()


def as_series(series: ArrayLike, dtype: type[np.floating] = np.float32) -> np.ndarray:
    """Numbers in time order as an array of one or two axes.

    Args:
        series: array-like (time,) or (time, columns), finite numbers.
        dtype: NumPy type of the array; numbers too large for it are not finite.

    Returns:
        array (time,) or (time, columns).

    Raises:
        InputError: If it holds something else, or has other axes.

    Example:
    >>> as_series([1, 2])
    array([1., 2.], dtype=float32)
    """
    try:
        with np.errstate(over="ignore"):  # too large a number becomes inf: see below
            values = np.asarray(series).astype(dtype)
    except (TypeError, ValueError):
        raise InputError(
            "Argument `series` must hold numbers. Received: "
            f"{type(series).__name__} with other things in it."
        ) from None
    if values.ndim not in (1, 2):
        raise InputError(
            "Argument `series` must have shape (time,) or (time, columns). "
            f"Received: shape {values.shape}."
        )
    finite = np.isfinite(values)
    if not finite.all():
        first = int(np.argwhere(~finite)[0][0])
        raise InputError(
            f"Argument `series` must be finite ({values.dtype}). Received: "
            f"{np.sum(~finite)} values that are not, the first at point {first}. "
            "Fill or drop them first."
        )
    return values
