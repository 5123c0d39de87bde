"""From a learning rate to a trained model: `train`."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from lr_finder._arguments import check_count
from lr_finder.errors import InputError, ModelError
from lr_finder.schedules.named import AS_DEFAULT
from lr_finder.training.checking.labels import check_validation_labels
from lr_finder.training.checking.preconditions import check_targets
from lr_finder.training.checking.spoilt import check_data
from lr_finder.training.feeding.batch_sources import adapter_of, source_kind
from lr_finder.training.feeding.indexed_batches import is_as_fit_takes_it
from lr_finder.training.feeding.passes import batches_of, parts_of, passed_over_again
from lr_finder.training.optimizer_rates import (
    HeldRates,
    Rates,
    check_rates,
    current_rate,
)
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.preserving.limits import from_first_epoch, step_by_step
from lr_finder.training.scheduling.cooldown import Cooldown
from lr_finder.training.scheduling.rate_of_training import (
    RateInHistory,
    following,
    settle,
)
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.stepping.steps import ShownAsLoss
from lr_finder.training.watching.best_model import keeping_best
from lr_finder.training.watching.choices import Choice, chosen_callbacks
from lr_finder.training.watching.constant_loss import constant_loss
from lr_finder.training.watching.guard import DivergenceGuard

MONITOR, WITHOUT_VALIDATION = "val_loss", "loss"  # what the callbacks watch
PATIENCE = 10  # epochs without a better loss before training ends
PLATEAU = 4  # epochs without one before the rate is lowered: twice within PATIENCE
PLATEAU_FACTOR = 0.3  # about half a decade


def train(
    model: keras.Model,
    train_data: Any,
    validation_data: Any = None,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int = 32,
    early_stopping: Choice = True,
    schedule: Any = AS_DEFAULT,
    reduce_on_plateau: Choice = None,
    guard: Choice = True,
    checkpoint: str | Path | Choice = None,
    seed: int | None = None,
    verbose: int | str = "auto",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    head_start: HeadStart | None = None,
) -> keras.callbacks.History:
    """Train a compiled model, watching its validation loss.

    The rate follows a schedule over the whole training. If the validation loss no
    longer falls, the rate falls to 0 from where it is, over at most 30 % of the epochs
    so far, and training ends. The model is left with the best weights it had. If the
    loss drifts back towards where it came from, or is not a number, training goes on
    from an earlier state at a third of the rate (`DivergenceGuard`). Afterwards the
    optimizer holds `learning_rate` again, and so does the file if `checkpoint` is a
    path: `history["learning_rate"]` has the rates at which the epochs ended.

    Args:
        model: keras.Model, compiled; trained in place.
        train_data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays (samples, …);
            `x` alone for a model that needs no targets; or a batched tf.data.Dataset,
            keras.utils.PyDataset, PyTorch DataLoader or a Python generator that ends,
            whose batches are kept in memory, up to 1 GiB.
        validation_data: the same for the data that judges the model; without it the
            training loss is watched.
        learning_rate: float > 0, the highest rate.
        epochs: int >= 1, the most passes over the data.
        batch_size: int >= 1, samples in a batch (of arrays only).
        early_stopping: bool; or dict of arguments of keras.callbacks.EarlyStopping
            that replace those of this module; or such a callback.
        schedule: str, a name of `schedules.named`; or Schedule or function step ->
            rate, a step being a batch, scaled to `learning_rate`; or None for a
            constant rate. `"default"` gives way to plateaus that are asked for, and to
            callbacks that set the rate.
        reduce_on_plateau: bool, dict or keras.callbacks.ReduceLROnPlateau, as
            `early_stopping`. None lowers the rate on plateaus if there is no schedule.
        guard: bool, dict or `DivergenceGuard`, as `early_stopping`. Without it,
            training ends if a loss is not a number.
        checkpoint: str or Path ending in `.keras`, where the best model so far is
            kept, always whole; None keeps it in memory only; or a
            keras.callbacks.ModelCheckpoint, or a dict of its arguments.
        seed: int or None, seeds Python, NumPy and Keras for this training.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.
        callbacks: sequence of keras.callbacks.Callback, run besides.
        head_start: HeadStart of `verify`, which training goes on from: the whole epochs
            that it has made are not made again. None starts from the model as it is.

    Returns:
        keras.callbacks.History; its `val_loss` holds one value for each epoch made.

    Raises:
        InputError: If an argument breaks its rule, if two arguments set the rate, or if
            arrays hold NaN or infinity that the model cannot be trained on.
        ModelError: If the rate of the optimizer cannot be set.

    Warns:
        UserWarning: If the schedule ends before the training does.

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
    schedule, reduce_on_plateau = settle(schedule, reduce_on_plateau, callbacks)
    monitor = WITHOUT_VALIDATION if validation_data is None else MONITOR
    watching = _watching(monitor, early_stopping, reduce_on_plateau)
    rates = HeldRates(model.optimizer)
    keeping, partial = keeping_best(checkpoint, monitor, rates)
    kept_data = passed_over_again(train_data, "train_data")
    arguments = _as_arguments(model, kept_data, batch_size)
    validation_data = passed_over_again(validation_data, "validation_data")
    check_validation_labels(model, validation_data)
    check_data(model, train_data, batch_size)
    check_data(model, validation_data, batch_size, owner="validation_data")
    if is_as_fit_takes_it(validation_data):
        validation_data = adapter_of(validation_data)
    guarding, moving = _guarding(model, kept_data, guard, verbose), []
    batches = batches_of(kept_data, batch_size, "train_data")
    if schedule is not None:
        moving = [following(schedule, learning_rate, epochs, batches)]
    first_epoch = _gone_on_with(head_start, model, epochs, batches)
    apply_rate(model, learning_rate)
    if seed is not None:
        keras.utils.set_random_seed(seed)
    callbacks = [ShownAsLoss(), *moving, *guarding, *watching, *keeping, *callbacks]
    one_by_one = step_by_step(model) if moving else contextlib.nullcontext()
    try:
        with rates, from_first_epoch(model), one_by_one:
            return model.fit(
                **arguments,
                validation_data=validation_data,
                epochs=epochs,
                initial_epoch=first_epoch,
                verbose=verbose,
                callbacks=[*callbacks, *_cooling(callbacks, moving, verbose)],
            )
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _gone_on_with(
    head_start: HeadStart | None, model: keras.Model, epochs: int, batches: int
) -> int:
    """Put a head start into the model; the epoch in which training begins."""
    if head_start is None:
        return 0
    head_start.put(model)
    return min(head_start.epochs(batches), epochs - 1)


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
    """What lowers the rate on plateaus, and ends the training."""
    plateaus = chosen_callbacks(
        "reduce_on_plateau", keras.callbacks.ReduceLROnPlateau, reduce_on_plateau,
        monitor=monitor, factor=PLATEAU_FACTOR, patience=PLATEAU,
    )  # fmt: skip
    return [
        *(plateaus or [RateInHistory()]),
        *chosen_callbacks(
            "early_stopping", keras.callbacks.EarlyStopping, early_stopping,
            monitor=monitor, patience=PATIENCE, restore_best_weights=True,
        ),
    ]  # fmt: skip


def _guarding(
    model: keras.Model, data: Any, guard: Choice, verbose: int | str
) -> list[keras.callbacks.Callback]:
    """What goes back if the loss drifts; else what ends a training without a loss."""
    guards = chosen_callbacks(
        "guard", DivergenceGuard, guard, constant_loss=constant_loss(model, data),
        verbose=int(verbose != 0),
    )  # fmt: skip
    return guards or [keras.callbacks.TerminateOnNaN()]


def _cooling(
    callbacks: Sequence[keras.callbacks.Callback],
    moving: Sequence[keras.callbacks.Callback],
    verbose: int | str,
) -> list[keras.callbacks.Callback]:
    """What lets a rate that is moved fall to 0 before an early stop."""
    stops = any(isinstance(one, keras.callbacks.EarlyStopping) for one in callbacks)
    return [Cooldown(verbose=int(verbose != 0))] if moving and stops else []


def _as_arguments(model: keras.Model, data: Any, batch_size: int) -> dict[str, Any]:
    """Training data as the arguments that `fit` takes."""
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
