"""What a tuning had found by the time it had paid for so many trainings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    RAW,
    label_axes,
    legend_below,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.tuning.tuning import Tuning

# Ours blue, what needs no search grey, each with a dash and a mark: told apart in grey.
LOOKS: dict[str, dict[str, Any]] = {
    "sweep": {"color": "#12355b", "linestyle": "-", "marker": "o"},
    "narrowed": {"color": "#3388c6", "linestyle": (0, (6, 2)), "marker": "D"},
    "random": {"color": "0.45", "linestyle": "-", "marker": "s"},
    "grid": {"color": "0.65", "linestyle": (0, (3, 1)), "marker": "^"},
    "tpe": {"color": "#b3440a", "linestyle": (0, (6, 2, 1, 2)), "marker": "v"},
    "hyperband": {"color": "#2f8f6b", "linestyle": (0, (1, 1.2)), "marker": "P"},
    "evolution": {"color": "#9a6fb0", "linestyle": (0, (3, 1)), "marker": "h"},
}
OTHER = {"color": "#c79a2b", "linestyle": (0, (1, 1.2)), "marker": "X"}
CURVE_POINTS = 200  # of a curve


def looks_of(methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Color, dash and mark of each method, the same in every figure.

    Args:
        methods: iterable of str.

    Returns:
        dict of name to arguments of `Axes.plot`.

    Example:
    >>> looks_of(["random", "mine"])["random"]["color"]
    '0.45'
    """
    return {name: LOOKS.get(name, OTHER) for name in methods}


def plot_tuning(tuning: Tuning, ax: Axes | None = None) -> Axes:
    """Draw the best validation loss of each method against the trainings paid.

    Args:
        tuning: Tuning.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes. A line is the mean over the seeds, from where each has a finite
        loss; its band reaches from the lowest to the highest. A single search also has
        its trials, as points; crosses were given up.

    Example:
    >>> import pandas as pd
    >>> from lr_finder.results.tuning.tuning import Tuning
    >>> rows = [{"method": "random", "seed": 0, "trial": i, "learning_rate": rate,
    ...          "status": "finished", "loss": loss, "steps": 10}
    ...         for i, (rate, loss) in enumerate([(1e-4, 2.0), (1e-2, 1.0)])]
    >>> space = {"learning_rate": {"low": 1e-5, "high": 1.0}}
    >>> ax = plot_tuning(Tuning(pd.DataFrame(rows), space, 10, 2))
    >>> float(ax.get_lines()[0].get_ydata()[-1])
    1.0
    """
    if ax is None:
        ax = new_figure().subplots()
    paid = np.linspace(0, tuning.budget, CURVE_POINTS + 1)[1:]
    frame = tuning.best_when_paid(paid.tolist())
    for method, look in looks_of(tuning.methods).items():
        rows = frame[(frame["method"] == method)]
        rows = rows[rows["n"] == rows["n"].max()]
        if len(rows):
            _draw(ax, rows, look, method)
    if len(tuning.methods) == len(tuning.seeds) == 1:
        _draw_trials(ax, tuning)
    heights = frame["mean"]
    if (
        len(heights)
        and heights.min() > 0
        and heights.max() > LOG_FROM_RATIO * heights.min()
    ):
        ax.set_yscale("log")
    what = f"trainings paid, of {tuning.training_steps:,} steps; sweeps count"
    label_axes(ax, str(tuning), what, "best validation loss so far")
    ax.set_xlim(0, tuning.budget)
    if ax.get_legend_handles_labels()[0]:
        legend_below(ax, 4)
    return ax


def _draw(ax: Axes, rows: Any, look: Mapping[str, Any], method: str) -> None:
    """The mean of a method and its band; marks apart, so that they are seen in grey."""
    paid, mean = rows["paid"].to_numpy(), rows["mean"].to_numpy()
    ax.plot(
        paid, mean, **look, label=method, linewidth=2, markersize=6,
        markevery=max(1, len(paid) // 6), markeredgecolor="white",
        drawstyle="steps-post",
    )  # fmt: skip
    if rows["n"].max() > 1:
        ax.fill_between(
            paid, rows["low"], rows["high"], color=look["color"], alpha=0.15,
            linewidth=0, step="post",
        )  # fmt: skip


def _draw_trials(ax: Axes, tuning: Tuning) -> None:
    """Each trial where it ended; those above the picture are left out."""
    frame = tuning.to_frame()
    frame = frame[np.isfinite(frame["loss"])]
    top = ax.get_ylim()[1]
    if len(frame) > 1:
        top = max(top, float(frame["loss"].quantile(0.75)))
    shown = frame[frame["loss"] <= top]
    for is_pruned, mark, name in ((False, "o", "trial"), (True, "x", "trial given up")):
        some = shown[(shown["status"] == "pruned") == is_pruned]
        if len(some):
            ax.plot(
                some["paid"], some["loss"], mark, color=RAW, markersize=5, zorder=1,
                label=name,
            )  # fmt: skip
