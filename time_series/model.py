"""The forecaster of the example: a small dense network over one window."""

from __future__ import annotations

import numbers

import keras

from lr_finder.errors import InputError

HIDDEN_UNITS = (128, 64, 32)  # the funnel that the project promises


def create_model(window_size: int = 20, *, learning_rate: float = 1e-3) -> keras.Model:
    """Build and compile the dense 128-64-32 forecaster.

    Args:
        window_size: int, days that the network sees, at least 1.
        learning_rate: float, of Adam; Keras' own default where none is given.

    Returns:
        keras.Model from (batch, window_size) to (batch, 1), ReLU inside and linear
        at the end, compiled with Adam and mean squared error.

    Raises:
        InputError: If `window_size` is not a positive whole number.

    Example:
    >>> create_model(window_size=7).output_shape
    (None, 1)
    """
    if (
        isinstance(window_size, bool)
        or not isinstance(window_size, numbers.Integral)
        or window_size < 1
    ):
        raise InputError(
            "Argument `window_size` must be a whole number >= 1. "
            f"Received: window_size={window_size!r}."
        )
    model = keras.Sequential(
        [
            keras.Input((int(window_size),)),
            *(keras.layers.Dense(units, activation="relu") for units in HIDDEN_UNITS),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    return model
