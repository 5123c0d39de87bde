"""The network that is swept when a person brings none: one for each kind of data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lr_finder.data.dataset import Dataset, Kind
from lr_finder.errors import InputError
from lr_finder.models.compile_arguments import (
    check_loss_fits,
    default_loss,
    default_metrics,
    resolve_loss,
    resolve_optimizer,
)
from lr_finder.models.initializers import CONVOLUTION_AXES, fresh_initializers

DEFAULT_OPTIMIZER = "adam"
HIDDEN_UNITS = (64, 64)  # enough for a table, small enough to sweep in seconds

FILTERS = (32, 64, 128, 128)  # of the convolutions, from the first on
LAST_SIZE = 4  # pixels that pooling leaves, about, of the shorter side
MOMENTUM = 0.9  # of BatchNorm: known after 30 batches, not after Keras' 300
IMAGE_AXES = 3  # of one image: height, width, channels
SAME_PIXELS = 1e-8  # of a channel; less variance is rounding, and is not divided by

EMBEDDING_SIZE = 32  # numbers a token
TEXT_UNITS = 32


def build_default(
    dataset: Dataset, *, optimizer: Any = None, loss: Any = None
) -> keras.Model:
    """Build and compile the default network for the kind of data.

    Args:
        dataset: Dataset; its kind chooses the network, its row shape and task the
            first and last layer: softmax for classes, sigmoid for two classes,
            linear for regression.
        optimizer: str, `keras.optimizers.Optimizer` or None for Adam.
        loss: str, loss or None for the one that fits the task: cross-entropy for
            classes, mean squared error for regression.

    Returns:
        keras.Model, compiled; with accuracy for a classification.

    Raises:
        InputError: If optimizer or loss is unknown, or the loss does not fit the task.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> model = build_default(Dataset(x, y, x, y, task="regression"))
    >>> model.input_shape, model.output_shape, model.loss
    ((None, 3), (None, 1), 'mse')
    """
    optimizer = resolve_optimizer(optimizer or DEFAULT_OPTIMIZER)
    loss = default_loss(dataset) if loss is None else resolve_loss(loss)
    check_loss_fits(loss, dataset, dataset.n_outputs)
    model = build_for_kind(dataset)
    model.compile(optimizer=optimizer, loss=loss, metrics=default_metrics(dataset))
    return model


def build_mlp(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build a dense 64-64 network, for a table or the windows of a series.

    Args:
        dataset: Dataset of rows (features,), or of more axes, which are flattened.
        initializer: str, `keras.initializers.Initializer` or None for Keras' own, of
            the kernels of the hidden layers.

    Returns:
        keras.Model, not compiled.

    Raises:
        InputError: If the initializer is unknown.

    Example:
    >>> windows, next_days = np.zeros((4, 20), "float32"), np.zeros((4, 7), "float32")
    >>> dataset = Dataset(windows, next_days, windows, next_days, "regression",
    ...                   kind="series")
    >>> build_mlp(dataset).output_shape
    (None, 7)
    """
    layers = [keras.Input(dataset.input_shape)]
    if len(dataset.input_shape) > 1:
        layers.append(keras.layers.Flatten())
    kernels = fresh_initializers(initializer)
    layers += [
        keras.layers.Dense(units, activation="relu", kernel_initializer=next(kernels))
        for units in HIDDEN_UNITS
    ]
    return keras.Sequential([*layers, head_layer(dataset)])


def build_cnn(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build a small convolutional network with BatchNorm, for images of any size.

    Pixels are standardised with each channel's mean and variance over `x_train`. As
    many blocks of convolution, BatchNorm, ReLU and pooling follow as leave about 4
    pixels of the shorter side, 4 at most; then the mean over all pixels. The last
    layer starts at zero, and training with it at the loss that chance gives. From
    random weights it starts well above, and the suggestion depends on the seed: on
    CIFAR-10 2.9e-4 to 2.9e-3 with three of them, 1.8e-3 to 2.4e-3 from zero.

    Args:
        dataset: Dataset of images (height, width, channels).
        initializer: str, `keras.initializers.Initializer` or None for Keras' own, of
            the kernels of the convolutions.

    Returns:
        keras.Model, not compiled.

    Raises:
        InputError: If the dataset holds no images, or the initializer is unknown or
            fills no kernel of 4 axes.

    Example:
    >>> x, y = np.zeros((4, 28, 28, 1), "float32"), np.array([0, 1, 2, 1], "int32")
    >>> dataset = Dataset(x, y, x, y, "classification", classes=(0, 1, 2),
    ...                   kind="images")
    >>> model = build_cnn(dataset)
    >>> model.output_shape, sum("conv" in layer.name for layer in model.layers)
    ((None, 3), 3)
    """
    kernels = fresh_initializers(initializer, axes=CONVOLUTION_AXES)
    layers = [keras.Input(dataset.input_shape), pixel_normalization(dataset)]
    doublings = math.log2(max(1, min(dataset.input_shape[:2])) / LAST_SIZE)
    blocks = min(max(round(doublings), 1), len(FILTERS))
    for filters in FILTERS[:blocks]:
        layers += [
            keras.layers.Conv2D(
                filters, 3, padding="same", use_bias=False,
                kernel_initializer=next(kernels),
            ),
            keras.layers.BatchNormalization(momentum=MOMENTUM),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(padding="same"),
        ]  # fmt: skip
    head = head_layer(dataset, kernel_initializer="zeros")
    return keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), head])


def build_text_model(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build a network over the mean of a text's embedded tokens.

    Padding, token 0, has no part in the mean. That is written out, since Keras' own
    masked mean of a text without any token is not a number.

    Args:
        dataset: Dataset of tokens (length,) below `vocabulary_size`.
        initializer: str, `keras.initializers.Initializer` or None for Keras' own, of
            the kernel of the hidden layer.

    Returns:
        keras.Model, not compiled.

    Raises:
        InputError: If the initializer is unknown.

    Example:
    >>> x, y = np.array([[5, 2, 0], [3, 0, 0]], "int32"), np.array([0, 1], "int32")
    >>> dataset = Dataset(x, y, x, y, "classification", classes=("ham", "spam"),
    ...                   kind="text", vocabulary_size=6)
    >>> build_text_model(dataset).output_shape
    (None, 1)
    """
    tokens = keras.Input(dataset.input_shape, dtype="int32")
    vectors = keras.layers.Embedding(dataset.vocabulary_size, EMBEDDING_SIZE)(tokens)
    is_token = keras.ops.cast(keras.ops.not_equal(tokens, 0), vectors.dtype)
    total = keras.ops.sum(vectors * keras.ops.expand_dims(is_token, -1), axis=1)
    count = keras.ops.sum(is_token, axis=1, keepdims=True)
    mean = total / keras.ops.maximum(count, 1.0)
    hidden = keras.layers.Dense(
        TEXT_UNITS, activation="relu",
        kernel_initializer=next(fresh_initializers(initializer)),
    )(mean)  # fmt: skip
    return keras.Model(tokens, head_layer(dataset)(hidden))


BUILDERS: dict[Kind, Callable[..., keras.Model]] = {
    "tabular": build_mlp,
    "series": build_mlp,
    "images": build_cnn,
    "text": build_text_model,
}


def build_for_kind(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build the default network for the kind of data.

    Args:
        dataset: Dataset.
        initializer: str, `keras.initializers.Initializer` or None for Keras' own, of
            the kernels of the hidden layers.

    Returns:
        keras.Model, not compiled.

    Raises:
        InputError: If the initializer is unknown, or fills no such kernels.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> build_for_kind(Dataset(x, y, x, y, task="regression")).output_shape
    (None, 1)
    """
    return BUILDERS[dataset.kind](dataset, initializer=initializer)


def head_layer(dataset: Dataset, **settings: Any) -> keras.layers.Layer:
    """The last layer: class probabilities, or numbers.

    Args:
        dataset: Dataset.
        settings: arguments of `keras.layers.Dense`.

    Returns:
        keras.layers.Dense.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> head_layer(Dataset(x, y, x, y, task="regression")).units
    1
    """
    activation = "linear"
    if dataset.task == "classification":
        activation = "softmax" if dataset.n_outputs > 1 else "sigmoid"
    return keras.layers.Dense(dataset.n_outputs, activation=activation, **settings)


def pixel_normalization(dataset: Dataset) -> keras.layers.Layer:
    """A layer that standardises pixels as those to train on have them.

    Args:
        dataset: Dataset of images; mean and variance of each channel are those of
            `x_train`. A channel that does not vary is centred alone.

    Returns:
        keras.layers.Normalization.

    Raises:
        InputError: If the dataset holds no images.

    Example:
    >>> x, y = np.full((4, 2, 2, 1), 3, "float32"), np.zeros(4, "float32")
    >>> layer = pixel_normalization(Dataset(x, y, x, y, "regression", kind="images"))
    >>> float(keras.ops.max(layer(x)))
    0.0
    """
    if len(dataset.input_shape) != IMAGE_AXES:
        raise InputError(
            "Data must be images (height, width, channels) for a network of "
            f"convolutions. Received: kind {dataset.kind!r}, rows of shape "
            f"{dataset.input_shape}. Use the model default."
        )
    mean, variance = _pixel_statistics(dataset.x_train)
    return keras.layers.Normalization(mean=mean, variance=variance)


def _pixel_statistics(images: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and variance of each channel, without a second copy of the images."""
    pixels = images.reshape(-1, images.shape[-1])
    mean = pixels.mean(axis=0, dtype=np.float64)
    squares = np.einsum("pc,pc->c", pixels, pixels, dtype=np.float64) / len(pixels)
    variance = squares - mean**2
    variance[variance < SAME_PIXELS] = 1.0
    return mean.tolist(), variance.tolist()
