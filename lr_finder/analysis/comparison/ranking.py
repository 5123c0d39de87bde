"""Which way is best over seeds, and which of the others chance could have put there."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from lr_finder.analysis.comparison.paired_tests import (
    CONFIDENCE,
    LEAST_PAIRS,
    LEAST_SEEDS,
    Paired,
    holm,
    paired,
    standard_error,
)
from lr_finder.errors import InputError

UNSCORED = "without a score"


@dataclasses.dataclass(frozen=True)
class Ranked:
    """One way among others: how good over its seeds, and whether the best is better.

    Args:
        name: str, of the way.
        rank: int >= 1, of the mean; equal means share one. A way with a run that has
            no score comes after all that have none such.
        n: int, runs with a score.
        mean: float, of their values; nan if n is 0.
        sd: float, their standard deviation (n - 1); nan if n < 2.
        low: float, lower end of the 95 % interval of the mean (Student's t); nan
            where n < 3.
        high: float, its upper end.
        unscored: int, runs without a score.
        reason: str, why they have none, e.g. `"2 of 5 runs diverged"`; or empty.
        difference: Paired, this way less the best over the seeds both have; None for
            the best itself, with unscored runs, or fewer than two common seeds.
        p_holm: float in [0, 1], its p-value with Holm's correction; nan without one,
            see `difference.why_untested`.

    Example:
    >>> row = Ranked("adam", 1, 5, 0.8, 0.01, 0.788, 0.812, 0, "", None, math.nan)
    >>> print(row)
    1. adam: 0.8 ± 0.01 (0.788 to 0.812), n = 5
    """

    name: str
    rank: int
    n: int
    mean: float
    sd: float
    low: float
    high: float
    unscored: int
    reason: str
    difference: Paired | None
    p_holm: float

    def __str__(self) -> str:
        text = f"{self.rank}. {self.name}: "
        if self.n:
            text += f"{self.mean:.3g}"
        if self.n >= LEAST_PAIRS:
            text += f" ± {self.sd:.2g}"
        if math.isfinite(self.low):
            text += f" ({self.low:.3g} to {self.high:.3g})"
        parts = [f"n = {self.n}", self.reason, ""]
        if math.isfinite(self.p_holm):
            parts[2] = f"p = {self.p_holm:.2g}"
        return text + ", " * bool(self.n) + ", ".join(filter(None, parts))


def rank_ways(
    values: Mapping[str, Mapping[int, float]],
    *,
    higher_is_better: bool = True,
    reasons: Mapping[str, Mapping[int, str]] | None = None,
    resolution: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> list[Ranked]:
    r"""Rank ways by the means over their seeds, and test each against the best.

    The interval of a mean is that of `mean_interval`. Each way is compared with the
    best by the paired t-test over the seeds that both have, at least 3; the p-values
    are adjusted together by Holm's method, for as many as were tested. The best is
    chosen by the same values: of 4 ways that are all alike, with 5 seeds, one is called
    worse in 6 to 7 % of cases instead of 5, of 10 ways in 11.

    Args:
        values: mapping of name -> mapping of seed -> float, one for each run; what is
            not finite is a run without a score.
        higher_is_better: bool, as for an accuracy; False for a loss.
        reasons: mapping of name -> mapping of seed -> str, why a run has no score,
            e.g. `"diverged"`; by default `"without a score"`.
        resolution: float >= 0, the step between possible values, e.g. 1 / rows for an
            accuracy, see `paired`; None for values without steps.
        bounds: (float, float), the least and the largest value there can be, (0, 1)
            for an accuracy: intervals end there; None without bounds.

    Returns:
        list of `Ranked`, by rank and name; those with unscored runs are last, fewest
        first, and not tested.

    Raises:
        InputError: If there is no way, or one without a run.

    Example:
    >>> ranked = rank_ways({"sgd": {1: 0.70, 2: 0.72, 3: 0.71},
    ...                     "adam": {1: 0.80, 2: 0.81, 3: 0.82}})
    >>> [(row.name, row.rank, round(row.mean, 2)) for row in ranked]
    [('adam', 1, 0.81), ('sgd', 2, 0.71)]
    >>> print(ranked[1].difference)
    -0.1 (-0.125 to -0.0752), -12.3 %, p = 0.0033, n = 3

    References:
        Student, The Probable Error of a Mean, Biometrika 6 (1908).
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
        Journal of Statistics 6 (1979).
    """
    if not values or not all(values.values()):
        empty = next((name for name, runs in values.items() if not runs), "none at all")
        raise InputError(
            "Argument `values` must hold ways with a run each, at least one. Received: "
            f"no run of {empty!r}. Leave a way out until it has run."
        )
    rows = [
        _summarised(name, runs, (reasons or {}).get(name, {}), resolution, bounds)
        for name, runs in values.items()
    ]
    sign = -1.0 if higher_is_better else 1.0
    keys = [_key(row, sign) for row in rows]
    rows = [
        dataclasses.replace(row, rank=1 + sum(other < key for other in keys))
        for row, key in zip(rows, keys, strict=True)
    ]
    ordered = sorted(rows, key=lambda row: (row.rank, row.name))
    return _tested(ordered, values, resolution, bounds)


def paired_by_seed(
    a: Mapping[int, float],
    b: Mapping[int, float],
    *,
    resolution: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> Paired | None:
    """Compare two ways over the seeds that both have a finite value for.

    Args:
        a: mapping of seed -> float.
        b: mapping of seed -> float, of the other way.
        resolution: float >= 0, the step between possible values; None without steps.
        bounds: (float, float), the least and the largest value there can be; the
            interval of a difference ends at what they leave; None without bounds.

    Returns:
        Paired, of `b - a`; None if fewer than two seeds are common.

    Example:
    >>> print(paired_by_seed({1: 0.5, 2: 0.6, 3: 0.9}, {2: 0.7, 1: 0.7, 4: 0.8}))
    0.15, +27.3 %, no p-value (2 seeds cannot tell; run at least 3), n = 2
    """
    first, second = _finite(a), _finite(b)
    common = sorted(first.keys() & second.keys())
    if len(common) < LEAST_PAIRS:
        return None
    values = ([each[seed] for seed in common] for each in (first, second))
    found = paired(*values, resolution=resolution)
    if bounds is None:
        return found
    most = bounds[1] - bounds[0]
    low, high = _kept(found.low, found.high, (-most, most))
    return dataclasses.replace(found, low=low, high=high)


def mean_interval(
    values: Sequence[float],
    *,
    resolution: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> tuple[float, float, float, float]:
    r"""The mean of values, their spread, and the 95 % interval of the mean.

    With mean $\bar x$, standard deviation $s$, the resolution $h$ of a value (see
    `paired`) and $t$ the 0.975 quantile of Student's distribution with $n - 1$ degrees
    of freedom:

    $$ \bar x \pm t \, \sqrt{(s^2 + h^2 / 12) / n} $$

    Student's distribution knows no bounds. The part beyond those of the values is left
    out: no mean lies there, so that the interval holds the mean as often as before.

    Args:
        values: sequence of float (n,), finite.
        resolution: float >= 0, the step between possible values; None without steps.
        bounds: (float, float), the least and the largest value there can be, (0, 1)
            for an accuracy; None without bounds.

    Returns:
        `(mean, sd, low, high)`: float, nan if there are too few values for it: one
        has no spread, two have no interval, and neither have values that are all the
        same and without a resolution.

    Example:
    >>> [round(each, 3) for each in mean_interval([1.0, 2.0, 3.0])]
    [2.0, 1.0, -0.484, 4.484]
    >>> [round(each, 3) for each in mean_interval([0.7, 0.9, 0.95], bounds=(0, 1))]
    [0.85, 0.132, 0.521, 1.0]
    """
    n = len(values)
    if not n:
        return (math.nan,) * 4
    mean = float(np.mean(values))
    if n < LEAST_PAIRS:
        return mean, math.nan, math.nan, math.nan
    sd = float(np.std(values, ddof=1))
    error = standard_error(sd, n, resolution)
    if n < LEAST_SEEDS or error == 0:
        return mean, sd, math.nan, math.nan
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return mean, sd, *_kept(mean - half, mean + half, bounds)


def _summarised(
    name: str,
    runs: Mapping[int, float],
    reasons: Mapping[int, str],
    resolution: float | None,
    bounds: tuple[float, float] | None,
) -> Ranked:
    """One way by itself, without a rank."""
    scored = _finite(runs)
    # In the order of seeds: a mean is the same to the last bit however they came.
    ordered = [scored[seed] for seed in sorted(scored)]
    summary = mean_interval(ordered, resolution=resolution, bounds=bounds)
    why = Counter(reasons.get(seed, UNSCORED) for seed in runs if seed not in scored)
    told = [
        f"{count} of {len(runs)} run{'s' * (len(runs) > 1)} {reason}"
        for reason, count in sorted(why.items())
    ]
    missing = len(runs) - len(scored)
    return Ranked(
        name, 0, len(scored), *summary, missing, ", ".join(told), None, math.nan
    )


def _key(row: Ranked, sign: float) -> tuple[bool, bool, int, float]:
    """What ways are sorted by: whole ones, then those with fewest unscored runs."""
    value = sign * row.mean if row.n else 0.0
    return row.unscored > 0, row.n == 0, row.unscored, value


def _tested(
    rows: list[Ranked],
    values: Mapping[str, Mapping[int, float]],
    resolution: float | None,
    bounds: tuple[float, float] | None,
) -> list[Ranked]:
    """The ways, each compared with the first, where both have all their scores."""
    if rows[0].unscored:
        return rows
    best = values[rows[0].name]
    differences = [
        None
        if row.unscored
        else paired_by_seed(
            best, values[row.name], resolution=resolution, bounds=bounds
        )
        for row in rows[1:]
    ]
    adjusted = holm([math.nan if each is None else each.p for each in differences])
    tested = [
        dataclasses.replace(row, difference=each, p_holm=float(p))
        for row, each, p in zip(rows[1:], differences, adjusted, strict=True)
    ]
    return [rows[0], *tested]


def _kept(
    low: float, high: float, bounds: tuple[float, float] | None
) -> tuple[float, float]:
    """An interval without what lies beyond the bounds; nan stays."""
    if bounds is None:
        return low, high
    least, most = bounds
    return float(np.clip(low, least, most)), float(np.clip(high, least, most))


def _finite(runs: Mapping[int, float]) -> dict[int, float]:
    return {seed: float(value) for seed, value in runs.items() if math.isfinite(value)}
