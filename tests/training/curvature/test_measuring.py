"""The largest curvature in closed forms, and what SGD can bear."""

import keras
import numpy as np
import pytest

from lr_finder.training.curvature.measuring import (
    hessian_vector_product,
    largest_curvature,
)
from lr_finder.training.preserving.variables import host_copy

from .known import AUGMENTED, WEIGHT, X, Y, flat, linear, random_vector, squares

pytestmark = pytest.mark.training


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_least_squares_in_closed_form(weight):
    model = linear(kernel_regularizer=keras.regularizers.L2(0.3))
    expected = squares(weight) + np.diag([0.6, 0.6, 0.6, 0])
    vector = random_vector(model)
    options = {"sample_weight": weight, "batch_size": 16}
    product = hessian_vector_product(model, X, Y, vector, **options)
    np.testing.assert_allclose(flat(product), expected @ flat(vector), rtol=1e-5)
    found = largest_curvature(model, X, Y, tolerance=1e-4, **options)
    eigenvalues, vectors = np.linalg.eigh(expected)
    assert found.value == pytest.approx(eigenvalues[-1], rel=1e-5)
    assert abs(flat(found.vector) @ vectors[:, -1]) == pytest.approx(1, abs=1e-5)
    assert found.residual < 1e-3 and found.samples == 50


def test_logistic_regression_in_closed_form():
    model = linear(keras.losses.BinaryCrossentropy(from_logits=True))
    labels = (Y > 0).astype(float)
    kernel, bias = (host_copy(v).astype(float) for v in model.trainable_variables)
    p = 1 / (1 + np.exp(-(X @ kernel + bias)))
    expected = AUGMENTED.T @ (p * (1 - p) * AUGMENTED) / len(X)
    found = largest_curvature(model, X, labels, batch_size=16)
    assert found.value == pytest.approx(np.linalg.eigvalsh(expected)[-1], rel=1e-4)


@pytest.mark.parametrize(
    "options", [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}], ids=str
)
@pytest.mark.parametrize("share", [0.98, 1.02])
def test_sgd_bears_just_below_the_stable_rate(options, share):
    found = largest_curvature(linear(), X, Y, tolerance=1e-4)
    rate = share * found.stable_rate(**options)
    model = linear(optimizer=keras.optimizers.SGD(rate, **options))
    steps = 300  # of all the data each, in one epoch
    model.fit(
        np.tile(X, (steps, 1)), np.tile(Y, (steps, 1)), batch_size=50, shuffle=False,
        verbose=0,
    )  # fmt: skip
    kernel, bias = (host_copy(v) for v in model.trainable_variables)
    off = np.abs(X @ kernel + bias - Y).max()
    assert off < 1 if share < 1 else not off < 1000


def test_the_largest_is_found_though_a_negative_one_is_larger_in_size():
    model = linear(lambda y, outputs: keras.ops.mean(y * outputs**2), use_bias=False)
    signs = np.repeat([-1.0, 1.0], 25)[:, None]
    x = np.random.default_rng(0).normal(size=(50, 3))
    x *= np.where(signs < 0, [0.1, 3.0, 0.1], [1.0, 0.1, 0.5])
    expected = np.linalg.eigvalsh(2 / 50 * x.T @ (signs * x))
    assert -expected[0] > 2 * expected[-1] > 0  # or there would be nothing to show
    found = largest_curvature(model, x, signs, batch_size=50)
    assert found.value == pytest.approx(expected[-1], rel=1e-3)


def test_frozen_layers_have_no_part():
    keras.utils.set_random_seed(5)
    layers = [keras.layers.Dense(4, "tanh", trainable=False), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile("sgd", "mse")
    hidden = np.hstack([host_copy(model.layers[0](X)), np.ones((50, 1))])
    expected = np.linalg.eigvalsh(2 / 50 * hidden.T @ hidden)[-1]
    found = largest_curvature(model, X, Y)
    assert found.value == pytest.approx(expected, rel=1e-4)
    assert [part.shape for part in found.vector] == [(4, 1), (1,)]


def test_a_loss_that_is_linear_bends_nowhere():
    model = linear(lambda y, outputs: keras.ops.mean(y * outputs))
    found = largest_curvature(model, X, Y)
    assert (found.value, found.residual, found.stable_rate()) == (0, 0, np.inf)
