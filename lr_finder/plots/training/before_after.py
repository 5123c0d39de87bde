"""Two trainings of one model over each other: before a change and after it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lr_finder.plots.style import (
    ACCENT,
    SMOOTH,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import format_plain, whole_ticks
from lr_finder.plots.training.losses import (
    BATCHES,
    batch_numbers,
    limit_losses,
    median_name,
    running_median,
    validation_of,
    whole_median,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord


def plot_before_after(
    before: TrainingRecord,
    after: TrainingRecord,
    ax: Axes | None = None,
    *,
    names: tuple[str, str] = ("before", "after"),
) -> Axes:
    """Draw the losses of two trainings, and what their validation losses end at.

    The second has the colour that the rate found has in the figure of a sweep.

    The title says which ends lower: by the validation losses, if both have some.

    Args:
        before: TrainingRecord, e.g. with the rate used so far.
        after: TrainingRecord, e.g. with the rate suggested.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        names: tuple of two str, what to call them.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> ax = plot_before_after(TrainingRecord({"loss": [2.0, 1.8]}),
    ...                        TrainingRecord({"loss": [2.0, 0.5]}))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['before, ends at 1.8', 'after, ends at 0.5']
    """
    if ax is None:
        ax = new_figure().subplots()
    names = (as_label(names[0]), as_label(names[1]))
    for record, name, color, dash, marker in (
        (before, names[0], SMOOTH, (0, (6, 2)), "s"),
        (after, names[1], ACCENT, "-", "o"),
    ):
        losses = running_median(record.losses)
        end = f"{losses[-1]:.3g}" if len(losses) else "nothing finite"
        ax.plot(batch_numbers(losses), losses, color=color, linestyle=dash,
                linewidth=2.0, label=f"{name}, ends at {end}")  # fmt: skip
        ends, validation = record.epoch_ends() + 1, validation_of(record)
        if len(validation):
            ax.plot(
                ends[: len(validation)], validation, color=color,
                linestyle=(0, (1, 1.5)), marker=marker, markersize=6,
                markeredgecolor="white", linewidth=1.0,
                label=f"{name}, validation, ends at {validation[-1]:.3g}",
            )  # fmt: skip
    curves = [before.losses, after.losses]
    limit_losses(ax, curves)
    y = f"loss, {median_name(curves)}"
    label_axes(ax, _finding((before, after), names), BATCHES, y)
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 2)
    return ax


def _finding(records: Sequence[TrainingRecord], names: Sequence[str]) -> str:
    """Which of two trainings ends lower, and at what."""
    curves, what = [validation_of(record) for record in records], "validation loss"
    if not all(map(len, curves)):
        curves, what = [whole_median(record) for record in records], "loss"
    ends = [float(curve[-1]) if len(curve) else math.nan for curve in curves]
    lost = [n for n, end in zip(names, ends, strict=True) if not math.isfinite(end)]
    if len(lost) == 2:
        return f"{names[0]} and {names[1]}: no {what} at the end is a finite number"
    if lost:
        return f"{lost[0]} ends with a {what} that is no finite number"
    (name, end), (other, higher) = sorted(
        zip(names, ends, strict=True), key=lambda each: each[1]
    )
    told = (format_plain(end, 3), format_plain(higher, 3))
    if told[0] == told[1]:
        return f"Both end at a {what} of {told[0]}"
    return f"{name} ends lower than {other}: {what} {told[0]}, not {told[1]}"
