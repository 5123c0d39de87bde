"""What the losses of short trainings say of each other, and of the rates between."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

TAIL_SHARE = 1 / 3  # of a training, at its end: late enough to tell, long enough
FEWEST_IN_TAIL = 3  # losses, or all there are
FIRST = 5  # losses at the start, whose median is where all trainings come from
LEAST_DESCENT = 1e-3  # of the loss at the start: if nothing is learnt, none is lost
HALF_LOST = 0.1  # of the best's descent: a rate that lost so much counts half
SPREADS = 0.7  # weighted sd of log10(lr) on each side: holds nine best rates of ten
LEAST_HALF_WIDTH = 0.15  # decades on each side: what is never told apart


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

    The median of losses is that of their logarithms: neither one wild batch nor one
    that is fitted to the last digit moves it.

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

    Halfway between the mean of all losses and the level at the end. The end tells what
    has been learnt. The whole tells of instability: a rate near to it overshoots at
    first, or throws a spike now and then, long before a training is lost.

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
    """The loss that trainings come from, by the slowest of them.

    Args:
        losses: float array (n,), n >= 1, of each step at the lowest rate.
        best: float, the merit of the best rate.

    Returns:
        float, the median of the first 5. If that is one value, and no higher than the
        best, as of a loss that is 0 for most batches (hinge, triplet), it says nothing:
        then the merit of the first third.

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
    r"""What share of the best rate's descent another one has missed.

    $$ \frac{\log merit - \log best}{\log start - \log best} $$

    Scaling the losses changes nothing. Their logarithms count, since a loss that starts
    at a hundred times what can be learnt, as that of targets that are not scaled, has
    all rates far below the start. Without them if one is not positive.

    Args:
        merit: float, of a rate.
        best: float, the merit of the best rate after as many steps.
        start: float, the loss that all came from.

    Returns:
        float >= 0; 0 if losses do not differ at all.

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


def weigh(lost: Mapping[float, float]) -> dict[float, float]:
    r"""How much each rate counts in the mean of those tried.

    $$ w_i = \frac{1}{1 + lost_i / 0.1}, $$ divided by their sum.

    Args:
        lost: mapping of rate -> share of the best's descent that it has missed.

    Returns:
        dict of rate -> weight in (0, 1]; they add up to 1.

    Example:
    >>> weigh({0.1: 0.0, 1.0: 0.1, 10.0: 0.9})[1.0]
    0.3125
    """
    weights = {lr: 1 / (1 + missed / HALF_LOST) for lr, missed in lost.items()}
    total = sum(weights.values())
    return {lr: weight / total for lr, weight in weights.items()}


def blend(lost: Mapping[float, float]) -> tuple[float, float, float]:
    r"""The rate that several trainings point at, and how sure they are of it.

    Candidates a decade apart are few and their losses are noisy: their weighted mean
    is better than the best of them, and keeps away from rates that diverge,

    $$ \log lr = \sum_i w_i \log lr_i $$

    with the weights of `weigh`. The interval reaches 0.7 weighted standard deviations
    to each side.

    Args:
        lost: mapping of rate -> share of the best's descent that it has missed, of
            the rates that did not diverge.

    Returns:
        `(lr, low, high)`, at least 0.15 decades on each side.

    Example:
    >>> lr, low, high = blend({0.01: 0.9, 0.1: 0.0, 1.0: 0.1})
    >>> f"{lr:.2g}, {low:.2g} to {high:.2g}"
    '0.18, 0.072 to 0.44'
    """
    logs = np.log10(np.array(list(lost)))
    weights = list(weigh(lost).values())
    center = np.average(logs, weights=weights)
    spread = math.sqrt(np.average((logs - center) ** 2, weights=weights))
    half = max(SPREADS * spread, LEAST_HALF_WIDTH)
    lr, low, high = 10.0 ** np.array([center, center - half, center + half])
    return float(lr), float(low), float(high)


def loss_ratio(losses: np.ndarray, others: np.ndarray) -> float | None:
    """How many times as large losses are as others on the same batches.

    Args:
        losses: float array (n,), of each step.
        others: float array (m,); the first `min(n, m)` steps are compared.

    Returns:
        float, the ratio of their levels at the end of those; None if one is not
        positive or not finite.

    Example:
    >>> loss_ratio(np.full(9, 3.0), np.full(12, 2.0))
    1.5
    """
    count = min(len(losses), len(others))
    one, other = level(losses[:count]), level(others[:count])
    if not (0 < one < math.inf and 0 < other < math.inf):
        return None
    return one / other
