"""The forecasters of the example, over one window: dense, LSTM, convolutional."""

from __future__ import annotations

from collections.abc import Callable

import keras

from lr_finder._arguments import check_count
from time_series.settings import USUAL_RATE

HIDDEN_UNITS = (128, 64, 32)  # the funnel that the project promises
LSTM_UNITS = 32
FILTERS, KERNEL = 32, 5  # of each convolution; two of them see 9 points


def create_model(
    window_size: int = 20,
    *,
    columns: int = 1,
    horizon: int = 1,
    learning_rate: float = USUAL_RATE,
) -> keras.Model:
    """Build and compile the dense 128-64-32 forecaster.

    Args:
        window_size: int, points that the network sees, at least 1.
        columns: int, columns of the series, at least 1.
        horizon: int, points to forecast, at least 1.
        learning_rate: float, of Adam; Keras' own default if none is given.

    Returns:
        keras.Model from (batch, window_size), with several columns
        (batch, window_size, columns), to (batch, horizon), ReLU inside and linear
        at the end, compiled with Adam and mean squared error.

    Raises:
        InputError: If a size is not a positive whole number.

    Example:
    >>> create_model(window_size=7).output_shape
    (None, 1)
    """
    layers = [keras.layers.Dense(units, activation="relu") for units in HIDDEN_UNITS]
    if columns != 1:
        layers.insert(0, keras.layers.Flatten())
    return _compiled(layers, window_size, columns, horizon, learning_rate)


def create_lstm_model(
    window_size: int = 20,
    *,
    columns: int = 1,
    horizon: int = 1,
    learning_rate: float = USUAL_RATE,
) -> keras.Model:
    """Build and compile a forecaster of one LSTM layer of 32 units.

    Its gates saturate far from 0: standardise the series first (`Scaling`).

    Args:
        window_size: int, points that the network sees, at least 1.
        columns: int, columns of the series, at least 1.
        horizon: int, points to forecast, at least 1.
        learning_rate: float, of Adam.

    Returns:
        keras.Model with the shapes of `create_model`, compiled in the same way.

    Raises:
        InputError: If a size is not a positive whole number.

    Example:
    >>> create_lstm_model(window_size=7, horizon=3).output_shape
    (None, 3)
    """
    layers = [_with_columns(window_size, columns), keras.layers.LSTM(LSTM_UNITS)]
    return _compiled(layers, window_size, columns, horizon, learning_rate)


def create_conv_model(
    window_size: int = 20,
    *,
    columns: int = 1,
    horizon: int = 1,
    learning_rate: float = USUAL_RATE,
) -> keras.Model:
    """Build and compile a forecaster of two causal convolutions over time.

    Args:
        window_size: int, points that the network sees, at least 1.
        columns: int, columns of the series, at least 1.
        horizon: int, points to forecast, at least 1.
        learning_rate: float, of Adam.

    Returns:
        keras.Model with the shapes of `create_model`, compiled in the same way.

    Raises:
        InputError: If a size is not a positive whole number.

    Example:
    >>> create_conv_model(window_size=7, columns=2).input_shape
    (None, 7, 2)
    """
    convolutions = [
        keras.layers.Conv1D(FILTERS, KERNEL, padding="causal", activation="relu")
        for _ in range(2)
    ]
    layers = [
        _with_columns(window_size, columns), *convolutions, keras.layers.Flatten(),
        keras.layers.Dense(HIDDEN_UNITS[-1], activation="relu"),
    ]  # fmt: skip
    return _compiled(layers, window_size, columns, horizon, learning_rate)


# Name -> builder, as `python -m time_series --model` has them.
MODELS: dict[str, Callable[..., keras.Model]] = {
    "dense": create_model,
    "lstm": create_lstm_model,
    "conv": create_conv_model,
}


def _compiled(
    layers: list[keras.Layer],
    window_size: int,
    columns: int,
    horizon: int,
    learning_rate: float,
) -> keras.Model:
    """The layers between the input and a linear output, compiled."""
    for name, value in (("columns", columns), ("horizon", horizon)):
        check_count(name, value, least=1)
    shape = _input_shape(window_size, columns)
    model = keras.Sequential(
        [keras.Input(shape), *layers, keras.layers.Dense(int(horizon))]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    return model


def _with_columns(window_size: int, columns: int) -> keras.Layer:
    """Give windows the last axis that layers over time need."""
    check_count("window_size", window_size, least=1)
    check_count("columns", columns, least=1)
    return keras.layers.Reshape((int(window_size), int(columns)))


def _input_shape(window_size: int, columns: int) -> tuple[int, ...]:
    check_count("window_size", window_size, least=1)
    if columns == 1:
        return (int(window_size),)
    return (int(window_size), int(columns))
