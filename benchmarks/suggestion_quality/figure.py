"""The scores as a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks.suggestion_quality import scores
from benchmarks.suggestion_quality.methods import DEFAULT, STEPS
from lr_finder.analysis.sweep.suggestion import DEFAULT_METHOD

OWN_RULE = f"rule {DEFAULT_METHOD}"  # which is what `lr_finder` asks
FILE = Path(__file__).with_name("regret.png")


def draw(judged: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Regret by method: a dot for each case, a line for the mean.

    The axis shows square roots, so that small regrets can be told apart. The rule of
    `lr_finder` itself has one row, not two.
    """
    is_shown = summary["steps"].isin([0, STEPS]) & (summary["method"] != OWN_RULE)
    shown = summary[is_shown].reset_index(drop=True)
    figure = Figure(figsize=(8, 0.32 * len(shown) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("function", functions=(np.sqrt, np.square))
    means = judged.groupby([*scores.KEYS, "task", "optimizer"])["regret"].mean()
    for place, row in shown.iterrows():
        values = np.sort(means.loc[row["method"], row["steps"]])
        jitter = 0.3 * np.sin(2.4 * np.arange(len(values)))  # the golden angle
        axes.plot(values, place + jitter, ".", color="0.3", ms=6, alpha=0.6, mew=0)
        axes.plot([row["mean"]] * 2, [place - 0.42, place + 0.42], color="k", lw=2.5)
    for limit, name in (
        (scores.GOOD, "good ≤ {}"),
        (scores.CATASTROPHIC, "catastrophic > {}"),
    ):
        axes.axvline(limit, color="0.6", lw=0.8, ls="--", zorder=0)
        axes.annotate(
            name.format(f"{limit:g}".lstrip("0")), (limit, 1.0), ha="center",
            va="bottom", xycoords=axes.get_xaxis_transform(), xytext=(0, 2),
            textcoords="offset points", fontsize="small", color="0.3",
        )  # fmt: skip
    axes.set_yticks(shown.index, shown["method"])
    for label in axes.get_yticklabels():
        if label.get_text().startswith(DEFAULT):
            label.set_fontweight("bold")
    axes.set(xlim=(0, 1.02), ylim=(len(shown) - 0.4, -0.6))
    axes.set_xticks([0, 0.01, 0.05, 0.1, 0.2, 0.5, 1], "0 .01 .05 .1 .2 .5 1".split())
    axes.set_xlabel("regret: a dot for each case, a bar for the mean")
    title = f"Suggestions from a sweep of {STEPS} steps, and without one"
    axes.set_title(title, pad=16)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
