"""From answers to scores: regret, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import Truth

GOOD, CATASTROPHIC, HELD = 0.05, 0.5, 0.02  # regrets
KEYS = ["method", "steps"]


def interval_regret(truth: Truth, low: float, high: float) -> float:
    """The least regret that an interval holds: at a rate of the grid, or at an end.

    Between those the truth is linear, so nothing lower lies there.
    """
    inside = truth.rates[(truth.rates >= low) & (truth.rates <= high)]
    return min(truth.regret(rate) for rate in (low, high, *inside))


def judge(
    answers: pd.DataFrame, truths: Mapping[tuple[str, str], Truth]
) -> pd.DataFrame:
    """Add to each answer what it is worth; cases in which nothing learns are left out.

    Args:
        answers: DataFrame of `methods.answers`.
        truths: mapping of (task, optimizer) to Truth.

    Returns:
        DataFrame, the rows with `regret`, `good`, `catastrophic`, `excess`, `distance`,
        `held` (of an interval; nan without one), `width` in decades, `architecture`
        and `domain`.
    """
    rows = []
    for row in answers.to_dict("records"):
        truth = truths[row["task"], row["optimizer"]]
        if not truth.is_learnable:
            continue
        rate = row["lr"] if np.isfinite(row["lr"]) else None
        regret = truth.regret(rate)
        task = TASKS.get(row["task"])
        held = width = np.nan
        if np.isfinite(row["low"]):
            held = float(interval_regret(truth, row["low"], row["high"]) <= HELD)
            width = float(np.log10(row["high"] / row["low"]))
        rows.append(
            row
            | {
                "regret": regret,
                "good": float(regret <= GOOD),
                "catastrophic": float(regret > CATASTROPHIC),
                "excess": truth.excess(rate),
                "distance": truth.distance(rate),
                "silent": float(rate is None),
                "held": held,
                "width": width,
                "architecture": task and task.architecture,
                "domain": task and task.domain,
            }
        )
    return pd.DataFrame(rows)


def clustered_error(values: pd.Series, clusters: pd.Series) -> float:
    """Standard error of a mean of values that belong together by cluster.

        sqrt(G / (G - 1) * sum_g (sum_{i in g} (v_i - mean))^2) / n

    Args:
        values: Series (n,).
        clusters: Series (n,), the cluster of each value, G of them.

    Returns:
        float; nan for a single cluster.

    References:
        Cameron and Miller, Journal of Human Resources 50 (2015): cluster-robust errors.
    """
    sums = (values - values.mean()).groupby(clusters.to_numpy()).sum()
    count = len(sums)
    if count < 2:
        return float("nan")
    return float(np.sqrt(count / (count - 1) * (sums**2).sum()) / len(values))


def summarize(judged: pd.DataFrame) -> pd.DataFrame:
    """One row for each method and number of steps, the least mean regret first.

    Args:
        judged: DataFrame of `judge`.

    Returns:
        DataFrame with the mean, its clustered error, median, 90 % quantile and maximum
        of the regret; shares of good, catastrophic and missing answers; the median
        excess; the mean distance; the mean sd of log10(lr) over the sweeps of a case;
        the mean cost; of intervals the share that held (a missing one does not) and the
        median width.
    """
    rows = []
    for key, part in judged.groupby(KEYS):
        logs = np.log10(part["lr"])
        held = part["held"].fillna(0) if part["held"].notna().any() else part["held"]
        spread = logs.groupby([part["task"], part["optimizer"]]).std().mean()
        rows.append(
            dict(zip(KEYS, key, strict=True))
            | {
                "mean": part["regret"].mean(),
                "error": clustered_error(part["regret"], part["task"]),
                "median": part["regret"].median(),
                "p90": part["regret"].quantile(0.9),
                "worst": part["regret"].max(),
                "good": part["good"].mean(),
                "catastrophic": part["catastrophic"].mean(),
                "silent": part["silent"].mean(),
                "excess": part["excess"].median(),
                "distance": part["distance"].mean(),
                "spread": spread,
                "cost": part["cost"].mean(),
                "held": held.mean(),
                "width": part["width"].median(),
            }
        )
    return pd.DataFrame(rows).sort_values("mean", ignore_index=True)


def by(judged: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean regret of each method within each optimizer, architecture or domain.

    Args:
        judged: DataFrame of `judge`.
        column: str, a column of it.

    Returns:
        DataFrame, indexed by method and steps, a column for each value.
    """
    return judged.pivot_table("regret", KEYS, column)


def paired(
    judged: pd.DataFrame, one: tuple[str, int], other: tuple[str, int]
) -> tuple[float, float, float]:
    """How much more regret one method has than another, case by case.

    Args:
        judged: DataFrame of `judge`.
        one: method and steps.
        other: method and steps.

    Returns:
        (difference, low, high): the mean over cases and its 95 % interval, from the
        error clustered by task and a t distribution.
    """
    means = judged.groupby([*KEYS, "task", "optimizer"])["regret"].mean()
    differences = (means.loc[one] - means.loc[other]).dropna().reset_index()
    error = clustered_error(differences["regret"], differences["task"])
    mean = float(differences["regret"].mean())
    degrees = differences["task"].nunique() - 1
    half = float(stats.t.ppf(0.975, degrees)) * error
    return mean, mean - half, mean + half
