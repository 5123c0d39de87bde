"""The tables of the small studies, from their stored rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.stability.small import SURFACE_STEPS, stored_rows
from lr_finder.analysis.comparison.ranking import mean_interval
from lr_finder.analysis.training.convergence import best_rate, losses_at_best_rate

RISEN = 1.001  # times the lowest loss: a last loss above says that it oscillates


def best_by(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The best rate of each group, and what it gives.

    Args:
        rows: DataFrame with `rate`, `seed`, `loss` and `outcome`.
        by: list of str, columns that tell the groups apart.

    Returns:
        DataFrame, a row for each group: `best_rate`; `loss`, the mean over the seeds,
        each at the rate that is best for the others, with its 95 % interval `low` to
        `high`; `rates`, the best rate of each seed; `losses`, of each seed.
    """
    found = {}
    for names, group in rows.groupby(by, sort=False):
        grid = group.assign(end=group["loss"].astype(float).fillna(np.inf))
        table = grid.pivot_table(
            index="rate", columns="seed", values="end", aggfunc="max"
        )
        losses, rates = table.to_numpy(), table.index.to_numpy()
        at_best = losses_at_best_rate(losses)
        mean, _, low, high = mean_interval(list(at_best))
        found[names] = {
            "best_rate": rates[best_rate(losses)], "loss": mean, "low": low,
            "high": high, "rates": rates[losses.argmin(axis=0)], "losses": at_best,
        }  # fmt: skip
    frame = pd.DataFrame.from_dict(found, orient="index")
    frame.index = pd.MultiIndex.from_tuples(
        [n if isinstance(n, tuple) else (n,) for n in found], names=by
    )
    return frame


def batch_table() -> pd.DataFrame:
    """The best rate by batch size, at equal steps and at equal epochs."""
    by = ["rule", "equal", "batch_size"]
    return best_by(stored_rows("batch sizes"), by).sort_index()


def growth(batches: np.ndarray, rates: np.ndarray) -> tuple[float, float, float]:
    """The power of the batch size with which a rate grows, and its 95 % interval.

    A line through ln(rate) against ln(batch size) is fitted for each seed; the interval
    is Student's, over the seeds.

    Args:
        batches: array (sizes,).
        rates: array (sizes, seeds).

    Returns:
        (float, float, float): the power, and the ends of its interval.

    Example:
    >>> [round(v, 3) for v in growth(np.array([1, 10]), np.array([[1, 1], [10, 10]]))]
    [1.0, nan, nan]
    """
    powers = np.polyfit(np.log(batches), np.log(rates), 1)[0]
    mean, _, low, high = mean_interval(list(powers))
    return mean, low, high


def found_table() -> pd.DataFrame:
    """The rate that a range test finds, by rule and batch size."""
    groups = stored_rows("found rates").groupby(["rule", "batch_size"])
    return groups[["found", "steepest"]].median()


def decay_table() -> pd.DataFrame:
    """The best rate of each rule and decay, and what it gives."""
    return best_by(stored_rows("decays"), ["rule", "decay"])


def deep_table() -> pd.DataFrame:
    """Deep networks: the first layer's gradient at the start, lost runs, best rate."""
    rows = stored_rows("deep networks")
    by = ["activation", "initializer", "inputs"]
    groups = rows.groupby(by, sort=False)
    table = best_by(rows, by)
    table["first gradient"] = groups["first_gradient"].median()
    table["lost"] = groups["outcome"].agg(lambda told: (told != "converged").mean())
    return table


def escape_table() -> pd.DataFrame:
    """The share of starts that get away, and after how many steps half of them have."""
    rows = stored_rows("escapes")
    steps = rows["steps"].astype(float).fillna(np.inf)
    groups = steps.groupby([rows["surface"], rows["arm"]], sort=False)
    return pd.DataFrame({
        f"within {SURFACE_STEPS} steps": groups.agg(lambda s: np.isfinite(s).mean()),
        "median steps": groups.median(),
    })  # fmt: skip


def convexity_table() -> pd.DataFrame:
    """How descent ends at multiples of 2 / curvature: shares of the seeds."""
    rows = stored_rows("convexity")
    is_diverged = rows["outcome"] == "diverged"
    ends = np.select(
        [is_diverged, rows["loss"] > RISEN * rows["lowest"]],
        ["diverged", "oscillated"], "settled",
    )  # fmt: skip
    counts = pd.crosstab([rows["model"], rows["multiple"]], ends, colnames=["ended"])
    return counts.reindex(columns=["settled", "oscillated", "diverged"])


SMALL_TABLES: dict[str, Callable[[], pd.DataFrame]] = {
    "batch sizes": batch_table, "decays": decay_table, "found rates": found_table,
    "deep networks": deep_table, "escapes": escape_table, "convexity": convexity_table,
}  # fmt: skip
