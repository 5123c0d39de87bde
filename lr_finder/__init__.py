"""Find a learning rate by measurement, with its uncertainty, for Keras models.

The names below load on first use: `import lr_finder` loads neither Keras nor SciPy.
"""

from importlib import import_module
from typing import Any

from lr_finder._version import __version__

_HOMES = {
    "BatchMetricsTracker": "lr_finder.training.trackers",
    "Comparison": "lr_finder.compared",
    "Curve": "lr_finder.result",
    "InputError": "lr_finder.errors",
    "LRFinderError": "lr_finder.errors",
    "LRSweep": "lr_finder.training.callbacks",
    "LearningRateOptimizer": "lr_finder.training.optimizing",
    "LearningRateTracker": "lr_finder.training.trackers",
    "ModelError": "lr_finder.errors",
    "Pattern": "lr_finder.analysis.dynamics",
    "Plan": "lr_finder.experiments.plans",
    "RULES": "lr_finder.analysis.rules",
    "StopReason": "lr_finder.analysis.stopping",
    "Suggestion": "lr_finder.analysis.suggestion",
    "SuggestionError": "lr_finder.errors",
    "SweepResult": "lr_finder.result",
    "ThreeParts": "lr_finder.data.parts",
    "TrainedModel": "lr_finder.experiments.runs",
    "TrainingDynamicsAnalyzer": "lr_finder.training.dynamics",
    "TrainingRecord": "lr_finder.analysis.records",
    "VerifiedSuggestion": "lr_finder.verified",
    "compare": "lr_finder.experiments.comparison",
    "find_optimal_learning_rate": "lr_finder.analysis.plain_lists",
    "plot_batch_size_effect": "lr_finder.plots.compared_effects",
    "plot_before_after": "lr_finder.plots.before_after",
    "plot_comparison": "lr_finder.plots.compared_overview",
    "plot_distribution": "lr_finder.plots.distributions",
    "plot_drift": "lr_finder.plots.distributions",
    "plot_found_against_fixed": "lr_finder.plots.compared_scores",
    "plot_gradient_norms": "lr_finder.plots.stability",
    "plot_initializer_effect": "lr_finder.plots.compared_effects",
    "plot_learning_rate_analysis": "lr_finder.plots.slopes",
    "plot_learning_rates": "lr_finder.plots.learning_rates",
    "plot_losses": "lr_finder.plots.losses",
    "plot_ranking": "lr_finder.plots.compared_scores",
    "plot_rate_effect": "lr_finder.plots.compared_effects",
    "plot_rates": "lr_finder.plots.rates",
    "plot_score_against_time": "lr_finder.plots.compared_scores",
    "plot_sweep": "lr_finder.plots.curve",
    "plot_training": "lr_finder.plots.overview",
    "plot_training_speed": "lr_finder.plots.speed",
    "plot_update_ratios": "lr_finder.plots.stability",
    "plot_validation_accuracy": "lr_finder.plots.compared_epochs",
    "plot_validation_loss": "lr_finder.plots.compared_epochs",
    "plot_verification": "lr_finder.plots.verification",
    "preserve_state": "lr_finder.training.state",
    "read_comparison": "lr_finder.experiments.reading",
    "recognize_patterns": "lr_finder.analysis.dynamics",
    "suggest": "lr_finder.analysis.suggestion",
    "sweep": "lr_finder.training.range_test",
    "systematic_lr_testing": "lr_finder.training.systematic",
    "train_model": "lr_finder.experiments.comparison",
    "verify": "lr_finder.training.verification",
}

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
