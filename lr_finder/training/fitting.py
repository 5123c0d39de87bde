"""From a learning rate to a trained model: `train`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras

from lr_finder._arguments import check_count
from lr_finder.errors import InputError, ModelError
from lr_finder.training.checking.labels import check_validation_labels
from lr_finder.training.checking.preconditions import check_targets
from lr_finder.training.checking.spoilt import check_data
from lr_finder.training.feeding.batch_sources import adapter_of, source_kind
from lr_finder.training.feeding.indexed_batches import is_as_fit_takes_it
from lr_finder.training.feeding.passes import parts_of, passed_over_again
from lr_finder.training.optimizer_rates import (
    HeldRates,
    Rates,
    check_rates,
    current_rate,
)
from lr_finder.training.preserving.limits import from_first_epoch
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.stepping.steps import ShownAsLoss

MONITOR, WITHOUT_VALIDATION = "val_loss", "loss"  # what the callbacks watch
PATIENCE = 10  # epochs without a better loss before training ends
PLATEAU = 4  # epochs without one before the rate is lowered: twice within PATIENCE
PLATEAU_FACTOR = 0.3  # about half a decade


# Yes, no, arguments that differ from this module's, or a callback of one's own.
Choice: TypeAlias = bool | Mapping[str, Any] | keras.callbacks.Callback | None


def train(
    model: keras.Model,
    train_data: Any,
    validation_data: Any = None,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int = 32,
    early_stopping: Choice = True,
    reduce_on_plateau: Choice = True,
    checkpoint: str | Path | Choice = None,
    seed: int | None = None,
    verbose: int | str = "auto",
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a compiled model, watching its validation loss.

    The rate is lowered when the validation loss stands still, training ends when it
    no longer falls or a loss is not a number, and the model is left with the best
    weights it had: Keras' ReduceLROnPlateau, EarlyStopping and TerminateOnNaN.
    Afterwards the optimizer holds `learning_rate` again, however low plateaus brought
    it, and so does the file if `checkpoint` is a path: `history["learning_rate"]` has
    the rates of the epochs.

    Args:
        model: keras.Model, compiled; trained in place.
        train_data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays (samples, …);
            `x` alone for a model that needs no targets; or a batched tf.data.Dataset,
            keras.utils.PyDataset, PyTorch DataLoader or a Python generator that ends,
            whose batches are kept in memory, up to 1 GiB.
        validation_data: the same for the data that judges the model; without it the
            training loss is watched.
        learning_rate: float > 0, the rate to start with.
        epochs: int >= 1, the most passes over the data.
        batch_size: int >= 1, samples in a batch (of arrays only).
        early_stopping: bool; or dict of arguments of keras.callbacks.EarlyStopping
            that replace those of this module; or such a callback.
        reduce_on_plateau: the same for keras.callbacks.ReduceLROnPlateau.
        checkpoint: str or Path ending in `.keras`, where the best model so far is
            kept, always whole; None keeps it in memory only; or a
            keras.callbacks.ModelCheckpoint, or a dict of its arguments.
        seed: int or None, seeds Python, NumPy and Keras for this training.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.
        callbacks: sequence of keras.callbacks.Callback, run besides.

    Returns:
        keras.callbacks.History; its `val_loss` holds one value for each epoch.

    Raises:
        InputError: If an argument breaks its rule, or arrays hold NaN or infinity that
            the model cannot be trained on.
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
    check_positive("learning_rate", learning_rate)
    check_count("epochs", epochs, least=1)
    check_count("batch_size", batch_size, least=1)
    monitor = WITHOUT_VALIDATION if validation_data is None else MONITOR
    watching = _watching(monitor, early_stopping, reduce_on_plateau)
    rates = HeldRates(model.optimizer)
    keeping, partial = _keeping(checkpoint, monitor, rates)
    arguments = _as_arguments(model, train_data, batch_size)
    validation_data = passed_over_again(validation_data, "validation_data")
    check_validation_labels(model, validation_data)
    check_data(model, train_data, batch_size)
    check_data(model, validation_data, batch_size, owner="validation_data")
    if is_as_fit_takes_it(validation_data):
        validation_data = adapter_of(validation_data)
    apply_rate(model, learning_rate)
    if seed is not None:
        keras.utils.set_random_seed(seed)
    try:
        with rates, from_first_epoch(model):
            return model.fit(
                **arguments,
                validation_data=validation_data,
                epochs=epochs,
                verbose=verbose,
                callbacks=[ShownAsLoss(), *watching, *keeping, *callbacks],
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
    apply_rate(model, current_rate(model.optimizer))


def apply_rate(model: keras.Model, rate: float, group: str | int | None = None) -> None:
    """Give the optimizer of a model a learning rate.

    Args:
        model: keras.Model, compiled.
        rate: float > 0.
        group: str or int or None, as `Rates` takes it.

    Raises:
        ModelError: If the model is not compiled, or its rate cannot be set.
        InputError: If there is no such group.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> apply_rate(model, 0.5)
    >>> float(model.optimizer.learning_rate)
    0.5
    """
    check_compiled(model)
    check_rates(model, group)
    try:
        Rates(model.optimizer, group).set(rate)
    except TypeError:
        raise ModelError(
            "The optimizer of the model must have a rate that can be set. Received: "
            "one that follows a LearningRateSchedule. Compile the model with a "
            "number, e.g. learning_rate=0.001."
        ) from None


def check_positive(name: str, value: float) -> None:
    """Raise `InputError` unless an argument is a positive, finite number.

    Args:
        name: str, the argument's name.
        value: float, what was given for it.

    Raises:
        InputError: If it is not.

    Example:
    >>> check_positive("learning_rate", 0.1)
    """
    try:
        number = math.nan if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(
            f"Argument `{name}` must be positive and finite. Received: "
            f"{name}={value!r:.50}. A sweep finds one; 0.001 is a usual one."
        )


def _watching(
    monitor: str, early_stopping: Choice, reduce_on_plateau: Choice
) -> list[keras.callbacks.Callback]:
    """What lowers the rate, and ends the training."""
    return [
        keras.callbacks.TerminateOnNaN(),
        *_chosen(
            "reduce_on_plateau", keras.callbacks.ReduceLROnPlateau, reduce_on_plateau,
            monitor=monitor, factor=PLATEAU_FACTOR, patience=PLATEAU,
        ),
        *_chosen(
            "early_stopping", keras.callbacks.EarlyStopping, early_stopping,
            monitor=monitor, patience=PATIENCE, restore_best_weights=True,
        ),
    ]  # fmt: skip


def _keeping(
    checkpoint: str | Path | Choice, monitor: str, rates: HeldRates
) -> tuple[list[keras.callbacks.Callback], Path | None]:
    """What keeps the best model in a file; and the file beside it, to be removed."""
    if isinstance(checkpoint, str | os.PathLike):
        path = _checked_path(Path(checkpoint))
        partial = path.with_name(f".{path.stem}.partial.keras")
        return _checkpointing(partial, path, monitor, rates), partial
    kind = keras.callbacks.ModelCheckpoint
    return _chosen("checkpoint", kind, checkpoint, monitor=monitor), None


def _checked_path(checkpoint: Path) -> Path:
    if checkpoint.suffix != ".keras":
        raise InputError(
            "Argument `checkpoint` must end in .keras. Received: "
            f"checkpoint={str(checkpoint)!r}."
        )
    return checkpoint


def _chosen(
    name: str,
    kind: type[keras.callbacks.Callback],
    choice: Choice,
    **usual: Any,
) -> list[keras.callbacks.Callback]:
    """The callback that an argument asks for: none, the usual, a changed, one's own."""
    if choice is None or choice is False:
        return []
    if isinstance(choice, keras.callbacks.Callback):
        return [choice]
    is_file = kind is keras.callbacks.ModelCheckpoint
    if choice is True and not is_file:
        choice = {}
    plain = "a path that ends in .keras, None" if is_file else "True, False"
    if not isinstance(choice, Mapping):
        raise InputError(
            f"Argument `{name}` must be {plain}, a dict of arguments or a "
            f"{kind.__name__}. Received: {choice!r:.50}."
        )
    try:
        return [kind(**usual | dict(choice))]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Argument `{name}` must hold arguments of {kind.__name__}. Received: "
            f"{dict(choice)!r:.80} ({error}). Mend them, or leave it out."
        ) from error


def _as_arguments(model: keras.Model, data: Any, batch_size: int) -> dict[str, Any]:
    """Training data as the arguments that `fit` takes."""
    data = passed_over_again(data, "train_data")
    parts = parts_of(data, "train_data")
    check_targets(model, *parts[:2], "train_data", "Give train_data=(x, y).")
    kind = source_kind(parts[0])
    if is_as_fit_takes_it(parts[0]):
        return {"x": adapter_of(parts[0], shuffle=True)}
    if kind is not None:  # batched already
        # Keras warns where it is to shuffle what has an order of its own.
        return {"x": parts[0], "shuffle": kind == "keras.utils.PyDataset"}
    names = ("x", "y", "sample_weight")
    return {**dict(zip(names, parts, strict=True)), "batch_size": batch_size}


def _checkpointing(
    partial: Path, path: Path, monitor: str, rates: HeldRates
) -> list[keras.callbacks.Callback]:
    """Keep the best model in `path`; it is written beside it and moved when whole.

    It is written with the rates that the training began with.
    """

    def publish(epoch: int, logs: dict[str, Any] | None = None) -> None:
        del epoch, logs
        rates.go_on()
        if partial.exists():
            os.replace(partial, path)

    return [
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.put()),
        keras.callbacks.ModelCheckpoint(
            partial,
            monitor=monitor,
            save_best_only=True,
            initial_value_threshold=math.inf,  # a loss that is nan is no better
        ),
        keras.callbacks.LambdaCallback(on_epoch_end=publish),
    ]
