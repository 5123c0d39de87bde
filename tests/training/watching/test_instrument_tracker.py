"""Instruments of a watched training: the same training, and true readings."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.plots.training.overview import plot_training
from lr_finder.training.curvature.measuring import largest_curvature
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer
from lr_finder.training.watching.trackers import BatchMetricsTracker

from ..conftest import (
    assert_same_outcome,
    make_data,
    make_model,
    outcome_of_fit,
    still_model,
)

pytestmark = pytest.mark.training
X, Y = make_data()
OPTIONS = {"epochs": 2, "verbose": 0}


def watch(model, instruments, every=3, data=(X, Y), callbacks=(), **options):
    analyzer = TrainingDynamicsAnalyzer(
        data, batch_size=16, instruments=instruments, **options
    )
    return analyzer.analyze_training_progression(
        model, seed=5, gradients_every=every, callbacks=callbacks, **OPTIONS
    )


@pytest.mark.parametrize("instruments", [["full", "curvature"], "basic"])
@pytest.mark.few(1)
def test_the_training_is_that_of_a_plain_fit_to_the_last_bit(instruments):
    """History, weights, slots and seeds, and those of the next `fit` as well."""
    watched, alone = make_model(), make_model()
    history, tracker = watch(watched, instruments)
    outcome = outcome_of_fit(watched)
    keras.utils.set_random_seed(5)
    plain = alone.fit(X, Y, batch_size=16, **OPTIONS)
    assert history.history == plain.history
    assert_same_outcome(outcome, outcome_of_fit(alone))
    assert tracker.readings["batch"] == [0, 3, 6, 7, 10, 13]  # counted in each epoch


def test_losses_and_rates_are_those_of_the_batches():
    """The last batch of 16 is smaller, and counts as what it is."""
    exact = BatchMetricsTracker()
    _, tracker = watch(make_model(), "basic", callbacks=[exact])
    np.testing.assert_allclose(tracker.losses, exact.losses, rtol=1e-4)
    assert tracker.learning_rates == exact.learning_rates
    assert list(tracker.to_frame()) == [
        "epoch", "step", "learning_rate", "seconds", "loss"
    ]  # fmt: skip


def test_a_rate_that_moves_is_read_for_each_batch():
    class Moves(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            _ = self.model
            self.model.optimizer.learning_rate = 0.001 * (batch + 1)

    moves = Moves()
    _, tracker = watch(make_model(), "basic", callbacks=[moves])
    expected = [0.001 * (i % 7 + 1) for i in range(14)]
    assert tracker.learning_rates == pytest.approx(expected, rel=1e-6)
    decay = keras.optimizers.schedules.InverseTimeDecay(0.01, 1, 1.0)
    _, tracker = watch(make_model(optimizer=keras.optimizers.SGD(decay)), "basic")
    expected = [0.01 / (1 + i) for i in range(14)]
    assert tracker.learning_rates == pytest.approx(expected, rel=1e-5)


def test_gradient_norms_are_those_of_the_steps():
    """Beside the gradients that the optimizer was given in the same training."""
    _, tracker = watch(still_model(), ["gradient_norm"], every=2)
    _, exact = TrainingDynamicsAnalyzer(
        (X, Y), batch_size=16
    ).analyze_training_progression(still_model(), seed=5, gradients_every=1, **OPTIONS)
    norms = dict(zip(exact.record().layers.batches.tolist(),
                     exact.record().layers.gradient_norms, strict=True))  # fmt: skip
    for batch, norm in zip(*tracker.readings.values(), strict=True):
        if batch % 7 == 6:  # the smaller one is not measured
            assert np.isnan(norm)
        else:
            assert norm == pytest.approx(np.linalg.norm(norms[batch]), rel=1e-3)


def test_the_noise_scale_of_a_linear_model_with_known_noise():
    """y = x·w + noise at the true w: the gradient of a sample is -2 noise x."""
    rng = np.random.default_rng(0)
    offset, sd, n = 0.5, 2.0, 6400
    x = np.sign(rng.normal(size=(n, 3))).astype("float32")
    y = (x.sum(axis=1) + offset * x[:, 0] + sd * rng.normal(size=n)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.set_weights([np.ones((3, 1))])
    analyzer = TrainingDynamicsAnalyzer((x, y), batch_size=64, instruments="full")
    _, tracker = analyzer.analyze_training_progression(
        model, gradients_every=1, epochs=1, verbose=0
    )
    # With signs for x: |G|² = (2 offset)²; the covariance has the trace
    # 4 (3 (sd² + offset²) - offset²).
    squared, trace = (2 * offset) ** 2, 4 * (3 * (sd**2 + offset**2) - offset**2)
    found = np.median(tracker.readings["noise_scale"][20:])
    assert found == pytest.approx(trace / squared, rel=0.35)
    assert tracker.readings["update_ratio"] == [0.0] * 100


def test_the_curvature_is_that_of_the_last_batch_measured():
    model = still_model()
    _, tracker = watch(model, ["curvature"], every=100, shuffle=False)
    expected = largest_curvature(model, X[:16], Y[:16], iterations=10).value
    found = tracker.readings["curvature"]
    assert tracker.readings["batch"] == [0, 7]
    assert found[-1] == pytest.approx(expected, rel=1e-3)


def test_the_record_is_drawn_and_holds_the_readings():
    for preset in ("basic", "full"):
        _, tracker = watch(make_model(), preset)
        record = tracker.record()
        assert record.readings == tracker.readings
        assert record.layers.batches.tolist() == tracker.readings["batch"]
        assert plot_training(record) is not None
        assert len(tracker.readings_frame()) == 6


def test_without_an_interval_nothing_but_losses_and_rates():
    _, tracker = watch(make_model(), "full", every=None)
    assert len(tracker.losses) == 14 and tracker.readings["batch"] == []
    assert tracker.record().layers is None


def test_instruments_that_fail_say_so_once_and_training_goes_on(monkeypatch):
    from lr_finder.training.watching import instrument_tracker

    def fail(self, values, batch):
        raise RuntimeError("no memory")

    monkeypatch.setattr(instrument_tracker.BatchProbe, "__call__", fail)
    with pytest.warns(UserWarning, match="could not be read.*no memory"):
        history, tracker = watch(make_model(), "full")
    assert len(history.history["loss"]) == 2 and len(tracker.losses) == 14


def test_bad_arguments_are_named():
    with pytest.raises(InputError, match="`instruments` must be .*Received.*'fast'"):
        TrainingDynamicsAnalyzer((X, Y), instruments="fast")
    with pytest.raises(InputError, match="`gradients_every` must be a whole number"):
        watch(make_model(), "basic", every=0)
