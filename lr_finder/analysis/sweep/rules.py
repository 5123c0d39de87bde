"""Rules that read a learning rate off a sweep: one signature, one table.

A rule takes the learning rates and losses of a sweep and returns an index into those
very arrays; the default, `window`, has a module of its own. All but `textbook` judge
the same prepared curve (`prepare`): the finite losses, without the diverged tail, as
log-losses, smoothed without lag over ln(lr).
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Callable

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.signal import savgol_filter

from lr_finder.analysis.sweep.preparation import (
    as_vectors,
    descending,
    require_points,
    stays_above,
)
from lr_finder.analysis.sweep.rate_window import DECADE, window

DROP_SHARE = 0.7  # of the descent; 0.65 to 0.75 do equally well
# Decades below the climb; nearer is unstable, farther needlessly slow.
NEAREST, FARTHEST = 1.0, 2.5
SLIDE_WIDTH = 1.2 * DECADE  # fastai: 15 of 100 steps over 8 decades
SLIDE_SHARE = 0.1  # of the descent; fastai's 0.005 a step is 0.015: below the noise
TEXTBOOK_WINDOW, TEXTBOOK_ORDER = 11, 2  # as the code found in most places has it


def steepest(lrs: np.ndarray, losses: np.ndarray) -> int:
    """Where the smoothed loss falls fastest per ln(lr).

        argmin d smooth(log loss) / d ln(lr)

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points or the loss never descended.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> lrs[steepest(lrs, losses)]
    np.float64(0.001)
    """
    curve = descending(lrs, losses)
    slopes = np.gradient(curve.smoothed, curve.grid.step)
    return int(curve.indices[np.argmin(slopes[: curve.lowest + 1])])


def valley(lrs: np.ndarray, losses: np.ndarray) -> int:
    """The middle of the longest valley: of the longest decreasing subsequence.

    With that subsequence of length k ending at point e, the answer is
    e - k + int(k / 3) + int(k / 6), as in fastai; found in O(n log n).

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points or the loss never descended.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> valley(lrs, losses)
    24
    """
    curve = descending(lrs, losses)
    end, length = longest_descent(curve.smoothed)
    return int(curve.indices[max(end - length + length // 3 + length // 6, 0)])


def minimum(lrs: np.ndarray, losses: np.ndarray) -> int:
    """A decade below the learning rate of the smallest smoothed loss.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        int, index into `lrs`; 0 where the sweep does not reach a decade below.

    Raises:
        SuggestionError: If there are too few points or the loss never descended.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp((np.log10(lrs) + 1) ** 2)
    >>> lrs[minimum(lrs, losses)].round(3)
    np.float64(0.01)
    """
    curve = descending(lrs, losses)
    return curve.nearest(curve.grid.x[curve.lowest] - DECADE)


def slide(lrs: np.ndarray, losses: np.ndarray) -> int:
    """Slide an interval of 1.2 decades down from the end to where both slopes agree.

    The answer is the left end of the last interval on the way whose two ends differ
    in slope by more than 10 % of the descent per unit of ln(lr).

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points or the loss never descended.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> 0 <= slide(lrs, losses) < 51
    True
    """
    curve = descending(lrs, losses)
    slopes = np.gradient(curve.smoothed, curve.grid.step)
    width = min(max(round(SLIDE_WIDTH / curve.grid.step), 1), len(slopes) - 1)
    differs = np.abs(slopes[width:] - slopes[:-width]) > SLIDE_SHARE * curve.descent
    left = stays_above(differs.astype(float), 0.5)
    return int(curve.indices[min(left, len(differs) - 1)])


def drop(lrs: np.ndarray, losses: np.ndarray) -> int:
    """Where 70 % of the whole descent is reached, safely below divergence.

    On the best non-increasing fit f to the smoothed curve down to its minimum:

        first lr with f(lr) <= start - 0.7 * (start - min f),
        kept 1 to 2.5 decades below the rate at which the loss begins to climb

    Noise moves a landmark of the whole descent much less than a single slope.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points or the loss never descended.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> lrs[drop(lrs, losses)].round(5)
    np.float64(0.002)

    References:
        Barlow et al., "Statistical Inference under Order Restrictions" (1972).
    """
    curve = descending(lrs, losses)
    falling = curve.smoothed[: curve.lowest + 1]
    fitted = isotonic_regression(falling, increasing=False).x
    level = curve.start - DROP_SHARE * (curve.start - fitted[-1])
    x = curve.grid.x[np.argmax(fitted <= level)]
    if curve.divergence is not None:
        lowest = curve.divergence - FARTHEST * DECADE
        highest = curve.divergence - NEAREST * DECADE
        x = min(max(x, lowest), highest)
    return curve.nearest(x)


def textbook(lrs: np.ndarray, losses: np.ndarray) -> int:
    """The rule found in most code, kept as it is to be compared with: not to be used.

        np.argmin(np.gradient(savgol_filter(losses, 11, 2)))

    It is worse than no sweep: it smooths by a fixed window, diverged tail included.

    Args:
        lrs: float array (n,), learning rates; only their number is used.
        losses: float array (n,), those before the first nan or inf are used.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are fewer than 11 points.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> textbook(lrs, np.exp(-np.tanh(2 * np.log10(lrs) + 6)))
    18
    """
    lrs, losses = as_vectors(lrs, losses)
    finite = int(np.argmin(np.append(np.isfinite(losses), False)))
    require_points(finite, len(losses), TEXTBOOK_WINDOW)
    smoothed = savgol_filter(losses[:finite], TEXTBOOK_WINDOW, TEXTBOOK_ORDER)
    return int(np.argmin(np.gradient(smoothed)))


def longest_descent(values: np.ndarray) -> tuple[int, int]:
    """The longest strictly decreasing subsequence: its last index and its length.

    Args:
        values: float array (n,), n >= 1, finite.

    Returns:
        (end, length): the first index at which a subsequence of that length ends.

    Example:
    >>> longest_descent(np.array([5.0, 6.0, 4.0, 7.0, 3.0]))
    (4, 3)

    References:
        Fredman, Discrete Mathematics 11 (1975): O(n log n) by bisection.
    """
    tails: list[float] = []  # tails[k]: the best negated end of a sequence of k + 1
    end = 0
    for index, value in enumerate(-np.asarray(values, dtype=float)):
        place = bisect.bisect_left(tails, value)
        if place == len(tails):
            tails.append(value)
            end = index
        else:
            tails[place] = value
    return end, len(tails)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A row of `RULES`.

    Args:
        name: str, what `method=` takes.
        function: callable `(lrs, losses) -> int`, index into the arrays given.
        description: str, one line.
        source: str, the paper or code that the idea is from.
        asks_usual: bool, whether it takes the usual rate of the optimizer as well.
    """

    name: str
    function: Callable[..., int]
    description: str
    source: str
    asks_usual: bool = False

    def __call__(
        self, lrs: np.ndarray, losses: np.ndarray, usual: float | None = None
    ) -> int:
        """The index that the rule picks; `usual` is the optimizer's usual rate."""
        further = (usual,) if self.asks_usual else ()
        return self.function(lrs, losses, *further)


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "window",
            window,
            "the optimizer's usual rate, kept between descent and climb",
            "this project",
            asks_usual=True,
        ),
        Rule(
            "drop",
            drop,
            "70 % of the whole descent reached, 1 to 2.5 decades below divergence",
            "this project",
        ),
        Rule(
            "steepest",
            steepest,
            "steepest descent of the smoothed log-loss per ln(lr)",
            "Smith 2015, arXiv:1506.01186; Savitzky and Golay 1964",
        ),
        Rule(
            "valley",
            valley,
            "middle of the longest decreasing subsequence",
            "fastai, callback/schedule.py: valley",
        ),
        Rule(
            "minimum",
            minimum,
            "one decade below the smallest smoothed loss",
            "fastai, callback/schedule.py: minimum",
        ),
        Rule(
            "slide",
            slide,
            "lower end of the interval whose ends differ in slope",
            "fastai, callback/schedule.py: slide",
        ),
        Rule(
            "textbook",
            textbook,
            "savgol_filter(losses, 11, 2), then argmin of np.gradient; for comparison",
            "most published Keras code",
        ),
    )
}
