"""Find a learning rate by measurement, with its uncertainty, for Keras models.

The names below load on first use: `import lr_finder` loads neither Keras nor SciPy.
"""

from importlib import import_module
from typing import Any

from lr_finder._version import __version__

_HOMES = {
    "ApplySchedule": "lr_finder.training.scheduling.apply_schedule",
    "BatchMetricsTracker": "lr_finder.training.watching.trackers",
    "Comparison": "lr_finder.results.comparison",
    "Curvature": "lr_finder.results.curvature",
    "Curve": "lr_finder.results.sweep",
    "Deployment": "lr_finder.results.drift.one_policy",
    "DivergenceGuard": "lr_finder.training.watching.guard",
    "DriftReport": "lr_finder.results.drift.deployment",
    "DriftStream": "lr_finder.experiments.drift.streams",
    "FittedWeights": "lr_finder.results.tuning.fitted_weights",
    "Finding": "lr_finder.results.finding",
    "GeneralizationResult": "lr_finder.results.generalization.generalization",
    "History": "lr_finder.history.kept_history",
    "InputError": "lr_finder.errors",
    "LRFinderError": "lr_finder.errors",
    "LRSweep": "lr_finder.training.lr_sweep",
    "LearningRateOptimizer": "lr_finder.lr_optimizer",
    "LearningRateTracker": "lr_finder.training.watching.trackers",
    "LiveMonitor": "lr_finder.integrations.live.monitor",
    "LossLandscape": "lr_finder.results.landscape",
    "ModelError": "lr_finder.errors",
    "Pattern": "lr_finder.analysis.training.patterns",
    "Plan": "lr_finder.experiments.comparison.plan",
    "Progress": "lr_finder.training.progress",
    "Regularization": "lr_finder.experiments.regularization",
    "RetrainingPolicy": "lr_finder.experiments.drift.policies",
    "RULES": "lr_finder.analysis.sweep.rules",
    "StabilityResult": "lr_finder.results.stability.result",
    "StopReason": "lr_finder.analysis.sweep.stopping",
    "Suggestion": "lr_finder.analysis.sweep.suggestion",
    "SuggestionError": "lr_finder.errors",
    "SweepResult": "lr_finder.results.sweep",
    "ThreeParts": "lr_finder.data.parts",
    "TrackingCallback": "lr_finder.integrations.tracking_callback",
    "TrainedModel": "lr_finder.experiments.comparison.run",
    "TrainingDynamicsAnalyzer": "lr_finder.training.watching.analyzer",
    "TrainingOutcome": "lr_finder.results.training",
    "TrainingRecord": "lr_finder.analysis.training.record",
    "Trajectory": "lr_finder.analysis.landscape.trajectory",
    "TrajectoryRecorder": "lr_finder.training.landscape.trajectory_recorder",
    "Tuning": "lr_finder.results.tuning.tuning",
    "VerifiedSuggestion": "lr_finder.results.verification",
    "compare": "lr_finder.experiments.comparison.api",
    "find": "lr_finder.finding",
    "find_alarms": "lr_finder.experiments.drift.monitors",
    "find_optimal_learning_rate": "lr_finder.analysis.sweep.plain_lists",
    "fit": "lr_finder.training.one_call.fit",
    "fit_weights": "lr_finder.experiments.tuning.flat_weights",
    "hessian_vector_product": "lr_finder.training.curvature.measuring",
    "largest_curvature": "lr_finder.training.curvature.measuring",
    "loss_landscape": "lr_finder.experiments.landscape",
    "make_stream": "lr_finder.experiments.drift.streams",
    "plot_batch_size_effect": "lr_finder.plots.comparison.effects",
    "plot_before_after": "lr_finder.plots.training.before_after",
    "plot_comparison": "lr_finder.plots.comparison.overview",
    "plot_deployment": "lr_finder.plots.drift.deployment_plot",
    "plot_distribution": "lr_finder.plots.training.distributions",
    "plot_drift": "lr_finder.plots.training.distributions",
    "plot_found_against_fixed": "lr_finder.plots.comparison.scores",
    "plot_generalization": "lr_finder.plots.generalization.gap_map",
    "plot_gradient_norms": "lr_finder.plots.training.stability",
    "plot_initializer_effect": "lr_finder.plots.comparison.effects",
    "plot_landscape": "lr_finder.plots.surfaces.landscape",
    "plot_learning_rate_analysis": "lr_finder.plots.slopes",
    "plot_learning_rates": "lr_finder.plots.training.learning_rates",
    "plot_losses": "lr_finder.plots.training.losses",
    "plot_paths": "lr_finder.plots.surfaces.paths",
    "plot_ranking": "lr_finder.plots.comparison.scores",
    "plot_rate_effect": "lr_finder.plots.comparison.effects",
    "plot_rates": "lr_finder.plots.training.rates",
    "plot_schedules": "lr_finder.plots.schedules",
    "plot_stability": "lr_finder.plots.stability",
    "plot_score_against_time": "lr_finder.plots.comparison.scores",
    "plot_sweep": "lr_finder.plots.sweep",
    "plot_training": "lr_finder.plots.training.overview",
    "plot_training_speed": "lr_finder.plots.training.speed",
    "plot_tuning": "lr_finder.plots.tuning",
    "plot_update_ratios": "lr_finder.plots.training.stability",
    "plot_validation_accuracy": "lr_finder.plots.comparison.epochs",
    "plot_validation_loss": "lr_finder.plots.comparison.epochs",
    "plot_verification": "lr_finder.plots.verification",
    "preserve_state": "lr_finder.training.state",
    "read_comparison": "lr_finder.experiments.comparison.kept_runs",
    "read_stream": "lr_finder.experiments.drift.dated_table",
    "recognize_patterns": "lr_finder.analysis.training.patterns",
    "reestimate_batch_statistics": "lr_finder.training.stepping.batch_statistics",
    "run_generalization": "lr_finder.experiments.generalization",
    "run_stability": "lr_finder.experiments.stability",
    "simulate_deployment": "lr_finder.experiments.drift.deployment",
    "suggest": "lr_finder.analysis.sweep.suggestion",
    "sweep": "lr_finder.training.sweep",
    "systematic_lr_testing": "lr_finder.training.systematic",
    "to_keras": "lr_finder.training.scheduling.keras_schedules",
    "train_model": "lr_finder.experiments.comparison.api",
    "tune": "lr_finder.experiments.tuning.tune",
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
