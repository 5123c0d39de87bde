"""Copies on the host share no memory with the variable."""

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.variables import host_copy, kept_value, replicas

pytestmark = pytest.mark.training


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int32", "bool"])
def test_a_copy_stays_and_puts_the_value_back(dtype):
    values = np.array([[0, 1], [1, 0]])
    variable = keras.Variable(values, dtype=dtype, trainable=False)
    copy = host_copy(variable)
    variable.assign(keras.ops.cast(1 - values, dtype))
    np.testing.assert_array_equal(copy.astype("float32"), values)
    variable.assign(copy)
    np.testing.assert_array_equal(host_copy(variable).astype("float32"), values)
    assert keras.backend.standardize_dtype(variable.dtype) == dtype


@pytest.mark.parametrize("times", [1, 3])
def test_a_kept_value_survives_training_and_can_be_put_back_again(times):
    """In place, as optimizers write: whoever shares memory would change with it."""
    variable = keras.Variable(np.ones((300, 300)), dtype="float32")
    value = kept_value(variable)
    for _ in range(times):
        variable.assign_add(np.full((300, 300), 2.0))
        assert host_copy(variable)[0, 0] == 3
        variable.assign(value)
        assert host_copy(variable).sum() == 300 * 300


def test_a_variable_on_one_device_is_its_only_replica():
    variable = keras.Variable([1.0])
    assert replicas(variable) == [variable]
