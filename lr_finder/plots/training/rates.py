"""Trainings that differ in their learning rate alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lr_finder._text import format_rate
from lr_finder.errors import InputError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import label_axes, legend_below, new_figure
from lr_finder.plots.ticks import format_plain, whole_ticks
from lr_finder.plots.training.losses import (
    BATCHES,
    batch_numbers,
    limit_losses,
    median_name,
    running_median,
    whole_median,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord


def plot_rates(records: Mapping[float, TrainingRecord], ax: Axes | None = None) -> Axes:
    """Draw the losses of trainings at several rates, as running medians.

    The title says which rate ends lowest.

    Args:
        records: mapping of learning rate to TrainingRecord, at least one, as
            `TrainingDynamicsAnalyzer.compare_rates` gives it; if there are more than
            five, the colors run from dark to light as the rate rises.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on. A curve that explodes leaves the axes at the
        top; a cross marks where a loss was no longer a finite number.

    Raises:
        InputError: If there is no record.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> records = {lr: TrainingRecord({"loss": [2.0, 2 - lr]}) for lr in (0.1, 1.0)}
    >>> [line.get_label() for line in plot_rates(records).lines]
    ['0.1, ends at 1.9', '1, ends at 1']
    """
    if not records:
        raise InputError(
            "Argument `records` must hold at least one training. Received: none."
        )
    if ax is None:
        ax = new_figure().subplots()
    looks = line_looks(len(records))
    for look, (rate, record) in zip(looks, sorted(records.items()), strict=True):
        losses = running_median(record.losses)
        is_whole = len(losses) == len(record.losses)
        end = f"ends at {losses[-1]:.3g}" if len(losses) and is_whole else "not finite"
        if not is_whole:
            look["marker"] = "x"
        ax.plot(
            batch_numbers(losses), losses, linewidth=1.8, markersize=6, **look,
            markevery=[len(losses) - 1] if len(losses) else None,
            label=f"{format_rate(rate)}, {end}",
        )  # fmt: skip
    curves = [record.losses for record in records.values()]
    limit_losses(ax, curves)
    label_axes(ax, _finding(records), BATCHES, f"loss, {median_name(curves)}")
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 3)
    return ax


def _finding(records: Mapping[float, TrainingRecord]) -> str:
    """The rate whose training ends lowest, and how many are lost."""
    curves = {rate: whole_median(record) for rate, record in records.items()}
    ends = {rate: float(curve[-1]) for rate, curve in curves.items() if len(curve)}
    if not ends:
        return "At no rate does the loss stay a finite number"
    best = min(ends, key=ends.__getitem__)
    end, lost = format_plain(ends[best], 3), len(records) - len(ends)
    text = f"The rate {format_rate(best)} ends lowest, at a loss of {end}"
    return text + f"; {lost} of {len(records)} are lost" * bool(lost)
