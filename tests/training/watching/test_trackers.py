"""Trackers: true values of each batch, and a `fit` that is as without them."""

import keras
import numpy as np
import pytest

from lr_finder.training.watching.trackers import (
    BatchMetricsTracker,
    LearningRateTracker,
)

from ..conftest import assert_same_outcome, make_data, make_model
from ..conftest import outcome_of_fit as plain_outcome
from ..own_models import BACKEND, OwnStep

pytestmark = pytest.mark.training


class Logs(keras.callbacks.Callback):
    """What another callback sees."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(dict(logs))


def fit(model, *callbacks, **options):
    options = {"batch_size": 16, "epochs": 2, "verbose": 0} | options
    return model.fit(*make_data(), callbacks=list(callbacks), **options)


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", [LearningRateTracker, BatchMetricsTracker])
def test_history_and_other_callbacks_are_as_without(kind):
    with_tracker, without = Logs(), Logs()
    first = make_model()
    history = fit(first, kind(), with_tracker).history
    outcome = plain_outcome(first)
    second = make_model()
    assert history == fit(second, without).history
    assert with_tracker.seen == without.seen
    assert_same_outcome(outcome, plain_outcome(second))


def test_the_losses_are_those_of_the_batches_alone():
    """With a rate of zero the weights rest: each batch can be evaluated by itself."""
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae"])
    tracker = BatchMetricsTracker()
    fit(model, tracker, shuffle=False)
    x, y = make_data()
    errors = model.predict(x, verbose=0)[:, 0] - y
    batches = [errors[i : i + 16] for i in range(0, 100, 16)] * 2
    np.testing.assert_allclose(
        tracker.losses, [np.mean(e**2) for e in batches], rtol=1e-5
    )
    np.testing.assert_allclose(
        tracker.history["mae"], [np.mean(abs(e)) for e in batches], rtol=1e-5
    )
    assert tracker.history["step"] == [*range(7)] * 2
    assert tracker.history["epoch"] == [0] * 7 + [1] * 7
    assert tracker.history["loss"] == tracker.losses


def test_the_rates_are_those_each_batch_was_trained_with():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model = make_model(optimizer=keras.optimizers.SGD(schedule))
    tracker = LearningRateTracker()
    fit(model, tracker, epochs=1)
    np.testing.assert_allclose(
        tracker.learning_rates, 0.1 * 0.5 ** np.arange(7), rtol=1e-6
    )
    constant = make_model(optimizer=keras.optimizers.SGD(0.1))
    fit(constant, tracker, epochs=1)
    assert tracker.learning_rates == [0.1] * 7  # not 0.10000000149


def test_of_several_groups_the_rate_of_the_default_is_recorded():
    default, other = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.4)
    groups = keras.optimizers.OptimizerMap(default, {".*bias": other})
    model = make_model(optimizer=keras.optimizers.MultiOptimizer(groups))
    tracker = LearningRateTracker()
    fit(model, tracker, epochs=1)
    assert tracker.learning_rates == [0.1] * 7


def test_the_weighted_batches_make_up_the_mean_that_keras_reports(model):
    tracker = BatchMetricsTracker()
    history = fit(model, tracker).history
    sizes = [16] * 6 + [4]
    for name in ("loss", "accuracy"):
        values = np.reshape(tracker.history[name], (2, 7))
        means = np.average(values, axis=1, weights=sizes)
        np.testing.assert_allclose(means, history[name], rtol=1e-5)


def test_the_same_object_watches_twice(model):
    tracker = BatchMetricsTracker()
    fit(model, tracker)
    fit(model, tracker, epochs=1)
    assert len(tracker.losses) == len(tracker.history["seconds"]) == 7


def test_the_table_has_a_row_for_each_batch(model):
    tracker = BatchMetricsTracker()
    fit(model, tracker)
    frame = tracker.to_frame()
    assert list(frame.columns) == [
        "epoch", "step", "learning_rate", "seconds", "loss", "accuracy"
    ]  # fmt: skip
    assert len(frame) == 14
    assert (frame["seconds"] > 0).all()


def test_after_a_nan_the_epoch_is_nan(model):
    x, y = make_data()
    weights = np.where(np.arange(100) == 40, np.nan, 1.0)
    tracker = LearningRateTracker()
    model.fit(x, y, sample_weight=weights, batch_size=16, shuffle=False, verbose=0,
              callbacks=[tracker])  # fmt: skip
    assert np.isfinite(tracker.losses[:2]).all()
    assert np.isnan(tracker.losses[2:]).all()


class Totals(OwnStep, keras.Model):
    """Keras' VAE example: its losses have means of its own, under names of its own."""

    def __init__(self, inputs, outputs, shown=True, reports="mean", key="loss"):
        super().__init__(inputs, outputs)
        self.total = keras.metrics.Mean(name="total_loss")
        self.other = keras.metrics.Mean(name="kl_loss")
        self.shown, self.reports, self.key = shown, reports, key

    @property
    def metrics(self):
        return [self.total, self.other] if self.shown else [self.other]

    def loss_of(self, data):
        x, y = data
        return keras.ops.mean((self(x)[:, 0] - keras.ops.cast(y, "float32")) ** 2)

    def report(self, loss):
        self.total.update_state(loss)
        self.other.update_state(2 * loss)
        value = self.total.result() if self.reports == "mean" else loss
        return {self.key: value, self.other.name: self.other.result()}


def totals(**options):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6,))
    model = Totals(inputs, keras.layers.Dense(1)(inputs), **options)
    model.compile(keras.optimizers.SGD(0.0))
    return model


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"key": "total_loss"},
        {"reports": "batch"},
        pytest.param(
            {"shown": False},
            marks=pytest.mark.skipif(
                BACKEND == "jax", reason="JAX loses what such a mean has counted"
            ),
        ),
    ],
    ids=str,
)
@pytest.mark.few(2)
def test_the_loss_is_found_under_another_name(options):
    """By hand, at a rate of zero: the mean squared error of each batch."""
    model, tracker = totals(**options), BatchMetricsTracker()
    fit(model, tracker, shuffle=False)
    x, y = make_data()
    errors = (model.predict(x, verbose=0)[:, 0] - y) ** 2
    by_hand = [errors[i : i + 16].mean() for i in range(0, 100, 16)] * 2
    np.testing.assert_allclose(tracker.losses, by_hand, rtol=1e-5)
    np.testing.assert_allclose(
        tracker.history["kl_loss"], np.multiply(2, by_hand), rtol=1e-5
    )


def test_a_loss_that_is_not_known_ends_no_training():
    """One warning in all its batches, and History is as without a tracker."""
    tracker = BatchMetricsTracker()
    model = totals(key="energy", shown=False)
    model.other = keras.metrics.Mean(name="other")
    with pytest.warns(UserWarning, match="losses of batches are nan.*'energy'") as seen:
        history = fit(model, tracker).history
    assert len([w for w in seen if "are nan" in str(w.message)]) == 1
    assert len(tracker.losses) == 14 and np.isnan(tracker.losses).all()
    assert tracker.history["step"] == [*range(7)] * 2
    assert len(history["energy"]) == 2


def test_a_tracker_never_used_is_empty():
    assert LearningRateTracker().losses == []
    assert BatchMetricsTracker().history["epoch"] == []


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, then
def test_data_of_unknown_length_have_a_rate_for_each_loss():
    """TensorFlow begins a batch more than there is, and finds the data at an end."""
    import tensorflow as tf

    x, y = make_data(64)
    data = tf.data.Dataset.from_tensor_slices((x.astype("float32"), y)).batch(16)
    data = data.filter(lambda *row: True)
    tracker = BatchMetricsTracker()
    make_model().fit(data, epochs=2, verbose=0, shuffle=False, callbacks=[tracker])
    assert len(tracker.learning_rates) == len(tracker.losses) == 8
    assert tracker.history["step"] == [0, 1, 2, 3] * 2
