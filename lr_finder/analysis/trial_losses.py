"""What the losses of short trainings say of each other, and of the rates between."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np

TAIL_SHARE = 1 / 3  # of a rung, at its end: late enough to tell, long enough to be sure
FEWEST_IN_TAIL = 3  # losses, or all there are
CLEAR_ERRORS = 2.0  # standard errors of the mean difference: clearly worse
CLEAR_SHARE = 0.02  # of the loss: less makes no difference to anybody
LEAST_HALF_WIDTH = 0.15  # decades on each side of the winner: what is never told apart


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
        float; inf where there are none or one is nan.

    Example:
    >>> level([9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 1.0, 2.0, 50.0])
    2.0
    """
    if not len(losses) or np.any(np.isnan(losses)):
        return math.inf
    return float(np.median(tail(losses)))


def loss_ratio(losses: np.ndarray, others: np.ndarray) -> float | None:
    """How many times as large losses are as others on the same batches.

    Args:
        losses: float array (n,), of each step.
        others: float array (m,); the first `min(n, m)` steps are compared.

    Returns:
        float, the ratio of their levels at the end of those; None where one is not
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


def is_clearly_worse(losses: np.ndarray, best: np.ndarray) -> bool:
    r"""Whether losses lie above others on the same batches by more than chance.

    With the differences `d` of the log-losses (of the losses, relative to their size,
    where some are not positive) at the end of the steps that both made:

    $$ \bar d > \max(0.02,\; 2\, s_d / \sqrt{n}) $$

    Args:
        losses: float array (n,), of each step.
        best: float array (m,), those it is compared with.

    Returns:
        bool.

    Example:
    >>> steps = np.arange(30)
    >>> bool(is_clearly_worse(2.0 + 0.01 * (steps % 2), np.full(30, 1.5)))
    True
    """
    count = min(len(losses), len(best))
    one, other = tail(losses[:count]), tail(best[:count])
    if not len(one) or not (np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
        return bool(len(one)) and not np.all(np.isfinite(one))
    if np.all(one > 0) and np.all(other > 0):
        differences = np.log(one) - np.log(other)
    else:
        differences = (one - other) / (np.median(np.abs(other)) or 1.0)
    error = np.std(differences, ddof=1) / math.sqrt(len(one)) if len(one) > 1 else 0.0
    return bool(np.mean(differences) > max(CLEAR_SHARE, CLEAR_ERRORS * error))


def interval_of(
    winner: float,
    losses: Mapping[float, np.ndarray],
    diverged: Collection[float],
    low: float,
    high: float,
) -> tuple[float, float]:
    """The rates around the winner of which none was seen to be worse.

    On each side it ends half way, in log(lr), to the nearest rate that diverged or
    was clearly worse; where none was, at the last rate tried or at the end of the
    interval that was there before, whichever is further.

    Args:
        winner: float, the rate that trained best.
        losses: mapping of rate -> float array, the loss of each step at that rate, the
            winner's among them.
        diverged: collection of the rates that diverged.
        low: float, lower end of the interval that was there before.
        high: float, its upper end.

    Returns:
        `(low, high)`, at least 0.15 decades to each side of the winner.

    Example:
    >>> flat, worse = np.ones(30), np.full(30, 2.0)
    >>> low, high = interval_of(0.1, {0.025: worse, 0.1: flat, 0.4: worse}, [], .1, .1)
    >>> f"{low:.3g} {high:.3g}"
    '0.05 0.2'
    """
    below = [lr for lr in sorted(losses, reverse=True) if lr < winner]
    above = [lr for lr in sorted(losses) if lr > winner]

    def end(side: list[float]) -> float | None:
        for lr in side:
            if lr in diverged or is_clearly_worse(losses[lr], losses[winner]):
                return math.sqrt(lr * winner)
        return None

    least = 10**LEAST_HALF_WIDTH
    bottom = end(below) or min([winner, low, *below])
    top = end(above) or max([winner, high, *above])
    return min(bottom, winner / least), max(top, winner * least)
