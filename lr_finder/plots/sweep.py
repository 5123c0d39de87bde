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
from lr_finder.plots.off_axis import mark_above, mark_below
from lr_finder.plots.style import (
    HELD_OUT,
    LOG_FROM_RATIO,
    MARKERS,
    RAW,
    SMOOTH,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.sweep_marks import mark_rate, mark_reasons, mark_suggestion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.results.sweep import SweepResult

HEADROOM = 0.35  # of the descent, shown above and below it where losses lie there
EDGE = 0.06  # of the descent, left free below and above
COLUMNS = {4: 6.5, 2: 3.2, 1: 0.0}  # of the legend -> inches of axes that they need
ABOVE_MARKS = 0.05  # of the axes: there the bracket of the window does not reach
BELOW_HINT = 0.89  # of the axes: what starts there leaves a line of words above it
CHARACTERS_PER_INCH = 10  # of text in the size of a title, about

ENDINGS = {  # how a sweep ended, said so that a usual end is not read as an error
    StopReason.COMPLETED: "ended at its last learning rate",
    StopReason.DIVERGED: "ended when the loss diverged",
    StopReason.NONFINITE: "ended when the loss was no finite number",
    StopReason.DATA_ENDED: "ended early, with its training",
    StopReason.UNKNOWN: "has no note of why it ended",
}


def plot_sweep(
    result: SweepResult,
    ax: Axes | None = None,
    *,
    suggestion: Suggestion | SuggestionError | None = None,
    swept: Suggestion | None = None,
) -> Axes:
    """Draw a sweep: the losses, the smoothed curve, the suggested rate and its reasons.

    The title says what was found. A bracket on the axis, and dotted lines, show the
    window that the sweep leaves open. Marks below the axis are the optimizer's usual
    rate and the rate that the model was compiled with. Warnings stand in the picture. A
    diverged tail leaves the axes at the top and is not smoothed; words say how high it
    went. The loss axis is logarithmic if the descent spans a factor of 10.

    Args:
        result: `SweepResult`, what to draw.
        ax: matplotlib Axes to draw on; by default those of a new figure, which is
            `ax.figure`. The figure is not shown: that is up to you.
        suggestion: `Suggestion` to mark, or the `SuggestionError` that says why there
            is none; by default `result.suggest()`.
        swept: `Suggestion` of the sweep alone, if short trainings have moved it to
            `suggestion`: marked, and named in the title, if its rate is another.

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
    mark_below(ax, ABOVE_MARKS)
    if isinstance(suggestion, SuggestionError):
        _say_why_not(ax, suggestion, BELOW_HINT if is_above else 0.97)
    else:
        mark_suggestion(ax, suggestion, curve)
        mark_reasons(ax, suggestion)
        if swept is not None and _has_moved(suggestion, swept):
            rate = format_rate(swept.lr)
            mark_rate(ax, swept.lr, f"the sweep alone {rate}", "v", RAW)
        _say_warnings(ax, suggestion)
    _label(ax, result, suggestion, swept)
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
            color=HELD_OUT,
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


def _has_moved(suggestion: Suggestion, swept: Suggestion) -> bool:
    """Whether two rates read differently."""
    return format_rate(suggestion.lr) != format_rate(swept.lr)


def _title(
    ax: Axes,
    result: SweepResult,
    suggestion: Suggestion | SuggestionError,
    swept: Suggestion | None,
) -> str:
    """The finding, and below it what was swept and how that ended."""
    if isinstance(suggestion, SuggestionError):
        found = "No suggestion"
    else:
        found = headline(
            suggestion.lr, suggestion.decided_by or suggestion.method,
            suggestion.window, result.metadata.get("optimizer"),
        )  # fmt: skip
        if swept is not None and _has_moved(suggestion, swept):
            found += f"; the sweep alone said {format_rate(swept.lr)}"
    ending = f"the sweep {ENDINGS[StopReason(result.stop_reason)]}"
    room = max(12, _width(ax) - len(ending) - 2)
    source = as_label(Path(str(result.metadata.get("source", ""))).name, room)
    found = textwrap.fill(found, max(30, _width(ax)))
    return f"{found}\n{': '.join(filter(None, [source, ending]))}"


def _label(
    ax: Axes,
    result: SweepResult,
    suggestion: Suggestion | SuggestionError,
    swept: Suggestion | None,
) -> None:
    """Title, axis labels, a faint grid, and a legend below the data."""
    measured = result.metadata.get("measured", "loss of the batch")
    label_axes(ax, "", "learning rate", measured)
    ax.set_title(_title(ax, result, suggestion, swept), pad=18, fontsize="medium")
    legend_below(ax, next(n for n, width in COLUMNS.items() if _inches(ax) >= width))
