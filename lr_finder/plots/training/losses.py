"""The losses of a training: of each batch, of each epoch, of the validation data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from lr_finder._text import counted
from lr_finder.plots.off_axis import HINT, mark_above
from lr_finder.plots.style import (
    HELD_OUT,
    LOG_FROM_RATIO,
    RAW,
    SMOOTH,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import epochs_on_top, format_plain, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord

SMOOTHED_OVER = 15  # of a training's batches one: wide enough to tell curves apart
HEADROOM = 1.15  # of the losses at the start: a climb beyond leaves at the top
ALONE = 1000.0  # of the losses at the start, or the end: a single climb is shown so far
MARGIN = 0.06  # of the range shown, above and below
BATCHES = "batch, over all epochs"


def batch_numbers(values: np.ndarray) -> np.ndarray:
    """The batches that these values are of, counted from 1 as epochs are.

    Args:
        values: array (n, …), one for each batch from the first on.

    Returns:
        int array (n,).

    Example:
    >>> batch_numbers(np.array([2.0, 1.0]))
    array([1, 2])
    """
    return np.arange(1, len(values) + 1)


def plot_losses(record: TrainingRecord, ax: Axes | None = None) -> Axes:
    """Draw the loss of each batch, its running median, and the losses of the epochs.

    Batches and epochs are counted from 1. An epoch's losses stand at its last batch:
    the training loss as Keras reports it, a mean over the epoch while the weights
    moved, and the validation loss at its end. What lies above the axis, or is no finite
    number, is told in words. The title says in which epoch the validation loss was
    lowest.

    Args:
        record: TrainingRecord.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> record = TrainingRecord({"loss": [3.0, 2.0, 1.0]}, {"val_loss": [1.5]})
    >>> ax = plot_losses(record)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['batches', 'running median of 1 batch', 'validation, ends at 1.5']
    """
    if ax is None:
        ax = new_figure().subplots()
    losses = record.losses
    ax.plot(
        batch_numbers(losses), losses, color=RAW, linewidth=0.6, alpha=0.8,
        label="batches",
    )  # fmt: skip
    smoothed = running_median(losses)
    ax.plot(
        batch_numbers(smoothed), smoothed, color=SMOOTH, linewidth=2.2, zorder=3,
        label=f"running {median_name([losses])}",
    )  # fmt: skip
    ends = record.epoch_ends() + 1
    for name, label, marker, dash, color in (
        ("loss", "training, epoch", "o", (0, (1, 1.2)), SMOOTH),
        ("val_loss", "validation", "s", (0, (6, 2)), HELD_OUT),
    ):
        values = np.asarray(record.epochs.get(name, ())[: len(ends)], dtype=float)
        if len(values):
            if name == "val_loss":
                label += f", ends at {values[-1]:.3g}"
            ax.plot(
                ends[: len(values)], values, color=color, linestyle=dash, marker=marker,
                markersize=5, markeredgecolor="white", linewidth=1.3, zorder=4,
                label=label,
            )  # fmt: skip
    limit_losses(ax, [losses])
    if len(smoothed) < len(losses):
        text = f"no finite loss from batch {len(smoothed) + 1} on"
        ax.text(0.99, 0.9, text, transform=ax.transAxes, ha="right", va="top", **HINT)
    label_axes(ax, _finding(record), BATCHES, "loss")
    whole_ticks(ax.xaxis, first=1)
    epochs_on_top(ax, ends)
    legend_below(ax, 4)
    return ax


def validation_of(record: TrainingRecord) -> np.ndarray:
    """The validation losses of the epochs whose batches are known.

    Args:
        record: TrainingRecord.

    Returns:
        float array (epochs,), empty if there are none.
    """
    values = record.epochs.get("val_loss", ())[: len(record.epoch_ends())]
    return np.asarray(values, dtype=float)


def whole_median(record: TrainingRecord) -> np.ndarray:
    """The running median of a training; empty if a loss of it is not finite.

    Args:
        record: TrainingRecord.

    Returns:
        float array (n,) or (0,).
    """
    losses = running_median(record.losses)
    return losses if len(losses) == len(record.losses) else losses[:0]


def _finding(record: TrainingRecord) -> str:
    """The lowest validation loss and its epoch; without one, from what to what."""
    losses, validation = running_median(record.losses), validation_of(record)
    if len(losses) < len(record.losses):
        return f"The loss is no finite number from batch {len(losses) + 1} on"
    if np.isfinite(validation).any():
        best = int(np.nanargmin(np.where(np.isfinite(validation), validation, np.nan)))
        told = format_plain(validation[best], 3)
        return f"Best validation loss {told} in epoch {best + 1} of {len(validation)}"
    if not len(losses):
        return "No loss was recorded"
    first, last = (format_plain(losses[place], 3) for place in (0, -1))
    return f"Loss from {first} to {last} in {counted(len(losses), 'batch')}"


def running_median(losses: np.ndarray) -> np.ndarray:
    """The median of each loss and its neighbours, up to the first that is not finite.

    At the end it is that of the last losses, as many as elsewhere.

    Args:
        losses: float array (n,).

    Returns:
        float array (m,), m <= n.

    Example:
    >>> running_median(np.array([3.0, 2.0, np.nan, 1.0]))
    array([3., 2.])
    >>> running_median(np.arange(35.0))[-3:]
    array([32., 33., 33.])
    """
    losses = _finite_start(losses)
    half = _reach(losses)
    smoothed = median_filter(losses, 2 * half + 1, mode="reflect")
    for place in range(half):  # the start is steep: as many before it as after it
        smoothed[place] = np.median(losses[: 2 * place + 1])
    if half:
        smoothed[-half:] = np.median(losses[-2 * half - 1 :])
    return smoothed


def median_name(curves: Sequence[np.ndarray]) -> str:
    """What to call the running medians of some trainings: of how many batches.

    Args:
        curves: sequence of float arrays, the losses of each training.

    Returns:
        str.

    Example:
    >>> median_name([np.ones(60), np.ones(300)]), median_name([np.ones(9)])
    ('median of 5 to 21 batches', 'median of 1 batch')
    """
    widths = sorted({2 * _reach(_finite_start(curve)) + 1 for curve in curves})
    if len(widths) > 1:
        return f"median of {widths[0]} to {counted(widths[-1], 'batch')}"
    return f"median of {counted(widths[0], 'batch')}"


def _finite_start(losses: np.ndarray) -> np.ndarray:
    """The losses up to the first that is not finite."""
    broken = ~np.isfinite(losses)
    return losses[: int(broken.argmax())] if broken.any() else losses


def _reach(losses: np.ndarray) -> int:
    """How many losses before and after one its running median is taken over."""
    return len(losses) // (2 * SMOOTHED_OVER)


def limit_losses(ax: Axes, curves: Sequence[np.ndarray]) -> None:
    """Let a loss that explodes leave the axes, and say so; log over a factor of 10.

    Of several trainings those that stay low are shown; of one alone its climb too, up
    to 1000 times the losses at its start.

    Args:
        ax: matplotlib Axes, on which the losses, or their running medians, are drawn.
        curves: sequence of float arrays, the losses of each training.
    """
    medians = [curve for curve in map(running_median, curves) if len(curve)]
    if not medians:
        return
    drawn = np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.lines])
    drawn = drawn[np.isfinite(drawn)]
    start = max(float(curve[0]) for curve in medians)
    lowest = min(float(curve.min()) for curve in medians)
    # Where all stay high for most of the second half, that is what there is to see.
    end = min(float(np.median(curve[len(curve) // 2 :])) for curve in medians)
    bottom, peak = float(drawn.min()), max(start, end)
    if len(medians) == 1 and bottom > 0:
        peak = max(peak, min(float(medians[0].max()), ALONE * peak))
    is_log = bottom > 0 and peak / lowest > LOG_FROM_RATIO
    top = max(min(float(drawn.max()), HEADROOM * start), peak)
    if is_log:
        ax.set_yscale("log")
        factor = (top / bottom) ** MARGIN
        ax.set_ylim(bottom / factor, top * factor)
    elif top > bottom:
        span = top - bottom
        ax.set_ylim(bottom - MARGIN * span, top + MARGIN * span)
    mark_above(ax)
