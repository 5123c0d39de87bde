"""A comparison of optimizers in plain words, from its runs and tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.comparison.paired_tests import LEAST_SEEDS, Paired
from lr_finder.analysis.comparison.ranking_text import (
    SIGNIFICANT,
    format_p,
    format_ranking,
    format_size,
    join_names,
)
from lr_finder.results.comparison_ranks import rank_runs
from lr_finder.results.comparison_runs import FOUND, METRICS, SETTING

if TYPE_CHECKING:
    import pandas as pd

LABELS = {  # before a value, where that alone does not say what it is
    "rate": "rate ",
    "batch_size": "batch size ",
    "initializer": "initializer ",
    "optimizer": "",
    "model": "",
}


def format_runs(runs: pd.DataFrame, name: str = "") -> str:
    """What was run, and what became of it.

    Args:
        runs: DataFrame, those of a comparison.
        name: str, of the comparison.

    Returns:
        str.
    """
    counts = [
        counted(runs[column].nunique(), what)
        for column, what in (("optimizer", "optimizer"), ("model", "model"))
    ]
    seeds = counted(runs["seed"].nunique(), "seed")
    text = f"{counted(len(runs), 'run')} of {' and '.join(counts)} with {seeds}"
    ends = runs["status"].value_counts()
    told = [
        f"{n} {status.replace('no_rate', 'found no rate')}"
        for status, n in ends.items()
        if status != "finished"
    ]
    text += f"; {', '.join(told)}" if told else "; all finished"
    callbacks = format_callbacks(runs)
    text += f"; callbacks: {callbacks}" if callbacks else ""
    return f"{name}: {text}" if name else text


def format_callbacks(runs: pd.DataFrame) -> str:
    """Which callbacks the runs had: early stopping, reduce-on-plateau, or none.

    Args:
        runs: DataFrame, those of a comparison.

    Returns:
        str; `"or"` stands between several, if runs differ; empty if it was not noted,
        as by earlier versions.
    """
    if "callbacks" not in runs:
        return ""
    return " or ".join(sorted(set(runs["callbacks"].dropna()) - {""}))


def format_table(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A ranking as one reads it: numbers with their spread, units in the headings.

    Args:
        table: DataFrame, as `Comparison.table` gives it.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        DataFrame of str, a row for each of the table; columns of a setting that have
        the same value everywhere are left out, the optimizer never.
    """
    import pandas as pd

    names = [
        name
        for name in SETTING
        if name == "optimizer" or table[name].astype(str).nunique() > 1
    ]
    headings = {name: name.replace("_", " ") for name in names}
    shown = table[names].astype(str).rename(columns=headings)
    if "rate" in names:
        shown["rate"] = table.apply(_rate_used, axis=1)
    unit = " (%)" if metric == "accuracy" else ""
    scores = [
        {
            f"test {metric}{unit}": _told(metric, row["mean"], row["sd"]),
            "95 % interval": _told(metric, row["low"], row["high"], " to "),
            "p (Holm)": told_p(row),
            "seeds": str(row["n"]),
            "seconds": f"{seconds_of(row):.3g}",
            "without a score": row["reason"],
        }
        for row in table.to_dict("records")
    ]  # fmt: skip
    shown.insert(0, "rank", table["rank"].astype(str))
    shown = pd.concat([shown, pd.DataFrame(scores, index=table.index)], axis=1)
    return shown if table["reason"].any() else shown.drop(columns="without a score")


def seconds_of(row: Mapping[str, Any]) -> float:
    """The seconds of a row of a ranking, those of the search included.

    Args:
        row: mapping with `seconds` and `search_seconds`, None or nan if there was none.

    Returns:
        float, the sum of those that there are.

    Example:
    >>> seconds_of({"seconds": 5.5, "search_seconds": None})
    5.5
    """
    parts = np.array([row["seconds"], row["search_seconds"]], dtype=float)
    return float(np.nansum(parts))


def format_first(table: pd.DataFrame, by: str, metric: str) -> list[str]:
    """Which value of a factor is first in each model, with its setting and score.

    Args:
        table: DataFrame, as `Comparison.table` gives it for optimizers or models.
        by: str, the factor.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        list of str, a sentence for each model, or one of models.
    """
    within = "model" if by == "optimizer" else None
    groups = table.groupby(within, sort=False) if within else [("", table)]
    return [
        _prefix([name], table)
        + _format_score(rows.iloc[0], by, metric, is_first=len(rows) > 1)
        for name, rows in groups
        if rows.iloc[0]["n"]
    ]


def format_groups(
    groups: Sequence[tuple[tuple[str, ...], pd.DataFrame]],
    by: str,
    metric: str,
    *,
    all_runs: pd.DataFrame,
    resolution: float | None = None,
) -> list[str]:
    """Which values of a factor differ, and which cannot be told apart.

    Args:
        groups: sequence of `(names, runs)`, as `Comparison.groups` gives them; those
            with a single value are passed over.
        by: str, the factor.
        metric: `"accuracy"` or `"loss"`.
        all_runs: DataFrame, all runs: a model is named if there are several.
        resolution: float, the step between possible scores; None if not known.

    Returns:
        list of str.
    """
    sentences = []
    for names, runs in groups:
        if runs[by].nunique() < 2:
            continue
        ranked = [
            dataclasses.replace(row, name=LABELS[by] + row.name)
            for row in rank_runs(runs, by, metric, resolution)
        ]
        told = format_ranking(ranked, in_points=metric == "accuracy")
        prefix = _prefix(names, all_runs)
        sentences += [prefix + sentence for sentence in told]
    return sentences


def format_found(table: pd.DataFrame, metric: str) -> list[str]:
    """Whether found rates are better or worse than the fixed ones.

    Args:
        table: DataFrame, as `Comparison.found_against_fixed` gives it.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        list of str, a sentence for each model, optimizer and fixed rate that differs,
        or cannot be compared, and one for those that cannot be told apart.
    """
    sentences = []
    for names, rows in table.groupby(["model", "optimizer"], sort=False):
        prefix = _prefix(names, table)
        found = "the found rate" + _format_rate(rows.iloc[0])
        tested = rows[rows["p_holm"].notna()]
        alike = tested[tested["p_holm"] >= SIGNIFICANT]
        for n, same in alike.groupby("n", sort=False):
            rates = join_names(same["rate"].tolist())
            sentences.append(
                f"{prefix}{found} and {rates} cannot be told apart with {n} seeds"
                if len(same) == 1
                else f"{prefix}{found} cannot be told apart from {rates} with {n} seeds"
            )
        for row in tested[tested["p_holm"] < SIGNIFICANT].to_dict("records"):
            sentences.append(prefix + _format_other(found, row, metric))
        for row in rows[rows["p_holm"].isna()].to_dict("records"):
            sentences.append(
                f"{prefix}{found} is not compared with {row['rate']}: {row['reason']}"
            )
    return sentences


def _format_other(found: str, row: dict[str, Any], metric: str) -> str:
    """A found rate that differs from a fixed one."""
    sizes = (row["difference"], row["difference_low"], row["difference_high"])
    pair = Paired(sizes[0], np.nan, *sizes[1:], row["p_holm"], row["n"], np.nan)
    is_better = (row["difference"] > 0) == METRICS[metric]
    size = format_size(pair, in_points=metric == "accuracy")
    return (
        f"{found} is {'better' if is_better else 'worse'} than {row['rate']}: {size}, "
        f"{format_p(row['p_holm'])}"
    )


def _format_score(row: pd.Series, by: str, metric: str, *, is_first: bool) -> str:
    """The first of a table, or the only one: its setting and score."""
    is_found = row["rate"] == FOUND
    rate = "the rate found" if is_found else "rate"
    rate += " " + _rate_used(row).removeprefix(FOUND).strip()
    optimizer = "" if by == "optimizer" else f"{row['optimizer']}, "
    setting = f"{optimizer}{rate}, batch size {row['batch_size']}"
    if row["initializer"] != "default":
        setting += f", {row['initializer']}"
    scale, unit = (100, " %") if metric == "accuracy" else (1, "")
    score = f"{scale * row['mean']:.3g}{unit}"
    if np.isfinite(row["low"]):
        score += f" ({scale * row['low']:.3g} to {scale * row['high']:.3g})"
    seeds = counted(row["n"], "seed")
    first = f"{row[by]} comes first" if is_first else f"{row[by]}"
    text = f"{first}, at {setting}: test {metric} {score} over {seeds}"
    return f"{text}; {row['reason']}" if row["reason"] else text


def _rate_used(row: pd.Series) -> str:
    """The rate as it was typed; of a found one where those of the seeds lay."""
    if row["rate"] != FOUND or not np.isfinite(row["lowest_rate"]):
        return str(row["rate"])
    span = dict.fromkeys(
        format_rate(row[end]) for end in ("lowest_rate", "highest_rate")
    )
    return f"{FOUND} ({' to '.join(span)})"


def _told(metric: str, value: float, other: float, between: str = " ± ") -> str:
    """Two numbers, the second if there is one; nothing without the first."""
    if not np.isfinite(value):
        return ""
    numbers = [value, other] if np.isfinite(other) else [value]
    if metric == "accuracy":
        return between.join(f"{100 * number:.2f}" for number in numbers)
    return between.join(f"{number:.3g}" for number in numbers)


def told_p(row: Mapping[str, Any]) -> str:
    """A p-value as a cell; a difference without one has too little to be judged by."""
    if row["p_holm"] >= 0:
        return format_p(row["p_holm"])[2:].lstrip("= ")
    if np.isfinite(row["difference"]):
        few = row["n"] < LEAST_SEEDS
        return f"{LEAST_SEEDS} seeds needed" if few else "no spread"
    return ""


def _format_rate(row: pd.Series) -> str:
    """A found rate in brackets; its range where seeds differ."""
    if not np.isfinite(row["found_rate"]):
        return ""
    low, high = format_rate(row["found_low"]), format_rate(row["found_high"])
    if low == high:
        return f" ({format_rate(row['found_rate'])})"
    ends = f"{low} to {high}"
    return f" ({format_rate(row['found_rate'])}, {ends})"


def _prefix(names: Sequence[str], frame: pd.DataFrame) -> str:
    """What a sentence is about; the model only if there are several."""
    if frame["model"].nunique() == 1:
        names = names[1:]
    return f"{', '.join(names)}: " if any(names) else ""
