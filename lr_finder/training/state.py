"""A model and its optimizer, kept aside and put back exactly as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from lr_finder.training.optimizer_rates import current_rate, rate_holders
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.preserving.structure import untouched_if_refused
from lr_finder.training.preserving.traced_functions import (
    FunctionsApart,
    unbuild,
    unbuilt_containers,
)
from lr_finder.training.preserving.untracked_variables import (
    hidden_metrics,
    raw_variables,
)
from lr_finder.training.preserving.variables import (
    host_copy,
    kept_value,
    kept_values,
    replicas,
)
from lr_finder.training.stepping.building import build
from lr_finder.training.stepping.devices import training_scope
from lr_finder.training.stepping.refusals import (
    check_compiled,
    check_single_optimizer,
    check_trainable,
)
from lr_finder.training.stepping.steps import has_own_step

_ABSENT = object()
ATTRIBUTES = ("history", "stop_training", "steps_per_execution", "_initial_epoch")


class ModelState:
    """Everything of a compiled model that a training changes, copied to memory.

    The copy holds each variable of model, optimizer and metrics once. Making it
    prepares the model for a sweep: an optimizer that is not built is built, at the
    initial values that training would give it; a learning-rate schedule gives way to
    a plain variable; `steps_per_execution` becomes 1; epochs count from 0; what Keras
    traces is kept apart from what it traced for the model before (`FunctionsApart`).
    `restore()` undoes all but the first: the values are the same.

    Args:
        model: keras.Model, compiled.
        batch: structure of keras.KerasTensor and None, what a step of the training
            is given (mostly inputs, targets, weights), on which what is not built
            yet is built; None if the model is.
        in_fit: bool, whether Keras' `fit` has begun, and so has built what it needs.

    Attributes:
        has_schedule: bool, whether the rate of the optimizer follows a schedule.

    Raises:
        ModelError: If the model cannot be trained.
    """

    def __init__(
        self,
        model: keras.Model,
        batch: tuple[Any, ...] | None = None,
        in_fit: bool = False,
    ):
        check_compiled(model)
        check_single_optimizer(model)
        self.model = model
        self._unbuilt = _unbuilt_containers(model, in_fit)
        if batch is not None:
            build(model, batch)
        check_trainable(model)
        if not model.optimizer.built:
            _build_optimizer(model)
        self._attributes = {name: getattr(model, name, _ABSENT) for name in ATTRIBUTES}
        self._copy_variables()
        with training_scope(model):
            self._schedules = _take_schedules(model.optimizer)
        self.has_schedule = bool(self._schedules)
        is_anew = (
            self.has_schedule
            or model.steps_per_execution != 1
            or _draws_where_it_is_traced(model)
        )
        model.steps_per_execution = 1
        model._initial_epoch = None  # `BackupAndRestore` has `fit` begin there for ever
        self._functions = FunctionsApart(model, is_anew)

    def _copy_variables(self) -> None:
        model = self.model
        self._moving = kept_values(
            [*model.weights, *model.optimizer.variables, *raw_variables(model)]
        )
        moving = {id(variable) for variable, _ in self._moving}
        self._still = kept_values(
            variable
            for variable in (*model.variables, *model.metrics_variables)
            if not moving.intersection(map(id, replicas(variable)))
        )

    def rewind(self) -> None:
        """Put weights and optimizer back; random layers go on with new draws."""
        for variable, value in self._moving:
            variable.assign(value)

    def copy(self) -> list[tuple[Any, Any]]:
        """All variables as they are now, for `put`: one more copy in memory."""
        parts = [part for part, _ in (*self._moving, *self._still)]
        return [(part, kept_value(getattr(part, "tensor", part))) for part in parts]

    def put(self, copy: list[tuple[Any, Any]] | None = None) -> None:
        """Go on from a `copy`; None starts from where this object was made."""
        for variable, value in copy or (*self._moving, *self._still):
            variable.assign(value)

    def restore(self) -> None:
        """Put everything back as it was when this object was made."""
        model = self.model
        for metric in hidden_metrics(model):  # those that were built since
            metric.reset_state()
        self.rewind()
        model.reset_metrics()  # here too
        for variable, value in self._still:
            variable.assign(value)
        for optimizer, schedule in self._schedules:
            optimizer.learning_rate = schedule
        is_shared = not self._functions.restore()
        for name, value in self._attributes.items():
            if value is not _ABSENT:
                setattr(model, name, value)
            elif hasattr(model, name):
                delattr(model, name)
        if not (is_shared and keras.backend.backend() == "tensorflow"):
            unbuild(self._unbuilt)  # TensorFlow's traces refer to them


def _draws_where_it_is_traced(model: keras.Model) -> bool:
    """Whether random draws of a training may have their state in what was traced.

    A `train_step` of one's own may draw from `tf.random`, which has it there.
    """
    return keras.backend.backend() == "tensorflow" and has_own_step(model)


def _build_optimizer(model: keras.Model) -> None:
    """Build the optimizer where Keras would in the model's first `fit`.

    Under TensorFlow that is within the first of two traces. What it assigns to its
    new variables is lost with that trace: `ScheduleFreeAdamW` starts from zeros there.
    """
    optimizer, variables = model.optimizer, model.trainable_variables
    if (
        keras.backend.backend() != "tensorflow"
        or model.run_eagerly
        or model._distribute_strategy is not None
    ):
        with training_scope(model):
            optimizer.build(variables)
        return
    import tensorflow as tf

    def build():
        if not optimizer.built:
            optimizer.build(variables)

    tf.function(build, autograph=False).get_concrete_function()


def _take_schedules(
    optimizer: keras.optimizers.Optimizer,
) -> list[tuple[keras.optimizers.Optimizer, Any]]:
    """Replace each schedule or function by a variable; return whose it was."""
    taken = []
    for holder in rate_holders(optimizer):
        schedule = holder._learning_rate
        if isinstance(schedule, keras.Variable):
            continue
        holder._learning_rate = keras.Variable(
            current_rate(holder),
            trainable=False,
            name="learning_rate",
            aggregation="only_first_replica",
        )
        taken.append((holder, schedule))
    return taken


def _unbuilt_containers(model: keras.Model, in_fit: bool) -> list[Any]:
    """The compiled loss and metrics that Keras had yet to build before this training.

    Under JAX and torch a `fit` that finds them unbuilt takes one batch to build them
    and so draws one order of batches more: they must be unbuilt again afterwards.
    A `fit` that has begun has built them there; it found them unbuilt if the model was
    never trained or evaluated.
    """
    if keras.backend.backend() == "tensorflow" or not in_fit:
        return unbuilt_containers(model)
    if not _is_first_training(model):
        return []
    return [p for p in (model._compile_metrics, model._compile_loss) if p is not None]


def _is_first_training(model: keras.Model) -> bool:
    return model.test_function is None and host_copy(model.optimizer._iterations) == 0


@contextlib.contextmanager
def preserve_state(
    model: keras.Model, batch: tuple[Any, ...] | None = None
) -> Iterator[tuple[ModelState, HeldInterrupt]]:
    """Train a model in a `with` block; afterwards it is exactly as it was.

    Model, optimizer, compiled metrics and the global random states are put back on
    success, on an error and on Ctrl-C, which is held until the training checks for
    it or the context ends.

    Args:
        model: keras.Model, compiled.
        batch: structure of keras.KerasTensor and None, what a step of the training is
            given (mostly inputs, targets, weights). A model that is not built is built
            on it, and stays built, at the initial values that `fit` would give it,
            unless the block raises.

    Yields:
        tuple of `ModelState` (whose `rewind()` starts another training from the same
        weights) and `HeldInterrupt` (whose `check()` lets Ctrl-C through).

    Raises:
        ModelError: If the model cannot be trained; nothing has been touched then.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> before = model.get_weights()
    >>> with preserve_state(model):
    ...     _ = model.fit(np.ones((8, 1)), np.ones((8, 1)), verbose=0)
    >>> all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    True
    """
    check_compiled(model)
    with (
        HeldInterrupt() as interrupt,
        preserved_randomness(),
        untouched_if_refused(model),
    ):
        state = ModelState(model, batch)
        try:
            yield state, interrupt
        finally:
            state.restore()
