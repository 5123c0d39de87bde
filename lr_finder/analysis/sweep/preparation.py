"""A sweep made ready to be judged: finite, without its diverged tail, smoothed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import median_filter

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.nonfinite import (
    UNBOUNDED,
    falls_without_bound,
    is_sudden,
    not_finite_error,
)
from lr_finder.analysis.sweep.smoothing import (
    ROUGH_SHARE,
    VARIANCE_LEFT,
    Grid,
    despike,
    smooth_grid,
    to_grid,
    window_length,
)
from lr_finder.errors import InputError, SuggestionError

MIN_FINITE = 10  # losses; fewer show no flat start, descent and divergence
MIN_POINTS = 5  # of them before divergence; fewer give no window to smooth in
HEAD_SHARES = (0.1, 0.3)  # of the curve; their medians tell what it started from
LOST_SHARE = 0.3  # of the descent; a loss that rises so far has left its valley
LOST_NOISE = 8.0  # sd of the running median; noise alone rises so far 1 time in 1,000
LEAST_LOST = 0.05  # of the deepest descent; less is a drift of a flat start
CLIMB_SHARE = 0.2  # of the descent; where the climb out of the valley begins
CLIMB_NOISE = 5.0  # sd of noise; where the climb begins, the same
ROUGH_LEAST = 5  # points of it at least
MEDIAN_VARIANCE = math.pi / 2  # of a median of w points: noise^2 * this / w
LEAST_DESCENT = 4.0  # in sd of the smoothed curve; 9 in 10 of pure noise stay below
HIGH_RATE = 1.0  # the highest that is usual for an optimizer: plain SGD's
RESOLUTION = 1e-9  # of the values; a curve that falls by less is constant


@dataclasses.dataclass(frozen=True, eq=False)
class Prepared:
    """A sweep made ready to be judged, on a uniform grid in ln(lr).

    Args:
        grid: Grid, log-losses (losses, where one is not positive), spikes removed,
            up to the divergence.
        smoothed: float array (m,), the smoothed values of `grid`.
        indices: int array (m,), the point of the full sweep nearest to each grid point.
        start: float, the value that the sweep started from.
        divergence: float or None, the ln(lr) at which the loss began to climb, or from
            which on it was not finite; None if it did neither.
        points: int, losses judged.
        is_log: bool, whether values are log-losses.
    """

    grid: Grid
    smoothed: np.ndarray
    indices: np.ndarray
    start: float
    divergence: float | None
    points: int
    is_log: bool

    @property
    def lowest(self) -> int:
        """Grid index of the smallest smoothed value."""
        return int(np.argmin(self.smoothed))

    @property
    def descent(self) -> float:
        """How far the smoothed curve fell from its start; 0 if it only rose."""
        falling = self.smoothed[: self.lowest + 1]
        return min(self.start, float(np.max(falling))) - float(falling[-1])

    @property
    def error(self) -> float:
        """Standard deviation that smoothing leaves on the smoothed curve."""
        return self.grid.noise * math.sqrt(VARIANCE_LEFT / window_length(self.grid))

    @property
    def inner(self) -> slice:
        """The grid points around which the smoothing filter has its whole window."""
        half = window_length(self.grid) // 2
        return slice(half, len(self.grid.x) - half)

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """Rates and smoothed losses, to be drawn: without the edges of the filter."""
        values = np.exp(self.smoothed) if self.is_log else self.smoothed
        return np.exp(self.grid.x[self.inner]), values[self.inner]

    def nearest(self, x: float) -> int:
        """Index into the full sweep of the point nearest to ln(lr) = x."""
        step = round((x - self.grid.x[0]) / self.grid.step)
        return int(self.indices[min(max(step, 0), len(self.indices) - 1)])


def prepare(lrs: np.ndarray, losses: np.ndarray) -> Prepared:
    """The preparation that all rules share but `textbook`.

    1. Keep the losses before the first that is not finite.
    2. Take logarithms where all of them are positive: a loss falls by factors.
    3. Cut the diverged tail, before anything is smoothed across it.
    4. Remove spikes, average into at most 512 bins of ln(lr), smooth without lag.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        Prepared.

    Raises:
        SuggestionError: If fewer than 10 losses are finite, or fewer than 5 of them
            come before the divergence; if the loss was not finite so early without
            having climbed; or if it falls without bound.

    Example:
    >>> lrs = np.logspace(-5, 0, 50)
    >>> losses = 1.5 - np.tanh(np.log10(lrs) + 3) / 2
    >>> round(prepare(lrs, losses).descent, 2)
    0.68
    """
    lrs, losses = as_vectors(lrs, losses)
    bad = np.flatnonzero(~np.isfinite(losses))
    finite = int(bad[0]) if bad.size else len(losses)
    if bad.size and finite < MIN_FINITE and is_sudden(losses[:finite]):
        raise not_finite_error(finite, float(lrs[finite - 1]), len(losses))
    require_points(finite, len(losses), MIN_FINITE)
    values = losses[:finite]
    is_log = bool(np.all(values > 0))
    values = despike(np.log(values) if is_log else values)
    whole = to_grid(lrs[:finite], values)
    climb = _climb(whole)
    divergence, stop = None, finite
    if climb is not None:
        divergence = float(whole.x[climb])
        border = divergence - whole.step / 2  # between two bins, safe from rounding
        stop = int(np.searchsorted(np.log(lrs[:finite]), border))
    elif bad.size:
        divergence = math.log(lrs[finite])
    if stop < MIN_POINTS:
        raise SuggestionError(
            f"The loss diverged from the start: it climbs after {stop} of "
            f"{len(losses)} points. Start the sweep at a lower start_lr than "
            f"{format_rate(lrs[0])}.",
            reason="diverged_at_start",
            counts={"points": stop, "given": len(losses)},
        )
    grid = to_grid(lrs[:stop], values[:stop])
    smoothed, start = smooth_grid(grid), _start(grid.values)
    if not is_log and falls_without_bound(grid.x, smoothed, start, grid.noise):
        raise _unbounded(start, float(smoothed.min()), len(losses))
    return Prepared(
        grid=grid,
        smoothed=smoothed,
        indices=_nearest_points(np.log(lrs[:stop]), grid.x),
        start=start,
        divergence=divergence,
        points=stop,
        is_log=is_log,
    )


def _unbounded(start: float, lowest: float, given: int) -> SuggestionError:
    return SuggestionError(
        f"The loss falls without bound: from {start:.2g} to {lowest:.2g}, the faster "
        "the higher the rate, as that of a critic does. No rate is the best for such a "
        "loss. Begin with the optimizer's usual rate; or sweep a loss with a lower "
        "bound, e.g. with a penalty on gradients or weights. If this one has a bound, "
        "raise end_lr until the loss levels off.",
        reason=UNBOUNDED,
        counts={"given": given},
    )


def as_vectors(lrs: ArrayLike, losses: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as float vectors of equal length, or an InputError."""
    lrs, losses = np.asarray(lrs, dtype=float), np.asarray(losses, dtype=float)
    if lrs.ndim != 1 or lrs.shape != losses.shape:
        raise InputError(
            "Arguments `lrs` and `losses` must be vectors of equal lengths. Received: "
            f"shapes {lrs.shape} and {losses.shape}."
        )
    return lrs, losses


def require_points(found: int, given: int, least: int) -> None:
    """Raise a SuggestionError if too few finite losses were found."""
    if found < least:
        raise SuggestionError(
            f"A suggestion needs at least {least} finite losses. Received: {found} "
            f"(of {given} points). Sweep more steps, from a lower start_lr.",
            reason="too_few_points",
            counts={"points": found, "given": given},
        )


def _start(values: np.ndarray) -> float:
    """What the sweep started from: the larger median of a short and a long head.

    The long head is steadier; the short one is right where the descent begins early.
    """
    size = len(values)
    return float(max(np.median(values[: max(3, int(h * size))]) for h in HEAD_SHARES))


def _nearest_points(x: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Index into `x` of the point nearest to each grid point."""
    right = np.clip(np.searchsorted(x, grid), 1, len(x) - 1)
    return np.where(grid - x[right - 1] <= x[right] - grid, right - 1, right)


def _climb(grid: Grid) -> int | None:
    """The grid point from which on the curve climbs out of its valley, or None.

    The curve ends where it has first given back 30 % of what it had gained (and more
    than a drift: a loss without noise, as on held-out data, moves before it falls):
    what follows, be it lower, is another regime (a network that died predicts the
    mean).
    From its minimum before that end, the climb begins at the first point from which
    on it stays above a part of the descent, or above its noise if that is more.
    Both are looked for in a running median, which does not smear an explosion; the
    climb also in the points themselves: a median cannot see the last few.
    """
    window = max(ROUGH_LEAST, int(ROUGH_SHARE * len(grid.x)))
    # "reflect": "nearest" would repeat the last point, and its noise, half a window.
    median = median_filter(grid.values, window, mode="reflect")
    best, start = np.minimum.accumulate(median), _start(median)
    median_sd = grid.noise * math.sqrt(MEDIAN_VARIANCE / window)
    least = max(LOST_NOISE * median_sd, LEAST_LOST * (start - best[-1]))
    lost = median - best > np.maximum(LOST_SHARE * (start - best), least)
    # A dip within noise and its end are no valley.
    lost &= np.maximum(start - best, median - start) > LOST_NOISE * median_sd
    end = int(np.argmax(lost)) + 1 if lost.any() else len(median)
    lowest = int(np.argmin(median[:end]))
    part = CLIMB_SHARE * max(start - best[lowest], 0.0)
    first = min(
        stays_above(values[lowest:end], best[lowest] + max(part, CLIMB_NOISE * sd))
        for values, sd in ((median, median_sd), (grid.values, grid.noise))
    )
    return None if lowest + first == len(grid.x) else lowest + first


def stays_above(values: np.ndarray, limit: float) -> int:
    """First index from which on all values are above the limit."""
    below = np.flatnonzero(values <= limit)
    return int(below[-1]) + 1 if below.size else 0


def has_descended(curve: Prepared) -> bool:
    """Whether the curve fell by more than its noise, or its rounding, could do."""
    return curve.descent > _least_descent(curve)


def never_descended(curve: Prepared, given: int) -> SuggestionError:
    """The error that tells so, of a curve of so many points."""
    return SuggestionError(
        f"The loss never descended beyond noise: it fell by {curve.descent:.2g} "
        f"(smoothed {'log-loss' if curve.is_log else 'loss'}), and a rate can be read "
        f"from a fall of {_least_descent(curve):.2g}. {_way_out(curve)} more steps, "
        "use larger batches, or check that the model can learn from the data and is "
        "not trained already.",
        reason="never_descended",
        counts={"points": curve.points, "given": given},
    )


def _way_out(curve: Prepared) -> str:
    """Higher rates first, if the sweep ended below those that optimizers want."""
    end = math.exp(curve.grid.x[-1])
    if curve.divergence is not None or end >= HIGH_RATE:
        return "Sweep"
    return (
        f"The sweep ended at {format_rate(end)}, before the loss climbed: raise "
        "`end_lr`. Or sweep"
    )


def _least_descent(curve: Prepared) -> float:
    size = float(np.max(np.abs(curve.smoothed)))
    return max(LEAST_DESCENT * curve.error, RESOLUTION * size)


def descending(lrs: np.ndarray, losses: np.ndarray) -> Prepared:
    """The prepared curve, refused where it never went down."""
    curve = prepare(lrs, losses)
    if not has_descended(curve):
        raise never_descended(curve, len(losses))
    return curve
