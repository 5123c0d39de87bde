"""The public names: pinned, loadable, documented."""

import importlib
import inspect

import pytest

import lr_finder

CORE = {
    "Curvature",
    "Curve",
    "Finding",
    "FittedWeights",
    "History",
    "InputError",
    "LRFinderError",
    "LossLandscape",
    "ModelError",
    "Pattern",
    "RULES",
    "StopReason",
    "Suggestion",
    "SuggestionError",
    "SweepResult",
    "TrainingOutcome",
    "TrainingRecord",
    "Trajectory",
    "VerifiedSuggestion",
    "__version__",
    "find_optimal_learning_rate",
    "recognize_patterns",
    "suggest",
}
WITH_KERAS = {  # or with pandas
    "Deployment",
    "DriftReport",
    "DriftStream",
    "RetrainingPolicy",
    "find_alarms",
    "make_stream",
    "plot_deployment",
    "read_stream",
    "simulate_deployment",
    "GeneralizationResult",
    "Regularization",
    "plot_generalization",
    "reestimate_batch_statistics",
    "run_generalization",
    "StabilityResult",
    "Tuning",
    "Progress",
    "plot_stability",
    "run_stability",
    "find",
    "fit",
    "fit_weights",
    "ApplySchedule",
    "BatchMetricsTracker",
    "DivergenceGuard",
    "Comparison",
    "Plan",
    "ThreeParts",
    "TrackingCallback",
    "TrainedModel",
    "compare",
    "hessian_vector_product",
    "largest_curvature",
    "loss_landscape",
    "read_comparison",
    "to_keras",
    "train_model",
    "tune",
    "LRSweep",
    "LearningRateOptimizer",
    "LearningRateTracker",
    "LiveMonitor",
    "TrainingDynamicsAnalyzer",
    "TrajectoryRecorder",
    "plot_batch_size_effect",
    "plot_before_after",
    "plot_comparison",
    "plot_distribution",
    "plot_drift",
    "plot_found_against_fixed",
    "plot_gradient_norms",
    "plot_initializer_effect",
    "plot_landscape",
    "plot_learning_rate_analysis",
    "plot_learning_rates",
    "plot_losses",
    "plot_paths",
    "plot_ranking",
    "plot_rate_effect",
    "plot_rates",
    "plot_score_against_time",
    "plot_schedules",
    "plot_sweep",
    "plot_training",
    "plot_training_speed",
    "plot_tuning",
    "plot_update_ratios",
    "plot_validation_accuracy",
    "plot_validation_loss",
    "plot_verification",
    "preserve_state",
    "sweep",
    "systematic_lr_testing",
    "verify",
}


def test_the_public_names_are_these():
    assert set(lr_finder.__all__) == CORE | WITH_KERAS
    assert len(lr_finder.__all__) == len(set(lr_finder.__all__))
    assert set(lr_finder.__all__) <= set(dir(lr_finder))


@pytest.mark.parametrize("name", sorted(CORE | WITH_KERAS))
def test_each_name_loads_and_says_what_it_is(name):
    if name in WITH_KERAS:
        pytest.importorskip("keras")
    value = getattr(lr_finder, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)
        assert value.__name__ == name
        assert importlib.import_module(value.__module__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'found'"):
        lr_finder.found  # noqa: B018
