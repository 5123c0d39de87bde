"""The data of the studies, and the networks that differ in one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import numpy as np
from sklearn.datasets import load_digits

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts

TRAINED, TESTED = 800, 400  # digits
BRIGHTEST = 16.0  # of a pixel of a digit, as it comes
WIDTH, DEEP = 32, 6  # units of a hidden layer; hidden layers of a deep network
UNITS = 16  # of a recurrent layer
WINDOWS, TESTED_WINDOWS = 512, 256
NOISE = 1.0  # sd of the values of a window after its first

Build = Callable[..., keras.Model]


def digits() -> ThreeParts:
    """8 × 8 images of digits as rows of 64 numbers from 0 to 16, not scaled."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))[: TRAINED + TESTED]
    x, y = x[order].astype("float32"), y[order].astype("int32")
    dataset = Dataset(
        x[:TRAINED], y[:TRAINED], x[:1], y[:1], "classification",
        classes=tuple(range(10)),
    )  # fmt: skip
    return ThreeParts(dataset, x[TRAINED:], y[TRAINED:], "digits")


def first_value(window: int) -> ThreeParts:
    """Windows of noise; the class is the sign of the first value, which is 1 or -1."""
    rng = np.random.default_rng(0)
    n = WINDOWS + TESTED_WINDOWS
    x = rng.normal(0, NOISE, size=(n, window, 1)).astype("float32")
    y = rng.integers(0, 2, size=n).astype("int32")
    x[:, 0, 0] = 2 * y - 1
    dataset = Dataset(
        x[:WINDOWS], y[:WINDOWS], x[:1], y[:1], "classification", classes=(0, 1)
    )
    return ThreeParts(dataset, x[WINDOWS:], y[WINDOWS:], f"first of {window}")


def network(
    hidden: int,
    *,
    batch_norm: bool = False,
    dropout: float = 0.0,
    augmentation: bool = False,
) -> Build:
    """A function that builds a network for digits.

    Args:
        hidden: int >= 0, hidden layers of 32 units with ReLU.
        batch_norm: bool, whether each hidden layer has one before its activation.
        dropout: float in [0, 1), after each hidden layer.
        augmentation: bool, whether images are shifted by up to a pixel at random.

    Returns:
        callable (dataset, initializer) -> keras.Model, not compiled.
    """

    def build(dataset: Dataset, initializer: str | None = None) -> keras.Model:
        scaling = keras.layers.Rescaling(1 / BRIGHTEST)
        layers = [keras.Input(dataset.input_shape), scaling]
        if augmentation:
            shift = keras.layers.RandomTranslation(1 / 8, 1 / 8, fill_mode="constant")
            layers += [keras.layers.Reshape((8, 8, 1)), shift, keras.layers.Flatten()]
        for _ in range(hidden):
            layers.append(
                keras.layers.Dense(WIDTH, kernel_initializer=initializer or "he_normal")
            )
            if batch_norm:
                layers.append(keras.layers.BatchNormalization())
            layers.append(keras.layers.Activation("relu"))
            if dropout:
                layers.append(keras.layers.Dropout(dropout))
        return keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])

    return build


def active_units(rate: float, seed: int, epochs: int, batch_size: int) -> list[float]:
    """Train a network of 4 hidden layers by SGD; the units that any row activates.

    Args:
        rate: float > 0.
        seed: int.
        epochs: int >= 1.
        batch_size: int >= 1.

    Returns:
        list of float, the share of such units in each hidden layer.
    """
    data = digits().dataset
    keras.utils.set_random_seed(seed)
    model = network(4)(data)
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
    model.fit(data.x_train, data.y_train, batch_size, epochs, verbose=0)
    values, shares = data.x_train, []
    for layer in model.layers:
        values = keras.ops.convert_to_numpy(layer(values))
        if isinstance(layer, keras.layers.Activation):
            shares.append(float((values > 0).any(axis=0).mean()))
    return shares


def recurrent(kind: str) -> Build:
    """A function that builds a recurrent network: `"SimpleRNN"` or `"LSTM"`."""

    def build(dataset: Dataset) -> keras.Model:
        layer = getattr(keras.layers, kind)(UNITS)
        output = keras.layers.Dense(1, "sigmoid")
        return keras.Sequential([keras.Input(dataset.input_shape), layer, output])

    return build


DEPTHS: Mapping[str, Build] = {f"{n} hidden": network(n) for n in (1, 4, 10)}
LAYERS: Mapping[str, Build] = {
    "plain": network(DEEP),
    "batch norm": network(DEEP, batch_norm=True),
    "dropout 0.2": network(DEEP, dropout=0.2),
    "augmentation": network(DEEP, augmentation=True),
}
RECURRENT: Mapping[str, Build] = {
    name: recurrent(name) for name in ("SimpleRNN", "LSTM")
}
