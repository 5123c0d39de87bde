"""The tables of a stability study: shares at each rate, and the limits of each variant.

All take and give pandas DataFrames with the columns of `StabilityResult`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.analysis.comparison.paired_tests import CONFIDENCE
from lr_finder.analysis.comparison.ranking import Ranked, mean_interval, rank_ways
from lr_finder.analysis.training.convergence import (
    CONVERGED,
    DIVERGED,
    STUCK,
    best_rate,
    highest_converged,
    losses_at_best_rate,
)
from lr_finder.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

VARIANT = ["model", "optimizer", "batch_size", "initializer"]
NOT_ENDED = "failed"  # it raised, its process died, or its sweep found no rate
OUTCOMES = (CONVERGED, STUCK, DIVERGED, NOT_ENDED)
RUN_COLUMNS = [
    "key", *VARIANT, "rate", "learning_rate", "seed", "outcome", "start_loss",
    "guess_loss", "final_loss", "test_loss", "test_accuracy", "curvature",
    "stable_rate", "epochs_run", "max_epochs", "seconds", "device", "message",
]  # fmt: skip
EPOCH_COLUMNS = ["key", "epoch", "batch_loss", "loss", "epoch_rate"]


def check_runs(runs: pd.DataFrame, epochs: pd.DataFrame) -> None:
    """Refuse tables that are not those of a stability study.

    Args:
        runs: DataFrame.
        epochs: DataFrame.

    Raises:
        InputError: If a column is missing, there is no run, or an outcome is unknown.
    """
    for name, frame, columns in (
        ("runs", runs, RUN_COLUMNS), ("epochs", epochs, EPOCH_COLUMNS)
    ):  # fmt: skip
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise InputError(
                f"Argument `{name}` must have the columns of a stability study. "
                f"Received: a table without {', '.join(missing)}. Give what "
                "`lr_finder.run_stability` returns."
            )
    if runs.empty:
        raise InputError(
            "Argument `runs` must hold a run at least. Received: none. Wait until the "
            "first one has ended."
        )
    unknown = set(runs["outcome"]) - set(OUTCOMES)
    if unknown:
        raise InputError(
            f"Argument `runs` must have outcomes among {', '.join(OUTCOMES)}. "
            f"Received: {sorted(unknown)[0]!r}."
        )


def variant_names(runs: pd.DataFrame, columns: Sequence[str] = VARIANT) -> pd.Series:
    """What figures and sentences call the variant of each run: only what differs.

    Args:
        runs: DataFrame.
        columns: sequence of str, those that make a variant.

    Returns:
        Series of str, with the index of `runs`.
    """
    differing = [name for name in columns if runs[name].nunique() > 1]
    differing = differing or ["optimizer"]
    texts = runs[differing].astype(str)
    if "batch_size" in differing:
        texts["batch_size"] = "batch " + texts["batch_size"]
    return texts.agg(", ".join, axis=1)


def share_table(runs: pd.DataFrame) -> pd.DataFrame:
    """How many runs of each variant end how at each rate, and with which loss.

    Args:
        runs: DataFrame.

    Returns:
        DataFrame, a row for each variant and rate, see `StabilityResult.shares`.
    """
    import pandas as pd

    rows = []
    for names, group in runs.groupby([*VARIANT, "rate"], sort=False):
        counts = {f"n_{name}": int((group["outcome"] == name).sum())
                  for name in OUTCOMES}  # fmt: skip
        n = len(group) - counts[f"n_{NOT_ENDED}"]
        n_diverged, n_stuck = counts[f"n_{DIVERGED}"], counts[f"n_{STUCK}"]
        ended = group.loc[group["outcome"].isin([CONVERGED, STUCK]), "final_loss"]
        mean, _, mean_low, mean_high = mean_interval(list(ended))
        rows.append(
            dict(zip([*VARIANT, "rate"], names, strict=True))
            | {"learning_rate": _median(group["learning_rate"]), "n": len(group)}
            | counts
            | _share("diverged", n_diverged, n)
            | _share("lost", n_diverged + n_stuck, n)
            | {"loss": mean, "loss_low": mean_low, "loss_high": mean_high}
            | {"loss_min": ended.min(), "loss_max": ended.max()}
            | {"stable_rate": _median(group["stable_rate"])}
        )
    table = pd.DataFrame(rows)
    order = pd.MultiIndex.from_frame(runs[VARIANT].drop_duplicates())
    place = order.get_indexer(pd.MultiIndex.from_frame(table[VARIANT]))
    return (
        table.assign(place=place)
        .sort_values(["place", "learning_rate"], kind="stable")
        .drop(columns="place")
        .reset_index(drop=True)
    )


def _share(name: str, count: int, n: int) -> dict[str, float]:
    """A share with its interval, as columns."""
    low, high = share_interval(count, n)
    share = count / n if n else math.nan
    return {name: share, f"{name}_low": low, f"{name}_high": high}


def share_interval(count: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score.

    Args:
        count: int in [0, n].
        n: int >= 0, runs.

    Returns:
        (float, float); nan if n is 0.

    Example:
    >>> [round(end, 3) for end in share_interval(0, 5)]
    [0.0, 0.434]

    References:
        Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
        Journal of the American Statistical Association 22 (1927).
    """
    if n == 0:
        return math.nan, math.nan
    from scipy import stats

    test = stats.binomtest(count, n)
    found = test.proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def limit_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Up to which rate each variant holds, and how low it ends at its best rate.

    Args:
        runs: DataFrame.

    Returns:
        DataFrame, best first, see `StabilityResult.limits`.
    """
    import pandas as pd

    names = variant_names(runs)
    limits = {name: _limits(group) for name, group in runs.groupby(names, sort=False)}
    rows = [limits[row.name] | _ranked(row) for row in rank_variants(runs)]
    return pd.DataFrame(rows)


def rank_variants(runs: pd.DataFrame) -> list[Ranked]:
    """The variants ranked by their losses at the rate that is best for other seeds.

    Args:
        runs: DataFrame.

    Returns:
        list of `Ranked`, best first.
    """
    values, reasons = {}, {}
    for name, group in runs.groupby(variant_names(runs), sort=False):
        seeds, _, losses = _grid(group)
        at_best = losses_at_best_rate(losses)
        values[str(name)] = dict(zip(seeds, at_best.tolist(), strict=True))
        reasons[str(name)] = dict.fromkeys(seeds, "lost at the rate of the others")
    return rank_ways(values, higher_is_better=False, reasons=reasons)


def _limits(runs: pd.DataFrame) -> dict[str, Any]:
    """Of one variant: what is highest and what is best."""
    _, rates, losses = _grid(runs)
    is_converged = runs.assign(end=runs["outcome"] == CONVERGED)
    ends = is_converged.pivot_table(
        index="learning_rate", columns="seed", values="end", aggfunc="max"
    )
    edges = np.array([])
    if (runs["rate"] != "found").all() and len(ends):
        edges = highest_converged(rates.tolist(), ends.eq(True).to_numpy())
    n_best = best_rate(losses)
    first = runs.iloc[0]
    return {name: first[name] for name in VARIANT} | {
        "highest_rate": _median_of(edges),
        "highest_rate_low": _end(edges, min), "highest_rate_high": _end(edges, max),
        "stable_rate": _median(runs["stable_rate"]),
        "stable_rate_low": runs["stable_rate"].min(),
        "stable_rate_high": runs["stable_rate"].max(),
        "best_rate": float(rates[n_best]) if len(rates) else math.nan,
    }  # fmt: skip


def _grid(runs: pd.DataFrame) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Seeds, rates and the loss of each at its end; infinity if it was lost."""
    is_kept = runs["outcome"].isin([CONVERGED, STUCK])
    kept = runs.assign(
        end=runs["final_loss"].where(is_kept, math.inf),
        column=runs["learning_rate"].where(runs["rate"] != "found", -1.0),
    )
    table = kept.pivot_table(
        index="column", columns="seed", values="end", aggfunc="max", dropna=False
    ).sort_index()
    rates = table.index.to_numpy(dtype=float)
    found = _median(runs.loc[runs["rate"] == "found", "learning_rate"])
    rates = np.where(rates == -1.0, found, rates)
    return list(table.columns), rates, table.fillna(math.inf).to_numpy()


def _ranked(row: Ranked) -> dict[str, Any]:
    found = row.difference
    ends = (found.mean, found.low, found.high) if found else (math.nan,) * 3
    names = ("difference", "difference_low", "difference_high")
    return {
        "rank": row.rank, "loss": row.mean, "loss_sd": row.sd, "loss_low": row.low,
        "loss_high": row.high, "n": row.n, "reason": row.reason, "p_holm": row.p_holm,
    } | dict(zip(names, ends, strict=True))  # fmt: skip


def _median(values: pd.Series) -> float:
    known = values.astype(float).dropna()
    return float(known.median()) if len(known) else math.nan


def _median_of(edges: np.ndarray) -> float:
    """The lower middle one, so that it is a rate of the plan; nan sorts first."""
    if not len(edges):
        return math.nan
    order = np.sort(np.where(np.isnan(edges), -math.inf, edges))
    middle = float(order[(len(order) - 1) // 2])
    return math.nan if middle == -math.inf else middle


def _end(edges: np.ndarray, which: Any) -> float:
    known = edges[~np.isnan(edges)]
    return float(which(known)) if len(known) else math.nan
