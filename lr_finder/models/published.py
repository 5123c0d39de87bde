"""Networks for images that others have published results of."""

from __future__ import annotations

from typing import Any

import keras

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError
from lr_finder.models.defaults import MOMENTUM, head_layer, pixel_normalization
from lr_finder.models.initializers import CONVOLUTION_AXES, fresh_initializers

# 3c3d of DeepOBS: (filters, size of the kernel, padding), then the dense layers.
CONVOLUTIONS = ((64, 5, "valid"), (96, 3, "valid"), (128, 3, "same"))
DENSE_UNITS = (512, 256)
LEAST_SIDE = 9  # pixels: fewer leave the second convolution nothing
# DeepOBS adds 0.002 · Σw²/2, as its regularizer is defined; Keras' L2 has no half.
L2_FACTOR = 0.002 / 2

STAGE_FILTERS = (16, 32, 64)  # of ResNet-20
BLOCKS = 3  # a stage
EPSILON = 1e-5  # of BatchNorm, as He et al. set it


def build_3c3d(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build the 3c3d network of DeepOBS: three convolutions and three dense layers.

    Convolutions of 64, 96 and 128 filters, each with ReLU and 3 × 3 pooling of stride
    2; dense layers of 512 and 256 units with ReLU. Each kernel adds 0.002 · Σw²/2 to
    the loss, also to that which Keras reports. Biases start at 0. Pixels are
    standardised channel by channel; DeepOBS does it image by image.

    Args:
        dataset: Dataset of images (height, width, channels), at least 9 pixels a side.
        initializer: str, `keras.initializers.Initializer`, or None for DeepOBS' own:
            Glorot's, normal for convolutions and uniform for dense layers. It is that
            of the hidden layers' kernels.

    Returns:
        keras.Model, not compiled; for CIFAR-10 of 895,210 parameters.

    Raises:
        InputError: If the images are too small or none, or the initializer is unknown.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 32, 32, 3), "float32"), np.arange(4, dtype="int32")
    >>> data = Dataset(x, y, x, y, "classification", classes=range(10), kind="images")
    >>> build_3c3d(data).count_params()
    895210

    References:
        Schneider, Balles and Hennig: DeepOBS: A Deep Learning Optimizer Benchmark
        Suite. ICLR 2019.
    """
    layers = [keras.Input(dataset.input_shape), pixel_normalization(dataset)]
    _check_size(dataset)
    kernels = fresh_initializers(initializer, "glorot_normal", axes=CONVOLUTION_AXES)
    for filters, size, padding in CONVOLUTIONS:
        layers += [
            keras.layers.Conv2D(
                filters, size, padding=padding, activation="relu",
                kernel_initializer=next(kernels), kernel_regularizer=_penalty(),
            ),
            keras.layers.MaxPooling2D(3, strides=2, padding="same"),
        ]  # fmt: skip
    layers.append(keras.layers.Flatten())
    kernels = fresh_initializers(None) if initializer is None else kernels
    layers += [
        keras.layers.Dense(
            units, activation="relu",
            kernel_initializer=next(kernels), kernel_regularizer=_penalty(),
        )
        for units in DENSE_UNITS
    ]  # fmt: skip
    head = head_layer(dataset, kernel_regularizer=_penalty())
    return keras.Sequential([*layers, head])


def build_resnet20(dataset: Dataset, *, initializer: Any = None) -> keras.Model:
    """Build the residual network of 20 layers that He et al. trained on CIFAR-10.

    A convolution of 16 filters; three stages of three blocks with 16, 32 and 64
    filters, the second and third of half the pixels; the mean over all pixels. A block
    is two convolutions of 3 × 3 with BatchNorm, and adds its input to their outcome.
    Where sizes change, that input is every second pixel, filled up with channels of
    zeros (the paper's option A). It adds no weight decay: that is the optimizer's.

    Args:
        dataset: Dataset of images (height, width, channels).
        initializer: str, `keras.initializers.Initializer`, or None for the paper's
            own, `he_normal`. It is that of the convolutions' kernels.

    Returns:
        keras.Model, not compiled; for CIFAR-10 of 269,722 trainable parameters.

    Raises:
        InputError: If the dataset holds no images, or the initializer is unknown.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 8, 8, 1), "float32"), np.arange(4, dtype="int32")
    >>> data = Dataset(x, y, x, y, "classification", classes=range(4), kind="images")
    >>> build_resnet20(data).output_shape
    (None, 4)

    References:
        He, Zhang, Ren and Sun: Deep Residual Learning for Image Recognition. 2015,
        section 4.2.
    """
    kernels = fresh_initializers(initializer, "he_normal", axes=CONVOLUTION_AXES)
    inputs = keras.Input(dataset.input_shape)
    x = pixel_normalization(dataset)(inputs)
    x = keras.layers.ReLU()(_convolved(x, STAGE_FILTERS[0], 1, next(kernels)))
    for stage, filters in enumerate(STAGE_FILTERS):
        for block in range(BLOCKS):
            stride = 2 if stage and not block else 1
            first = _convolved(x, filters, stride, next(kernels))
            second = keras.layers.ReLU()(first)
            second = _convolved(second, filters, 1, next(kernels))
            x = keras.layers.Add()([second, _shortcut(x, filters, stride)])
            x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, head_layer(dataset)(x))


def _convolved(x: Any, filters: int, stride: int, kernel_initializer: Any) -> Any:
    """A convolution of 3 × 3 and BatchNorm, centred on every `stride`-th pixel."""
    x = keras.layers.ZeroPadding2D(1)(x)
    x = keras.layers.Conv2D(
        filters, 3, strides=stride, use_bias=False,
        kernel_initializer=kernel_initializer,
    )(x)  # fmt: skip
    return keras.layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON)(x)


def _shortcut(x: Any, filters: int, stride: int) -> Any:
    """A block's input in the shape of its output, without weights."""
    if stride == 1:
        return x
    x = keras.layers.MaxPooling2D(1, strides=stride)(x)  # every second pixel
    missing = filters - x.shape[-1]
    before, after = missing // 2, missing - missing // 2
    return keras.ops.pad(x, [[0, 0], [0, 0], [0, 0], [before, after]])


def _penalty() -> keras.regularizers.Regularizer:
    return keras.regularizers.L2(L2_FACTOR)


def _check_size(dataset: Dataset) -> None:
    height, width = dataset.input_shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise InputError(
            f"Images must have at least {LEAST_SIDE} pixels a side for the model 3c3d. "
            f"Received: {height}×{width}. Use the model cnn or resnet20."
        )
