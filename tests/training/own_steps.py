"""Models that train by a step of their own, for each backend; without tests."""

import keras
import numpy as np

from .conftest import SEED

BACKEND = keras.backend.backend()
X = np.random.default_rng(0).normal(size=(48, 6)).astype("float32")


def _step_with_tensorflow(model, data):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.loss_of_batch(data)
    gradients = tape.gradient(loss, model.trainable_variables)
    model.optimizer.apply(gradients, model.trainable_variables)
    model.tracker.update_state(loss)
    return {name: model.tracker.result() for name in model.reported}


def _step_with_torch(model, data):
    import torch

    model.zero_grad()
    loss = model.loss_of_batch(data)
    loss.backward()
    with torch.no_grad():
        gradients = [weight.value.grad for weight in model.trainable_weights]
        model.optimizer.apply(gradients, model.trainable_weights)
        model.tracker.update_state(loss)
    return {name: model.tracker.result() for name in model.reported}


def _step_with_jax(model, state, data):
    import jax

    trained, others, optimizer, metrics = state

    def loss_of(trained):
        mapping = [
            *zip(model.trainable_variables, trained, strict=True),
            *zip(model.non_trainable_variables, others, strict=True),
        ]
        with keras.StatelessScope(state_mapping=mapping):
            return model.loss_of_batch(data)

    loss, gradients = jax.value_and_grad(loss_of)(trained)
    trained, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trained)
    metrics = model.tracker.stateless_update_state(metrics, loss)
    logs = dict.fromkeys(model.reported, model.tracker.stateless_result(metrics))
    return logs, (trained, others, optimizer, metrics)


STEP = {
    "tensorflow": _step_with_tensorflow,
    "torch": _step_with_torch,
    "jax": _step_with_jax,
}[BACKEND]


class StepOfItsOwn:
    """Trains on `loss_of_batch`; shows one metric, of any name."""

    def __init__(self, *args, reported=("loss",), **options):
        super().__init__(*args, **options)
        self.reported = reported
        self.tracker = keras.metrics.Mean(name="any_name")

    @property
    def metrics(self):
        return [self.tracker]

    def train_step(self, *args):
        return STEP(self, *args)


class OwnStep(StepOfItsOwn, keras.Model):
    """Made without layers."""


class FunctionalOwnStep(StepOfItsOwn, keras.Model):
    """Made of inputs and outputs, for which Keras changes the bases of a class."""


class Autoencoder(OwnStep):
    """Two models, no `call`, and noise from the backend's own generator."""

    def __init__(self, is_lazy=False, **options):
        super().__init__(**options)
        inputs = [] if is_lazy else [keras.Input((6,))]
        hidden = [] if is_lazy else [keras.Input((2,))]
        self.encoder = keras.Sequential([*inputs, keras.layers.Dense(2)])
        self.decoder = keras.Sequential([*hidden, keras.layers.Dense(6)])

    def loss_of_batch(self, data):
        x = data[0] if isinstance(data, tuple) else data
        code = self.encoder(x)
        if BACKEND == "tensorflow":
            import tensorflow as tf

            code = code + 0.1 * tf.random.normal(tf.shape(code))
        return keras.ops.mean((self.decoder(code) - x) ** 2)


class Parted(OwnStep):
    """One layer, called on each of three inputs or more; the loss compares them."""

    def __init__(self, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(2)

    def call(self, parts):
        return [self.dense(part) for part in parts]

    def loss_of_batch(self, data):
        first, *others = self(data)
        return sum(keras.ops.mean((first - other) ** 2) for other in others)


def compiled(model, optimizer="adam", **options):
    model.compile(optimizer, **options)
    return model


def make_autoencoder(is_lazy=False, **options):
    """Not built; under JAX and torch called so, since `fit` asks for it there."""
    keras.utils.set_random_seed(SEED)
    model = Autoencoder(is_lazy, **options)
    if BACKEND != "tensorflow":
        model.built = True
    return compiled(model)


def make_parted(**options):
    """Not built; under JAX and torch built, since `fit` cannot do it there."""
    keras.utils.set_random_seed(SEED)
    model = Parted(**options)
    if BACKEND != "tensorflow":
        model([X[:1]] * 3)
    return compiled(model)


def make_functional(step=FunctionalOwnStep, **options):
    """Built in the usual way, with a step of its own."""
    keras.utils.set_random_seed(SEED)
    inputs = keras.Input((6,))
    return compiled(step(inputs, keras.layers.Dense(1)(inputs), **options))


def batches_of_parts(count, size=16):
    """A generator of tuples of so many inputs, none of them a target."""
    while True:
        for first in range(0, len(X), size):
            part = X[first : first + size]
            yield tuple(part + 0.1 * number for number in range(count))
