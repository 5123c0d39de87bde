"""Is this training healthy? Its losses and what decides them, in one figure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.training.pattern_definitions import Pattern
from lr_finder.analysis.training.patterns import MIN_POINTS, recognize_patterns
from lr_finder.plots.style import new_figure
from lr_finder.plots.training.learning_rates import plot_learning_rates
from lr_finder.plots.training.losses import plot_losses
from lr_finder.plots.training.stability import plot_gradient_norms, plot_update_ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lr_finder.analysis.training.record import TrainingRecord

WIDTH, ROW = 12.0, 4.0  # inches: two panels side by side, and their height
HEADING = 1.0  # inches: title and what to do
CHARACTERS = 64  # of a title that fit into a panel; twice as many into two


def plot_training(
    record: TrainingRecord, *, patterns: Sequence[Pattern] | None = None
) -> Figure:
    """Draw what shows whether a training is healthy, with the finding as title.

    It has at most four panels: losses, learning rate, and each layer's gradient norm
    and update ratio. What was not recorded is left out. The title names the first
    pattern and what to do, and then the others. `plot_distribution`, `plot_drift`,
    `plot_rates`, `plot_training_speed` and `plot_before_after` draw the rest.

    Args:
        record: TrainingRecord.
        patterns: sequence of Pattern, the most telling first; by default
            `recognize_patterns` of the losses.

    Returns:
        matplotlib Figure, of two panels a row.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> losses = [2 - 0.02 * step for step in range(40)]
    >>> rate = [0.1] * 40
    >>> figure = plot_training(TrainingRecord({"loss": losses, "learning_rate": rate}))
    >>> len(figure.axes), figure.get_suptitle().split(". ")[0]
    (2, 'Rate too low')
    """
    if patterns is None:
        patterns = patterns_of(record)
    panels = _panels(record)
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    figure = new_figure(WIDTH * columns / 2, HEADING + ROW * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, draw in zip(axes, panels, strict=False):
        draw(ax)
    for ax in axes[len(panels) :]:
        ax.remove()
    text = finding(record, patterns)
    figure.suptitle(textwrap.fill(text, CHARACTERS * columns), fontsize="medium")
    return figure


def finding(record: TrainingRecord, patterns: Sequence[Pattern]) -> str:
    """What a training shows and what to do about it, in a few sentences.

    Args:
        record: TrainingRecord.
        patterns: sequence of Pattern, the most telling first.

    Returns:
        str.

    Example:
    >>> from lr_finder.analysis.training.pattern_definitions import pattern_of
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> record = TrainingRecord({"loss": [2.0, 1.0]})
    >>> finding(record, [pattern_of("converging", {})])
    'Converging. Go on: the loss still falls. Lower the rate when it stops.'
    >>> finding(record, [])
    'Too short to be judged: 2 losses, and a pattern needs 12'
    """
    if not patterns:
        count = int(np.isfinite(record.losses).sum())
        if not count:
            return "No loss is a finite number"
        return (
            f"Too short to be judged: {counted(count, 'loss')}, and a pattern needs "
            f"{MIN_POINTS}"
        )
    first, *others = patterns
    text = f"{first.name.capitalize()}. {first.recommendation}"
    if others:
        text += f" Also: {', '.join(pattern.name for pattern in others)}."
    return text


def _panels(record: TrainingRecord) -> list[Callable[[Axes], Axes]]:
    """What draws each panel."""
    panels: list[Callable[[Axes], Axes]] = [lambda ax: plot_losses(record, ax)]
    if "learning_rate" in record.batches:
        panels.append(lambda ax: plot_learning_rates(record, ax))
    if record.layers is not None:
        panels.append(lambda ax: plot_gradient_norms(record, ax))
        panels.append(lambda ax: plot_update_ratios(record, ax))
    return panels


def patterns_of(record: TrainingRecord) -> Sequence[Pattern]:
    """What a training shows, by its losses; nothing if it is too short to be judged.

    Args:
        record: TrainingRecord.

    Returns:
        sequence of Pattern, the most telling first.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> patterns_of(TrainingRecord({"loss": [2.0, 1.0]}))
    ()
    """
    if len(record.losses) < MIN_POINTS or not np.isfinite(record.losses).any():
        return ()
    validation = record.epochs.get("val_loss", ())
    return recognize_patterns(
        record.losses, validation if len(validation) >= 3 else None
    )
