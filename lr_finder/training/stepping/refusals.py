"""What a sweep refuses by name, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.optimizer_rates import rate_holders
from lr_finder.training.preserving.variables import attributes_of
from lr_finder.training.stepping.steps import has_own_step


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
        model: keras.Model, with its weights. One that does not call itself has them
            without being `built`.

    Raises:
        ModelError: If the model cannot be trained; nothing has been touched then.
    """
    check_compiled(model)
    if not model.weights and not model.built:
        raise ModelError(
            f"Argument `model` must be built. Received: model {model.name!r} without "
            "weights. Call model.build(input_shape), or start it with keras.Input."
        )
    if not model.trainable_variables:
        raise ModelError(
            "Argument `model` must have trainable weights. Received: model "
            f"{model.name!r} with none. Set layer.trainable = True if frozen."
        )


def check_single_optimizer(model: keras.Model) -> None:
    """Raise `ModelError` if a `train_step` of one's own has a second optimizer.

    Its rate would not be swept, and its variables would not be put back. Keras' own
    `train_step` uses none but `model.optimizer`, whatever else the model holds.

    Args:
        model: keras.Model, compiled.

    Raises:
        ModelError: If an attribute of the model is another optimizer.
    """
    if not has_own_step(model):
        return
    own = {id(optimizer) for optimizer in _within(model.optimizer)}
    for name, optimizer in _optimizers_of(model):
        if not {id(each) for each in _within(optimizer)} & own:
            raise ModelError(
                "A model with a train_step of its own must train by model.optimizer "
                f"alone. Received: model {model.name!r}, whose attribute {name!r} is a "
                f"second optimizer ({type(optimizer).__name__}). Sweep one at a time, "
                "in a model that holds only that one."
            )


def _within(optimizer: Any) -> list[Any]:
    """An optimizer and those inside it."""
    inner = getattr(optimizer, "inner_optimizer", None)
    return [optimizer, *([inner] if inner else []), *rate_holders(optimizer)]


def _optimizers_of(model: keras.Model) -> Iterator[tuple[str, Any]]:
    for name, value in attributes_of(model):
        if isinstance(value, keras.optimizers.Optimizer):
            yield name, value


def check_no_schedule(model: keras.Model, who: str) -> None:
    """Raise `ModelError` if a rate follows a schedule of the optimizer's own.

    Args:
        model: keras.Model, compiled.
        who: str, what has to set the rate.

    Raises:
        ModelError: If it cannot.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> check_no_schedule(model, "ApplySchedule")
    """
    for holder in rate_holders(model.optimizer):
        if not isinstance(holder.learning_rate, keras.Variable):
            raise ModelError(
                f"{who} needs an optimizer compiled with a number for its rate. "
                f"Received: {type(holder).__name__} with a schedule of its own. "
                f"Compile with e.g. learning_rate=0.001, or leave {who} out."
            )
