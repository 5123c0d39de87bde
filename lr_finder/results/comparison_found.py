"""The found rate of each optimizer beside its best fixed one, as one reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.results.comparison_runs import FOUND, METRICS, best_settings

if TYPE_CHECKING:
    import pandas as pd


def format_found_beside_fixed(
    groups: Sequence[tuple[tuple[str, ...], pd.DataFrame]],
    table: pd.DataFrame,
    metric: str,
) -> pd.DataFrame:
    """One row for each optimizer that was run at a found rate and at fixed ones.

    The best fixed rate is the one that validated best, as everywhere in a comparison;
    what is told of it are its test scores.

    Args:
        groups: sequence of `(names, runs)`, as `Comparison.groups("rate")` gives them.
        table: DataFrame, as `Comparison.found_against_fixed` gives it.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        DataFrame of str: the optimizer (and the model, of several), both rates and
        their mean test scores, and by how much the found one is better or worse.
    """
    import pandas as pd

    rows = []
    for (model, optimizer), runs in groups:
        fixed = runs[runs["rate"] != FOUND]
        of_way = table[(table["model"] == model) & (table["optimizer"] == optimizer)]
        if fixed.empty or of_way.empty:
            continue
        best = best_settings(fixed, ["model", "optimizer"], metric)["rate"].iloc[0]
        row = of_way[of_way["rate"] == best].iloc[0].to_dict()
        rows.append({"model": model} | _told(row, metric))
    shown = pd.DataFrame(rows)
    several = table["model"].nunique() > 1
    return shown if several or shown.empty else shown.drop(columns="model")


def _told(row: dict[str, Any], metric: str) -> dict[str, str]:
    """A row of the table in words."""
    unit = " (%)" if metric == "accuracy" else ""
    score = f"test {metric}{unit}"
    found = format_rate(row["found_rate"]) if np.isfinite(row["found_rate"]) else "none"
    return {
        "optimizer": row["optimizer"],
        "found rate": found,
        f"{score}, found": _score(row["found_mean"], metric),
        "best fixed rate": row["rate"],
        f"{score}, fixed": _score(row["mean"], metric),
        "the found rate is": _gain(row, metric),
    }


def _score(value: float, metric: str) -> str:
    """A mean as a cell; empty if there is none."""
    if not np.isfinite(value):
        return ""
    return f"{100 * value:.2f}" if metric == "accuracy" else f"{value:.4g}"


def _gain(row: dict[str, Any], metric: str) -> str:
    """By how much the found rate is better or worse, or why that is not known."""
    difference = row["difference"]
    if not np.isfinite(difference):
        return str(row["reason"])
    size = f"{abs(difference):.3g}"
    if metric == "accuracy":
        size = f"{100 * abs(difference):.2f} points"
    if difference == 0:
        return "as good"
    is_better = (difference > 0) == METRICS[metric]
    return f"{'better' if is_better else 'worse'} by {size}"
