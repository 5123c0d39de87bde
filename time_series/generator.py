"""A synthetic daily series: trend, yearly seasonality and noise, each known apart."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any

import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError

DAYS_PER_YEAR = 365
FOUR_YEARS = 4 * DAYS_PER_YEAR + 1  # one of any four years is a leap year: 1,461
SECOND_HARMONIC = 0.5  # of the yearly wave: two unlike half-years, still smooth


@dataclasses.dataclass(frozen=True, eq=False)
class Components:
    """What a synthetic series is made of.

    Args:
        time: float32 array (points,), days since the start: 0, 1, 2, …
        trend: float64 array (points,), the straight line.
        seasonality: float64 array (points,), the wave that repeats each period.
        noise: float64 array (points,), independent Gaussian values.
        noise_variance: float, the variance `noise` was drawn with: the mean
            squared error that no forecast can beat on average.

    Example:
    >>> parts = time_series_components(points=3, noise_sd=0.0)
    >>> parts.trend, parts.noise, parts.series.dtype
    (array([10.  , 10.05, 10.1 ]), array([0., 0., 0.]), dtype('float32'))
    """

    time: np.ndarray
    trend: np.ndarray
    seasonality: np.ndarray
    noise: np.ndarray
    noise_variance: float

    @property
    def series(self) -> np.ndarray:
        """The sum of the three components, float32 (points,)."""
        return (self.trend + self.seasonality + self.noise).astype(np.float32)


def time_series_components(
    *,
    points: int = FOUR_YEARS,
    baseline: float = 10.0,
    slope: float = 0.05,
    period: float = DAYS_PER_YEAR,
    amplitude: float = 40.0,
    noise_sd: float = 5.0,
    seed: int = 42,
) -> Components:
    r"""Draw a daily series and keep its parts.

    With $t$ = 0, 1, 2, … days and $\varphi = 2 \pi t / \mathrm{period}$:

    $$y_t = \mathrm{baseline} + \mathrm{slope}\, t
        + \mathrm{amplitude}\, (\cos \varphi + \tfrac12 \sin 2 \varphi)
        + \mathcal{N}(0, \mathrm{noise\_sd}^2)$$

    The default values run from about -45 to 130: small enough for a network to be
    trained on them as they are.

    Args:
        points: int, number of days, at least 1.
        baseline: float, value of the trend on day 0.
        slope: float, rise of the trend per day.
        period: float, days after which the seasonality repeats, positive.
        amplitude: float, weight of the seasonality, in units of the series.
        noise_sd: float, standard deviation of the noise, in units of the series,
            0 or more.
        seed: int, seeds the noise; equal seeds give equal series.

    Returns:
        Components, frozen, with the series as their sum.

    Raises:
        InputError: If a number is not finite or outside its range.

    Example:
    >>> components = time_series_components(noise_sd=2.0)
    >>> components.series.shape, components.noise_variance
    ((1461,), 4.0)
    """
    check_count("points", points, least=1)
    check_count("seed", seed, least=0)
    _check_finite(
        baseline=baseline, slope=slope, period=period, amplitude=amplitude,
        noise_sd=noise_sd,
    )  # fmt: skip
    if period <= 0:
        raise InputError(f"Argument `period` must be > 0. Received: period={period}.")
    if noise_sd < 0:
        raise InputError(
            f"Argument `noise_sd` must be >= 0. Received: noise_sd={noise_sd}."
        )
    days = np.arange(points, dtype=np.float64)
    phase = 2 * np.pi * days / period
    wave = np.cos(phase) + SECOND_HARMONIC * np.sin(2 * phase)
    return Components(
        time=days.astype(np.float32),
        trend=baseline + slope * days,
        seasonality=amplitude * wave,
        noise=np.random.default_rng(seed).normal(0.0, noise_sd, size=points),
        noise_variance=float(noise_sd) ** 2,
    )


def generate_time_series(**parameters: Any) -> tuple[np.ndarray, np.ndarray]:
    """Draw a daily series; by default four years, 1,461 points.

    Args:
        **parameters: keyword arguments of `time_series_components`: `points`,
            `baseline`, `slope`, `period`, `amplitude`, `noise_sd`, `seed`.

    Returns:
        `(time, series)`, float32 arrays (points,): days since the start, values.

    Raises:
        InputError: If a number is not finite or outside its range.

    Example:
    >>> time, series = generate_time_series()
    >>> series.shape, series.dtype
    ((1461,), dtype('float32'))
    """
    components = time_series_components(**parameters)
    return components.time, components.series


def _check_finite(**values: Any) -> None:
    for name, value in values.items():
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise InputError(
                f"Argument `{name}` must be a finite number. "
                f"Received: {name}={value!r}."
            )
