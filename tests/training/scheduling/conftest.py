"""A small model, small data, and what a training with a schedule leaves."""

import keras
import numpy as np

from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.variables import host_copy

BATCHES = 4  # in an epoch
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4 * BATCHES, 3)).astype("float32")
Y = X[:, :1] - 0.5 * X[:, 1:2]


def make_model(optimizer, **options):
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(2, "tanh", name="body"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(optimizer, "mse", **options)
    return model


def make_eager(optimizer):
    """One whose steps are not traced, which takes longer than so few of them."""
    return make_model(optimizer, run_eagerly=True)


def fit(model, *callbacks, epochs=3, x=X, **options):
    """The History; without shuffling, so that epochs can be trained one by one."""
    data = {"y": Y, "batch_size": 4} if x is X else {}
    options = {"shuffle": False, "verbose": 0} | data | options
    return model.fit(x, epochs=epochs, callbacks=list(callbacks), **options).history


def weights(model):
    return [host_copy(variable) for variable in model.weights]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


class Recorded(keras.callbacks.Callback):
    """The rate that the optimizer held during each batch."""

    def on_train_begin(self, logs=None):
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(current_rate(self.model.optimizer))


def tracked(model, *callbacks, **options):
    """The rate of each batch, as the optimizer held it."""
    recorded = Recorded()
    fit(model, *callbacks, recorded, **options)
    return np.array(recorded.rates, "float32")
