"""Random changes of images during training, as layers in front of a network."""

from __future__ import annotations

import keras

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError
from lr_finder.models.defaults import IMAGE_AXES

SHIFT = 4 / 32  # of a side at most: 4 pixels of CIFAR's images
BLACK = 0.0  # what comes in from outside, as if images were padded


def standard_augmentation(dataset: Dataset) -> list[keras.layers.Layer]:
    """Layers that flip and shift each image at random, in training alone.

    Half of the images are flipped from left to right; each is shifted by a whole
    number of pixels upwards or downwards and sideways, by up to 4 of 32, all shifts
    equally likely. That is the same as a random crop of the padded image.

    Args:
        dataset: Dataset of images (height, width, channels).

    Returns:
        list of keras.layers.Layer.

    Raises:
        InputError: If the dataset holds no images.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 8, 8, 3), "float32"), np.zeros(4, "float32")
    >>> dataset = Dataset(x, y, x, y, "regression", kind="images")
    >>> [type(layer).__name__ for layer in standard_augmentation(dataset)]
    ['RandomFlip', 'RandomTranslation']

    References:
        He, Zhang, Ren and Sun: Deep Residual Learning for Image Recognition. 2015,
        section 4.2.
    """
    if len(dataset.input_shape) != IMAGE_AXES:
        raise InputError(
            "Data must be images (height, width, channels) to be flipped and shifted. "
            f"Received: kind {dataset.kind!r}, rows of shape {dataset.input_shape}. "
            "Leave the augmentation out."
        )
    height, width = (_shift_factor(side) for side in dataset.input_shape[:2])
    shift = keras.layers.RandomTranslation(
        height, width, fill_mode="constant", fill_value=BLACK, interpolation="nearest"
    )
    if keras.config.backend() == "jax":
        # Keras forbids it for TensorFlow's sake; left uncompiled, the whole training
        # step would run operation by operation.
        shift.supports_jit = True
    return [keras.layers.RandomFlip("horizontal"), shift]


def with_augmentation(model: keras.Model, dataset: Dataset) -> keras.Model:
    """Put the standard augmentation in front of a network.

    The network is shared, not copied: what the one learns, the other knows. `fit`
    changes the images, `evaluate` and `predict` do not, nor does a call with
    `training=False`; a call without it does, as Keras' layers of that kind have it.

    Args:
        model: keras.Model of one input.
        dataset: Dataset of images, which the model fits.

    Returns:
        keras.Model, not compiled.

    Raises:
        InputError: If the dataset holds no images.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 8, 8, 3), "float32"), np.zeros(4, "float32")
    >>> dataset = Dataset(x, y, x, y, "regression", kind="images")
    >>> layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    >>> with_augmentation(keras.Sequential(layers), dataset).output_shape
    (None, 1)
    """
    layers = standard_augmentation(dataset)
    inputs = x = keras.Input(dataset.input_shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, model(x))


def _shift_factor(side: int) -> float:
    """What makes Keras' shifts, rounded to whole pixels, equally likely.

    It draws from a continuous range: half a pixel more at both ends gives the largest
    shifts the share of the others.
    """
    return (round(SHIFT * side) + 0.5) / side
