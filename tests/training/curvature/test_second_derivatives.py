"""Products by closed forms, differences, and what `evaluate` shows."""

import keras
import numpy as np
import pytest

from lr_finder.training.curvature.measuring import (
    hessian_vector_product,
    largest_curvature,
)
from lr_finder.training.preserving.variables import host_copy

from .known import RNG, X, Y, flat, random_vector, squares

pytestmark = pytest.mark.training
BACKEND = keras.backend.backend()


def shaped(numbers, like):
    ends = np.cumsum([part.size for part in like])[:-1]
    pieces = zip(np.split(numbers, ends), like, strict=True)
    return [piece.reshape(part.shape) for piece, part in pieces]


def gradient_of_network(weights):
    """That of the mean squared error of a tanh network, written out."""
    kernel, bias, last, shift = weights
    hidden = np.tanh(X @ kernel + bias)
    error = 2 / len(X) * (hidden @ last + shift - Y)
    below = (error @ last.T) * (1 - hidden**2)
    return [X.T @ below, below.sum(0), hidden.T @ error, error.sum(0)]


def test_a_network_by_differences_of_its_gradient():
    """In float64 by NumPy, so all backends are held to the same numbers."""
    layers = [keras.Input((3,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse")
    rng = np.random.default_rng(4)
    weights = [rng.normal(size=tuple(v.shape)) for v in model.trainable_variables]
    model.set_weights(weights)
    start, columns = flat(weights), []
    for step in 1e-5 * np.eye(start.size):
        above, below = (
            flat(gradient_of_network(shaped(start + sign * step, weights)))
            for sign in (1, -1)
        )
        columns.append((above - below) / 2e-5)
    matrix = np.stack(columns)
    vector = random_vector(model)
    product = hessian_vector_product(model, X, Y, vector, batch_size=16)
    np.testing.assert_allclose(flat(product), matrix @ flat(vector), atol=2e-4)
    found = largest_curvature(model, X, Y, tolerance=1e-3)
    assert found.value == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-4)


def make_recurrent():
    layer = keras.layers.LSTM(4)
    return keras.Sequential([keras.Input((5, 2)), layer, keras.layers.Dense(1)])


def make_convolutional():
    layers = keras.layers
    parts = [layers.Conv2D(3, 3, activation="softplus"), layers.AveragePooling2D(2)]
    parts += [layers.Flatten(), layers.Dense(1)]
    return keras.Sequential([keras.Input((8, 8, 1)), *parts])


def make_embedding():
    parts = [keras.layers.Embedding(9, 3), keras.layers.GlobalAveragePooling1D()]
    return keras.Sequential([keras.Input((4,)), *parts, keras.layers.Dense(1, "tanh")])


def make_noisy():
    """BatchNorm, Dropout and a penalty on what a layer gives out."""
    layers = keras.layers
    parts = [layers.Dense(6, "tanh", activity_regularizer="l2")]
    parts += [layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *parts])
    mean, variance = model.layers[1].moving_mean, model.layers[1].moving_variance
    mean.assign(np.linspace(-0.3, 0.3, 6))
    variance.assign(np.linspace(0.5, 2, 6))
    return model


MODELS = {
    "recurrent": (make_recurrent, RNG.normal(size=(40, 5, 2))),
    "convolutional": (make_convolutional, RNG.normal(size=(40, 8, 8, 1))),
    "embedding": (make_embedding, RNG.integers(0, 9, (40, 4))),
    "noisy": (make_noisy, RNG.normal(size=(40, 3))),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_is_that_of_evaluate(name):
    """vᵀHv is how the loss of `evaluate` bends along v."""
    keras.utils.set_random_seed(5)
    make, x = MODELS[name]
    y = np.random.default_rng(6).normal(size=(40, 1))
    model = make()
    model.compile("sgd", "mse")
    vector = random_vector(model)
    length = np.linalg.norm(flat(vector))
    vector = [part / length for part in vector]
    product = hessian_vector_product(model, x, y, vector, batch_size=16)
    bend = flat(product) @ flat(vector)
    start = [host_copy(v) for v in model.trainable_variables]

    def loss_at(share):
        for v, value, part in zip(
            model.trainable_variables, start, vector, strict=True
        ):
            v.assign(value + share * part)
        return model.evaluate(x, y, batch_size=40, verbose=0)

    h = 0.1
    by_differences = (loss_at(h) - 2 * loss_at(0) + loss_at(-h)) / h**2
    assert bend == pytest.approx(by_differences, rel=0.02, abs=0.002)


def test_several_outputs_weights_and_losses():
    inputs = keras.Input((3,), name="a")
    outputs = {name: keras.layers.Dense(1, name=name)(inputs) for name in "pq"}
    model = keras.Model({"a": inputs}, outputs)
    model.compile("sgd", {"p": "mse", "q": "mse"}, loss_weights={"p": 1, "q": 0.5})
    product = hessian_vector_product(
        model, {"a": X}, {"p": Y, "q": -Y}, [np.ones(v.shape) for v in model.weights],
        batch_size=16,
    )  # fmt: skip
    expected = squares() @ np.ones(4)
    shares = [1.0 if "p" in v.path else 0.5 for v in model.weights]
    wanted = [expected[:3] * shares[0], expected[3:] * shares[1]]
    wanted += [expected[:3] * shares[2], expected[3:] * shares[3]]
    np.testing.assert_allclose(flat(product), flat(wanted), rtol=1e-5)


@pytest.mark.skipif(BACKEND != "torch", reason="a module of PyTorch")
def test_a_module_of_pytorch_within():
    import torch

    inner = keras.layers.TorchModuleWrapper(torch.nn.Linear(3, 1))
    model = keras.Sequential([keras.Input((3,)), inner])
    model.compile("sgd", "mse")
    inner.module.train()
    expected = np.linalg.eigvalsh(squares())[-1]
    assert largest_curvature(model, X, Y).value == pytest.approx(expected, rel=1e-4)
    assert inner.module.training
