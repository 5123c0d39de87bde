"""The sweeps of several models over each other, whatever their losses are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.errors import InputError, SuggestionError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.off_axis import mark_above, mark_below
from lr_finder.plots.style import as_label, label_axes, legend_below, new_figure
from lr_finder.plots.ticks import format_plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.results.sweep import SweepResult

TOP, BOTTOM = 1.25, -0.08  # in descents: an explosion leaves the axes at the top
COLUMNS = {3: 8.5, 2: 6.0, 1: 0.0}  # of the legend -> inches of axes that they need


def plot_sweeps(
    results: Mapping[str, SweepResult],
    ax: Axes | None = None,
    *,
    suggestions: Mapping[str, Suggestion | None] | None = None,
) -> Axes:
    """Draw the smoothed sweeps of several models, each from 1, its highest, to 0.

    The loss of each is shifted and scaled (its logarithm where losses are positive),
    so that its highest value before its lowest is 1, and its lowest 0: where curves
    fall and climb can be compared, losses cannot. How high a climb leaves the axes is
    told in words. A curve too short to be smoothed is
    named and not drawn.

    Args:
        results: mapping of name -> `SweepResult`, at least one.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        suggestions: mapping of name -> `Suggestion`, marked on its curve, or None for
            a model without one; by default none is marked.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If there is no result.

    Example:
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.geomspace(1e-6, 1, 60)
    >>> sweeps = {
    ...     name: SweepResult([Curve(lrs, 1 / (1 + lrs / best))])
    ...     for name, best in {"small": 1e-3, "large": 1e-4}.items()
    ... }
    >>> ax = plot_sweeps(sweeps)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['small', 'large']
    """
    if not results:
        raise InputError(
            "Argument `results` must hold at least one sweep. Received: none."
        )
    if ax is None:
        ax = new_figure().subplots()
    ax.set_xscale("log")
    looks = line_looks(len(results))
    for look, (name, result) in zip(looks, results.items(), strict=True):
        suggestion = (suggestions or {}).get(name)
        _draw(ax, look, name, result, suggestion)
    ax.set_ylim(BOTTOM, TOP)
    mark_above(ax)
    mark_below(ax)
    _label(ax, _finding(suggestions or {}), is_marked=suggestions is not None)
    return ax


def _draw(
    ax: Axes,
    look: dict[str, Any],
    name: str,
    result: SweepResult,
    suggestion: Suggestion | None,
) -> None:
    """One model's curve, with its suggestion as a mark on it."""
    lrs, heights = _normalised(result)
    color, dash, marker = look["color"], look["linestyle"], look["marker"]
    rate = "" if suggestion is None else f": {format_rate(suggestion.lr)}"
    nowhere = (len(lrs), 1)  # the marker is for the legend, and for the suggestion
    ax.plot(
        lrs, heights, color=color, linestyle=dash, linewidth=2.0,
        marker=marker if suggestion else "", markevery=nowhere, markersize=6,
        label=as_label(name) + rate,
    )  # fmt: skip
    if suggestion is None or not len(lrs):
        return
    ax.axvline(suggestion.lr, color=color, linestyle=dash, linewidth=0.8, alpha=0.7)
    height = np.interp(np.log(suggestion.lr), np.log(lrs), heights)
    ax.plot(
        suggestion.lr, height, marker, color=color, markersize=9,
        markeredgecolor="white", zorder=4,
    )  # fmt: skip


def _normalised(result: SweepResult) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and the smoothed curve from 1 to 0; empty if there is too little."""
    try:
        prepared = prepare(result.lrs, result.losses)
    except SuggestionError:
        return np.empty(0), np.empty(0)
    values = prepared.smoothed[prepared.inner]
    lowest = int(np.argmin(values))
    low, high = values[lowest], values[: lowest + 1].max()
    span = (high - low) or np.ptp(values) or 1.0  # a curve that only rose, or is flat
    return np.exp(prepared.grid.x[prepared.inner]), (values - low) / span


def _finding(suggestions: Mapping[str, Suggestion | None]) -> str:
    """How far apart the suggested rates are; without two, what the figure shows."""
    rates = {name: each.lr for name, each in suggestions.items() if each is not None}
    by_rate = sorted(rates, key=rates.__getitem__)
    if len(by_rate) < 2:
        return "Where the sweep of each model falls and climbs"
    lowest, highest = rates[by_rate[0]], rates[by_rate[-1]]
    if format_rate(lowest) == format_rate(highest):
        return f"The same rate is suggested for all models: {format_rate(lowest)}"
    return (
        f"The rate suggested for {as_label(by_rate[-1])} is "
        f"{format_plain(highest / lowest, 2)} times that for {as_label(by_rate[0])}"
    )


def _label(ax: Axes, title: str, *, is_marked: bool) -> None:
    """Title, axis labels, a faint grid, and a legend below the data."""
    label = "smoothed loss, from its highest (1) to its lowest (0)"
    label_axes(ax, title, "learning rate", label)
    width = ax.bbox.width / ax.figure.dpi
    columns = next(n for n, least in COLUMNS.items() if width >= least)
    heading = "suggested rates, marked on the curves" if is_marked else None
    legend_below(ax, columns, title=heading)
