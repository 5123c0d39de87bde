"""A series made ready for a forecast: what is learnt from, watched, and scored once."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from lr_finder._arguments import check_count, check_fraction
from lr_finder.errors import InputError
from time_series.windowing import (
    HELD_OUT,
    Scaling,
    split_by_time,
    window_arrays,
)

WATCH_FRACTION = 0.1  # of the training part, at its end


@dataclasses.dataclass(frozen=True, eq=False)
class ForecastData:
    """A series in parts that follow each other in time; no point is in two of them.

    Args:
        fit: float array (time, …), what is learnt from, scaled.
        watch: float array (time, …), the end of the training part: it chooses the
            rate and tells when to stop, scaled.
        validation: float array (time, …), the end of the series: scored once, scaled.
        series: float64 array (time,), the target as it was given.
        mean: float, subtracted from the target.
        sd: float, that it was divided by.
        window_size: int, points that a forecast is made from.
        horizon: int, points to forecast.
        target: int, index of its column.
        noise_variance: float, the least mean squared error there is; None if unknown.

    Example:
    >>> data = prepare_forecast(np.arange(1000.0) % 7)
    >>> len(data.fit), len(data.watch), len(data.validation)
    (720, 80, 200)
    """

    fit: np.ndarray
    watch: np.ndarray
    validation: np.ndarray
    series: np.ndarray
    mean: float
    sd: float
    window_size: int
    horizon: int
    target: int = 0
    noise_variance: float | None = None

    @property
    def train(self) -> np.ndarray:
        """All of the training part: `fit` and `watch`."""
        return np.concatenate([self.fit, self.watch])

    @property
    def columns(self) -> int:
        """Columns of the series."""
        return 1 if self.fit.ndim == 1 else self.fit.shape[1]

    def windows(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Windows of a part, and the scaled values that follow each."""
        return window_arrays(
            part, self.window_size, horizon=self.horizon, target=self.target
        )

    def indices(self) -> np.ndarray:
        """Which points of the series the validation part asks for.

        Returns:
            int array (n, horizon), one row for each window of `validation`.
        """
        first = len(self.series) - len(self.validation) + self.window_size
        starts = np.arange(first, len(self.series) - self.horizon + 1)
        return starts[:, None] + np.arange(self.horizon)

    def score(self, forecasts: ArrayLike) -> float:
        """The mean squared error of scaled forecasts, in units of the series squared.

        Args:
            forecasts: array (n, horizon), one row for each window of `validation`.

        Returns:
            float.
        """
        values = np.asarray(forecasts, dtype=np.float64) * self.sd + self.mean
        return float(np.mean((values - self.series[self.indices()]) ** 2))


def prepare_forecast(
    series: ArrayLike,
    window_size: int = 20,
    *,
    horizon: int = 1,
    target: int = 0,
    validation_fraction: float = HELD_OUT,
    watch_fraction: float = WATCH_FRACTION,
    is_scaled: bool = True,
    noise_variance: float | None = None,
) -> ForecastData:
    """Split a series by time and standardise it by the part that is learnt from.

    Args:
        series: array-like (time,) or (time, columns), finite numbers in time order.
        window_size: int >= 1, points that a forecast is made from.
        horizon: int >= 1, points to forecast.
        target: int, index of the column to forecast, of a 2-D series.
        validation_fraction: float in (0, 1), share of the points, at the end.
        watch_fraction: float in (0, 1), share of what remains, at its end; at least a
            window and its horizon.
        is_scaled: bool; False leaves the values as they are.
        noise_variance: float >= 0, the lowest mean squared error possible, if known.

    Returns:
        ForecastData.

    Raises:
        InputError: If an argument breaks its rule, or the series is constant or too
            short.

    Example:
    >>> from time_series import time_series_components
    >>> parts = time_series_components()
    >>> data = prepare_forecast(parts.series, noise_variance=parts.noise_variance)
    >>> data.windows(data.validation)[0].shape
    (272, 20)
    """
    check_fraction("watch_fraction", watch_fraction, usual=WATCH_FRACTION)
    check_count("window_size", window_size, least=1)
    check_count("horizon", horizon, least=1)
    window_arrays(series, window_size, horizon=horizon, target=target)  # or an error
    values = np.asarray(series, dtype=np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    train, validation = split_by_time(
        values, validation_fraction, window_size=window_size, horizon=horizon
    )
    fit, watch = _watched(train, watch_fraction, window_size + horizon)
    scaling = Scaling.fitted(fit)
    if not is_scaled:
        scaling = Scaling(np.zeros_like(scaling.mean), np.ones_like(scaling.sd))
    is_table = values.ndim == 2
    return ForecastData(
        scaling.apply(fit), scaling.apply(watch), scaling.apply(validation),
        series=values[:, target] if is_table else values,
        mean=float(scaling.mean[target] if is_table else scaling.mean),
        sd=float(scaling.sd[target] if is_table else scaling.sd),
        window_size=window_size, horizon=horizon, target=target,
        noise_variance=noise_variance,
    )  # fmt: skip


def _watched(
    train: np.ndarray, fraction: float, span: int
) -> tuple[np.ndarray, np.ndarray]:
    """The training part without its end, and that end: a window of each at least."""
    size = max(round(len(train) * fraction), span)
    if len(train) - size < span:
        raise InputError(
            "Argument `series` must have 2 × (window_size + horizon) = "
            f"{2 * span} points in its training part, to learn from and to watch. "
            f"Received: {len(train)}. Give a longer series or a smaller `window_size`."
        )
    return train[:-size], train[-size:]
