"""Random directions in the space of weights, with filters as long as the model's."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from lr_finder.errors import ModelError
from lr_finder.training.preserving.variables import attributes_of, host_copy

NORMALIZING = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
)
TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
DEPTHWISE = "depthwise_kernel"  # what Keras calls the weights of one filter a channel


def random_directions(
    model: keras.Model, count: int, seed: int
) -> list[list[np.ndarray]]:
    r"""Filter-normalised random directions, as Li et al. draw them.

    $$ d_f \leftarrow d_f \, \lVert w_f \rVert / \lVert d_f \rVert $$

    for each filter $f$: the weights that make one output of a layer. As in the authors'
    own code, biases and the weights of BatchNorm (and of the other normalisations) are
    not moved: their part of a direction is 0. The statistics of BatchNorm are no
    trainable weights, and stay as well. Only trainable variables are moved.

    Args:
        model: keras.Model, built.
        count: int >= 1, how many directions.
        seed: int, from which they are drawn.

    Returns:
        list of directions, each a list of float64 arrays, of the shapes of
        `model.trainable_variables`.

    Raises:
        ModelError: If the model has no trainable weights but such.

    Example:
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> ((kernel, bias),) = random_directions(model, 1, seed=0)
    >>> own = model.layers[0].kernel.numpy()
    >>> np.allclose(np.linalg.norm(kernel, axis=0), np.linalg.norm(own, axis=0)), bias
    (True, array([0., 0.]))

    References:
        Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural
        Nets, NeurIPS 2018 (https://arxiv.org/abs/1712.09913), section 4.
    """
    rng = np.random.default_rng(seed)
    axes = filter_axes(model)
    if all(each is None for each in axes):
        raise ModelError(
            "The model must have trainable weights of two axes or more, which are "
            f"moved along random directions. Received: model {model.name!r}, with none "
            "but biases and normalisations. Give `directions` of your own."
        )
    weights = [host_copy(each).astype(float) for each in model.trainable_variables]
    return [
        [
            _normalised(rng.normal(size=own.shape), own, summed)
            for own, summed in zip(weights, axes, strict=True)
        ]
        for _ in range(count)
    ]


def filter_axes(model: keras.Model) -> list[tuple[int, ...] | None]:
    """The axes over which the length of a filter is summed, of each trainable variable.

    A filter is what makes one output: of a dense or convolutional kernel all axes but
    the last. A transposed convolution has its outputs in the last axis but one, a
    depthwise one in its last two, and each row of an embedding is a vector of its own.

    Args:
        model: keras.Model, built.

    Returns:
        list of tuple of int; None for a variable that is not moved.

    Example:
    >>> model = keras.Sequential([keras.Input((5, 5, 1)), keras.layers.Conv2D(2, 3)])
    >>> filter_axes(model)
    [(0, 1, 2), None]
    """
    owners = {
        id(value): layer
        for layer in model._flatten_layers()
        for _, value in attributes_of(layer)
        if isinstance(value, keras.Variable)
    }
    return [
        _axes_of(variable, owners.get(id(variable)))
        for variable in model.trainable_variables
    ]


def _axes_of(
    variable: keras.Variable, layer: keras.Layer | None
) -> tuple[int, ...] | None:
    rank = len(variable.shape)
    if rank < 2 or isinstance(layer, NORMALIZING):
        return None
    outputs: Sequence[int] = (rank - 1,)
    if isinstance(layer, TRANSPOSED):
        outputs = (rank - 2,)
    elif isinstance(layer, keras.layers.Embedding):
        outputs = (0,)
    elif variable.name == DEPTHWISE or _is_depthwise(variable, layer):
        outputs = (rank - 2, rank - 1)
    return tuple(axis for axis in range(rank) if axis not in outputs)


def _is_depthwise(variable: keras.Variable, layer: keras.Layer | None) -> bool:
    """Whether it is the one kernel of a depthwise convolution."""
    kinds = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
    return isinstance(layer, kinds) and variable is layer.kernel


def _normalised(
    drawn: np.ndarray, own: np.ndarray, summed: tuple[int, ...] | None
) -> np.ndarray:
    """A random array whose filters are as long as those of the weights."""
    if summed is None:
        return np.zeros_like(own)
    lengths = np.sqrt(np.square(own).sum(axis=summed, keepdims=True))
    return drawn * lengths / np.sqrt(np.square(drawn).sum(axis=summed, keepdims=True))
