"""A training with the rate found, alone or beside one at the compiled rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lr_finder._text import format_rate
from lr_finder.plots.training.before_after import plot_before_after
from lr_finder.plots.training.losses import plot_losses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.training import TrainingOutcome


def plot_outcome(outcome: TrainingOutcome, ax: Axes | None = None) -> Axes:
    """Draw the losses of a training; the one beside it over them, if there is one.

    Args:
        outcome: TrainingOutcome.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes; the title says which training came out better.

    Example:
    >>> import pandas as pd
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> from lr_finder.results.training import TrainingOutcome
    >>> frame = pd.DataFrame({"epoch": [1, 2], "loss": [3.0, 2.0]})
    >>> record = TrainingRecord({"loss": [3.5, 2.5, 2.2, 1.8]})
    >>> plot_outcome(TrainingOutcome(0.1, frame, record)).get_title()
    'Best training loss: 2 with the rate found'
    """
    own = outcome.against_default
    if own is None or outcome.is_own_rate:
        ax = plot_losses(outcome.record, ax=ax)
    else:
        names = (
            f"compiled rate {format_rate(own.learning_rate)}",
            f"rate found {format_rate(outcome.learning_rate)}",
        )
        ax = plot_before_after(own.record, outcome.record, ax=ax, names=names)
    ax.set_title(outcome.comparison, fontsize="medium")
    return ax
