"""The learning rate of each batch of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lr_finder.errors import InputError
from lr_finder.plots.style import label_axes, new_figure
from lr_finder.plots.sweep import LOG_FROM_RATIO, RAW, SMOOTH
from lr_finder.plots.training.losses import BATCHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord


def plot_learning_rates(record: TrainingRecord, ax: Axes | None = None) -> Axes:
    """Draw the learning rate that each batch was trained with.

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
    for end in record.epoch_ends()[:-1]:
        ax.axvline(end + 0.5, color=RAW, linewidth=0.5, alpha=0.6)
    ax.plot(rates, color=SMOOTH, linewidth=2.0, drawstyle="steps-mid", zorder=3)
    if len(rates) and rates.min() > 0 and rates.max() / rates.min() > LOG_FROM_RATIO:
        ax.set_yscale("log")
    elif len(rates):
        ax.set_ylim(0, 1.15 * rates.max() or 1)
    label_axes(ax, "Learning rate", BATCHES, "learning rate")
    return ax
