"""The marks in the figure of a sweep: the suggested rate, and what decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.plots.style import ACCENT, BAND, SMOOTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.sweep.preparation import Prepared
    from lr_finder.analysis.sweep.rate_window import RateWindow
    from lr_finder.analysis.sweep.suggestion import Suggestion

BRACKET = 11  # points, height of the ends of the bracket that is the window


def mark_suggestion(ax: Axes, suggestion: Suggestion, curve: Prepared | None) -> None:
    """Mark the suggested rate: a line with its value, its interval as a band.

    Args:
        ax: matplotlib Axes, on which the sweep is drawn.
        suggestion: Suggestion.
        curve: Prepared, the smoothed curve that the rate is marked on; or None.
    """
    rate = format_rate(suggestion.lr)
    low, high = format_rate(suggestion.low), format_rate(suggestion.high)
    ax.axvspan(
        suggestion.low, suggestion.high, color=BAND, alpha=0.5, linewidth=0, zorder=0,
        label=f"interval {low} to {high}",
    )  # fmt: skip
    ax.axvline(
        suggestion.lr, color=ACCENT, linestyle=(0, (6, 2)), linewidth=1.6,
        label=f"suggested {rate} ({suggestion.method})",
    )  # fmt: skip
    if curve is not None:
        lrs, values = curve.line()
        if lrs[0] <= suggestion.lr <= lrs[-1]:
            height = np.interp(np.log(suggestion.lr), np.log(lrs), values)
            ax.plot(
                suggestion.lr, height, "o", color=ACCENT, markeredgecolor="white",
                zorder=4,
            )  # fmt: skip
    ax.annotate(
        rate, (suggestion.lr, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
        textcoords="offset points", ha="center", va="bottom", color=ACCENT,
        fontweight="bold",
    )  # fmt: skip


def mark_reasons(ax: Axes, suggestion: Suggestion) -> None:
    """Mark what decided: the ends of the window, the usual rate, the compiled rate.

    Args:
        ax: matplotlib Axes, on which the sweep is drawn.
        suggestion: Suggestion.
    """
    usual = suggestion.usual
    if suggestion.window is not None:
        _bracket(ax, suggestion.window)
    marks = (
        (usual.rate if usual else None, "usual rate", SMOOTH),
        (suggestion.compiled, "compiled rate", "white"),
    )
    for rate, name, face in marks:
        if rate is not None and rate > 0:
            mark_rate(ax, rate, f"{name} {format_rate(rate)}", "^", face)


def mark_rate(ax: Axes, rate: float, label: str, marker: str, face: str) -> None:
    """Mark a rate on the axis of rates.

    Args:
        ax: matplotlib Axes, on which the sweep is drawn.
        rate: float > 0.
        label: str, of the legend.
        marker: str, of Matplotlib.
        face: str, the color that fills it.
    """
    ax.plot(
        rate, 0.0, marker, transform=ax.get_xaxis_transform(), color=SMOOTH,
        markerfacecolor=face, markersize=9, clip_on=False, zorder=5, label=label,
    )  # fmt: skip


def _bracket(ax: Axes, window: RateWindow) -> None:
    """The window on the axis: a rate at one of its ends does not hide that end."""
    from matplotlib.markers import TICKUP

    low, high = format_rate(window.low), format_rate(window.high)
    label = f"window {low} to {high}"
    if not window.is_open:
        label = f"no room: low end {low}, high end {high}"
    for end in (window.low, window.high):
        ax.axvline(end, color=SMOOTH, linewidth=1.0, linestyle=":")
    ax.plot(
        [window.low, window.high], [0.0, 0.0], transform=ax.get_xaxis_transform(),
        color=SMOOTH, linewidth=4.0 if window.is_open else 0.0, solid_capstyle="butt",
        marker=TICKUP, markersize=BRACKET, markeredgewidth=2.2, clip_on=False,
        zorder=4.5, label=label,
    )  # fmt: skip
