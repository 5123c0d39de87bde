"""How far a suggestion would move if the sweep were made again."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import t as student_t

from lr_finder.analysis.sweep.preparation import Prepared
from lr_finder.errors import SuggestionError

RESAMPLES = 100  # in all; the error of a standard deviation from 100 is 7 %
SEED = 0  # a sweep is judged the same each time
BLOCK_POWER = 1 / 3  # block length m^(1/3), the usual order for dependent noise
WITHIN_FREEDOM = 4  # repeats that the resampled spread counts for, beside real ones
LEVEL = 0.9  # of the interval
# Decades. Calibrated on benchmarks/suggestion_quality: nine of ten intervals hold the
# best rate, or one as good; where the climb alone decides, that takes wider ones.
LEAST_HALF_WIDTH = 0.5
AT_TOP_HALF_WIDTH = 0.7


def resampled_spread(
    curve: Prepared, rule: Callable[[np.ndarray, np.ndarray], int], resamples: int
) -> float:
    """Standard deviation of a rule's log10(lr) over curves like the one measured.

    A wild bootstrap: the smoothed curve plus its own residuals, blocks of which change
    their sign at random, so that noise stays as large as it was at each learning rate.

    Args:
        curve: Prepared, the sweep.
        rule: callable `(lrs, losses) -> int`, applied to each resampled curve.
        resamples: int >= 1, number of curves.

    Returns:
        float >= 0, in decades; 0 if fewer than two curves gave a rate.

    References:
        Shao, "The Dependent Wild Bootstrap", J. Am. Stat. Assoc. 105 (2010).
    """
    rng = np.random.default_rng(SEED)
    size = len(curve.grid.x)
    block = math.ceil(size**BLOCK_POWER)
    residuals = curve.grid.values - curve.smoothed
    x = curve.grid.x
    tail: list[float] = []
    if curve.divergence is not None and curve.divergence > x[-1]:
        x, tail = np.append(x, curve.divergence), [math.nan]
    lrs, found = np.exp(x), []
    for _ in range(resamples):
        signs = np.repeat(rng.choice([-1.0, 1.0], math.ceil(size / block)), block)
        values = curve.smoothed + signs[:size] * residuals
        losses = np.append(np.exp(values) if curve.is_log else values, tail)
        try:
            found.append(x[rule(lrs, losses)])
        except SuggestionError:
            continue
    return float(np.std(found, ddof=1)) / math.log(10) if len(found) > 1 else 0.0


def half_width(
    picks: np.ndarray, within: float, least: float = LEAST_HALF_WIDTH
) -> float:
    """Half the width of the 90 % interval around the mean of repeated suggestions.

    The spread within a curve (resampled) counts as 4 repeats beside the real ones:

        s^2 = (4 * within^2 + (n - 1) * between^2) / (n + 3),    t[n + 3] * s / sqrt(n)

    and never less than `least`: a sweep may be read ever so steadily, the training to
    come differs from it.

    Args:
        picks: float array (n,), log10(lr) of each repeat.
        within: float >= 0, spread within one curve, in decades.
        least: float > 0, in decades.

    Returns:
        float, in decades.

    Example:
    >>> half_width(np.array([-3.0, -3.0]), within=0.1)
    0.5
    """
    repeats = len(picks)
    between = float(np.var(picks, ddof=1)) if repeats > 1 else 0.0
    freedom = WITHIN_FREEDOM + repeats - 1
    variance = (WITHIN_FREEDOM * within**2 + (repeats - 1) * between) / freedom
    quantile = float(student_t.ppf((1 + LEVEL) / 2, freedom))
    return max(least, quantile * math.sqrt(variance / repeats))
