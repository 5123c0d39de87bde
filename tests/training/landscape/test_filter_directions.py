"""Filter normalisation against a second implementation, filter by filter."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.landscape.filter_directions import (
    filter_axes,
    random_directions,
)
from lr_finder.training.preserving.variables import host_copy

pytestmark = pytest.mark.training


def conv_model():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.SeparableConv2D(5, 3),
            layers.Conv2DTranspose(6, 2),
            layers.LayerNormalization(axis=[1, 2, 3]),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


def filters_of(layer, name, array):
    """The filters of a kernel, one after the other: what makes one output each."""
    if isinstance(layer, keras.layers.Conv2DTranspose):
        yield from (array[:, :, place, :] for place in range(array.shape[2]))
    elif "depthwise" in name or isinstance(layer, keras.layers.DepthwiseConv2D):
        for channel in range(array.shape[2]):
            yield from (array[:, :, channel, i] for i in range(array.shape[3]))
    elif isinstance(layer, keras.layers.Embedding):
        yield from array
    else:
        yield from (array[..., place] for place in range(array.shape[-1]))


def check(model):
    first, second = random_directions(model, 2, seed=3)
    owners = {
        id(v): each for each in model._flatten_layers(include_self=False)
        for v in each._trainable_variables
    }  # fmt: skip
    moved = 0
    for variable, one, other in zip(
        model.trainable_variables, first, second, strict=True
    ):
        own, layer = host_copy(variable), owners[id(variable)]
        is_norm = "Normalization" in type(layer).__name__
        if own.ndim < 2 or is_norm:
            assert not one.any() and not other.any(), variable.path
            continue
        moved += 1
        assert not np.allclose(one, other)
        parts = [list(filters_of(layer, variable.name, a)) for a in (own, one)]
        for ours, drawn in zip(*parts, strict=True):
            assert np.linalg.norm(drawn) == pytest.approx(np.linalg.norm(ours))
    return moved


def test_every_filter_is_as_long_as_the_models_own():
    assert check(conv_model()) == 6


def test_rows_of_an_embedding_and_units_of_an_lstm_are_filters():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((7,)),
            keras.layers.Embedding(11, 5),
            keras.layers.LSTM(4),
            keras.layers.Dense(3),
        ]
    )
    assert check(model) == 4
    assert filter_axes(model)[0] == (1,)


def test_a_filter_of_zeros_is_not_moved():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.layers[0].kernel.assign([[1.0, 0.0]] * 3)
    ((kernel, _),) = random_directions(model, 1, seed=0)
    assert not kernel[:, 1].any() and kernel[:, 0].all()


def test_frozen_layers_have_no_part():
    model = conv_model()
    model.layers[0].trainable = False
    (direction,) = random_directions(model, 1, seed=0)
    assert [each.shape for each in direction] == [
        tuple(each.shape) for each in model.trainable_variables
    ]


def test_a_seed_draws_the_same_and_another_another():
    model = conv_model()
    one, same, other = (random_directions(model, 1, seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(one[0], same[0])
    assert not np.allclose(one[0], other[0])


def test_a_model_of_biases_alone_is_refused():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.BatchNormalization()], name="scales"
    )
    with pytest.raises(ModelError, match="two axes or more.*'scales'.*of your own"):
        random_directions(model, 1, seed=0)
