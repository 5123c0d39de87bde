"""Which way is best over seeds, and which of the others chance could have put there."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from lr_finder.analysis.significance import (
    CONFIDENCE,
    LEAST_PAIRS,
    Paired,
    holm,
    paired,
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
        mean: float, of their values; nan where n is 0.
        sd: float, their standard deviation (n - 1); nan where n < 2.
        low: float, lower end of the 95 % interval of the mean (Student's t).
        high: float, its upper end.
        unscored: int, runs without a score.
        reason: str, why they have none, e.g. `"2 of 5 runs diverged"`; or empty.
        difference: Paired, this way less the best over the seeds both have; None for
            the best itself, with unscored runs, or fewer than two common seeds.
        p_holm: float in [0, 1], its p-value with Holm's correction; nan without one.

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
            text += f" ± {self.sd:.2g} ({self.low:.3g} to {self.high:.3g})"
        parts = [f"n = {self.n}", self.reason, ""]
        if self.difference is not None:
            parts[2] = f"p = {self.p_holm:.2g}"
        return text + ", " * bool(self.n) + ", ".join(filter(None, parts))


def rank_ways(
    values: Mapping[str, Mapping[int, float]],
    *,
    higher_is_better: bool = True,
    reasons: Mapping[str, Mapping[int, str]] | None = None,
) -> list[Ranked]:
    r"""Rank ways by the means over their seeds, and test each against the best.

    With values $x_s$ of $n$ seeds, mean $\bar x$, standard deviation $s$ and $t$ the
    0.975 quantile of Student's distribution with $n - 1$ degrees of freedom, the
    interval of the mean is

    $$ \bar x \pm t \, s / \sqrt n $$

    Each way is compared with the best by the paired t-test over the seeds that both
    have; the p-values are adjusted together by Holm's method, for as many as were
    tested. The best is chosen by the same values: of 4 ways that are all alike, with
    5 seeds, one is called worse in 6 to 7 % of cases instead of 5, of 10 ways in 11.

    Args:
        values: mapping of name -> mapping of seed -> float, one for each run; what is
            not finite is a run without a score.
        higher_is_better: bool, as for an accuracy; False for a loss.
        reasons: mapping of name -> mapping of seed -> str, why a run has no score,
            e.g. `"diverged"`; by default `"without a score"`.

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
        _summarised(name, runs, (reasons or {}).get(name, {}))
        for name, runs in values.items()
    ]
    sign = -1.0 if higher_is_better else 1.0
    keys = [_key(row, sign) for row in rows]
    rows = [
        dataclasses.replace(row, rank=1 + sum(other < key for other in keys))
        for row, key in zip(rows, keys, strict=True)
    ]
    return _tested(sorted(rows, key=lambda row: (row.rank, row.name)), values)


def paired_by_seed(a: Mapping[int, float], b: Mapping[int, float]) -> Paired | None:
    """Compare two ways over the seeds that both have a finite value for.

    Args:
        a: mapping of seed -> float.
        b: mapping of seed -> float, of the other way.

    Returns:
        Paired, of `b - a`; None where fewer than two seeds are common.

    Example:
    >>> print(paired_by_seed({1: 0.5, 2: 0.6, 3: 0.9}, {2: 0.7, 1: 0.7, 4: 0.8}))
    0.15 (-0.485 to 0.785), +27.3 %, p = 0.2, n = 2
    """
    first, second = _finite(a), _finite(b)
    common = sorted(first.keys() & second.keys())
    if len(common) < LEAST_PAIRS:
        return None
    return paired([first[seed] for seed in common], [second[seed] for seed in common])


def mean_interval(values: Sequence[float]) -> tuple[float, float, float, float]:
    """The mean of values, their spread, and the 95 % interval of the mean.

    Args:
        values: sequence of float (n,), finite.

    Returns:
        `(mean, sd, low, high)`: float, nan where there are too few values for it: one
        has no spread and no interval.

    Example:
    >>> [round(each, 3) for each in mean_interval([1.0, 2.0, 3.0])]
    [2.0, 1.0, -0.484, 4.484]
    """
    n = len(values)
    if not n:
        return (math.nan,) * 4
    mean = float(np.mean(values))
    if n < LEAST_PAIRS:
        return mean, math.nan, math.nan, math.nan
    sd = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * sd / math.sqrt(n)
    return mean, sd, mean - half, mean + half


def _summarised(
    name: str, runs: Mapping[int, float], reasons: Mapping[int, str]
) -> Ranked:
    """One way by itself, without a rank."""
    scored = _finite(runs)
    # In the order of seeds: a mean is the same to the last bit however they came.
    summary = mean_interval([scored[seed] for seed in sorted(scored)])
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
    rows: list[Ranked], values: Mapping[str, Mapping[int, float]]
) -> list[Ranked]:
    """The ways, each compared with the first, where both have all their scores."""
    if rows[0].unscored:
        return rows
    best = values[rows[0].name]
    differences = [
        None if row.unscored else paired_by_seed(best, values[row.name])
        for row in rows[1:]
    ]
    adjusted = iter(holm([each.p for each in differences if each is not None]))
    tested = [
        row
        if each is None
        else dataclasses.replace(row, difference=each, p_holm=float(next(adjusted)))
        for row, each in zip(rows[1:], differences, strict=True)
    ]
    return [rows[0], *tested]


def _finite(runs: Mapping[int, float]) -> dict[int, float]:
    return {seed: float(value) for seed, value in runs.items() if math.isfinite(value)}
