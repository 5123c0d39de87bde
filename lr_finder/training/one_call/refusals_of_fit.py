"""Checks of the model and the arguments of `fit`, before its search starts."""

from __future__ import annotations

import numbers
from typing import Any

import keras

from lr_finder._arguments import check_count, check_seed
from lr_finder.errors import InputError, ModelError
from lr_finder.training.feeding.finite import check_class_weight
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.optimizer_rates import check_rates, current_rate, rate_holders
from lr_finder.training.stepping.refusals import check_compiled

SEVERAL_WORKERS = ("MultiWorkerMirrored", "CollectiveAllReduce", "ParameterServer")


def check_model(model: Any) -> None:
    """Raise unless the rate of a model can be searched for and set.

    Args:
        model: keras.Model.

    Raises:
        ModelError: If it is not compiled, follows a schedule of its own, or is
            trained by several workers.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> check_model(model)
    """
    check_compiled(model)
    check_rates(model)
    for holder in rate_holders(model.optimizer):
        if not isinstance(holder.learning_rate, keras.Variable):
            name = type(holder).__name__
            raise ModelError(
                "lr_finder.fit needs an optimizer compiled with a number for its rate. "
                f"Received: {name} with a schedule of its own. Compile with "
                f"{name}(learning_rate=0.001), and give lr_finder.fit schedule=….",
            )
    if workers := _several_workers(model):
        raise ModelError(
            "lr_finder.fit must train in one process, because each of several "
            f"workers would find another rate. Received: {workers}. Call "
            "lr_finder.find in one process, and model.fit with its rate in all of them."
        )


def check_given(model: keras.Model, given: FitArguments) -> None:
    """Raise `InputError` unless a training can begin.

    Args:
        model: keras.Model, compiled.
        given: FitArguments.

    Raises:
        InputError: If an argument breaks its rule, or the model's rate is 0.
    """
    check_count("epochs", given.epochs, least=0)
    check_count("initial_epoch", given.initial_epoch, least=0)
    for name in ("batch_size", "steps_per_epoch"):
        if getattr(given, name):  # as Keras: 0 is None
            check_count(name, getattr(given, name), least=1)
    check_class_weight(given.class_weight)
    if given.splits:
        _check_share(given.validation_split)
    if current_rate(model.optimizer) <= 0:
        raise InputError(
            "The optimizer must have a learning rate > 0. "
            "Received: a rate of 0. Compile the model with e.g. learning_rate=0.001."
        )


def _check_share(split: float) -> None:
    if not isinstance(split, numbers.Real) or not 0 <= split < 1:
        raise InputError(
            "Argument `validation_split` must be the share of the rows that is held "
            f"back, at least 0 and below 1. Received: validation_split={split!r:.50}. "
            "Give validation_split=0.2 to hold back a fifth."
        )


def check_search(verify: bool, seed: int | None, *, is_given: bool) -> None:
    """Raise `InputError` unless the arguments of a search agree.

    Args:
        verify: bool.
        seed: int or None.
        is_given: bool, whether the rate is given.

    Raises:
        InputError: If one breaks its rule.

    Example:
    >>> check_search(True, None, is_given=False)
    """
    if seed is not None:
        check_seed(seed)
    if not isinstance(verify, bool):
        raise InputError(
            f"Argument `verify` must be True or False. Received: verify={verify!r:.50}."
        )
    if verify and is_given:
        raise InputError(
            "Arguments `verify` and `learning_rate` must not come together: a rate "
            "that is given is not searched for. Received: both. Leave one of them out."
        )


def _several_workers(model: keras.Model) -> str:
    """The strategy by which several processes train a model; empty if it is one."""
    if keras.backend.backend() == "tensorflow":
        kinds = [kind.__name__ for kind in type(model.distribute_strategy).__mro__]
        named = [kind for kind in kinds if kind.startswith(SEVERAL_WORKERS)]
        return named[0] if named else ""
    if keras.backend.backend() != "jax":
        return ""
    import jax

    count = jax.process_count()
    return f"{count} processes of JAX" if count > 1 else ""
