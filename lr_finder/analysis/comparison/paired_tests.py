"""Whether a difference is more than chance: paired comparisons over seeds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from scipy import special

from lr_finder.errors import InputError

CONFIDENCE = 0.95
LEAST_PAIRS = 2  # one difference has no spread
# Two differences may agree by chance: with one degree of freedom a t-test knows next to
# nothing of the spread, and its intervals are 12.7 standard errors wide to each side.
LEAST_SEEDS = 3
# Keras computes losses in 32 bits: a spread below this share of the values is rounding.
ROUNDING = float(np.finfo(np.float32).eps)


@dataclasses.dataclass(frozen=True)
class Paired:
    """What paired values say of the difference of two ways.

    Args:
        mean: float, mean of the differences `b - a`.
        sd: float, their standard deviation (n - 1), as it was measured.
        low: float, lower end of the 95 % interval of the mean; nan without a test.
        high: float, its upper end; nan without a test.
        p: float in [0, 1], of the two-sided paired t-test: how often chance alone
            would give a difference as large; 1 if all differences are 0; nan if
            there is no test, see `why_untested`.
        n: int, pairs.
        relative: float, `mean` over the mean of `a`: -0.2 is 20 % less; nan if
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

    @property
    def why_untested(self) -> str:
        """Why there is no p-value, as a sentence goes on; empty if there is one.

        Example:
        >>> paired([0.5, 0.7], [0.6, 0.7]).why_untested
        '2 seeds cannot tell; run at least 3'
        """
        if not math.isnan(self.p):
            return ""
        if self.n < LEAST_SEEDS:
            return format_few_seeds(self.n)
        return f"all {self.n} seeds differ by the same amount: no spread to judge by"

    def __str__(self) -> str:
        text = f"{self.mean:.3g} ({self.low:.3g} to {self.high:.3g})"
        p = f"p = {self.p:.2g}"
        if self.why_untested:
            text, p = f"{self.mean:.3g}", f"no p-value ({self.why_untested})"
        return f"{text}, {100 * self.relative:+.1f} %, {p}, n = {self.n}"


def format_few_seeds(n: int) -> str:
    """That so few seeds tell nothing apart, and how many do.

    Args:
        n: int >= 0, seeds.

    Returns:
        str.

    Example:
    >>> format_few_seeds(1)
    '1 seed cannot tell; run at least 3'
    """
    seeds = "seed" if n == 1 else "seeds"
    return f"{n or 'no'} {seeds} cannot tell; run at least {LEAST_SEEDS}"


def paired(
    a: Sequence[float] | np.ndarray,
    b: Sequence[float] | np.ndarray,
    *,
    confidence: float = CONFIDENCE,
    resolution: float | None = None,
) -> Paired:
    r"""Compare two ways by what each gave for the same seeds.

    With the differences $d_i = b_i - a_i$, their mean $\bar d$ and standard deviation
    $s$, the resolution $h$ of a value, and $t$ the quantile of Student's distribution
    with $n - 1$ degrees of freedom:

    $$ \bar d \pm t_{(1 + confidence) / 2} \, \sqrt{(s^2 + h^2 / 6) / n} $$

    An accuracy over 80 rows is a multiple of $h$ = 1/80. Equal steps are common there,
    and their spread of zero is no certainty: as a value known to the nearest step, each
    has the variance $h^2 / 12$ of an even distribution over that step (Sheppard), and a
    difference of two has $h^2 / 6$. On average $s^2$ holds this part already if the
    spread is several steps wide, where it is too small to matter; the test then errs
    towards caution. Of equal ways with binomial scores it calls at most 5 % different
    at p < 0.05, and at most 0.1 % at p < 0.001. The variance of an accuracy over other
    rows, $p (1 - p)$ / rows, is not added: all seeds and both ways are scored on the
    same rows, whose choice is no part of what differs between seeds.

    Without a resolution differences that are all the same, and not 0, have no p-value
    and no interval: a t-test needs a spread, and none can be assumed.

    Args:
        a: sequence of float (n,), finite; one value for each seed, n >= 2.
        b: sequence of float (n,), those of the other way, for the same seeds in the
            same order.
        confidence: float in (0, 1), of the interval.
        resolution: float >= 0, the step between possible values, e.g. 1 / rows for an
            accuracy and 1 for a count; None for values without steps, as losses are.

    Returns:
        Paired; without p-value and interval if n < 3.

    Raises:
        InputError: If the values are not finite, of unequal lengths, or fewer than 2.

    Example:
    >>> found = paired([1.0, 2.0, 3.0, 4.0], [0.9, 1.7, 2.8, 3.6])
    >>> round(found.mean, 3), round(found.relative, 3), round(found.p, 3)
    (-0.25, -0.1, 0.03)
    >>> one_row = paired([0.90, 0.85, 0.80], [0.85, 0.80, 0.75], resolution=1 / 20)
    >>> round(one_row.p, 3)
    0.051

    References:
        Student, The Probable Error of a Mean, Biometrika 6 (1908).
        Sheppard, On the Calculation of the Most Probable Values of Frequency-Constants,
        Proceedings of the London Mathematical Society 29 (1897).
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
    if sd <= ROUNDING * max(np.abs(first).max(), np.abs(second).max()):
        sd = 0.0
    error = standard_error(sd, n, resolution, values=2)
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * error
    p = _p_value(mean, error, n)
    if math.isnan(p):
        half = math.nan
    centre = float(first.mean())
    return Paired(
        mean, sd, mean - half, mean + half, p, n, mean / centre if centre else math.nan
    )


def standard_error(
    sd: float, n: int, resolution: float | None = None, *, values: int = 1
) -> float:
    r"""Standard error of a mean, with what is unknown of values that have steps.

    $$ \sqrt{(s^2 + v \, h^2 / 12) / n} $$

    Args:
        sd: float >= 0, standard deviation $s$ of what is averaged.
        n: int >= 1, how many are averaged.
        resolution: float >= 0, the step $h$ between possible values, see `paired`;
            None for values without steps.
        values: int >= 1, how many values each one holds: 2 for a difference.

    Returns:
        float.

    Raises:
        InputError: If the resolution is negative, or no number.

    Example:
    >>> standard_error(4.0, 16), standard_error(0.0, 3, resolution=6.0)
    (1.0, 1.0)
    """
    step = 0.0 if resolution is None else resolution
    is_number = isinstance(step, Real) and math.isfinite(step) and step >= 0
    if not is_number:
        raise InputError(
            "Argument `resolution` must be the step between possible values, at least "
            f"0, or None. Received: resolution={resolution!r:.40}. Give 1 / rows for "
            "an accuracy, None for a loss."
        )
    return math.sqrt((sd**2 + values * step**2 / 12) / n)


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    r"""Adjust p-values for how many questions were asked at once.

    With the values in rising order $p_{(1)} \le \dots \le p_{(m)}$:

    $$ \tilde p_{(i)} = \max_{j \le i} \min((m - j + 1) \, p_{(j)}, 1) $$

    The chance that any of those below 0.05 is a false alarm stays below 0.05, however
    the questions hang together.

    Args:
        p_values: sequence of float (m,) in [0, 1]; nan for what was not tested, which
            does not count among the m.

    Returns:
        float array (m,), in the order given; nan if nan was given.

    Raises:
        InputError: If a value lies outside [0, 1].

    Example:
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]

    References:
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
        Journal of Statistics 6 (1979).
    """
    values = _values("p_values", p_values, is_nan_allowed=True)
    if np.any((values < 0) | (values > 1)):
        raise InputError(
            "Argument `p_values` must lie between 0 and 1. Received: "
            f"{values[(values < 0) | (values > 1)][0]:g}."
        )
    order = np.argsort(values, kind="stable")  # nan comes last
    order = order[: np.count_nonzero(~np.isnan(values))]
    factors = np.arange(len(order), 0, -1)
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * values[order]), 1.0)
    return adjusted


def _p_value(mean: float, error: float, n: int) -> float:
    """Of the two-sided t-test; nan if there is nothing to test with."""
    if n < LEAST_SEEDS:
        return math.nan
    if error == 0:
        return 1.0 if mean == 0 else math.nan
    return float(2 * special.stdtr(n - 1, -abs(mean / error)))


def _values(name: str, values: Any, *, is_nan_allowed: bool = False) -> np.ndarray:
    try:
        vector = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty((0, 0))
    is_good = np.isfinite(vector) | (np.isnan(vector) & is_nan_allowed)
    if vector.ndim != 1 or not np.all(is_good):
        raise InputError(
            f"Argument `{name}` must be a flat list of finite numbers. Received: "
            f"{values!r:.60}."
        )
    return vector
