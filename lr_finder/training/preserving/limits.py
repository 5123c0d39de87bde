"""What Keras limits in every `fit`, and what it remembers from one to the next."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def limits_lifted() -> Iterator[None]:
    """Let `fit` and `evaluate` take all the steps they are asked for.

    Keras has two limits for trying a script out, `keras.config.set_max_epochs` and
    `set_max_steps_per_epoch` (or `KERAS_MAX_EPOCHS` and `KERAS_MAX_STEPS_PER_EPOCH` in
    the environment). A sweep that ends after two steps would say nothing.

    Example:
    >>> keras.config.set_max_epochs(1)
    >>> with limits_lifted():
    ...     keras.config.max_epochs() is None
    True
    >>> keras.config.max_epochs()
    1
    >>> keras.config.set_max_epochs(None)
    """
    epochs, steps = keras.config.max_epochs(), keras.config.max_steps_per_epoch()
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)
    try:
        yield
    finally:
        keras.config.set_max_epochs(epochs)
        keras.config.set_max_steps_per_epoch(steps)


@contextlib.contextmanager
def from_first_epoch(model: keras.Model) -> Iterator[None]:
    """Let `fit` begin at epoch 0, wherever an earlier one had left off.

    The callback `BackupAndRestore` lets a `fit` go on where an interrupted one ended,
    and every later `fit` of the model as well: of fewer epochs nothing is trained.

    Args:
        model: keras.Model.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> model._initial_epoch = 3  # as BackupAndRestore sets it
    >>> with from_first_epoch(model):
    ...     history = model.fit(keras.ops.ones((2, 1)), keras.ops.ones(2), verbose=0)
    >>> history.epoch, model._initial_epoch
    ([0], 3)
    """
    first = model._initial_epoch
    model._initial_epoch = None
    try:
        yield
    finally:
        model._initial_epoch = first


@contextlib.contextmanager
def step_by_step(model: keras.Model) -> Iterator[None]:
    """Let `fit` call its callbacks between any two steps.

    A model compiled with `steps_per_execution` greater than 1 calls them between
    executions only. The weights are the same either way.

    Args:
        model: keras.Model, compiled.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse", steps_per_execution=8)
    >>> with step_by_step(model):
    ...     model.steps_per_execution
    1
    >>> model.steps_per_execution
    8
    """
    steps = model.steps_per_execution
    if steps == 1:
        yield
        return
    traced = model.train_function, model.test_function
    model.steps_per_execution = 1
    model.train_function = model.test_function = None
    try:
        yield
    finally:
        model.steps_per_execution = steps
        model.train_function, model.test_function = traced


def limit_in_force(epochs: int | None, steps: int | None) -> str:
    """Which limit of Keras a `fit` may have ended by, and how it is lifted.

    Args:
        epochs: int or None, how many epochs the `fit` had.
        steps: int or None, how many steps each of them had.

    Returns:
        str, a sentence; empty if none is in force.

    Example:
    >>> limit_in_force(epochs=1, steps=10)
    ''
    """
    limits = {
        "max_epochs": (keras.config.max_epochs(), epochs),
        "max_steps_per_epoch": (keras.config.max_steps_per_epoch(), steps),
    }
    names = [name for name, (limit, had) in limits.items() if limit and limit == had]
    if not names:
        return ""
    told = " and ".join(f"{name}={limits[name][0]}" for name in names)
    calls = " and ".join(f"keras.config.set_{name}(None)" for name in names)
    return (
        f"Keras' limit {told} is in force ({names[0]} may come from the environment, "
        f"KERAS_{names[0].upper()}). Call {calls}, or use lr_finder.sweep, which lifts "
        "it for the sweep"
    )
