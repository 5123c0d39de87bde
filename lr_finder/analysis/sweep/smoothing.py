"""Smoothing of loss curves: causal while sweeping, zero-lag afterwards."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import lfilter, savgol_filter

from lr_finder.analysis.sweep.stopping import NORMAL_MAD, TIED_SHARE
from lr_finder.errors import InputError

GRID_POINTS = 512  # longer curves are averaged into bins; 60 a decade is ample
SPIKE_WINDOW = 7  # points of the running median; passes bursts of up to 3
SPIKE_LIMIT = 3.0  # robust sd from that median; noise loses 1 point in 370
POLYNOMIAL = 2  # order fitted in each window; keeps the height of a valley
NOISE_SHARE = 0.02  # noise left by smoothing, as a share of the range of the curve
MIN_WINDOW = 5  # grid points; the smallest that order 2 smooths at all
MIN_WINDOW_SHARE = 0.08  # of the grid, 0.6 of 8 decades: slopes need that much
MAX_WINDOW_SHARE = 0.2  # of the grid; wider windows round a descent of 1 decade off
ROUGH_SHARE = 0.1  # of the grid; median window that measures the range of a curve
# Variance that an order-2 fit over w points leaves of white noise: 9 / (4 w).
VARIANCE_LEFT = 2.25


def ema(values: np.ndarray, beta: float) -> np.ndarray:
    """Causal exponential moving average, its start-up bias taken out.

        a[t] = beta * a[t-1] + (1 - beta) * values[t]
        ema[t] = a[t] / (1 - beta^(t+1))

    It lags by about 1 / (1 - beta) points, which moves a landmark of a sweep to
    higher rates: use it to stop a sweep, and `smooth` to judge one.

    Args:
        values: float array (n,), finite.
        beta: float in [0, 1), weight of the past.

    Returns:
        float array (n,); a constant stays that constant from the first point on.

    Raises:
        InputError: If `beta` or a value is outside its range.

    Example:
    >>> ema(np.array([1.0, 1.0, 4.0]), beta=0.5).round(3)
    array([1.   , 1.   , 2.714])

    References:
        Kingma and Ba, "Adam" (ICLR 2015), section 3: the bias of such an average.
    """
    if not 0 <= beta < 1:
        raise InputError(
            f"Argument `beta` must be at least 0 and below 1. Received: beta={beta}."
        )
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.all(np.isfinite(values)):
        raise InputError(
            "Argument `values` must be a vector of finite numbers. Received: shape "
            f"{values.shape}. Cut it at the first number that is not finite."
        )
    if beta == 0:
        return values.copy()
    average: np.ndarray = lfilter([1 - beta], [1, -beta], values)
    average /= -np.expm1(np.arange(1, values.size + 1) * math.log(beta))
    return average


def noise_level(values: np.ndarray) -> float:
    """Robust standard deviation of the noise on a smooth curve.

    The median size of the second differences, which vanish on straight lines:

        1.4826 * median |v[i-1] - 2 v[i] + v[i+1]| / sqrt(6)

    A loss may be exactly 0 for most batches (hinge, triplet). More than a quarter of
    the differences are 0 then, which would pull the median to 0, too: the median is
    taken over the share s of the others, and multiplied by sqrt(s), as the variance is
    their mean square times s.

    Args:
        values: float array (n,), finite, in the order of the sweep.

    Returns:
        float >= 0, in units of `values`; 0 for fewer than 3 points.

    Example:
    >>> noise_level(np.array([1.0, 2.0, 3.0, 4.0]))
    0.0

    References:
        Gasser, Sroka and Jennen-Steinmetz, Biometrika 73 (1986): difference estimates.
    """
    if len(values) < 3:
        return 0.0
    sizes = np.abs(np.diff(values, n=2))
    moved = sizes[sizes > 0]
    share = len(moved) / len(sizes)
    if 0 < share < 1 - TIED_SHARE:
        sizes = math.sqrt(share) * moved
    return NORMAL_MAD / math.sqrt(6) * float(np.median(sizes))


def despike(values: np.ndarray) -> np.ndarray:
    """Replace single spikes by the median of their neighbours (a Hampel filter).

    Args:
        values: float array (n,), finite, in the order of the sweep.

    Returns:
        float array (n,); points farther than 3 robust sd from the running median of 7
        are that median, all others are as they were.

    Example:
    >>> values = np.arange(100.0)
    >>> values[50] = 1e6
    >>> despike(values)[48:53]
    array([48., 49., 51., 51., 52.])

    References:
        Hampel, J. Am. Stat. Assoc. 69 (1974): median and median deviation.
    """
    if len(values) < SPIKE_WINDOW:
        return np.array(values, dtype=float)
    median = median_filter(values, SPIKE_WINDOW, mode="nearest")
    distance = np.abs(values - median)
    # The spread is local too: losses grow noisier as their learning rate rises.
    spread = median_filter(distance, 3 * SPIKE_WINDOW, mode="nearest")
    limit = SPIKE_LIMIT * NORMAL_MAD * np.maximum(spread, noise_level(values))
    return np.where(distance > limit, median, values)


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """A curve on a uniform grid in ln(lr), where smoothing has a meaning.

    Args:
        x: float array (m,), ln(lr), uniformly spaced.
        values: float array (m,), the curve there.
        noise: float >= 0, robust sd of the noise of `values` that were measured.
    """

    x: np.ndarray
    values: np.ndarray
    noise: float

    @property
    def step(self) -> float:
        """Distance of two grid points in ln(lr)."""
        return float(self.x[-1] - self.x[0]) / (len(self.x) - 1)


def to_grid(lrs: np.ndarray, values: np.ndarray) -> Grid:
    """A curve averaged into bins that are uniform in ln(lr), at most 512 of them.

    An exponential sweep of up to 512 steps is passed on as it is. Bins without a
    point, as at the low end of a linear sweep, are filled by straight lines.

    Args:
        lrs: float array (n,), n >= 3, positive, strictly increasing.
        values: float array (n,), finite.

    Returns:
        Grid, with m = min(n, 512) points.

    Example:
    >>> to_grid(np.array([1.0, 10.0, 100.0]), np.array([3.0, 2.0, 1.0])).values
    array([3., 2., 1.])
    """
    x = np.log(lrs)
    size = min(len(x), GRID_POINTS)
    grid = np.linspace(x[0], x[-1], size)
    if size == len(x) and np.allclose(x, grid, rtol=0, atol=0.01 * (grid[1] - grid[0])):
        return Grid(grid, values, noise_level(values))
    bins = np.rint((x - x[0]) / (grid[1] - grid[0])).astype(int)
    counts = np.bincount(bins, minlength=size)
    filled = counts > 0
    centres = np.bincount(bins, x, size)[filled] / counts[filled]
    means = np.bincount(bins, values, size)[filled] / counts[filled]
    return Grid(grid, np.interp(grid, centres, means), noise_level(means))


def window_length(grid: Grid) -> int:
    """Points in the smoothing window: wide enough for the noise, and no wider.

    An order-2 fit over w points leaves noise * sqrt(2.25 / w). The window is the
    smallest that leaves 2 % of the range of the curve, between 5 points or 8 % of the
    grid and 20 % of it:

        w = 2.25 * (noise / (0.02 * range))^2

    Args:
        grid: Grid, the curve.

    Returns:
        int, odd, at least 5, or 1 (no smoothing) on grids of fewer than 5 points.
    """
    size = len(grid.x)
    if size < MIN_WINDOW:
        return 1
    rough = median_filter(grid.values, max(3, int(ROUGH_SHARE * size)), mode="nearest")
    allowed = NOISE_SHARE * float(np.ptp(rough))
    smallest = max(MIN_WINDOW, int(MIN_WINDOW_SHARE * size))
    largest = max(smallest, int(MAX_WINDOW_SHARE * size))
    needed = VARIANCE_LEFT * grid.noise**2
    wanted = largest if needed >= largest * allowed**2 else needed / allowed**2
    return int(np.clip(wanted, smallest, largest)) // 2 * 2 + 1


def smooth_grid(grid: Grid) -> np.ndarray:
    """Zero-lag Savitzky-Golay smoothing of a curve on its grid.

    Args:
        grid: Grid, the curve.

    Returns:
        float array (m,), the smoothed values at `grid.x`.
    """
    window = min(window_length(grid), (len(grid.x) - 1) // 2 * 2 + 1)
    if window <= POLYNOMIAL:
        return np.array(grid.values, dtype=float)
    smoothed: np.ndarray = savgol_filter(grid.values, window, POLYNOMIAL, mode="interp")
    return smoothed


def smooth(lrs: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Smooth a sweep without lag: Savitzky-Golay on the ln(lr) axis, spikes removed.

    Steps: spikes are cut, the curve is put on a uniform ln(lr) grid (`to_grid`), each
    point becomes the value there of the parabola that fits its neighbours best, and
    the result is read off at the given rates. The window follows the noise
    (`window_length`). A constant stays constant, the steepest point stays in place.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), finite. Cut a diverged tail first: it is part of the
            parabolas near it.

    Returns:
        float array (n,), the smoothed losses.

    Example:
    >>> lrs = np.logspace(-5, 0, 6)
    >>> smooth(lrs, np.full(6, 2.5))
    array([2.5, 2.5, 2.5, 2.5, 2.5, 2.5])

    References:
        Savitzky and Golay, Analytical Chemistry 36 (1964).
    """
    lrs, losses = np.asarray(lrs, dtype=float), np.asarray(losses, dtype=float)
    if len(losses) < 3:
        return losses.copy()
    grid = to_grid(lrs, despike(losses))
    smoothed: np.ndarray = np.interp(np.log(lrs), grid.x, smooth_grid(grid))
    return smoothed
