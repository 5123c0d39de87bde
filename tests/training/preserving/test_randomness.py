"""Every global random state comes back."""

import random
import sys
import types

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.randomness import RandomState

pytestmark = pytest.mark.training


def draws():
    """One draw from each generator that a training may use."""
    values = [
        random.random(),
        np.random.random(),  # noqa: NPY002
        np.array(keras.ops.convert_to_numpy(keras.random.normal((3,)))),
    ]
    if "torch" in sys.modules:  # under any backend: a DataLoader draws from it
        import torch

        values.append(torch.rand(3).numpy().copy())
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        order = tf.data.Dataset.range(50).shuffle(50)
        values.append(list(order.as_numpy_iterator()))
    return values


@pytest.mark.parametrize("used_before", [False, True])
def test_the_same_draws_come_again(used_before):
    keras.utils.set_random_seed(5)
    if used_before:
        draws()
    state = RandomState()
    first = draws()
    state.restore()
    for one, other in zip(draws(), first, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="traced functions of TensorFlow"
)
def test_a_function_traced_meanwhile_starts_from_the_same_seed():
    import tensorflow as tf

    def noise():
        return keras.random.normal((3,))

    keras.utils.set_random_seed(5)
    expected = [t.numpy() for _ in range(2) for t in [noise()]]
    keras.utils.set_random_seed(5)
    state = RandomState()
    traced = tf.function(noise)
    traced()
    state.restore()
    for value in expected:
        np.testing.assert_array_equal(traced().numpy(), value)


def set_seeds():
    """Those of Keras and, which Keras leaves alone under other backends, of torch."""
    keras.utils.set_random_seed(5)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(5)


def test_looking_at_the_states_advances_none():
    set_seeds()
    expected = draws()
    set_seeds()
    RandomState().restore()
    for one, other in zip(draws(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_where_cuda_is_not_in_use_it_is_not_started(monkeypatch):
    def refuse():
        raise AssertionError("would start CUDA")

    cuda = types.SimpleNamespace(is_initialized=lambda: False, get_rng_state_all=refuse)
    states = [7]
    torch = types.SimpleNamespace(
        cuda=cuda, get_rng_state=states.copy, set_rng_state=states.extend
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    RandomState().restore()
    assert states == [7, 7]
