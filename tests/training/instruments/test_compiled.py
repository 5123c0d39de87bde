"""A compiled function: the same values, made once, into memory of its own."""

import keras
import numpy as np
import pytest

from lr_finder.training.instruments.compiled import compiled, copies

pytestmark = pytest.mark.training
VALUES = np.random.default_rng(0).normal(size=(2, 5)).astype("float32")


def norms(values):
    return [keras.ops.sqrt(keras.ops.sum(each**2)) for each in values]


def tensors():
    return [keras.ops.convert_to_tensor(each) for each in VALUES]


def numbers(values):
    return [keras.ops.convert_to_numpy(each) for each in values]


def test_it_gives_what_the_function_gives():
    expected = np.linalg.norm(VALUES, axis=1)
    np.testing.assert_allclose(numbers(compiled(norms)(tensors())), expected, rtol=1e-6)


def test_a_function_is_compiled_once():
    assert compiled(norms) is compiled(norms)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="torch runs it as it is")
def test_calls_of_the_same_shapes_trace_once():
    traced = []

    def double(values):
        traced.append(len(values))
        return [2 * each for each in values]

    for _ in range(3):
        result = compiled(double)(tensors())
    np.testing.assert_array_equal(numbers(result), 2 * VALUES)
    assert traced == [2]


def test_no_gradient_is_kept_of_it():
    if keras.backend.backend() != "torch":
        pytest.skip("only torch keeps one")
    (value, _) = tensors()
    assert not compiled(norms)([value.requires_grad_()])[0].requires_grad


def test_a_copy_stays_when_the_variable_moves():
    variable = keras.Variable(VALUES[0])
    (copy,) = copies([variable.value])
    variable.assign_add(np.ones(5))
    np.testing.assert_array_equal(numbers([copy])[0], VALUES[0])
