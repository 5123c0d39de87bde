"""A learning-rate sweep drawn: the losses, the curve through them, the suggestion."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.explanation import headline
from lr_finder.analysis.sweep.preparation import Prepared, prepare
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import SuggestionError
from lr_finder.plots.above_axis import mark_above
from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    MARKERS,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.sweep.rate_window import RateWindow
    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.results.sweep import SweepResult

# Told apart without colour: points and thin lines, a thick line, a dashed line, a band.
RAW = "0.55"  # light grey
SMOOTH = "#12355b"  # dark blue, nearly black when printed in grey
ACCENT = "#b3440a"  # burnt orange, a middle grey
BAND = "#f3c9a5"  # its light tint

HEADROOM = 0.35  # of the descent, shown above and below it where losses lie there
EDGE = 0.06  # of the descent, left free below and above
COLUMNS = {4: 6.5, 2: 3.2, 1: 0.0}  # of the legend -> inches of axes that they need
BRACKET = 11  # points, height of the ends of the bracket that is the window
BELOW_HINT = 0.89  # of the axes: what starts there leaves a line of words above it
CHARACTERS_PER_INCH = 10  # of text in the size of a title, about

ENDINGS = {  # how a sweep ended, said so that a usual end is not read as an error
    StopReason.COMPLETED: "ended at its last learning rate",
    StopReason.DIVERGED: "ended when the loss diverged",
    StopReason.NONFINITE: "ended when the loss was no finite number",
    StopReason.DATA_ENDED: "ended early, with its training",
}


def plot_sweep(
    result: SweepResult,
    ax: Axes | None = None,
    *,
    suggestion: Suggestion | SuggestionError | None = None,
) -> Axes:
    """Draw a sweep: the losses, the smoothed curve, the suggested rate and its reasons.

    The title says what was found. A bracket on the axis, and dotted lines, are the ends
    of the window that the sweep leaves open; marks below it are the optimizer's usual
    rate and the one that the model was compiled with; warnings stand in the picture. A
    diverged tail leaves the axes at the top instead of flattening the rest, which is
    told in words, and is not smoothed. The loss axis is logarithmic if the descent
    spans a factor of 10.

    Args:
        result: `SweepResult`, what to draw.
        ax: matplotlib Axes to draw on; by default those of a new figure, which is
            `ax.figure`. Nothing is shown: that is the caller's to do.
        suggestion: `Suggestion` to mark, or the `SuggestionError` that says why there
            is none; by default `result.suggest()`.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.geomspace(1e-6, 1, 60)
    >>> result = SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3))])
    >>> plot_sweep(result).get_xlabel()
    'learning rate (log scale)'
    """
    if suggestion is None:
        suggestion = _suggestion_or_reason(result)
    if ax is None:
        ax = new_figure().subplots()
    curve = _judged_curve(result)
    _draw_losses(ax, result)
    if curve is not None:
        lrs, values = curve.line()
        ax.plot(lrs, values, color=SMOOTH, linewidth=2.2, zorder=3, label="smoothed")
    _draw_validation(ax, result)
    _scale(ax, result, curve)
    is_above = mark_above(ax)
    if isinstance(suggestion, SuggestionError):
        _say_why_not(ax, suggestion, BELOW_HINT if is_above else 0.97)
    else:
        _mark(ax, suggestion, curve)
        _mark_reasons(ax, suggestion)
        _say_warnings(ax, suggestion)
    _label(ax, result, suggestion)
    return ax


def _suggestion_or_reason(result: SweepResult) -> Suggestion | SuggestionError:
    """The default suggestion, or the error that says why there is none."""
    try:
        return result.suggest()
    except SuggestionError as error:
        return error


def _judged_curve(result: SweepResult) -> Prepared | None:
    """The curve that the rules judge; None if there is too little of it."""
    try:
        return prepare(result.lrs, result.losses)
    except SuggestionError:
        return None


def _draw_losses(ax: Axes, result: SweepResult) -> None:
    """The loss of each batch, every repeat with a marker of its own."""
    repeats = len(result.curves)
    name = "batches" if repeats == 1 else f"batches, {repeats} repeats"
    for repeat, curve in enumerate(result.curves):
        ax.plot(
            curve.lrs,
            curve.losses,
            color=RAW,
            linewidth=0.6,
            alpha=0.7,
            marker=MARKERS[repeat % len(MARKERS)],
            markersize=3,
            markeredgewidth=0,
            label=None if repeat else name,
        )


def _draw_validation(ax: Axes, result: SweepResult) -> None:
    """The loss on held-out data after each step, where it was measured."""
    validation = result.validation
    if validation is not None:
        ax.plot(
            validation.lrs,
            validation.losses,
            color=SMOOTH,
            linewidth=1.1,
            linestyle=(0, (1, 1.2)),
            label="validation loss",
        )


def _scale(ax: Axes, result: SweepResult, curve: Prepared | None) -> None:
    """Log rates; log losses where they span decades; limits that show the descent."""
    rates, losses = (
        np.concatenate([getattr(each, name) for each in result.curves])
        for name in ("lrs", "losses")
    )
    ax.set_xscale("log")
    if not len(losses):
        return
    judged, line = losses, np.empty(0)
    if curve is not None:
        judged = losses[rates <= math.exp(curve.grid.x[-1])]  # without the tail
        line = curve.line()[1]
    low, high = np.quantile(judged, [0.005, 0.98])
    low, high = min([low, *line]), max([high, *line])
    is_log = losses.min() > 0 and high / low > LOG_FROM_RATIO
    ax.set_yscale("log" if is_log else "linear")
    forward, back = (np.log, np.exp) if is_log else (np.asarray, np.asarray)
    lowest, low, high, highest = forward([judged.min(), low, high, losses.max()])
    span = (high - low) or max(abs(high), 1.0) * 0.1
    top = min(highest, high + HEADROOM * span) + EDGE * span
    bottom = min(low, max(lowest, low - HEADROOM * span)) - EDGE * span
    ax.set_ylim(float(back(bottom)), float(back(top)))


def _mark(ax: Axes, suggestion: Suggestion, curve: Prepared | None) -> None:
    """The suggested rate as a line with its value, its interval as a band."""
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


def _mark_reasons(ax: Axes, suggestion: Suggestion) -> None:
    """What decided: the ends of the window, the usual rate, the compiled rate."""
    usual = suggestion.usual
    if suggestion.window is not None:
        _bracket(ax, suggestion.window)
    marks = (
        (usual.rate if usual else None, "usual rate", "^", SMOOTH),
        (suggestion.compiled, "compiled with", "^", "white"),
    )
    for rate, name, marker, face in marks:
        if rate is not None and rate > 0:
            ax.plot(
                rate, 0.0, marker, transform=ax.get_xaxis_transform(), color=SMOOTH,
                markerfacecolor=face, markersize=9, clip_on=False, zorder=5,
                label=f"{name} {format_rate(rate)}",
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


def _say_warnings(ax: Axes, suggestion: Suggestion) -> None:
    """The warnings, in the plot: a picture travels without its text."""
    if not suggestion.warnings:
        return
    told = (text.split(";")[0].split(": ", 1)[-1] for text in suggestion.warnings)
    width = min(46, _width(ax) // 2)
    lines = [
        textwrap.fill(f"! {text}", width, subsequent_indent="   ") for text in told
    ]
    _box(ax, "\n".join(lines), (0.015, 0.04), ha="left", va="bottom")


def _inches(ax: Axes) -> float:
    """Width of the axes."""
    return ax.bbox.width / ax.figure.dpi


def _width(ax: Axes) -> int:
    """About how many characters fit side by side above the axes."""
    return round(_inches(ax) * CHARACTERS_PER_INCH)


def _say_why_not(ax: Axes, reason: SuggestionError, top: float) -> None:
    """The reason for having no suggestion, in the plot."""
    text = textwrap.fill(str(reason), min(70, _width(ax)))
    _box(ax, text, (0.5, top), ha="center", va="top")


def _box(ax: Axes, text: str, place: tuple[float, float], *, ha: str, va: str) -> None:
    """Words in a frame, at a place given in fractions of the axes."""
    ax.annotate(
        text.replace("$", r"\$"), place, xycoords="axes fraction", ha=ha, va=va,
        fontsize="small", zorder=6,
        bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "0.5"},
    )  # fmt: skip


def _title(
    ax: Axes, result: SweepResult, suggestion: Suggestion | SuggestionError
) -> str:
    """The finding, and below it what was swept and how that ended."""
    if isinstance(suggestion, SuggestionError):
        found = "No suggestion"
    else:
        found = headline(
            suggestion.lr, suggestion.decided_by or suggestion.method,
            suggestion.window, result.metadata.get("optimizer"),
        )  # fmt: skip
    ending = f"the sweep {ENDINGS[StopReason(result.stop_reason)]}"
    room = max(12, _width(ax) - len(ending) - 2)
    source = as_label(Path(str(result.metadata.get("source", ""))).name, room)
    found = textwrap.fill(found, max(30, _width(ax)))
    return f"{found}\n{': '.join(filter(None, [source, ending]))}"


def _label(
    ax: Axes, result: SweepResult, suggestion: Suggestion | SuggestionError
) -> None:
    """Title, axis labels, a faint grid, and a legend below the data."""
    measured = result.metadata.get("measured", "loss of the batch")
    label_axes(ax, "", "learning rate", measured)
    ax.set_title(_title(ax, result, suggestion), pad=18, fontsize="medium")
    legend_below(ax, next(n for n, width in COLUMNS.items() if _inches(ax) >= width))
