"""What rate, batch size and initialisation do to the test score of each optimizer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lr_finder.plots.comparison.findings import best_level
from lr_finder.plots.comparison.lost_runs import lost_note, mark_lost
from lr_finder.plots.comparison.optimizer_styles import (
    Look,
    finish_scores,
    groups_by_optimizer,
    legend_of_optimizers,
    score_label,
    seeds_shown,
    styles_for,
)
from lr_finder.plots.style import as_label, label_axes, new_figure
from lr_finder.results.comparison_runs import FOUND

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from lr_finder.results.comparison import Comparison

SPREAD = 0.24  # of the distance of two values, over which optimizers stand side by side
LEAST_DECADES = 0.5  # that an axis of rates spans
NAMES = {"batch_size": "batch size", "initializer": "initializer"}


def plot_rate_effect(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the test score at each learning rate, for each optimizer.

    A point is the mean over the seeds; its bar reaches from the lowest to the highest
    seed. Every point stands at its own rate, even if points overlap. A point with a
    ring is a found rate: it stands at the median of the rates found, with a bar across
    from the lowest to the highest. A cross, at the chance level or at the worse end,
    marks runs without a score.

    Args:
        comparison: Comparison.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        model: str, one of several; by default the first.
        legend: bool, whether to add one below the axes.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> runs = [{"model": "cnn", "optimizer": "sgd", "rate": str(lr), "seed": 1,
    ...          "learning_rate": lr, "batch_size": 32, "initializer": "default",
    ...          "status": "finished", "val_accuracy": lr, "test_accuracy": 5 * lr}
    ...         for lr in (0.01, 0.1)]
    >>> runs = pd.DataFrame(runs).reindex(columns=RUN_COLUMNS)
    >>> comparison = Comparison(runs, pd.DataFrame(columns=EPOCH_COLUMNS))
    >>> ax = plot_rate_effect(comparison)
    >>> ax.get_xlabel(), ax.lines[0].get_ydata().tolist()
    ('learning rate (log scale)', [0.05, 0.5])
    """
    if ax is None:
        ax = new_figure().subplots()
    ax.set_xscale("log")
    looks = styles_for(comparison.optimizers)
    groups = groups_by_optimizer(comparison, "rate", model)
    drawn = {}
    for name, runs in groups.items():
        rates = runs.groupby("rate", sort=False)["learning_rate"].median()
        points = _points(runs, "rate", rates.to_dict())
        _draw(ax, points, looks[name])
        _mark_found(ax, points, runs, looks[name])
        drawn[name] = points
    notes = []
    if any((runs["rate"] == FOUND).any() for runs in groups.values()):
        notes.append(found_note())
    _finish(ax, comparison, drawn, "learning rate", legend, notes)
    _limit_rates(ax)
    return ax


def plot_batch_size_effect(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the test score with each batch size, for each optimizer.

    An optimizer's other settings are the same. A point is the mean over the seeds; its
    bar reaches from the lowest to the highest seed. A cross, at the chance level or at
    the worse end, marks runs without a score.

    Args:
        comparison: Comparison.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        model: str, one of several; by default the first.
        legend: bool, whether to add one below the axes.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> runs = [{"model": "cnn", "optimizer": "sgd", "rate": "0.1", "seed": 1,
    ...          "batch_size": size, "initializer": "default", "status": "finished",
    ...          "val_accuracy": 0.5, "test_accuracy": size / 100} for size in (64, 32)]
    >>> runs = pd.DataFrame(runs).reindex(columns=RUN_COLUMNS)
    >>> comparison = Comparison(runs, pd.DataFrame(columns=EPOCH_COLUMNS))
    >>> plot_batch_size_effect(comparison).lines[0].get_ydata().tolist()
    [0.32, 0.64]
    """
    return _plot_levels(comparison, ax, "batch_size", model, legend)


def plot_initializer_effect(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the test score with each initializer, for each optimizer.

    Points, bars and crosses mean the same as in `plot_batch_size_effect`.

    Args:
        comparison: Comparison.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        model: str, one of several; by default the first.
        legend: bool, whether to add one below the axes.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> runs = [{"model": "cnn", "optimizer": "sgd", "rate": "0.1", "seed": 1,
    ...          "batch_size": 32, "initializer": name, "status": "finished",
    ...          "val_loss": 0.5, "test_loss": 0.5} for name in ("zeros", "he_normal")]
    >>> runs = pd.DataFrame(runs).reindex(columns=RUN_COLUMNS)
    >>> epochs = pd.DataFrame(columns=EPOCH_COLUMNS)
    >>> ax = plot_initializer_effect(Comparison(runs, epochs, metric="loss"))
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['he_normal', 'zeros']
    """
    return _plot_levels(comparison, ax, "initializer", model, legend)


def _plot_levels(
    comparison: Comparison,
    ax: Axes | None,
    factor: str,
    model: str | None,
    legend: bool,
) -> Axes:
    """Values of a factor side by side, in rising order."""
    if ax is None:
        ax = new_figure().subplots()
    looks = styles_for(comparison.optimizers)
    groups = groups_by_optimizer(comparison, factor, model)
    levels = sorted({level for runs in groups.values() for level in runs[factor]})
    offsets, drawn = _side_by_side(len(groups), SPREAD), {}
    for (name, runs), offset in zip(groups.items(), offsets, strict=True):
        places = {level: place + offset for place, level in enumerate(levels)}
        points = _points(runs, factor, places)
        _draw(ax, points, looks[name])
        drawn[name] = points
    ax.set_xticks(range(len(levels)), [as_label(str(level), 24) for level in levels])
    ax.set_xlim(-0.5, len(levels) - 0.5)
    _finish(ax, comparison, drawn, NAMES[factor], legend, [])
    return ax


def _points(
    runs: pd.DataFrame, factor: str, places: dict[str | int, float]
) -> pd.DataFrame:
    """Of each value of a factor: place, mean, lowest and highest score, runs lost."""
    scores = runs.groupby(factor, sort=False)["score"]
    points = scores.agg(["mean", "min", "max", "size", "count"])
    points["lost"] = points["size"] - points["count"]
    points["x"] = points.index.map(places)
    return points.sort_values("x")


def _draw(ax: Axes, points: pd.DataFrame, look: Look) -> None:
    """The means of an optimizer with their ranges."""
    drawn = points[points["mean"].notna() & points["x"].notna()]
    ax.plot(drawn["x"], drawn["mean"], zorder=3, **look.line(linewidth=1.3))
    ax.vlines(
        drawn["x"],
        drawn["min"],
        drawn["max"],
        color=look.color,
        linewidth=1.6,
        zorder=2,
    )


def _mark_found(ax: Axes, points: pd.DataFrame, runs: pd.DataFrame, look: Look) -> None:
    """A ring around the point of the found rate, and the range of the rates."""
    if FOUND not in points.index or not np.isfinite(points.loc[FOUND, "mean"]):
        return
    x, y = points.loc[FOUND, ["x", "mean"]]
    rates = runs.loc[runs["rate"] == FOUND, "learning_rate"]
    ax.hlines(y, rates.min(), rates.max(), color=look.color, linewidth=1.6, zorder=2)
    ax.plot(
        [x], [y], marker="o", markersize=13, markerfacecolor="none", linestyle="",
        markeredgecolor=look.color, markeredgewidth=1.3, zorder=4,
    )  # fmt: skip


def _finish(
    ax: Axes,
    comparison: Comparison,
    drawn: dict[str, pd.DataFrame],
    x: str,
    legend: bool,
    notes: list[Line2D],
) -> None:
    """Axes, crosses for runs lost, and a legend of the optimizers drawn."""
    looks = styles_for(comparison.optimizers)
    level, at_top = finish_scores(ax, comparison), comparison.metric == "loss"
    lost = {name: each.loc[each["lost"] > 0, "x"] for name, each in drawn.items()}
    mark_lost(ax, lost, looks, level, at_top=at_top)
    label_axes(
        ax, f"{best_level(x, _best(drawn, at_top))}: {seeds_shown(comparison)}", x,
        score_label("test", comparison.metric),
    )  # fmt: skip
    if legend:
        if any(map(len, lost.values())):
            notes = [*notes, lost_note()]
        legend_of_optimizers(ax, {name: name for name in lost}, looks, notes=notes)


def _best(drawn: dict[str, pd.DataFrame], at_bottom: bool) -> dict[str, str | int]:
    """The value at which each optimizer scores best, the best of them first."""
    sign = -1 if at_bottom else 1
    best = {}
    for name, points in drawn.items():
        scores = sign * points["mean"].dropna()
        if len(scores):
            best[name] = (scores.max(), scores.idxmax())
    order = sorted(best, key=lambda name: -best[name][0])
    return {name: best[name][1] for name in order}


def found_note() -> Line2D:
    """What a legend says of the rings.

    Returns:
        matplotlib Line2D.
    """
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], marker="o", markersize=11, markerfacecolor="none", linestyle="",
        markeredgecolor="0.25", label="found rate",
    )  # fmt: skip


def _limit_rates(ax: Axes) -> None:
    """Half a decade at least, so that ticks have numbers; no axis if no rate is known.

    Of runs whose rate was never found there is no place on the axis.
    """
    low, high = ax.dataLim.intervalx
    if not (np.isfinite([low, high]).all() and 0 < low <= high):
        ax.set_xticks([])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("no learning rate was found")
        return
    ends, middle = np.log10(ax.get_xlim()), math.log10(low * high) / 2
    if ends[1] - ends[0] < LEAST_DECADES:
        ends = middle + LEAST_DECADES / 2 * np.array([-1, 1])
        ax.set_xlim(*(10**ends))


def _side_by_side(count: int, spread: float) -> np.ndarray:
    """Places of so many optimizers around the middle, their distances equal."""
    return (np.arange(count) - (count - 1) / 2) * spread / max(count - 1, 1)
