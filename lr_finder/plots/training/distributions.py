"""What the batches of a training held: quantities by quantiles, classes by shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder.analysis.training.distributions import QUANTILES
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import (
    ACCENT,
    RAW,
    SMOOTH,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import whole_ticks
from lr_finder.plots.training.losses import BATCHES, batch_numbers, running_median

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.distributions import Distribution

SHOWN = 8  # classes; the rest are one, so that bands can be told apart
BINS = 60  # groups of batches whose shares are drawn: single small batches flicker
NAMES = {"x": "features", "y": "targets"}


def plot_distribution(distribution: Distribution, ax: Axes | None = None) -> Axes:
    """Draw what the batches held: bands of quantiles, or the shares of classes.

    The bands hold the middle 50 % and 90 % of the values of each batch, the line is
    their median. Shares of classes are means over neighbouring batches, at most 60
    groups; the most frequent 8 classes are told apart.

    Args:
        distribution: Distribution, one of `TrainingRecord.distributions`.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.analysis.training.distributions import Distribution, summarise
    >>> batches = [summarise(np.array([0, 1, 1]), is_target=True)] * 4
    >>> ax = plot_distribution(Distribution("y", batches))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0', '1']
    """
    if ax is None:
        ax = new_figure().subplots()
    classes = distribution.class_counts
    name = distribution.name
    title = " ".join(filter(None, [NAMES.get(name[:1], ""), as_label(name[2:])]))
    if classes is None:
        _draw_quantiles(ax, distribution.quantiles)
        label_axes(ax, f"Values of the {title} in each batch", BATCHES, "value")
        legend_below(ax, 3)
    else:
        _draw_shares(ax, classes)
        label_axes(ax, f"Classes of the {title} in each batch", BATCHES, "share")
        legend_below(ax, 9, title="class", handlelength=1.2, columnspacing=1.2)
    whole_ticks(ax.xaxis, first=1)
    return ax


def _draw_quantiles(ax: Axes, quantiles: np.ndarray) -> None:
    """The median within two bands; light to dark from outside to inside."""
    low, first, median, third, high = quantiles.T
    steps = batch_numbers(median)
    outer = f"{QUANTILES[0]:.0%} to {QUANTILES[-1]:.0%}"
    inner = f"{QUANTILES[1]:.0%} to {QUANTILES[-2]:.0%}"
    ax.fill_between(steps, low, high, color="0.88", linewidth=0, label=outer)
    ax.fill_between(steps, first, third, color="0.70", linewidth=0, label=inner)
    ax.plot(steps, median, color=SMOOTH, linewidth=1.4, label="median")


def _draw_shares(ax: Axes, classes: dict[int, np.ndarray]) -> None:
    """Bands of the classes upon each other, dark to light, with white between."""
    names = sorted(classes, key=lambda name: -classes[name].sum())
    shown = sorted(names[:SHOWN])
    rows = [classes[name] for name in shown]
    labels = list(map(str, shown))
    if len(names) > SHOWN:
        rows.append(np.sum([classes[name] for name in names[SHOWN:]], axis=0))
        labels.append("others")
    counts = np.array(rows, dtype=float)
    groups = min(counts.shape[1], BINS)
    edges = np.linspace(0, counts.shape[1], groups + 1).round().astype(int)
    sums = np.add.reduceat(counts, edges[:-1], axis=1)
    shares = sums / sums.sum(axis=0)
    tops = np.cumsum(shares, axis=0)
    greys = np.linspace(0.25, 0.9, len(rows))
    for place, (top, share, label) in enumerate(zip(tops, shares, labels, strict=True)):
        ax.stairs(
            top, edges + 0.5, baseline=top - share, fill=True, color=str(greys[place]),
            edgecolor="white", linewidth=0.6, label=label,
            hatch="///" if place % 2 else None,
        )  # fmt: skip
    ax.set_ylim(0, 1)
    ax.set_xlim(0.5, counts.shape[1] + 0.5)  # the first is batch 1


def plot_drift(distributions: Sequence[Distribution], ax: Axes | None = None) -> Axes:
    """Draw how far each batch lies from all batches; 1 is usual for random ones.

    Args:
        distributions: sequence of Distribution, `TrainingRecord.distributions`.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on; thick lines are running medians.

    Example:
    >>> from lr_finder.analysis.training.distributions import Distribution, summarise
    >>> x = Distribution("x", [summarise(np.arange(5.0) + i) for i in range(4)])
    >>> [line.get_label() for line in plot_drift([x]).lines][-2:]
    ['features', 'random batches']
    """
    if ax is None:
        ax = new_figure().subplots()
    looks = line_looks(len(distributions))
    for place, (distribution, look) in enumerate(
        zip(distributions, looks, strict=True)
    ):
        name, drift = distribution.name, distribution.drift()
        color = look["color"]
        label = " ".join(filter(None, [NAMES.get(name[:1], ""), as_label(name[2:])]))
        steps = batch_numbers(drift)
        ax.plot(steps, drift, color=color if place else RAW, linewidth=0.5, alpha=0.5)
        median = running_median(drift)
        ax.plot(
            steps[: len(median)], median, color=color, linewidth=2.0, label=label,
            linestyle=look["linestyle"],
        )  # fmt: skip
    ax.axhline(1, color=ACCENT, linewidth=1.0, linestyle=(0, (1, 2)), zorder=4,
               label="random batches")  # fmt: skip
    ax.set_ylim(bottom=0)
    label_axes(ax, "Drift between batches", BATCHES, "distance in standard errors")
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 4)
    return ax
