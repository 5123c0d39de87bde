"""Data and a linear model whose second derivatives are known; without tests."""

import keras
import numpy as np

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)) * [1.0, 2.0, 0.5]  # batches of 16: the last one has 2
Y = X @ RNG.normal(size=(3, 1)) + 0.1 * RNG.normal(size=(50, 1))
WEIGHT = RNG.uniform(0.5, 2.0, 50)
AUGMENTED = np.hstack([X, np.ones((50, 1))])  # the bias is a weight of the input 1


def linear(loss="mse", optimizer="sgd", **options):
    keras.utils.set_random_seed(3)
    layer = keras.layers.Dense(1, **options)
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(optimizer, loss)
    return model


def random_vector(model, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=tuple(v.shape)) for v in model.trainable_variables]


def flat(parts):
    return np.concatenate([np.ravel(part) for part in parts])


def squares(weight=None):
    weight = np.ones(len(X)) if weight is None else weight
    return 2 / len(X) * AUGMENTED.T @ (weight[:, None] * AUGMENTED)
