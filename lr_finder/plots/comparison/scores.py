"""Test scores of optimizers: ranked, against their time, found against fixed rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.comparison.ranking_text import SIGNIFICANT
from lr_finder.plots.comparison.findings import (
    what_found_gains,
    who_is_fast,
    who_scores_best,
)
from lr_finder.plots.comparison.lost_runs import LOST, lost_note, mark_lost
from lr_finder.plots.comparison.optimizer_styles import (
    Look,
    finish_scores,
    groups_by_optimizer,
    intervals_shown,
    legend_of_optimizers,
    pick_model,
    score_label,
    seeds_shown,
    styles_for,
)
from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.comparison import Comparison

CLEAR, UNCLEAR = "differs: p < 0.05 (Holm)", "not told apart, or not tested"


def plot_score_against_time(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    model: str | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the test score of each optimizer's best setting against its time.

    A small point is a run, a large one the mean over the seeds. The time includes the
    search for the rate. A cross, at the chance level or at the worse end, is a run
    without a score.

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
    >>> run = {"model": "cnn", "optimizer": "sgd", "rate": "found", "batch_size": 32,
    ...        "initializer": "default", "status": "finished", "val_accuracy": 0.5}
    >>> runs = pd.DataFrame([
    ...     run | {"seed": 1, "test_accuracy": 0.5, "seconds": 7, "search_seconds": 1},
    ...     run | {"seed": 2, "test_accuracy": 0.7, "seconds": 9, "search_seconds": 1},
    ... ]).reindex(columns=RUN_COLUMNS)
    >>> comparison = Comparison(runs, pd.DataFrame(columns=EPOCH_COLUMNS))
    >>> mean = plot_score_against_time(comparison).lines[-1]
    >>> mean.get_xdata().tolist(), mean.get_ydata().tolist()
    ([9.0], [0.6])
    """
    if ax is None:
        ax = new_figure().subplots()
    looks = styles_for(comparison.optimizers)
    groups = groups_by_optimizer(comparison, "optimizer", model)
    times, lost, means, at_top = [], {}, {}, comparison.metric == "loss"
    for name, runs in groups.items():
        look, seconds = looks[name], runs["seconds"] + runs["search_seconds"].fillna(0)
        whole = runs["reason"] == ""
        x, y = seconds[whole], runs.loc[whole, "score"]
        dot = look.line(linestyle="", markersize=4.5, alpha=0.6, markeredgewidth=0)
        ax.plot(x, y, **dot)
        if len(x):
            ax.plot(
                [x.mean()],
                [y.mean()],
                zorder=4,
                **look.line(linestyle="", markersize=11),
            )
        means[name] = x.mean(), -y.mean() if at_top else y.mean()
        lost[name] = seconds[~whole]
        times += seconds[np.isfinite(seconds)].tolist()
    if times and min(times) > 0 and max(times) > LOG_FROM_RATIO * min(times):
        ax.set_xscale("log")
    level = finish_scores(ax, comparison)
    mark_lost(ax, lost, looks, level, at_top=at_top)
    fast, good = ({name: each[i] for name, each in means.items()} for i in (0, 1))
    label_axes(
        ax, f"{who_is_fast(fast, good)}: "
        + seeds_shown(comparison, "runs and their means"),
        "seconds, of training and of finding the rate",
        score_label("test", comparison.metric),
    )  # fmt: skip
    if legend:
        labels = {name: name for name in groups}
        is_lost = any(map(len, lost.values()))
        legend_of_optimizers(ax, labels, looks, notes=[lost_note()] * is_lost)
    return ax


def plot_ranking(
    comparison: Comparison, ax: Axes | None = None, *, model: str | None = None
) -> Axes:
    """Draw the test scores of the optimizers at their best settings, the best on top.

    A point is the mean over the seeds, with its 95 % interval if there are at least
    three; it is hollow if the optimizer cannot be told apart from the best, or was
    not tested.

    Args:
        comparison: Comparison.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        model: str, one of several; by default the first.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> run = {"model": "cnn", "rate": "0.1", "batch_size": 32, "seed": 1,
    ...        "initializer": "default", "status": "finished", "val_accuracy": 0.5}
    >>> runs = pd.DataFrame([run | {"optimizer": "sgd", "test_accuracy": 0.5},
    ...                      run | {"optimizer": "adam", "test_accuracy": 0.7}])
    >>> epochs = pd.DataFrame(columns=EPOCH_COLUMNS)
    >>> ax = plot_ranking(Comparison(runs.reindex(columns=RUN_COLUMNS), epochs))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['1. adam, 0.1', '2. sgd, 0.1']
    """
    from matplotlib.ticker import PercentFormatter

    if ax is None:
        ax = new_figure().subplots()
    looks = styles_for(comparison.optimizers)
    table = comparison.table()
    table = table[table["model"] == pick_model(comparison, model)]
    for place, row in enumerate(table.to_dict("records")):
        look = looks[row["optimizer"]]
        is_clear = row["p_holm"] < SIGNIFICANT or row["rank"] == 1
        _draw_interval(ax, place, row["mean"], row["low"], row["high"], look, is_clear)
        if row["reason"]:
            _say_why(ax, place, row["reason"])
    labels = [
        f"{row['rank']}. {as_label(row['optimizer'], 24)}, {_rate_of(row)}"
        for row in table.to_dict("records")
    ]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    if comparison.metric == "accuracy":
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
    shown = intervals_shown(comparison, table, "mean", "low")
    label_axes(
        ax, f"{who_scores_best(table)}: {shown}",
        score_label("test", comparison.metric), "",
    )  # fmt: skip
    notes = ("the best, or worse: p < 0.05 (Holm)", UNCLEAR)
    _legend_of_dots(ax, *notes)
    return ax


def plot_found_against_fixed(
    comparison: Comparison, ax: Axes | None = None, *, model: str | None = None
) -> Axes:
    """Draw what the found rate of each optimizer gains over each fixed one.

    A point is the mean difference of the test score over the seeds, found less fixed,
    with its 95 % interval; hollow if chance may have made it. If a pair could not be
    tested, the reason stands there in words.

    Args:
        comparison: Comparison.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        model: str, one of several; by default the first.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> run = {"model": "cnn", "optimizer": "sgd", "batch_size": 32, "seed": 1,
    ...        "initializer": "default", "status": "finished", "val_accuracy": 0.5}
    >>> found = {"rate": "found", "test_accuracy": 0.7, "learning_rate": 0.3}
    >>> runs = pd.DataFrame([run | found, run | {"rate": "0.1", "test_accuracy": 0.6}])
    >>> epochs = pd.DataFrame(columns=EPOCH_COLUMNS)
    >>> comparison = Comparison(runs.reindex(columns=RUN_COLUMNS), epochs)
    >>> ax = plot_found_against_fixed(comparison)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['sgd: 0.3 against 0.1']
    """
    from matplotlib.ticker import PercentFormatter

    if ax is None:
        ax = new_figure().subplots()
    looks = styles_for(comparison.optimizers)
    table = comparison.found_against_fixed()
    table = table[table["model"] == pick_model(comparison, model)]
    rows = table.to_dict("records")
    for place, row in enumerate(rows):
        look = looks[row["optimizer"]]
        mean, low, high = (row[f"difference{end}"] for end in ("", "_low", "_high"))
        is_clear = row["p_holm"] < SIGNIFICANT
        _draw_interval(ax, place, mean, low, high, look, is_clear)
        if not np.isfinite(row["difference"]):
            _say_why(ax, place, row["reason"])
    ax.axvline(0.0, color="0.4", linewidth=1.0, zorder=1)
    labels = [
        f"{as_label(each['optimizer'], 24)}: {format_rate(each['found_rate'])} against "
        + each["rate"]
        for each in rows
    ]
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    if comparison.metric == "accuracy":
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
    points = " (points)" * (comparison.metric == "accuracy")
    better = "right" if points else "left"
    shown = intervals_shown(comparison, table, "mean", "difference_low")
    finding = what_found_gains(table, at_top=bool(points))
    label_axes(
        ax, f"{finding}: {better} is better; {shown}",
        f"test {comparison.metric}, found minus fixed rate" + points, "",
    )  # fmt: skip
    _legend_of_dots(ax, CLEAR, UNCLEAR)
    return ax


def _draw_interval(
    ax: Axes,
    place: int,
    mean: float,
    low: float,
    high: float,
    look: Look,
    is_clear: bool,
) -> None:
    """A point and its interval in a row; hollow if nothing is clear."""
    if not np.isfinite(mean):
        return
    if np.isfinite(low):
        ax.hlines(place, low, high, color=look.color, linewidth=2.0, zorder=2)
    face = look.color if is_clear else "white"
    ax.plot(
        [mean], [place], color=look.color, marker=look.marker, markersize=8,
        markerfacecolor=face, markeredgewidth=1.6, linestyle="", zorder=3,
    )  # fmt: skip


def _say_why(ax: Axes, place: int, reason: str) -> None:
    """Why a row is not tested, at its left end."""
    ax.text(
        0.01, place, f"× {reason}", color=LOST, fontsize="small", va="center",
        transform=ax.get_yaxis_transform(),
    )  # fmt: skip


def _rate_of(row: dict[str, Any]) -> str:
    """The rate of a row of a table: as typed, or the range found."""
    low, high = row["lowest_rate"], row["highest_rate"]
    if row["rate"] != "found" or not np.isfinite(low):
        return row["rate"]
    return f"found {format_rate(low)}" + f" to {format_rate(high)}" * (high > low)


def _legend_of_dots(ax: Axes, full: str, hollow: str) -> None:
    """What full and hollow points mean, in as many columns as fit."""
    from matplotlib.lines import Line2D

    dot: dict[str, Any] = {
        "color": LOST,
        "marker": "o",
        "linestyle": "",
        "markersize": 8,
    }
    handles = [
        Line2D([], [], label=full, **dot),
        Line2D([], [], label=hollow, markerfacecolor="white", **dot),
    ]
    legend_below(ax, len(handles), handles=handles)
