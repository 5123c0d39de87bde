"""LRSweep in one's own `fit`."""

import warnings

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep

from .conftest import SEED, assert_same_outcome, make_data, make_model, outcome_of_fit

pytestmark = pytest.mark.training

EXACT = {"start_lr": 1e-5, "end_lr": 1e-1}


def fit(model, callback, **options):
    options = {"batch_size": 16, "shuffle": False, "verbose": 0} | options
    return model.fit(*make_data(96), callbacks=[callback], **options)


def test_it_records_the_true_loss_of_each_batch_at_each_rate(model):
    """Against `train_on_batch` on the same batches, one optimizer step at a time."""
    callback = LRSweep(**EXACT, steps=6)
    twin = make_model()
    for each in (model, twin):
        each.layers[2].rate = 0.0  # torch has one stream of Dropout for all models
    fit(model, callback)
    x, y = make_data(96)
    losses = []
    for step, lr in enumerate(np.geomspace(1e-5, 1e-1, 6)):
        twin.optimizer.learning_rate = lr
        twin.reset_metrics()
        rows = slice(16 * step, 16 * step + 16)
        losses.append(twin.train_on_batch(x[rows], y[rows])[0])
    np.testing.assert_allclose(callback.result.lrs, np.geomspace(1e-5, 1e-1, 6))
    np.testing.assert_allclose(callback.result.losses, losses, rtol=1e-5)
    assert callback.result.stop_reason == "completed"


def warm_model():
    """A model trained before; under JAX the first fit alone draws one order more."""
    model = make_model()
    outcome_of_fit(model)
    keras.utils.set_random_seed(8)
    return model


def test_the_model_is_as_before_at_the_end_of_fit():
    expected = outcome_of_fit(warm_model())
    model = warm_model()
    fit(model, LRSweep(steps=4))
    keras.utils.set_random_seed(8)
    assert_same_outcome(outcome_of_fit(model), expected)


def test_a_model_never_trained_draws_as_many_orders_of_batches_afterwards(model):
    keras.utils.set_random_seed(8)
    expected = outcome_of_fit(model)
    model = make_model()
    fit(model, LRSweep(steps=4))
    keras.utils.set_random_seed(8)
    assert_same_outcome(outcome_of_fit(model), expected)


def test_a_model_evaluated_before_draws_as_many_orders_as_well():
    def evaluated():
        model = make_model()
        model.evaluate(*make_data(), verbose=0)
        return model

    model = evaluated()
    keras.utils.set_random_seed(8)
    expected = outcome_of_fit(model)
    model = evaluated()
    fit(model, LRSweep(steps=4))
    keras.utils.set_random_seed(8)
    assert_same_outcome(outcome_of_fit(model), expected)


def test_a_model_never_trained_is_as_before_as_well(model):
    before = [host_copy(variable) for variable in model.variables]
    fit(model, LRSweep(start_lr=0.1, end_lr=1.0, steps=4))
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(host_copy(variable), value)
    assert host_copy(model.optimizer.iterations) == 0


@pytest.mark.parametrize("steps", [4, 6, 9, 12], ids="mid edge mid2 edge2".split())
def test_fit_ends_with_the_sweep(steps):
    """Inside an epoch, at its border, and in the second one; not trained on."""
    seen = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    model = make_model()
    callback = LRSweep(**EXACT, steps=steps)
    model.fit(*make_data(96), batch_size=16, epochs=4, verbose=0,
              callbacks=[callback, Count()])  # fmt: skip
    assert len(seen) == steps == len(callback.result.lrs)


def test_an_epoch_border_leaves_no_jump():
    """A weight at rest sees the same batches in each epoch: the same losses."""
    callback = LRSweep(start_lr=1e-12, end_lr=1e-11, steps=12)
    model = make_model()
    model.layers[2].rate = 0.0
    fit(model, callback, epochs=2)
    losses = callback.result.losses
    np.testing.assert_allclose(losses[:6], losses[6:], rtol=1e-5)


def test_a_fit_too_short_says_how_many_epochs_are_needed(model):
    callback = LRSweep(**EXACT, steps=20)
    with pytest.warns(UserWarning, match="6 of the 20 steps.*epochs=4"):
        fit(model, callback)
    assert callback.result.stop_reason == "data_ended"
    assert len(callback.result.lrs) == 6


def test_the_epochs_it_asks_for_are_enough(model):
    callback = LRSweep(**EXACT, steps=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fit(model, callback, epochs=4)
    assert callback.result.stop_reason == "completed"


def test_the_same_object_serves_twice(model):
    model.layers[2].rate = 0.0
    callback = LRSweep(**EXACT, steps=6)
    fit(model, callback)
    first = callback.result
    fit(model, callback)
    np.testing.assert_array_equal(first.losses[0], callback.result.losses[0])
    assert len(callback.result.curves) == 1


def test_a_diverged_sweep_ends_early_unless_told_not_to():
    options = {"start_lr": 1e-3, "end_lr": 1e5, "steps": 60}
    ended, going = LRSweep(**options), LRSweep(**options, stop=False)
    for callback in (ended, going):
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        fit(model, callback, epochs=10)
    assert ended.result.stop_reason == "diverged"
    assert going.result.stop_reason in ("nonfinite", "completed")
    assert len(going.result.lrs) > len(ended.result.lrs)


def test_restore_after_an_exception_in_fit():
    expected = outcome_of_fit(warm_model())
    model = warm_model()

    class Fail(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError

    callback = LRSweep(start_lr=0.1, end_lr=1.0, steps=6)
    with pytest.raises(RuntimeError):
        model.fit(*make_data(96), verbose=0, callbacks=[callback, Fail()])
    callback.restore()
    callback.restore()  # a second time changes nothing
    keras.utils.set_random_seed(8)
    assert_same_outcome(outcome_of_fit(model), expected)


class OwnStep(keras.Model):
    """As in Keras' own VAE example: the loss comes from a metric named otherwise."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.tracker = keras.metrics.Mean(name="total_loss")

    def call(self, inputs):
        return self.dense(inputs)

    @property
    def metrics(self):
        return [self.tracker]

    def train_step(self, *args):
        return STEPS[keras.backend.backend()](self, *args)


def squared_error(outputs, y):
    return keras.ops.mean((outputs[:, 0] - keras.ops.cast(y, "float32")) ** 2)


def step_with_tensorflow(model, data):
    import tensorflow as tf

    x, y = data
    with tf.GradientTape() as tape:
        loss = squared_error(model(x), y)
    gradients = tape.gradient(loss, model.trainable_variables)
    model.optimizer.apply(gradients, model.trainable_variables)
    model.tracker.update_state(loss)
    return {"loss": model.tracker.result()}


def step_with_torch(model, data):
    import torch

    x, y = data
    model.zero_grad()
    loss = squared_error(model(x), y)
    loss.backward()
    with torch.no_grad():
        gradients = [weight.value.grad for weight in model.trainable_weights]
        model.optimizer.apply(gradients, model.trainable_weights)
        model.tracker.update_state(loss)
    return {"loss": model.tracker.result()}


def step_with_jax(model, state, data):
    import jax

    (trained, others, optimizer, metrics), (x, y) = state, data

    def loss_of(trained):
        outputs, _ = model.stateless_call(trained, others, x)
        return squared_error(outputs, y)

    loss, gradients = jax.value_and_grad(loss_of)(trained)
    trained, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trained)
    metrics = model.tracker.stateless_update_state(metrics, loss)
    logs = {"loss": model.tracker.stateless_result(metrics)}
    return logs, (trained, others, optimizer, metrics)


STEPS = {
    "tensorflow": step_with_tensorflow,
    "torch": step_with_torch,
    "jax": step_with_jax,
}


def make_own_step():
    keras.utils.set_random_seed(SEED)
    model = OwnStep()
    model(np.zeros((1, 6)))  # builds it
    model.compile("adam")
    return model


def test_a_train_step_of_ones_own_with_its_own_loss_metric():
    x, y = make_data(96)
    result = sweep(make_own_step(), x, y, batch_size=32, steps=9, start_lr=1e-12,
                   end_lr=1e-11, seed=0, verbose=0)  # fmt: skip
    means = result.losses.reshape(3, 3).mean(axis=1)
    np.testing.assert_allclose(means, means[0], rtol=1e-4)
    assert len(set(result.losses.round(5))) == 9


def test_a_model_with_a_train_step_of_its_own_is_put_back():
    expected = outcome_of_fit(make_own_step())
    model = make_own_step()
    sweep(model, *make_data(), steps=12, seed=0, verbose=0)
    assert_same_outcome(outcome_of_fit(model), expected)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras refuses it under torch"
)
def test_several_steps_per_execution_are_refused(model):
    model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=2)
    with pytest.raises(ModelError, match="steps_per_execution.*lr_finder.sweep"):
        fit(model, LRSweep(steps=4))


def test_a_model_without_weights_is_built_as_one_with_them():
    """TensorFlow builds it in the first batch, the others before callbacks."""
    model, expected = make_model(inputs=False), make_model()
    swept = []
    for each in (model, expected):
        swept.append(LRSweep(**EXACT, steps=6))
        keras.utils.set_random_seed(SEED)
        fit(each, swept[-1])
    np.testing.assert_array_equal(swept[0].result.losses, swept[1].result.losses)
    assert swept[0].result.metadata == swept[1].result.metadata | {"model": model.name}
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_rule_broken_is_named_at_once():
    with pytest.raises(InputError, match="`mode`"):
        LRSweep(mode="cubic")
    with pytest.raises(InputError, match="`start_lr`"):
        LRSweep(start_lr=1.0, end_lr=0.5)


def test_the_metadata_tells_what_was_swept(model):
    callback = LRSweep(**EXACT, steps=6)
    fit(model, callback)
    metadata = callback.result.metadata
    assert metadata["optimizer"] == "SGD"
    assert metadata["loss"] == "sparse_categorical_crossentropy"
    assert metadata["steps"] == 6
    assert metadata["parameters"] == model.count_params()
    assert metadata["backend"] == keras.backend.backend()
    assert metadata["gradient_accumulation_steps"] == 1
    assert metadata["group"] is None
    assert "CPU" in metadata["device"] or "GPU" in metadata["device"]
