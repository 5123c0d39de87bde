"""What a result offers of later rooms: its picture, and what is done with its rate.

Results lie below the figures and the trainings that read them. These are the only calls
that go up, and each imports when it is called: a result needs neither Matplotlib nor
Keras until then. `tests/test_layers.py` holds the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import keras
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.errors import SuggestionError
    from lr_finder.results.comparison import Comparison
    from lr_finder.results.drift.deployment import DriftReport
    from lr_finder.results.finding import Finding
    from lr_finder.results.generalization.generalization import GeneralizationResult
    from lr_finder.results.landscape import LossLandscape
    from lr_finder.results.stability.result import StabilityResult
    from lr_finder.results.sweep import SweepResult
    from lr_finder.results.training import TrainingOutcome
    from lr_finder.results.tuning.tuning import Tuning
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


def plot_landscape(
    landscape: LossLandscape, ax: Axes | None, style: str | None
) -> Axes:
    """See `lr_finder.plot_landscape`."""
    from lr_finder.plots.surfaces.landscape import plot_landscape

    return plot_landscape(landscape, ax=ax, style=style)


def plot_comparison(comparison: Comparison) -> Figure:
    """See `lr_finder.plot_comparison`."""
    from lr_finder.plots.comparison.overview import plot_comparison

    return plot_comparison(comparison)


def plot_stability(study: StabilityResult, ax: Axes | None) -> Axes:
    """See `lr_finder.plot_stability`."""
    from lr_finder.plots.stability import plot_stability

    return plot_stability(study, ax=ax)


def plot_generalization(study: GeneralizationResult, ax: Axes | None) -> Axes:
    """See `lr_finder.plot_generalization`."""
    from lr_finder.plots.generalization.gap_map import plot_generalization

    return plot_generalization(study, ax=ax)


def plot_outcome(outcome: TrainingOutcome, ax: Axes | None) -> Axes:
    """See `lr_finder.results.training.TrainingOutcome.plot`."""
    from lr_finder.plots.training.outcome import plot_outcome

    return plot_outcome(outcome, ax=ax)


def plot_tuning(tuning: Tuning, ax: Axes | None) -> Axes:
    """See `lr_finder.plot_tuning`."""
    from lr_finder.plots.tuning import plot_tuning

    return plot_tuning(tuning, ax=ax)


def plot_deployment(report: DriftReport, ax: Axes | None) -> Axes:
    """See `lr_finder.plot_deployment`."""
    from lr_finder.plots.drift.deployment_plot import plot_deployment

    return plot_deployment(report, ax=ax)


def save_finding(finding: Finding, folder: str | Path) -> dict[str, str]:
    """See `lr_finder.results.finding.Finding.save`."""
    from lr_finder.finding_files import save_finding

    return save_finding(finding, folder)


def report(result: Any, path: str | Path) -> Path:
    """See `lr_finder.results.finding.Finding.report`."""
    from lr_finder.reports.report import report

    return report(result, path)


def as_html(result: Any) -> str:
    """What a notebook shows of a result."""
    from lr_finder.reports.notebook import as_html

    return as_html(result)


def apply_rate(model: keras.Model, lr: float, group: str | int | None) -> None:
    """Give the optimizer of a model a learning rate; see `Suggestion.apply`."""
    from lr_finder.training.fitting import apply_rate

    apply_rate(model, lr, group)


def log_result(
    result: Finding | SweepResult | Comparison,
    tracker: str,
    where: str | os.PathLike[str] | None,
    name: str | None,
) -> str | None:
    """See `lr_finder.results.finding.Finding.log_to`."""
    from lr_finder.integrations.tracking import log_result

    return log_result(result, tracker, where, name=name)
