"""A model and its optimizer, kept aside and put back exactly as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.interrupts import HeldInterrupt
from lr_finder.training.randomness import RandomState
from lr_finder.training.variables import kept_value

_ABSENT = object()


def check_compiled(model: keras.Model) -> None:
    """Raise `ModelError` unless `model` is a compiled Keras model.

    Args:
        model: keras.Model, which need not be built.

    Raises:
        ModelError: If the model has no optimizer to train it.
    """
    if not isinstance(model, keras.Model):
        raise ModelError(
            "Argument `model` must be a keras.Model. Received: "
            f"{type(model).__module__}.{type(model).__name__}."
        )
    if not model.compiled or model.optimizer is None:
        raise ModelError(
            f"Argument `model` must be compiled. Received: model {model.name!r} "
            "without an optimizer. Call model.compile(optimizer=…, loss=…) first."
        )


def check_trainable(model: keras.Model) -> None:
    """Raise `ModelError` unless `model` is compiled and has weights to train.

    Args:
        model: keras.Model, built.

    Raises:
        ModelError: If the model cannot be trained; nothing has been touched then.
    """
    check_compiled(model)
    if not model.built:
        raise ModelError(
            f"Argument `model` must be built. Received: model {model.name!r} without "
            "weights. Call model.build(input_shape), or start it with keras.Input."
        )
    if not model.trainable_variables:
        raise ModelError(
            "Argument `model` must have trainable weights. Received: model "
            f"{model.name!r} with none. Set layer.trainable = True where frozen."
        )


class ModelState:
    """Everything of a compiled model that a training changes, copied to memory.

    The copy holds each variable of model, optimizer and metrics once. Making it
    prepares the model for a sweep: an optimizer that is not built is built, at the
    initial values that training would give it; a learning-rate schedule gives way to
    a plain variable; `steps_per_execution` becomes 1. `restore()` undoes all but the
    first: variables once built cost nothing, while to drop them would make the next
    `fit` trace again.

    Args:
        model: keras.Model, compiled.
        batch: tuple of structures of keras.KerasTensor (inputs, targets, weights) on
            which what is not built yet is built; None where the model is.

    Raises:
        ModelError: If the model cannot be trained.
    """

    def __init__(self, model: keras.Model, batch: tuple[Any, ...] | None = None):
        check_compiled(model)
        self.model = model
        self._unbuilt = _unbuilt_containers(model)
        if batch is not None and not model.built:
            _build(model, batch)
        check_trainable(model)
        if batch is not None:
            _build(model, batch)
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        self._attributes = {
            name: getattr(model, name, _ABSENT)
            for name in ("history", "stop_training", "steps_per_execution")
        }
        self._moving = _copies([*model.weights, *model.optimizer.variables])
        moving = {id(variable) for variable, _ in self._moving}
        self._still = _copies(
            variable
            for variable in (*model.variables, *model.metrics_variables)
            if id(variable) not in moving
        )
        self._functions = None
        self._schedule = _take_schedule(model.optimizer)
        if self._schedule is not None or model.steps_per_execution != 1:
            self._replace_functions()

    def _replace_functions(self) -> None:
        """Let Keras trace functions of the sweep's own, beside the user's."""
        model = self.model
        self._functions = (model.train_function, model.test_function)
        model.steps_per_execution = 1
        model.train_function = model.test_function = None
        model.make_train_function()

    def rewind(self) -> None:
        """Put weights and optimizer back; random layers go on with new draws."""
        for variable, value in self._moving:
            variable.assign(value)

    def restore(self) -> None:
        """Put everything back as it was when this object was made."""
        model = self.model
        self.rewind()
        model.reset_metrics()  # those that were built since
        for variable, value in self._still:
            variable.assign(value)
        if self._schedule is not None:
            model.optimizer.learning_rate = self._schedule
        if self._functions is not None:
            model.train_function, model.test_function = self._functions
        for name, value in self._attributes.items():
            if value is not _ABSENT:
                setattr(model, name, value)
            elif hasattr(model, name):
                delattr(model, name)
        for container in self._unbuilt:
            container.built = False
            container.metrics.clear()  # building appends to those of each output


def _build(model: keras.Model, batch: tuple[Any, ...]) -> None:
    """Build what Keras would build in its first `fit`, before anything is traced.

    TensorFlow traces a training that creates variables twice. Keras' own way is taken
    (`fit` takes it under JAX and torch), which has no public name. A model that is
    built already can do without: then a failure only costs the second trace.
    """
    with contextlib.suppress(*((Exception,) if model.built else ())):
        model._symbolic_build(data_batch=batch)


def _copies(variables: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each variable once, beside a host copy of its value."""
    unique = {id(variable): variable for variable in variables}
    return [(variable, kept_value(variable)) for variable in unique.values()]


def _take_schedule(optimizer: keras.optimizers.Optimizer) -> Any:
    """Replace the optimizer's schedule, if it has one, by a variable; return it."""
    schedule = optimizer._learning_rate
    if isinstance(schedule, keras.Variable):
        return None
    optimizer._learning_rate = keras.Variable(
        0.0, trainable=False, name="learning_rate", aggregation="only_first_replica"
    )
    return schedule


def _unbuilt_containers(model: keras.Model) -> list[Any]:
    """The compiled loss and metrics that Keras has yet to build.

    Under JAX and torch a `fit` that finds them unbuilt takes one batch to build them
    and so draws one order of batches more: they must be unbuilt again afterwards.
    Under TensorFlow the traced training refers to them: they stay.
    """
    if keras.backend.backend() == "tensorflow":
        return []
    containers = (model._compile_metrics, model._compile_loss)
    return [part for part in containers if part is not None and not part.built]


@contextlib.contextmanager
def preserve_state(
    model: keras.Model, batch: tuple[Any, ...] | None = None
) -> Iterator[tuple[ModelState, HeldInterrupt]]:
    """Train `model` inside, and find it afterwards exactly as it was before.

    Model, optimizer, compiled metrics and the global random states are put back on
    success, on an error and on Ctrl-C, which is held until the training checks for
    it or the context ends.

    Args:
        model: keras.Model, compiled.
        batch: tuple of structures of keras.KerasTensor (inputs, targets, weights) on
            which a model that is not built is built; it then stays so, at the initial
            values that `fit` would give it.

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
    with HeldInterrupt() as interrupt:
        randomness = RandomState()
        try:
            state = ModelState(model, batch)
            try:
                yield state, interrupt
            finally:
                state.restore()
        finally:
            randomness.restore()
