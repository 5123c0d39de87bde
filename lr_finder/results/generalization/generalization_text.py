"""What a generalization study says, in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted, format_rate
from lr_finder.analysis.comparison.paired_tests import LEAST_SEEDS
from lr_finder.analysis.comparison.ranking_text import SIGNIFICANT
from lr_finder.results.generalization.gap_tables import is_lost

if TYPE_CHECKING:
    import pandas as pd

MEMORIZED = 0.99  # of the training rows: an accuracy from which they are known by heart
WIDE = 0.1  # a gap of accuracies from which a sentence warns


def format_study(runs: pd.DataFrame, name: str) -> str:
    """How many runs there are, of what, and how many were lost.

    Args:
        runs: DataFrame, as of `GeneralizationResult`.
        name: str, of the data.

    Returns:
        str.
    """
    n_lost, noise = int(is_lost(runs).sum()), float(runs["label_noise"].max())
    of = f" of {name}" if name else ""
    seeds = counted(runs["seed"].nunique(), "seed")
    told = f"{counted(len(runs), 'run')}{of} with {seeds}"
    if noise:
        told += f", {100 * noise:.0f} % of the training labels replaced"
    return told + (f"; {n_lost} ended without a finite loss" if n_lost else "")


def format_best(best: pd.DataFrame) -> list[str]:
    """The variant with the lowest test loss, and the gap that it has.

    Args:
        best: DataFrame, as `best_table` gives it, with the column `variant`.

    Returns:
        list of str.
    """
    if best["test_loss"].isna().all():
        return ["No variant has a run that ended with a finite loss"]
    row = best.loc[best["test_loss"].idxmin()]
    told = (
        f"{row['variant']} has the lowest test loss: {with_interval(row, 'test_loss')} "
        f"at {format_rate(row['learning_rate'])}, with a gap of "
        f"{with_interval(row, 'gap')}"
    )
    return [told, *_remembered(row)]


def format_edges(best: pd.DataFrame, gaps: pd.DataFrame) -> list[str]:
    """The variants whose best rate is the lowest or the highest one tried.

    Args:
        best: DataFrame, as `best_table` gives it, with the column `variant`.
        gaps: DataFrame, as `gap_table` gives it, with the column `variant`.

    Returns:
        list of str, one sentence or none.
    """
    fixed = gaps[gaps["rate"] != "found"].groupby("variant")["learning_rate"]
    ends = fixed.agg(["min", "max"])
    ends = ends[ends["min"] < ends["max"]]
    own = best[best["variant"].isin(ends.index) & (best["rate"] != "found")]
    own = own[own["test_loss"].notna()]
    at_end = [
        f"{row['variant']} at {format_rate(row['learning_rate'])}"
        for row in own.to_dict("records")
        if row["learning_rate"] in set(ends.loc[row["variant"]])
    ]
    if not at_end:
        return []
    return [
        "The best rate is the lowest or the highest one tried, so a better one may lie "
        f"beyond: {'; '.join(at_end)}"
    ]


def format_differences(best: pd.DataFrame) -> list[str]:
    """Each variant beside the first of its optimizer, as far as seeds can tell.

    Args:
        best: DataFrame, as `best_table` gives it, with the column `variant`.

    Returns:
        list of str.
    """
    compared = best[best["difference"].notna()]
    told, alike, untested = [], [], []
    for row in compared.to_dict("records"):
        if not math.isfinite(row["p_holm"]):
            untested.append(str(row["variant"]))
        elif row["p_holm"] < SIGNIFICANT:
            told.append(_difference(row))
        else:
            alike.append(str(row["variant"]))
    if alike:
        told.append(
            "By their test losses, these cannot be told from the variant without "
            f"regularization: {'; '.join(alike)}"
        )
    if untested:
        told.append(
            f"Not tested, which takes {LEAST_SEEDS} seeds: {'; '.join(untested)}"
        )
    return told


def format_gaps_at_loss(gaps: pd.DataFrame, level: float) -> list[str]:
    """The range of the gaps of all settings at an equal training loss.

    Args:
        gaps: DataFrame, as `gap_table` gives it, with the column `variant`.
        level: float, the training loss.

    Returns:
        list of str.
    """
    if not math.isfinite(level):
        return []
    kept = gaps[gaps["n"] >= LEAST_SEEDS]
    if len(kept) < 2:  # noqa: PLR2004
        return []
    low, high = kept.loc[kept["gap"].idxmin()], kept.loc[kept["gap"].idxmax()]
    n_out = len(gaps) - len(kept)
    left_out = f"; {counted(n_out, 'setting')} with fewer left out" if n_out else ""
    return [
        f"When the training loss first reaches {level:.2g}, the gap is between "
        f"{with_interval(low, 'gap')} ({_setting(low)}) and "
        f"{with_interval(high, 'gap')} ({_setting(high)}), among settings that reach "
        f"it with {LEAST_SEEDS} seeds or more{left_out}"
    ]


def with_interval(row: Mapping[str, Any] | pd.Series, name: str) -> str:
    """A mean and its 95 % interval.

    Args:
        row: mapping with `name`, `name_low` and `name_high`.
        name: str.

    Returns:
        str; empty if there is no mean.

    Example:
    >>> with_interval({"gap": 0.123, "gap_low": 0.1, "gap_high": 0.146}, "gap")
    '0.123 (0.1 to 0.146)'
    """
    mean, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if not math.isfinite(mean):
        return ""
    interval = f" ({low:.3g} to {high:.3g})" if math.isfinite(low) else ""
    return f"{mean:.3g}{interval}"


def _setting(row: pd.Series) -> str:
    return f"{row['variant']} at {format_rate(row['learning_rate'])}"


def _difference(row: Mapping[str, Any]) -> str:
    """A difference that chance does not explain."""
    ends = sorted(abs(row[f"difference_{end}"]) for end in ("low", "high"))
    which = "lower" if row["difference"] < 0 else "higher"
    return (
        f"{row['variant']} has a {which} test loss than without: by "
        f"{abs(row['difference']):.3g} ({ends[0]:.3g} to {ends[1]:.3g}), "
        f"p = {row['p_holm']:.2g}"
    )


def _remembered(row: pd.Series) -> list[str]:
    """A training accuracy that says nothing of other rows."""
    if not (row["train_accuracy"] >= MEMORIZED and row["accuracy_gap"] >= WIDE):
        return []
    return [
        f"Even so it knows {100 * row['train_accuracy']:.0f} % of its training labels "
        f"by heart and gets {100 * row['test_accuracy']:.0f} % of the test labels right"
    ]
