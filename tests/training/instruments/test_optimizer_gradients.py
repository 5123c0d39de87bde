"""The gradient norm that an optimizer tells, beside the gradient itself."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.instruments.optimizer_gradients import OptimizerGradients
from lr_finder.training.instruments.update_ratios import UpdateRatios

pytestmark = pytest.mark.training
RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 4)).astype("float32")
Y = RNG.normal(size=(16, 1)).astype("float32")
KINDS = keras.optimizers
OPTIMIZERS = {
    "plain": lambda: KINDS.SGD(0.1),
    "momentum": lambda: KINDS.SGD(0.1, momentum=0.9),
    "nesterov": lambda: KINDS.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: KINDS.Adam(0.1),
    "adamw": lambda: KINDS.AdamW(0.1, weight_decay=0.1),
    "nadam": lambda: KINDS.Nadam(0.1),
    "adamax": lambda: KINDS.Adamax(0.1),
    "lion": lambda: KINDS.Lion(0.01),
    "rmsprop": lambda: KINDS.RMSprop(0.1, momentum=0.5, centered=True),
    "adagrad": lambda: KINDS.Adagrad(0.1),
}


def linear(optimizer):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, name="d")])
    model.compile(optimizer, "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.few(4)
def test_it_is_the_norm_of_the_gradient(name):
    model = linear(OPTIMIZERS[name]())
    gradients = OptimizerGradients(model)
    for _ in range(3):  # also of a memory that is not empty
        kernel, bias = model.get_weights()
        gradients.before()
        model.fit(X, Y, batch_size=16, verbose=0)
        error = X @ kernel + bias - Y
        g = np.append(2 * X.T @ error / 16, 2 * error.mean())
        assert gradients.after() == pytest.approx(np.linalg.norm(g), rel=1e-3)


def test_a_step_that_takes_no_gradient_in_has_none():
    model = linear(KINDS.Adam(0.1, gradient_accumulation_steps=2))
    gradients, ratios, found = OptimizerGradients(model), UpdateRatios(model), []
    for _ in range(2):
        gradients.before()
        ratios.before()
        model.fit(X, Y, batch_size=16, verbose=0)
        ratios.after()
        found.append((gradients.after(), ratios.total))
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


def test_an_optimizer_that_is_not_built_yet_tells_from_its_second_step_on():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    gradients, found = OptimizerGradients(model), []
    for _ in range(2):
        gradients.before()
        model.fit(X, Y, batch_size=16, verbose=0)
        found.append(gradients.after())
    assert np.isfinite(found[1])


@pytest.mark.parametrize(
    "optimizer", [KINDS.Adadelta, lambda: KINDS.SGD(0.1, weight_decay=0.1)]
)
def test_an_optimizer_that_does_not_tell_is_refused(optimizer):
    with pytest.raises(ModelError, match="Received: (Adadelta|SGD)"):
        OptimizerGradients(linear(optimizer()))


def test_updates_are_shares_of_the_weights_layer_by_layer():
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    ratios, before = UpdateRatios(model), model.get_weights()
    ratios.before()
    model.fit(X, Y, batch_size=16, verbose=0)
    found, after = ratios.after(), model.get_weights()

    def norm(arrays):
        return np.linalg.norm(np.concatenate([a.ravel() for a in arrays]))

    moved = [b - a for a, b in zip(before, after, strict=True)]
    expected = [norm(moved[:2]) / norm(before[:2]), norm(moved[2:]) / norm(before[2:])]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert ratios.total == pytest.approx(norm(moved) / norm(before), rel=1e-4)
    assert ratios.names[0].endswith("a")


def test_weights_of_0_have_no_ratio():
    model = linear("sgd")
    model.set_weights([np.zeros((4, 1)), np.zeros(1)])
    ratios = UpdateRatios(model)
    ratios.before()
    model.fit(X, Y, batch_size=16, verbose=0)
    assert np.isnan(ratios.after()).all() and np.isnan(ratios.total)
