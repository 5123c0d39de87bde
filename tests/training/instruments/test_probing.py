"""The gradient of a batch in halves, and dead units, beside closed forms."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.instruments.probing import BatchProbe
from lr_finder.training.preserving.variables import host_copy

from ..conftest import make_data, make_model
from ..own_models import OwnStep

pytestmark = pytest.mark.training
RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 4)).astype("float32")
Y = (X[:, :1] + RNG.normal(size=(32, 1))).astype("float32")
START = RNG.normal(size=(4, 1)).astype("float32")


def linear():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    model.set_weights([START])
    return model


def values_of(model):
    return [variable.value for variable in model.trainable_variables]


def gradient(x, y, weight=1.0):
    """Of mean(weight (x w - y)²), in NumPy."""
    return 2 * x.T @ (weight * (x @ START - y)) / len(x)


@pytest.mark.parametrize("weight", [None, RNG.uniform(0.5, 2, 32).astype("float32")])
def test_the_norms_of_halves_and_whole_are_those_of_the_closed_form(weight):
    probe = BatchProbe(linear())
    batch = (X, Y) if weight is None else (X, Y, weight)
    found = probe([np.asarray(START)], batch)
    w = np.ones((32, 1)) if weight is None else weight[:, None]
    halves = [gradient(X[i], Y[i], w[i]) for i in (slice(0, 16), slice(16, 32))]
    whole = gradient(X, Y, w)
    assert found.size == 16
    assert found.squares.sum() == pytest.approx(np.sum(whole**2), rel=1e-5)
    assert found.small == pytest.approx(
        np.mean([np.sum(g**2) for g in halves]), rel=1e-5
    )
    assert found.dead.size == 0


def test_a_unit_is_dead_that_is_0_for_the_whole_batch():
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(3, 2, activation="relu", name="a"),
            keras.layers.Flatten(),
            keras.layers.Dense(4, name="b"),
            keras.layers.ReLU(name="c"),
            keras.layers.Dense(1, activation="tanh"),
        ]
    )
    model.compile("sgd", "mse")
    model.get_layer("a").bias.assign([-1e6, 0.0, 1e6])  # never, sometimes, always
    model.get_layer("b").bias.assign([-1e9, -1e9, -1e9, 1e9])
    x = RNG.normal(size=(8, 4, 4, 1)).astype("float32")
    probe = BatchProbe(model)
    found = probe(values_of(model), (x, x[:, 0, 0]))
    assert probe.layers == ("a", "c")
    assert found.dead.tolist() == pytest.approx([1 / 3, 3 / 4])


def test_nothing_of_the_model_changes():
    """BatchNorm's statistics, Dropout's seeds, metrics and `call` are as they were."""
    model, (x, y) = make_model(), make_data(32)
    before = [host_copy(v) for v in (*model.variables, *model.metrics_variables)]
    names = [set(vars(layer)) for layer in model.layers]
    found = BatchProbe(model)(values_of(model), (x.astype("float32"), y))
    assert np.isfinite(found.squares).all() and found.small > 0
    after = [host_copy(v) for v in (*model.variables, *model.metrics_variables)]
    for one, other in zip(before, after[: len(before)], strict=True):
        np.testing.assert_array_equal(one, other)
    assert [set(vars(layer)) for layer in model.layers] == names


class OwnModel(OwnStep, keras.Sequential):
    pass


def test_a_step_of_ones_own_is_refused_by_name():
    model = OwnModel([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ModelError, match="with a train_step of its own.*`instruments`"):
        BatchProbe(model)
