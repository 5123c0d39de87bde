"""Small models, and what a training leaves behind, to the last bit."""

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.variables import host_copy

SEED = 3


def make_model(inputs=True, optimizer=None):
    """A network with all that a sweep may leave changed: BatchNorm, Dropout, slots."""
    keras.utils.set_random_seed(SEED)
    layers = [
        keras.layers.Dense(16, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(4, activation="softmax"),
    ]
    if inputs:
        layers.insert(0, keras.Input((6,)))
    model = keras.Sequential(layers)
    model.compile(
        optimizer or keras.optimizers.SGD(0.01, momentum=0.9),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def still_model():
    """A model whose loss depends on the batch alone: no BatchNorm, no Dropout."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(4, activation="softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def make_data(samples=100):
    """A classification that a linear model solves; the last batch of 16 is ragged."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 6))
    return x, (x @ rng.normal(size=(6, 4))).argmax(axis=1)


def outcome_of_fit(model):
    """Everything a `fit` gives: History, weights, slots, seeds, metrics."""
    x, y = make_data()
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0).history
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return history, [host_copy(variable) for variable in variables]


def assert_same_outcome(actual, expected):
    assert actual[0] == expected[0]
    assert len(actual[1]) == len(expected[1])
    for one, other in zip(actual[1], expected[1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def data():
    return make_data()


@pytest.fixture
def model():
    return make_model()
