"""Whether a difference is more than chance: paired comparisons over seeds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from lr_finder.errors import InputError

CONFIDENCE = 0.95
LEAST_PAIRS = 2  # one difference has no spread


@dataclasses.dataclass(frozen=True)
class Paired:
    """What paired values say of the difference of two ways.

    Args:
        mean: float, mean of the differences `b - a`.
        sd: float, their standard deviation (n - 1).
        low: float, lower end of the 95 % interval of the mean.
        high: float, its upper end.
        p: float in [0, 1], of the two-sided paired t-test: how often chance alone
            would give a difference as large; 1 where all differences are 0.
        n: int, pairs.
        relative: float, `mean` over the mean of `a`: -0.2 is 20 % less; nan where
            that is 0.

    Example:
    >>> print(Paired(-0.5, 0.2, -0.7, -0.3, 0.001, 5, -0.25))
    -0.5 (-0.7 to -0.3), -25.0 %, p = 0.001, n = 5
    """

    mean: float
    sd: float
    low: float
    high: float
    p: float
    n: int
    relative: float

    def __str__(self) -> str:
        return (
            f"{self.mean:.3g} ({self.low:.3g} to {self.high:.3g}), "
            f"{100 * self.relative:+.1f} %, p = {self.p:.2g}, n = {self.n}"
        )


def paired(
    a: Sequence[float] | np.ndarray,
    b: Sequence[float] | np.ndarray,
    *,
    confidence: float = CONFIDENCE,
) -> Paired:
    r"""Compare two ways by what each gave for the same seeds.

    With the differences $d_i = b_i - a_i$, their mean $\bar d$ and standard deviation
    $s$, and $t$ the quantile of Student's distribution with $n - 1$ degrees of freedom:

    $$ \bar d \pm t_{(1 + confidence) / 2} \, s / \sqrt n $$

    Args:
        a: sequence of float (n,), finite; one value for each seed, n >= 2.
        b: sequence of float (n,), those of the other way, for the same seeds in the
            same order.
        confidence: float in (0, 1), of the interval.

    Returns:
        Paired.

    Raises:
        InputError: If the values are not finite, of unequal lengths, or fewer than 2.

    Example:
    >>> found = paired([1.0, 2.0, 3.0, 4.0], [0.9, 1.7, 2.8, 3.6])
    >>> round(found.mean, 3), round(found.relative, 3), round(found.p, 3)
    (-0.25, -0.1, 0.03)

    References:
        Student, The Probable Error of a Mean, Biometrika 6 (1908).
    """
    first, second = _values("a", a), _values("b", b)
    if len(first) != len(second) or len(first) < LEAST_PAIRS:
        raise InputError(
            f"Arguments `a` and `b` must hold a value for each of {LEAST_PAIRS} seeds "
            f"or more. Received: {len(first)} and {len(second)}. Run both ways on the "
            "same seeds."
        )
    if not 0 < confidence < 1:
        raise InputError(
            "Argument `confidence` must lie between 0 and 1. Received: "
            f"confidence={confidence}."
        )
    differences = second - first
    n, mean = len(differences), float(differences.mean())
    sd = float(differences.std(ddof=1))
    error = sd / math.sqrt(n)
    half = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * error
    centre = float(first.mean())
    return Paired(
        mean, sd, mean - half, mean + half, _p_value(mean, error, n), n,
        mean / centre if centre else math.nan,
    )  # fmt: skip


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    r"""Adjust p-values for how many questions were asked at once.

    With the values in rising order $p_{(1)} \le \dots \le p_{(m)}$:

    $$ \tilde p_{(i)} = \max_{j \le i} \min((m - j + 1) \, p_{(j)}, 1) $$

    The chance that any of those below 0.05 is a false alarm stays below 0.05, however
    the questions hang together.

    Args:
        p_values: sequence of float (m,) in [0, 1].

    Returns:
        float array (m,), in the order given.

    Raises:
        InputError: If a value lies outside [0, 1].

    Example:
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]

    References:
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
        Journal of Statistics 6 (1979).
    """
    values = _values("p_values", p_values)
    if np.any((values < 0) | (values > 1)):
        raise InputError(
            "Argument `p_values` must lie between 0 and 1. Received: "
            f"{values[(values < 0) | (values > 1)][0]:g}."
        )
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * values[order]), 1.0)
    return adjusted


def _p_value(mean: float, error: float, n: int) -> float:
    """Of the two-sided t-test; differences without spread leave no room for chance."""
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stats.t.sf(abs(mean / error), n - 1))


def _values(name: str, values: Any) -> np.ndarray:
    try:
        vector = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty((0, 0))
    if vector.ndim != 1 or not np.all(np.isfinite(vector)):
        raise InputError(
            f"Argument `{name}` must be a flat list of finite numbers. Received: "
            f"{values!r:.60}."
        )
    return vector
