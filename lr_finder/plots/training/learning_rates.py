"""The learning rate of each batch of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.errors import InputError
from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    RAW,
    SMOOTH,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import epochs_on_top, whole_ticks
from lr_finder.plots.training.losses import BATCHES, batch_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord


def plot_learning_rates(record: TrainingRecord, ax: Axes | None = None) -> Axes:
    """Draw the learning rate that each batch was trained with.

    The title says from which rate to which it goes.

    Args:
        record: TrainingRecord that holds `learning_rate` for each batch.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on; thin lines are the ends of epochs.

    Raises:
        InputError: If the record holds no learning rates.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> record = TrainingRecord({"loss": [2.0, 1.0], "learning_rate": [0.1, 1e-3]})
    >>> plot_learning_rates(record).get_ylabel()
    'learning rate (log scale)'
    """
    if "learning_rate" not in record.batches:
        raise InputError(
            "Argument `record` must hold the learning rate of each batch. Received: "
            f"{sorted(record.batches)}. A BatchMetricsTracker records it."
        )
    if ax is None:
        ax = new_figure().subplots()
    rates = np.asarray(record.batches["learning_rate"], dtype=float)
    ends = record.epoch_ends() + 1
    for place, end in enumerate(ends[:-1]):
        name = None if place else "end of an epoch"
        ax.axvline(end + 0.5, color=RAW, linewidth=0.8, alpha=0.8, label=name)
    ax.plot(batch_numbers(rates), rates, color=SMOOTH, linewidth=2.0, zorder=3,
            drawstyle="steps-mid", label="learning rate")  # fmt: skip
    if len(rates) and rates.min() > 0 and rates.max() / rates.min() > LOG_FROM_RATIO:
        ax.set_yscale("log")
    elif len(rates):
        ax.set_ylim(0, 1.15 * rates.max() or 1)
    label_axes(ax, course_of(rates), BATCHES, "learning rate")
    whole_ticks(ax.xaxis, first=1)
    epochs_on_top(ax, ends)
    legend_below(ax, 2)
    return ax


def course_of(rates: np.ndarray) -> str:
    """From what rate to what, and over which, if it turns between.

    Args:
        rates: array (n,) of float, of batches or steps in their order.

    Returns:
        str, a sentence without its full stop.

    Example:
    >>> course_of(np.array([0.1, 0.2, 0.05]))
    'The learning rate rises from 0.1 to 0.2, then falls to 5e-2'
    """
    if not len(rates):
        return "No learning rate was recorded"
    first, last, low, high = map(
        format_rate, (rates[0], rates[-1], rates.min(), rates.max())
    )
    if low == high:
        return f"The learning rate is {first} throughout"
    if {first, last} == {low, high}:
        way = "falls" if rates[-1] < rates[0] else "rises"
        return f"The learning rate {way} from {first} to {last}"
    if high not in (first, last) and low in (first, last):
        return f"The learning rate rises from {first} to {high}, then falls to {last}"
    return f"The learning rate goes between {low} and {high}; the last is {last}"
