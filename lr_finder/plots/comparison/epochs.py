"""Validation scores of optimizers over the epochs of their trainings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.plots.comparison.findings import who_is_ahead
from lr_finder.plots.comparison.lost_runs import LOST_ROOM, lost_note, mark_lost
from lr_finder.plots.comparison.optimizer_styles import (
    Look,
    finish_scores,
    groups_by_optimizer,
    legend_of_optimizers,
    score_label,
    seeds_shown,
    styles_for,
)
from lr_finder.plots.off_axis import HINT_HEIGHT, mark_above
from lr_finder.plots.style import label_axes, new_figure
from lr_finder.plots.ticks import whole_ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from lr_finder.results.comparison import Comparison

MARKS = 12  # on a curve at most
CLIMB_SHOWN = (
    1.15  # of the losses of the first epochs: a climb beyond leaves at the top
)
MARGIN = 0.05  # of the losses shown, below and above


def plot_validation_accuracy(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the validation accuracy of each epoch, for each optimizer's best setting.

    A line is the mean over the seeds; its band reaches from the lowest to the highest
    seed. A training that ended early keeps its last value. A run that diverged is not
    part of the mean: a cross marks its last epoch, at the chance level if that is
    drawn, else at the worse end. If all runs diverged, the line shows what came before.

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
    >>> run = {"key": "a", "model": "cnn", "optimizer": "sgd", "rate": "0.1", "seed": 1,
    ...        "batch_size": 32, "initializer": "default", "status": "finished",
    ...        "val_accuracy": 0.6, "test_accuracy": 0.6}
    >>> runs = pd.DataFrame([run]).reindex(columns=RUN_COLUMNS)
    >>> epochs = pd.DataFrame({"key": "a", "epoch": [1, 2], "val_accuracy": [0.5, 0.6]})
    >>> comparison = Comparison(runs, epochs.reindex(columns=EPOCH_COLUMNS))
    >>> ax = plot_validation_accuracy(comparison)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['sgd, 0.1']
    """
    return _plot(comparison, ax, "accuracy", model, legend)


def plot_validation_loss(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the validation loss of each epoch, for each optimizer's best setting.

    Lines, bands and crosses mean the same as in `plot_validation_accuracy`. The axis is
    logarithmic if the losses span a factor of 10. A loss that climbs far above where
    all began leaves it at the top, which is told in words.

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
    >>> run = {"key": "a", "model": "cnn", "optimizer": "sgd", "rate": "0.1", "seed": 1,
    ...        "batch_size": 32, "initializer": "default", "status": "finished",
    ...        "val_loss": 0.6, "test_loss": 0.6}
    >>> runs = pd.DataFrame([run]).reindex(columns=RUN_COLUMNS)
    >>> epochs = pd.DataFrame({"key": "a", "epoch": [1, 2], "val_loss": [0.9, 0.6]})
    >>> epochs = epochs.reindex(columns=EPOCH_COLUMNS)
    >>> ax = plot_validation_loss(Comparison(runs, epochs, metric="loss"))
    >>> ax.lines[0].get_ydata().tolist()
    [0.9, 0.6]
    """
    return _plot(comparison, ax, "loss", model, legend)


def epoch_table(epochs: pd.DataFrame, keys: pd.Series, column: str) -> pd.DataFrame:
    """One value of each run and epoch.

    Args:
        epochs: DataFrame of a comparison.
        keys: Series of str, those of the runs.
        column: str, e.g. `"val_loss"`.

    Returns:
        DataFrame, a row for each epoch, a column for each run that has one.
    """
    own = epochs[epochs["key"].isin(keys)]
    return own.pivot(index="epoch", columns="key", values=column).astype(float)


def _plot(
    comparison: Comparison,
    ax: Axes | None,
    metric: str,
    model: str | None,
    legend: bool,
) -> Axes:
    if ax is None:
        ax = new_figure().subplots()
    looks = styles_for(comparison.optimizers)
    groups = groups_by_optimizer(comparison, "optimizer", model)
    ends = {
        name: _draw(ax, comparison, runs, f"val_{metric}", looks[name])
        for name, runs in groups.items()
    }
    level = finish_scores(ax, comparison, metric)
    if metric == "loss":
        _limit(ax)
    lost = {
        name: _ends(comparison, runs[runs["reason"] != ""])
        for name, runs in groups.items()
    }
    mark_lost(ax, lost, looks, level, at_top=metric == "loss")
    if metric == "loss":
        has_crosses = any(map(len, lost.values()))
        mark_above(ax, HINT_HEIGHT - LOST_ROOM * has_crosses)
    whole_ticks(ax.xaxis, first=1)
    finding = who_is_ahead(ends, at_top=metric == "accuracy")
    title = f"Validation {metric}: {finding}; {seeds_shown(comparison)}"
    label_axes(ax, title, "epoch", score_label("validation", metric))
    if legend:
        labels = {name: _label(name, runs) for name, runs in groups.items()}
        is_lost = any(map(len, lost.values()))
        legend_of_optimizers(ax, labels, looks, notes=[lost_note()] * is_lost)
    return ax


def _draw(
    ax: Axes, comparison: Comparison, runs: pd.DataFrame, column: str, look: Look
) -> float:
    """Draw the mean of the whole runs and their range; return where the mean ends.

    If no run is whole, draw what came before, and return nan.
    """
    whole = runs[runs["reason"] == ""]
    if len(whole):
        # A training that ended early counts on, so that a mean is always of the same.
        table = epoch_table(comparison.epochs, whole["key"], column).ffill()
    else:
        table = epoch_table(comparison.epochs, runs["key"], column)
        table = table[np.isfinite(table).all(axis=1)]
    if table.empty:
        return math.nan
    step = -(-len(table) // MARKS)
    ax.plot(table.index, table.mean(axis=1), markevery=step, zorder=3, **look.line())
    if table.shape[1] > 1:
        ax.fill_between(
            table.index, table.min(axis=1), table.max(axis=1), color=look.color,
            alpha=0.12, linewidth=0, zorder=2,
        )  # fmt: skip
    return float(table.mean(axis=1).iloc[-1]) if len(whole) else math.nan


def _ends(comparison: Comparison, lost: pd.DataFrame) -> np.ndarray:
    """The last epoch of each run; 1 if it had none."""
    last = comparison.epochs.groupby("key")["epoch"].max()
    return lost["key"].map(last).fillna(1).to_numpy(dtype=float)


def _limit(ax: Axes) -> None:
    """Let losses that climb above where all began leave the axes."""
    curves = [np.asarray(line.get_ydata(), dtype=float) for line in ax.lines]
    curves = [curve for curve in curves if len(curve)]
    if not curves:
        return
    start = max(curve[0] for curve in curves)
    lowest = min(curve.min() for curve in curves)
    highest = max(curve.max() for curve in curves)
    if highest > CLIMB_SHOWN * start and start > lowest:
        top = CLIMB_SHOWN * start
        is_log = ax.get_yscale() == "log"
        bottom = lowest * 0.9 if is_log else lowest - MARGIN * (top - lowest)
        ax.set_ylim(bottom, top)


def _label(name: str, runs: pd.DataFrame) -> str:
    """An optimizer with its rate, and how many of its runs have no score."""
    row = runs.iloc[0]
    rate = row["rate"]
    if rate == "found" and runs["learning_rate"].notna().any():
        rate = f"found {format_rate(runs['learning_rate'].median())}"
    lost = int((runs["reason"] != "").sum())
    return f"{name}, {rate}" + f" ({lost} of {len(runs)} lost)" * bool(lost)
