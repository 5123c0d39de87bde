"""Two trainings of one model over each other: before a change and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lr_finder.plots.style import as_label, label_axes, legend_below, new_figure
from lr_finder.plots.sweep import ACCENT, SMOOTH
from lr_finder.plots.training.losses import BATCHES, limit_losses, running_median

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
    for record, name, color, dash, marker in (
        (before, names[0], ACCENT, (0, (6, 2)), "s"),
        (after, names[1], SMOOTH, "-", "o"),
    ):
        name, losses = as_label(name), running_median(record.losses)
        end = f"{losses[-1]:.3g}" if len(losses) else "nothing finite"
        ax.plot(losses, color=color, linestyle=dash, linewidth=2.0,
                label=f"{name}, ends at {end}")  # fmt: skip
        ends = record.epoch_ends()
        validation = record.epochs.get("val_loss", ())[: len(ends)]
        if len(validation):
            ax.plot(
                ends[: len(validation)], validation, color=color,
                linestyle=(0, (1, 1.5)), marker=marker, markersize=6,
                markeredgecolor="white", linewidth=1.0,
                label=f"{name}, validation, ends at {validation[-1]:.3g}",
            )  # fmt: skip
    limit_losses(ax, [before.losses, after.losses])
    label_axes(ax, "Two trainings compared", BATCHES, "loss, median")
    legend_below(ax, 2)
    return ax
