"""From a learning rate to a trained model."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from lr_finder.errors import InputError, ModelError

MONITOR = "val_loss"
PATIENCE = 10  # epochs without a better validation loss before training ends
PLATEAU = 4  # epochs without one before the rate is lowered: twice within PATIENCE
PLATEAU_FACTOR = 0.3  # about half a decade


def train(
    model: keras.Model,
    train_data: Any,
    validation_data: Any,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int = 32,
    checkpoint: str | Path | None = None,
    seed: int | None = None,
    verbose: int | str = "auto",
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a compiled model, watching its validation loss.

    The rate is lowered when the validation loss stands still, training ends when it
    no longer falls or a loss is not a number, and the model is left with the best
    weights it had: Keras' ReduceLROnPlateau, EarlyStopping and TerminateOnNaN.

    Args:
        model: keras.Model, compiled; trained in place.
        train_data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays
            (samples, …), or a batched tf.data.Dataset.
        validation_data: the same for the data that judges the model.
        learning_rate: float > 0, the rate to start with.
        epochs: int >= 1, the most passes over the data.
        batch_size: int >= 1, samples in a batch (of arrays only).
        checkpoint: str or Path ending in `.keras`, where the best model so far is
            kept, always whole; None keeps it in memory only.
        seed: int or None, seeds Python, NumPy and Keras for this training.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.
        callbacks: sequence of keras.callbacks.Callback, run besides.

    Returns:
        keras.callbacks.History; its `val_loss` holds one value for each epoch.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the rate of the optimizer cannot be set.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> history = train(model, (x, 2 * x), (x, 2 * x), learning_rate=0.1, epochs=20,
    ...                 seed=0, verbose=0)
    >>> history.history["val_loss"][-1] < 0.1
    True
    """
    _check(learning_rate, epochs, batch_size, checkpoint)
    _set_learning_rate(model, learning_rate)
    if seed is not None:
        keras.utils.set_random_seed(seed)
    arguments = _as_arguments(train_data, batch_size)
    watching = [
        keras.callbacks.TerminateOnNaN(),
        keras.callbacks.ReduceLROnPlateau(
            monitor=MONITOR, factor=PLATEAU_FACTOR, patience=PLATEAU
        ),
        keras.callbacks.EarlyStopping(
            monitor=MONITOR, patience=PATIENCE, restore_best_weights=True
        ),
    ]
    partial = None
    if checkpoint is not None:
        checkpoint = Path(checkpoint)
        partial = checkpoint.with_name(f".{checkpoint.stem}.partial.keras")
        watching += _checkpointing(partial, checkpoint)
    try:
        return model.fit(
            **arguments,
            validation_data=validation_data,
            epochs=epochs,
            verbose=verbose,
            callbacks=[*watching, *callbacks],
        )
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def check_rate_can_be_set(model: keras.Model) -> None:
    """Refuse a model whose optimizer follows a schedule of its own; change nothing.

    Args:
        model: keras.Model, compiled.

    Raises:
        ModelError: If its rate cannot be set.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> check_rate_can_be_set(model)
    """
    _set_learning_rate(model, model.optimizer.learning_rate)


def _check(
    learning_rate: float, epochs: int, batch_size: int, checkpoint: str | Path | None
) -> None:
    """Raise `InputError` for an argument that breaks its rule."""
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise InputError(
            "Argument `learning_rate` must be positive and finite. Received: "
            f"learning_rate={learning_rate}."
        )
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise InputError(
                f"Argument `{name}` must be at least 1. Received: {name}={value}."
            )
    if checkpoint is not None and Path(checkpoint).suffix != ".keras":
        raise InputError(
            "Argument `checkpoint` must end in .keras. Received: "
            f"checkpoint={str(checkpoint)!r}."
        )


def _set_learning_rate(model: keras.Model, learning_rate: Any) -> None:
    """Give the optimizer its rate; refuse one that follows a schedule of its own."""
    try:
        model.optimizer.learning_rate = learning_rate
    except TypeError:
        raise ModelError(
            "The optimizer of the model must have a rate that can be set. Received: "
            "one that follows a LearningRateSchedule. Compile the model with a "
            "number, e.g. learning_rate=0.001."
        ) from None


def _as_arguments(data: Any, batch_size: int) -> dict[str, Any]:
    """Training data as the arguments that `fit` takes."""
    if not isinstance(data, tuple):
        return {"x": data}  # batched already
    names = ("x", "y", "sample_weight")
    return {**dict(zip(names, data, strict=False)), "batch_size": batch_size}


def _checkpointing(partial: Path, path: Path) -> list[keras.callbacks.Callback]:
    """Keep the best model in `path`; it is written beside it and moved when whole."""

    def publish(epoch: int, logs: dict[str, Any] | None = None) -> None:
        del epoch, logs
        if partial.exists():
            os.replace(partial, path)

    return [
        keras.callbacks.ModelCheckpoint(
            partial,
            monitor=MONITOR,
            save_best_only=True,
            initial_value_threshold=math.inf,  # a loss that is nan is no better
        ),
        keras.callbacks.LambdaCallback(on_epoch_end=publish),
    ]
