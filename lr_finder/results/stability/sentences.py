"""What a stability study says, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.comparison.ranking_text import format_ranking
from lr_finder.results.stability.tables import (
    NOT_ENDED,
    OUTCOMES,
    rank_variants,
    share_interval,
)

if TYPE_CHECKING:
    import pandas as pd


def format_study(runs: pd.DataFrame, name: str) -> str:
    """How many runs there are, and how they ended.

    Args:
        runs: DataFrame, as of `StabilityResult`.
        name: str, of the data.

    Returns:
        str.
    """
    counts = runs["outcome"].value_counts()
    told = [f"{counts[each]} {_ended(each)}" for each in OUTCOMES if each in counts]
    of = f" of {name}" if name else ""
    seeds = counted(runs["seed"].nunique(), "seed")
    return f"{counted(len(runs), 'run')}{of} with {seeds}: {', '.join(told)}"


def format_limits(shares: pd.DataFrame, limits: pd.DataFrame) -> list[str]:
    """Up to which rate each variant holds, beside 2 / curvature.

    Args:
        shares: DataFrame, as `share_table` gives it, with the column `variant`.
        limits: DataFrame, as `limit_table` gives it, with the column `variant`.

    Returns:
        list of str, a sentence for each variant that has fixed rates.
    """
    told = []
    for row in limits.to_dict("records"):
        own = shares[shares["variant"] == row["variant"]]
        fixed = own[own["rate"] != "found"]
        if len(fixed):
            told.append(f"{row['variant']} {_held(fixed, row)}{_measured(row)}")
    return told


def format_best(runs: pd.DataFrame, limits: pd.DataFrame) -> list[str]:
    """Which variant ends lowest at its best rate, and what cannot be told apart.

    Args:
        runs: DataFrame, as of `StabilityResult`.
        limits: DataFrame, as `limit_table` gives it, with the column `variant`.

    Returns:
        list of str.
    """
    best = limits.iloc[0]
    if not math.isfinite(best["loss"]):
        return ["No variant has a rate at which it does not diverge"]
    rate = format_rate(best["best_rate"])
    told = [f"{best['variant']} ends lowest: a loss of {best['loss']:.3g} at {rate}"]
    if math.isfinite(best["loss_low"]):
        told[0] += f" ({max(best['loss_low'], 0.0):.3g} to {best['loss_high']:.3g})"
    ranked = rank_variants(runs)
    return told + (format_ranking(ranked, in_points=False) if len(ranked) > 1 else [])


def _ended(outcome: str) -> str:
    return "got stuck" if outcome == "stuck" else outcome


def _held(shares: pd.DataFrame, row: dict[str, Any]) -> str:
    """Up to which rate runs converge, and what happens above."""
    if math.isnan(row["highest_rate"]):
        return f"converges at no rate for half of its seeds: {_lost(shares)}"
    told = f"converges up to {format_rate(row['highest_rate'])}"
    if row["highest_rate_low"] == shares["learning_rate"].max():
        return f"{told}, the highest rate tried"
    if row["highest_rate_low"] != row["highest_rate_high"]:
        ends = (format_rate(row[f"highest_rate_{end}"]) for end in ("low", "high"))
        told += f" (median seed; {' to '.join(ends)})"
    above = shares["learning_rate"] > row["best_rate"]
    lost = shares[above & (shares["lost"] > 0)]
    if lost.empty:
        return told
    first = lost.iloc[[0]]
    return f"{told}; at {format_rate(first['learning_rate'].item())}, {_lost(first)}"


def _lost(shares: pd.DataFrame) -> str:
    """How many runs diverged and how many got stuck."""
    n = int((shares["n"] - shares[f"n_{NOT_ENDED}"]).sum())
    diverged, stuck = (int(shares[f"n_{each}"].sum()) for each in ("diverged", "stuck"))
    low, high = share_interval(diverged + stuck, n)
    counts = [f"{diverged} diverged"] * (diverged > 0)
    counts += [f"{stuck} got stuck"] * (stuck > 0)
    interval = f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"
    were = "was" if diverged + stuck == 1 else "were"
    lost = f"{diverged + stuck} of {counted(n, 'run')} {were} lost"
    return f"{lost} ({', '.join([*counts, interval])})"


def _measured(row: dict[str, Any]) -> str:
    """The highest stable rate that the curvature at the start tells."""
    value = row["stable_rate"]
    if not np.isfinite(value):
        return ""
    ends = {format_rate(row[f"stable_rate_{end}"]) for end in ("low", "high")}
    between = f" ({' to '.join(sorted(ends, key=float))})" if len(ends) > 1 else ""
    return (
        f"; by the curvature at the start it is stable up to {format_rate(value)}"
        f"{between}"
    )
