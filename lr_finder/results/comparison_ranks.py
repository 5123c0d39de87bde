"""The runs of a comparison ranked and tested: tables of means and differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder.analysis.comparison.paired_tests import Paired, format_few_seeds, holm
from lr_finder.analysis.comparison.ranking import Ranked, paired_by_seed, rank_ways
from lr_finder.results.comparison_runs import (
    BOUNDS,
    FOUND,
    METRICS,
    SETTING,
    format_unscored,
)

if TYPE_CHECKING:
    import pandas as pd

RANK_COLUMNS = [
    "rank", "mean", "sd", "low", "high", "difference", "difference_low",
    "difference_high", "p_holm", "n", "diverged", "unscored", "reason",
]  # fmt: skip
FOUND_COLUMNS = [
    "model", "optimizer", "batch_size", "initializer", "found_rate", "found_low",
    "found_high", "found_mean", "rate", "mean", "difference", "difference_low",
    "difference_high", "p_holm", "n", "reason",
]  # fmt: skip


def rank_runs(
    scored: pd.DataFrame, way: str, metric: str, resolution: float | None = None
) -> list[Ranked]:
    """Rank the values of one column by the test scores of their runs.

    Args:
        scored: DataFrame, as `score_runs` gives it; a seed once for each value.
        way: str, the column; its values are the names.
        metric: `"accuracy"` or `"loss"`.
        resolution: float, the step between possible scores; None if not known.

    Returns:
        list of `Ranked`, best first.
    """
    values: dict[str, dict[int, float]] = {}
    reasons: dict[str, dict[int, str]] = {}
    columns = scored[[way, "seed", "score", "reason"]].itertuples(index=False)
    for name, seed, score, reason in columns:
        values.setdefault(str(name), {})[seed] = score
        reasons.setdefault(str(name), {})[seed] = reason
    return rank_ways(
        values, higher_is_better=METRICS[metric], reasons=reasons,
        resolution=resolution, bounds=BOUNDS[metric],
    )  # fmt: skip


def rank_table(
    scored: pd.DataFrame, way: str, metric: str, resolution: float | None = None
) -> pd.DataFrame:
    """The ranking of `rank_runs` as a table, with the setting and time of each way.

    Args:
        scored: DataFrame, as `score_runs` gives it; one setting for each value.
        way: str, the column whose values are ranked.
        metric: `"accuracy"` or `"loss"`.
        resolution: float, the step between possible scores; None if not known.

    Returns:
        DataFrame, best first: the columns of a setting, those of the ranking,
        `seconds` and `search_seconds` (means over the runs), and `lowest_rate` and
        `highest_rate`, between which the learning rates used lay.
    """
    import pandas as pd

    facts = scored.groupby(scored[way].astype(str)).agg(
        **{name: (name, "first") for name in SETTING},
        diverged=("status", lambda status: int((status == "diverged").sum())),
        seconds=("seconds", "mean"),
        search_seconds=("search_seconds", "mean"),
        lowest_rate=("learning_rate", "min"),
        highest_rate=("learning_rate", "max"),
    )
    rows = [
        {**facts.loc[row.name], **_numbers(row)}
        for row in rank_runs(scored, way, metric, resolution)
    ]
    ends = ["seconds", "search_seconds", "lowest_rate", "highest_rate"]
    return pd.DataFrame(rows, columns=[*SETTING, *RANK_COLUMNS, *ends])


def effect_table(
    scored: pd.DataFrame,
    factor: str,
    cell: str,
    metric: str,
    resolution: float | None = None,
) -> pd.DataFrame:
    """Rank the values of a factor by their means over those of another one.

    Args:
        scored: DataFrame, as `score_runs` gives it, of one model.
        factor: str, the column whose values are ranked.
        cell: str, the column that is averaged over: its values that were run with
            every value of the factor, or none are.
        metric: `"accuracy"` or `"loss"`.
        resolution: float, the step between possible scores; None if not known.

    Returns:
        DataFrame, best first; empty if no value of `cell` was run with all.
    """
    import pandas as pd

    levels = scored[factor].nunique()
    counts = scored.groupby(cell, sort=False)[factor].nunique()
    cells = counts.index[counts == levels].tolist()
    runs = scored[scored[cell].isin(cells)]
    # A seed counts where it was run in every cell; one without a score spoils its mean.
    means = runs.groupby([factor, "seed"], sort=False).agg(
        score=("score", lambda scores: scores.mean(skipna=False)),
        cells=(cell, "size"),
        reason=("reason", lambda reasons: next(filter(None, reasons), "")),
    )
    means = means[means["cells"] == len(cells)].reset_index()
    names = ["model", factor, *RANK_COLUMNS, "over"]
    table = pd.DataFrame(columns=names)
    if len(means):
        facts = {"model": scored["model"].iloc[0], "over": ", ".join(map(str, cells))}
        values = {str(value): value for value in means[factor]}
        rows = []
        if resolution is not None:  # the variance of a mean of k steps is 1/k of one's
            resolution /= math.sqrt(len(cells))
        for row in rank_runs(means, factor, metric, resolution):
            level = runs[runs[factor] == values[row.name]]
            lost = {"unscored": int((level["reason"] != "").sum()),
                    "reason": format_unscored(level)}  # fmt: skip
            rows.append(facts | {factor: values[row.name]} | _numbers(row) | lost)
        table = pd.DataFrame(rows, columns=names)
    return table.drop(columns="diverged")


def found_table(
    groups: Sequence[tuple[tuple[str, ...], pd.DataFrame]],
    metric: str,
    resolution: float | None = None,
) -> pd.DataFrame:
    """Compare the found rate of each optimizer with each fixed one, by seeds.

    Args:
        groups: sequence of `((model, optimizer), runs)`, the runs at all rates.
        metric: `"accuracy"` or `"loss"`.
        resolution: float, the step between possible scores; None if not known.

    Returns:
        DataFrame, as `Comparison.found_against_fixed` gives it.
    """
    import pandas as pd

    rows, tested = [], []
    for (model, optimizer), runs in groups:
        found = runs[runs["rate"] == FOUND]
        if found.empty:
            continue
        rates = found["learning_rate"]
        facts = {
            "model": model, "optimizer": optimizer,
            **found[["batch_size", "initializer"]].iloc[0],
            "found_rate": rates.median(), "found_low": rates.min(),
            "found_high": rates.max(), "found_mean": found["score"].mean(),
        }  # fmt: skip
        others = runs[runs["rate"] != FOUND]
        for rate, fixed in others.groupby("rate", sort=False):
            row, pair = _against(found, fixed, metric, resolution)
            rows.append(facts | {"rate": rate} | row)
            tested.append(pair)
    adjusted = holm([np.nan if pair is None else pair.p for pair in tested])
    for row, p in zip(rows, adjusted, strict=True):
        row["p_holm"] = p
    return pd.DataFrame(rows, columns=FOUND_COLUMNS)


def _against(
    found: pd.DataFrame, fixed: pd.DataFrame, metric: str, resolution: float | None
) -> tuple[dict[str, float | str], Paired | None]:
    """What a row of `found_against_fixed` says of one fixed rate, and its test."""
    ways = {"found rate": found, "fixed rate": fixed}
    told = {name: format_unscored(runs) for name, runs in ways.items()}
    reasons = [f"{name}: {text}" for name, text in told.items() if text]
    values = [runs.set_index("seed")["score"].to_dict() for runs in ways.values()]
    common = values[0].keys() & values[1].keys()
    row: dict[str, float | str] = {"mean": fixed["score"].mean(), "n": len(common)}
    pair = None
    if not reasons:
        pair = paired_by_seed(
            values[1], values[0], resolution=resolution, bounds=BOUNDS[metric]
        )
    if pair is not None:
        row |= {"difference": pair.mean, "difference_low": pair.low}
        row |= {"difference_high": pair.high}
        reasons = [pair.why_untested] * bool(pair.why_untested)
    elif not reasons:
        reasons = [format_few_seeds(len(common))]
        gains = [values[0][seed] - values[1][seed] for seed in common]
        row |= {"difference": gains[0] if gains else np.nan}
    return row | {"reason": ", ".join(reasons)}, pair


def _numbers(row: Ranked) -> dict[str, float | int | str]:
    """One way of a ranking as the columns of a table."""
    found = row.difference
    sizes = (found.mean, found.low, found.high) if found else (np.nan,) * 3
    numbers = {name: getattr(row, name) for name in RANK_COLUMNS if hasattr(row, name)}
    ends = ("difference", "difference_low", "difference_high")
    return numbers | dict(zip(ends, sizes, strict=True))
