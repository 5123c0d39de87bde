"""The data that a loss is averaged over, what is refused, what is put back."""

import signal

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.curvature.measuring import (
    hessian_vector_product,
    largest_curvature,
)

from ..conftest import assert_same_outcome, make_data, make_model, outcome_of_fit
from ..fingerprints import random_states
from .known import X, Y, linear, squares

pytestmark = pytest.mark.training
BACKEND = keras.backend.backend()


def make_dataset():
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


@pytest.mark.parametrize(
    "make",
    [make_dataset, lambda: ((X[i : i + 16], Y[i : i + 16]) for i in range(0, 50, 16))],
    ids=["dataset", "generator"],
)
def test_batches_of_a_source(make):
    arrays = largest_curvature(linear(), X, Y, batch_size=16)
    source = largest_curvature(linear(), make())
    assert (source.value, source.samples) == (pytest.approx(arrays.value), 50)


@pytest.mark.parametrize("how", ["products", "error", "interrupt"])
def test_the_model_is_as_it_was(how):
    x, y = make_data()
    expected = outcome_of_fit(make_model())
    model = make_model()
    before, states = model.get_weights(), random_states()
    vector = [np.ones(v.shape) for v in model.trainable_variables]
    if how == "products":
        hessian_vector_product(model, x, y, vector, batch_size=16)
        largest_curvature(model, x, y, iterations=3)
    elif how == "error":
        with pytest.raises(InputError, match="must hold an array of finite numbers"):
            hessian_vector_product(model, x, y, vector[1:])
        with pytest.raises(InputError, match="must be finite"):
            hessian_vector_product(model, np.full_like(x, np.nan), y, vector)
    else:
        with pytest.raises(KeyboardInterrupt):
            largest_curvature(model, interrupted(x, y))
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert random_states() == states
    assert_same_outcome(outcome_of_fit(model), expected)


def interrupted(x, y):
    signal.raise_signal(signal.SIGINT)
    yield x, y


def test_what_has_no_second_derivatives_is_refused():
    narrow = linear(dtype="mixed_float16")
    with pytest.raises(ModelError, match="float32 or float64"):
        largest_curvature(narrow, X, Y)

    class OwnTest(keras.Sequential):
        def test_step(self, *arguments):
            return super().test_step(*arguments)

    own = OwnTest([keras.Input((3,)), keras.layers.Dense(1)])
    own.compile("sgd", "mse")
    with pytest.raises(ModelError, match="test_step of its own"):
        largest_curvature(own, X, Y)


def test_arguments_out_of_their_range_are_named():
    model = linear()
    for options, name in [
        ({"iterations": 0}, "iterations"),
        ({"tolerance": 1.0}, "tolerance"),
        ({"seed": -1}, "seed"),
        ({"batch_size": 0}, "batch_size"),
    ]:
        with pytest.raises(InputError, match=f"Argument `{name}`"):
            largest_curvature(model, X, Y, **options)
    with pytest.raises(InputError, match="must hold the targets"):
        largest_curvature(model, X)
    with pytest.raises(ModelError, match="must be compiled"):
        largest_curvature(keras.Sequential([keras.layers.Dense(1)]), X, Y)
    with pytest.raises(InputError, match="must be None"):
        largest_curvature(model, (batch for batch in [(X, Y)]), Y)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a strategy of TensorFlow")
def test_the_scope_of_a_strategy_is_refused():
    import tensorflow as tf

    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = linear()
        with pytest.raises(InputError, match=r"within strategy.scope\(\)"):
            largest_curvature(model, X, Y)
    expected = np.linalg.eigvalsh(squares())[-1]
    assert largest_curvature(model, X, Y).value == pytest.approx(expected, rel=1e-4)
