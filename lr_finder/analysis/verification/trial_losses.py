"""Compare the losses of short trainings, and derive a rate from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from lr_finder.analysis.verification.effort import ALONE, Effort

TAIL_SHARE = 1 / 3  # of a training, at its end: late enough to tell, long enough
FEWEST_IN_TAIL = 3  # losses, or all there are
FIRST = 5  # losses at the start, whose median is the level at which all begin
LEAST_DESCENT = 1e-3  # of the loss at the start: a smaller descent counts as this
NARROWEST = 1.0  # decades: a narrower interval counts as this; none was surer
LEAST_HALF_WIDTH = 0.15  # decades on each side: closer rates do not differ in loss


def tail(losses: np.ndarray) -> np.ndarray:
    """The losses at the end of a stretch of training, by which it is judged.

    Args:
        losses: float array (n,), of each step.

    Returns:
        float array, the last third, or the last 3.

    Example:
    >>> tail(np.arange(12.0))
    array([ 8.,  9., 10., 11.])
    """
    count = max(FEWEST_IN_TAIL, math.ceil(TAIL_SHARE * len(losses)))
    return np.asarray(losses)[-count:]


def level(losses: np.ndarray) -> float:
    """Where a stretch of training ends: the median of its last losses.

    The median is the same on a log scale. Neither one wild batch nor one that is fitted
    to the last digit moves it.

    Args:
        losses: float array (n,), of each step; nan and inf allowed.

    Returns:
        float; inf if there are none or one is nan.

    Example:
    >>> level([9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 1.0, 2.0, 50.0])
    2.0
    """
    if not len(losses) or np.any(np.isnan(losses)):
        return math.inf
    return float(np.median(tail(losses)))


def merit(losses: np.ndarray) -> float:
    """How well a training went, in one number: the lower, the better.

    Halfway between the mean of all losses and the level at the end. The end shows
    what has been learnt. The mean shows instability: if a rate is near it, the loss
    overshoots at first or has spikes, long before a training is lost.

    Args:
        losses: float array (n,), of each step since the start; nan and inf allowed.

    Returns:
        float; inf if there are none or one is nan.

    Example:
    >>> merit([9.0, 5.0, 4.0, 2.0, 2.0, 2.0])
    3.0
    """
    end = level(losses)
    return end if end == math.inf else (float(np.mean(losses)) + end) / 2


def start_level(losses: np.ndarray, best: float) -> float:
    """The loss at which the trainings begin, read from the slowest of them.

    Args:
        losses: float array (n,), n >= 1, of each step at the lowest rate.
        best: float, the merit of the best rate.

    Returns:
        float, the median of the first 5. If most of them are equal, and no higher than
        the best, the median says nothing, as with a loss that is 0 for most batches
        (hinge, triplet). Then it is the merit of the first third.

    Example:
    >>> start_level(np.array([5.0, 3.0, 4.0, 9.0, 6.0, 1.0]), best=1.0)
    5.0
    >>> start_level(np.array([0.0, 0.0, 0.0, 0.0, 0.0, 3.0] * 5), best=0.1)
    0.15
    """
    first = losses[:FIRST]
    middle = float(np.median(first))
    is_tied = 2 * np.count_nonzero(first == middle) > len(first)
    if not is_tied or middle > best:
        return middle
    return merit(losses[: max(FIRST, math.ceil(TAIL_SHARE * len(losses)))])


def share_lost(merit: float, best: float, start: float) -> float:
    r"""The share of the best rate's descent that another rate has missed.

    $$ \frac{\log merit - \log best}{\log start - \log best} $$

    Scaling the losses changes nothing. The logarithms are needed if the loss starts at
    a hundred times what can be reached, as with targets that are not scaled: without
    them, all rates would be about equally far below the start. If one of the three is
    not positive, the losses themselves are used.

    Args:
        merit: float, of a rate.
        best: float, the merit of the best rate after as many steps.
        start: float, the loss at which all began.

    Returns:
        float >= 0; 0 if the losses do not differ.

    Example:
    >>> share_lost(2.0, 1.0, 16.0), share_lost(0.9, 1.0, 5.0), share_lost(-2, -3, 1)
    (0.25, 0.0, 0.25)
    """
    least = LEAST_DESCENT
    if min(merit, best, start) > 0:
        merit, best, start = math.log(merit), math.log(best), math.log(start)
    else:
        least *= abs(start)
    descent = max(start - best, least)
    return max(0.0, (merit - best) / descent) if descent > 0 else 0.0


Swept: TypeAlias = tuple[float, float, float]  # a sweep's rate, and its interval


def weigh(
    lost: Mapping[float, float], swept: Swept | None = None, effort: Effort = ALONE
) -> dict[float, float]:
    r"""How much each rate counts in the mean of those tried.

    $$ w_i = \frac{g_i}{1 + lost_i / half} $$

    divided by their sum. $g_i$ is what a sweep has said before: a normal curve over
    $\log lr$ around its suggestion. The standard deviation $s$ is six tenths of the
    width of the sweep's interval, or of a decade if the interval is narrower. So a
    sweep with a wide interval counts less.

    $$ g_i = \exp\left(-\frac{(\log lr_i - \log lr_{swept})^2}{2 s^2}\right) $$

    Args:
        lost: mapping of rate -> share of the best's descent that it has missed.
        swept: `(lr, low, high)`, float, a sweep's suggestion and its interval; None, or
            an interval without width, counts for nothing.
        effort: Effort, whose `half_lost` and `sweep_spread` count here.

    Returns:
        dict of rate -> weight in [0, 1]; they add up to 1.

    Example:
    >>> lost = {0.1: 0.0, 1.0: 0.1, 10.0: 0.9}
    >>> round(weigh(lost)[1.0], 4), round(weigh(lost, swept=(0.1, 0.03, 0.3))[1.0], 4)
    (0.3125, 0.1108)
    """
    logs = np.log10(np.array(list(lost)))
    weights = _said_by_sweep(logs, swept, effort.sweep_spread)
    weights /= 1 + np.array(list(lost.values())) / effort.half_lost
    return dict(zip(lost, (weights / weights.sum()).tolist(), strict=True))


def blend(
    lost: Mapping[float, float], swept: Swept | None = None, effort: Effort = ALONE
) -> tuple[float, float, float]:
    r"""The rate that several trainings point at, and its interval.

    The candidates lie a decade apart and their losses are noisy. So their weighted mean
    is better than the best of them, and keeps away from rates that diverge,

    $$ \log lr = \sum_i w_i \log lr_i $$

    with the weights of `weigh`. The interval reaches `effort.spreads` weighted standard
    deviations to each side.

    Args:
        lost: mapping of rate -> share of the best's descent that it has missed, of
            the rates that did not diverge.
        swept: `(lr, low, high)` of a sweep, as in `weigh`, or None.
        effort: Effort, as in `weigh`.

    Returns:
        `(lr, low, high)`, at least 0.15 decades on each side.

    Example:
    >>> lost = {0.01: 0.9, 0.1: 0.0, 1.0: 0.1}
    >>> "{:.2g}, {:.2g} to {:.2g}".format(*blend(lost))
    '0.18, 0.072 to 0.44'
    >>> "{:.2g}, {:.2g} to {:.2g}".format(*blend(lost, swept=(0.1, 0.03, 0.3)))
    '0.12, 0.069 to 0.21'
    """
    logs = np.log10(np.array(list(lost)))
    weights = list(weigh(lost, swept, effort).values())
    center = np.average(logs, weights=weights)
    spread = math.sqrt(np.average((logs - center) ** 2, weights=weights))
    half = max(effort.spreads * spread, LEAST_HALF_WIDTH)
    lr, low, high = 10.0 ** np.array([center, center - half, center + half])
    return float(lr), float(low), float(high)


def _said_by_sweep(logs: np.ndarray, swept: Swept | None, spread: float) -> np.ndarray:
    """How likely each log10 of a rate is by a sweep; 1 for the likeliest."""
    if swept is None or not swept[2] > swept[1]:
        return np.ones_like(logs)
    at, low, high = np.log10(swept)
    width = max(high - low, NARROWEST)
    exponents = -0.5 * ((logs - at) / (spread * width)) ** 2
    # The nearest counts 1, however far it lies.
    weights: np.ndarray = np.exp(exponents - exponents.max())
    return weights


def loss_ratio(losses: np.ndarray, others: np.ndarray) -> float | None:
    """The ratio of the losses of two trainings on the same batches.

    Args:
        losses: float array (n,), of each step.
        others: float array (m,); the first `min(n, m)` steps are compared.

    Returns:
        float, the ratio of their levels at the end of these steps; None if a level is
        not positive or not finite.

    Example:
    >>> loss_ratio(np.full(9, 3.0), np.full(12, 2.0))
    1.5
    """
    count = min(len(losses), len(others))
    one, other = level(losses[:count]), level(others[:count])
    if not (0 < one < math.inf and 0 < other < math.inf):
        return None
    return one / other
