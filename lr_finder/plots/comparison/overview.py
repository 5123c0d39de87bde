"""A comparison of optimizers in one figure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from lr_finder._text import counted
from lr_finder.plots.comparison.effects import (
    found_note,
    plot_batch_size_effect,
    plot_initializer_effect,
    plot_rate_effect,
)
from lr_finder.plots.comparison.epochs import (
    plot_validation_accuracy,
    plot_validation_loss,
)
from lr_finder.plots.comparison.findings import who_scores_best
from lr_finder.plots.comparison.lost_runs import lost_note
from lr_finder.plots.comparison.optimizer_styles import (
    HANDLE,
    legend_handles,
    pick_model,
    styles_for,
)
from lr_finder.plots.comparison.scores import (
    plot_found_against_fixed,
    plot_ranking,
    plot_score_against_time,
)
from lr_finder.plots.style import as_label, count_columns, new_figure
from lr_finder.results.comparison_runs import FOUND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lr_finder.results.comparison import Comparison

WIDTH, ROW = 13.0, 4.4  # inches: two panels side by side, and their height


def plot_comparison(comparison: Comparison, *, model: str | None = None) -> Figure:
    """Draw a comparison in one figure: each thing that was varied has its panel.

    The ranking, validation scores over the epochs, the effects of rate, batch size and
    initializer, scores against time, and found against fixed rates. A panel with only
    one value is left out. One legend for all stands below.

    Args:
        comparison: Comparison.
        model: str, one of several; by default the first.

    Returns:
        matplotlib Figure, of two panels a row.

    Example:
    >>> from lr_finder.results.comparison import Comparison
    >>> from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
    >>> import pandas as pd
    >>> run = {"key": "a", "model": "cnn", "optimizer": "sgd", "rate": "0.1", "seed": 1,
    ...        "batch_size": 32, "initializer": "default", "status": "finished",
    ...        "seconds": 3, "val_loss": 0.6, "test_loss": 0.6, "learning_rate": 0.1}
    >>> runs = pd.DataFrame([run]).reindex(columns=RUN_COLUMNS)
    >>> epochs = pd.DataFrame({"key": "a", "epoch": [1, 2], "val_loss": [0.9, 0.6]})
    >>> epochs = epochs.reindex(columns=EPOCH_COLUMNS)
    >>> figure = plot_comparison(Comparison(runs, epochs, metric="loss", name="mine"))
    >>> len(figure.axes), figure.get_suptitle()
    (3, 'mine: 1 run of cnn')
    """
    model = pick_model(comparison, model)
    panels = _panels(comparison, model)
    rows = -(-len(panels) // 2)
    figure = new_figure(WIDTH, 0.9 + ROW * rows)
    # Each row is laid out by itself: long names at one panel leave the others wide.
    parts = figure.subfigures(rows, 1, squeeze=False).ravel()
    axes = [ax for part in parts for ax in part.subplots(1, 2)]
    for ax, draw in zip(axes, panels, strict=False):
        draw(ax)
    for ax in axes[len(panels) :]:
        ax.remove()
    own = comparison.scored[comparison.scored["model"] == model]
    names = {
        name: name for name in comparison.optimizers if name in set(own["optimizer"])
    }
    handles = legend_handles(names, styles_for(comparison.optimizers))
    if (own["rate"] == FOUND).any() and own["rate"].nunique() > 1:
        handles.append(found_note())
    if (own["reason"] != "").any():
        handles.append(lost_note())
    told = f"{counted(len(own), 'run')} of {as_label(model)}"
    table = comparison.table()
    if len(table := table[table["model"] == model]) > 1:
        told = f"{who_scores_best(table)} ({told})"
    texts = [str(handle.get_label()) for handle in handles]
    figure.legend(
        handles=handles, loc="outside lower center", frameon=False,
        ncols=count_columns(texts, WIDTH, handle=HANDLE), handlelength=HANDLE,
    )  # fmt: skip
    figure.suptitle(": ".join(filter(None, [as_label(comparison.name), told])))
    return figure


def _panels(comparison: Comparison, model: str) -> list[Callable[[Axes], Axes]]:
    """What draws each panel."""
    own = comparison.runs[comparison.runs["model"] == model]
    drawn: list[Callable[..., Axes]] = [plot_validation_loss, plot_score_against_time]
    if comparison.metric == "accuracy":
        drawn.insert(0, plot_validation_accuracy)
    for factor, plot in (
        ("rate", plot_rate_effect),
        ("batch_size", plot_batch_size_effect),
        ("initializer", plot_initializer_effect),
    ):
        if own[factor].nunique() > 1:
            drawn.append(plot)
    panels: list[Callable[[Axes], Axes]] = [
        functools.partial(plot_ranking, comparison, model=model)
    ]
    for plot in drawn:
        panels.append(functools.partial(plot, comparison, model=model, legend=False))
    found = comparison.found_against_fixed()
    if (found["model"] == model).any():
        panels.append(
            functools.partial(plot_found_against_fixed, comparison, model=model)
        )
    return panels
