"""All that was recorded of a training in one figure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.analysis.dynamics import MIN_POINTS, Pattern, recognize_patterns
from lr_finder.plots.before_after import plot_before_after
from lr_finder.plots.distributions import plot_distribution, plot_drift
from lr_finder.plots.figures import new_figure
from lr_finder.plots.learning_rates import plot_learning_rates
from lr_finder.plots.losses import plot_losses
from lr_finder.plots.rates import plot_rates
from lr_finder.plots.speed import plot_training_speed
from lr_finder.plots.stability import plot_gradient_norms, plot_update_ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lr_finder.analysis.records import TrainingRecord

WIDTH, ROW = 12.0, 4.0  # inches: two panels side by side, and their height
CHARACTERS = 72  # of text that fit into a panel


def plot_training(
    record: TrainingRecord,
    *,
    patterns: Sequence[Pattern] | None = None,
    rates: Mapping[float, TrainingRecord] | None = None,
    before: TrainingRecord | None = None,
) -> Figure:
    """Draw a training in one figure: each thing that was recorded has its panel.

    Losses, learning rate, features and targets, drift, gradient norms and update
    ratios, and trainings to compare it with; what was not recorded is left out. Above
    stand the patterns, and in the last panel what to do about them.

    Args:
        record: TrainingRecord.
        patterns: sequence of Pattern; by default `recognize_patterns` of the losses.
        rates: mapping of learning rate to TrainingRecord, as
            `TrainingDynamicsAnalyzer.compare_rates` gives it, or None.
        before: TrainingRecord, a training to be compared with this one, or None.

    Returns:
        matplotlib Figure, of two panels a row.

    Example:
    >>> from lr_finder.analysis.records import TrainingRecord
    >>> losses = [2 - 0.02 * step for step in range(40)]
    >>> rate = [0.1] * 40
    >>> figure = plot_training(TrainingRecord({"loss": losses, "learning_rate": rate}))
    >>> len(figure.axes), figure.get_suptitle()
    (3, 'What the losses show: rate too low')
    """
    if patterns is None:
        patterns = _patterns_of(record)
    panels = _panels(record, rates, before)
    if patterns:
        panels.append(lambda ax: _say_what_to_do(ax, patterns))
    rows = -(-len(panels) // 2)
    figure = new_figure(WIDTH, 0.5 + ROW * rows)
    axes = figure.subplots(rows, 2, squeeze=False).ravel()
    for ax, draw in zip(axes, panels, strict=False):
        draw(ax)
    for ax in axes[len(panels) :]:
        ax.remove()
    names = ", ".join(pattern.name for pattern in patterns) or "no clear pattern"
    figure.suptitle(f"What the losses show: {names}")
    return figure


def _panels(
    record: TrainingRecord,
    rates: Mapping[float, TrainingRecord] | None,
    before: TrainingRecord | None,
) -> list[Callable[[Axes], Any]]:
    """What draws each panel."""
    panels: list[Callable[[Axes], Any]] = [lambda ax: plot_losses(record, ax)]
    if "learning_rate" in record.batches:
        panels.append(lambda ax: plot_learning_rates(record, ax))
    if record.layers is not None:
        panels.append(lambda ax: plot_gradient_norms(record, ax))
        panels.append(lambda ax: plot_update_ratios(record, ax))
    for part in record.distributions:
        panels.append(lambda ax, part=part: plot_distribution(part, ax))
    if record.distributions:
        panels.append(lambda ax: plot_drift(record.distributions, ax))
    if rates:
        panels.append(lambda ax: plot_rates(rates, ax))
        panels.append(lambda ax: plot_training_speed(rates, ax))
    if before is not None:
        names = ("before", "this training")
        panels.append(lambda ax: plot_before_after(before, record, ax, names=names))
    return panels


def _say_what_to_do(ax: Axes, patterns: Sequence[Pattern]) -> None:
    """Each pattern with its definition and its recommendation, as text."""
    lines = []
    for pattern in patterns:
        text = f"{pattern.name}: {pattern.definition}. {pattern.recommendation}"
        lines.append(textwrap.fill(text, CHARACTERS))
    ax.set_axis_off()
    ax.text(0, 1, "\n\n".join(lines), va="top", fontsize="medium")


def _patterns_of(record: TrainingRecord) -> Sequence[Pattern]:
    if len(record.losses) < MIN_POINTS or not np.isfinite(record.losses).any():
        return ()
    validation = record.epochs.get("val_loss", ())
    return recognize_patterns(
        record.losses, validation if len(validation) >= 3 else None
    )
