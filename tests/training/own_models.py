"""Models of every kind that `fit` trains, each with data and options of `fit`."""

import keras
import numpy as np

from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer

LR = 0.05
RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 4)).astype("float32")
Y = (2 * X[:, :1] + 0.5 * X[:, 1:2]).astype("float32")
BACKEND = keras.backend.backend()


class OwnStep:
    """A `train_step` of one's own, which trains on `self.loss_of(data)`."""

    def train_step(self, *arguments):
        return {"tensorflow": _in_tensorflow, "jax": _in_jax, "torch": _in_torch}[
            BACKEND
        ](self, *arguments)

    def apply(self, gradients):
        self.optimizer.apply(gradients, self.trainable_variables)

    def report(self, loss):
        self._loss_tracker.update_state(loss)
        return {"loss": self._loss_tracker.result()}


def _in_tensorflow(model, data):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.loss_of(data)
    model.apply(tape.gradient(loss, model.trainable_variables))
    return model.report(loss)


def _in_torch(model, data):
    import torch

    model.zero_grad()
    loss = model.loss_of(data)
    loss.backward()
    with torch.no_grad():
        model.apply([variable.value.grad for variable in model.trainable_variables])
    return model.report(loss)


def _in_jax(model, state, data):
    import jax

    trainable, others, slots, metrics = state

    def loss_of(trainable):
        values = zip(
            [*model.trainable_variables, *model.non_trainable_variables],
            [*trainable, *others],
            strict=True,
        )
        with keras.StatelessScope(state_mapping=list(values)) as scope:
            loss = model.loss_of(data)
        return loss, [scope.get_current_value(v) for v in model.non_trainable_variables]

    (loss, others), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
    trainable, slots = model.optimizer.stateless_apply(slots, gradients, trainable)
    values = zip(model.metrics_variables, metrics, strict=True)
    with keras.StatelessScope(state_mapping=list(values)) as scope:
        logs = model.report(loss)
    metrics = [scope.get_current_value(v) for v in model.metrics_variables]
    return logs, (trainable, others, slots, metrics)


class HundredErrors(OwnStep, keras.Model):
    """Trains on 100 times the mean absolute error, whatever it was compiled with."""

    def loss_of(self, data):
        x, y = data
        return 100.0 * keras.ops.mean(keras.ops.abs(y - self(x, training=True)))


class Triplet(OwnStep, keras.Model):
    """Three inputs and no target."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(2)

    def call(self, inputs):
        return [self.dense(each) for each in inputs]

    def loss_of(self, data):
        anchor, near, far = self(data)
        gap = (anchor - near) ** 2 - (anchor - far) ** 2
        return keras.ops.mean(keras.ops.relu(keras.ops.sum(gap, -1) + 50.0))


class Pulled(keras.layers.Layer):
    """Pulls what passes towards one, by a loss of its own."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean((inputs - 1.0) ** 2))
        return inputs


class Cubed(keras.Model):
    """`compute_loss` overridden."""

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        return keras.ops.mean(keras.ops.abs(y - y_pred) ** 3)


class Triples(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, i):
        part = slice(16 * i, 16 * i + 16)
        return X[part], X[part] + 0.1, X[::-1][part]


def dense(kind=keras.Model, **options):
    inputs = keras.Input((4,))
    return kind(inputs, keras.layers.Dense(1, **options)(inputs))


def compiled(model, loss="mse", optimizer=None, **options):
    model.compile(optimizer or keras.optimizers.SGD(LR), loss, **options)
    return model


def triplet():
    model = Triplet()
    model([X[:2], X[:2], X[:2]])
    return compiled(model, None)


def pulled():
    inputs = keras.Input((4,))
    outputs = Pulled()(keras.layers.Dense(1)(inputs))
    return compiled(keras.Model(inputs, outputs), None)


def two_inputs():
    one, two = keras.Input((4,), name="one"), keras.Input((1,), name="two")
    joined = keras.layers.Concatenate()([one, two])
    return compiled(
        keras.Model({"one": one, "two": two}, keras.layers.Dense(1)(joined))
    )


def two_outputs():
    inputs = keras.Input((4,))
    outputs = {
        "one": keras.layers.Dense(1, name="one")(inputs),
        "two": keras.layers.Dense(2, name="two")(inputs),
    }
    return compiled(
        keras.Model(inputs, outputs),
        {"one": "mse", "two": "mae"},
        loss_weights={"one": 0.3, "two": 2.0},
    )


def network():
    """All at once: BatchNorm, Dropout, and regularizers of two layers."""
    inputs = keras.Input((4,))
    x = keras.layers.Dense(8, kernel_regularizer=keras.regularizers.L2(0.1))(inputs)
    x = keras.layers.Dropout(0.3, seed=1)(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dense(1, activity_regularizer=keras.regularizers.L2(0.1))(x)
    return compiled(keras.Model(inputs, x))


def words():
    inputs = keras.Input((3,), dtype="int32")
    x = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(inputs))
    return compiled(keras.Model(inputs, keras.layers.Dense(1)(x)))


def half_precision():
    """float16, with the loss scale that Keras then chooses."""
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(LR), 2.0**8)
    return compiled(dense(dtype="mixed_float16"), optimizer=scaled)


def groups():
    sgd = keras.optimizers.SGD
    groups = keras.optimizers.OptimizerMap(sgd(LR), {".*bias": sgd(LR)})
    return compiled(dense(), optimizer=keras.optimizers.MultiOptimizer(groups))


XY = (X, Y)
KINDS = {
    "own step": (lambda: compiled(dense(HundredErrors)), XY, {}),
    "own step, eager": (
        lambda: compiled(dense(HundredErrors), run_eagerly=True), XY, {},
    ),
    "three inputs": (triplet, (Triples(),), {"shuffle": False}),
    "add_loss": (pulled, (X,), {}),
    "two inputs": (two_inputs, ({"one": X, "two": X[:, :1]}, Y), {}),
    "two outputs": (two_outputs, (X, {"one": Y, "two": X[:, :2]}), {}),
    "compute_loss": (lambda: compiled(dense(Cubed)), XY, {}),
    "sample weights": (lambda: compiled(dense()), (X, Y, abs(X[:, 3])), {}),
    "class weights": (
        lambda: compiled(dense(activation="sigmoid"), "binary_crossentropy"),
        (X, (Y > 0).astype("float32")),
        {"class_weight": {0: 1.0, 1: 5.0}},
    ),
    "network": (network, XY, {}),
    "embedding": (words, (abs(X[:, :3] * 2).astype("int32") % 5, Y), {}),
    "half precision": (half_precision, XY, {}),
    "loss scale": (
        lambda: compiled(
            dense(), optimizer=keras.optimizers.SGD(LR, loss_scale_factor=8.0)
        ), XY, {},
    ),
    "groups": (groups, XY, {}),
}  # fmt: skip


def watched(model, data, lr=None, callbacks=(), every=1, **options):
    analyzer = TrainingDynamicsAnalyzer(data, batch_size=16, **options)
    return analyzer.analyze_training_progression(
        model, lr, epochs=1, gradients_every=every, seed=5, verbose=0,
        callbacks=callbacks,
    )  # fmt: skip


def state_of(model):
    return [host_copy(v) for v in [*model.variables, *model.optimizer.variables]]


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
