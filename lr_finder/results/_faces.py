"""What a result offers of later rooms: its picture, and what is done with its rate.

Results lie below the figures and the trainings that read them. These are the only calls
that go up, and each imports when it is called: a result needs neither Matplotlib nor
Keras until then. `tests/test_layers.py` holds the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.errors import SuggestionError
    from lr_finder.results.comparison import Comparison
    from lr_finder.results.finding import Finding
    from lr_finder.results.sweep import SweepResult
    from lr_finder.results.training import TrainingOutcome
    from lr_finder.results.verification import VerifiedSuggestion


def plot_sweep(
    result: SweepResult,
    ax: Axes | None,
    suggestion: Suggestion | SuggestionError | None = None,
    swept: Suggestion | None = None,
) -> Axes:
    """See `lr_finder.plot_sweep`."""
    from lr_finder.plots.sweep import plot_sweep

    return plot_sweep(result, ax=ax, suggestion=suggestion, swept=swept)


def plot_verification(found: VerifiedSuggestion, ax: Axes | None) -> Axes:
    """See `lr_finder.plot_verification`."""
    from lr_finder.plots.verification import plot_verification

    return plot_verification(found, ax=ax)


def plot_comparison(comparison: Comparison) -> Figure:
    """See `lr_finder.plot_comparison`."""
    from lr_finder.plots.comparison.overview import plot_comparison

    return plot_comparison(comparison)


def plot_outcome(outcome: TrainingOutcome, ax: Axes | None) -> Axes:
    """See `lr_finder.results.training.TrainingOutcome.plot`."""
    from lr_finder.plots.training.outcome import plot_outcome

    return plot_outcome(outcome, ax=ax)


def save_finding(finding: Finding, folder: str | Path) -> dict[str, str]:
    """See `lr_finder.results.finding.Finding.save`."""
    from lr_finder.finding_files import save_finding

    return save_finding(finding, folder)


def as_html(text: str, figure: Figure | SubFigure) -> str:
    """A sentence and a picture below it, as a notebook shows them."""
    from lr_finder.plots.style import as_html

    return as_html(text, figure)


def apply_rate(model: keras.Model, lr: float, group: str | int | None) -> None:
    """Give the optimizer of a model a learning rate; see `Suggestion.apply`."""
    from lr_finder.training.fitting import apply_rate

    apply_rate(model, lr, group)
