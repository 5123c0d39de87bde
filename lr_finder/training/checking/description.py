"""What is trained, and on what, in a form that can be saved."""

from __future__ import annotations

import math
from typing import Any

import keras

from lr_finder._version import __version__
from lr_finder.training.optimizer_rates import optimizer_name, rate_holders
from lr_finder.training.stepping.devices import device_name


def describe_training(model: keras.Model) -> dict[str, Any]:
    """Model, optimizer, loss, device and versions, by name.

    Args:
        model: keras.Model, compiled, with its weights.

    Returns:
        dict of str to str or int, in JSON's types.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> described = describe_training(model)
    >>> described["optimizer"], described["loss"], described["parameters"]
    ('SGD', 'mse', 2)
    """
    return {
        "model": model.name,
        # Not `count_params`, which asks for a model that has been called itself.
        "parameters": sum(math.prod(weight.shape) for weight in model.weights),
        "optimizer": optimizer_name(model.optimizer),
        "momentum": _option(model.optimizer, "momentum"),
        "beta_1": _option(model.optimizer, "beta_1"),
        "loss": _name(model.loss),
        "device": device_name(model),
        "backend": keras.backend.backend(),
        "keras": keras.version(),
        "lr_finder": __version__,
    }


def _option(optimizer: keras.optimizers.Optimizer, name: str) -> float | None:
    """An option of an optimizer, if it has it; the largest of several optimizers."""
    values = [getattr(holder, name, None) for holder in rate_holders(optimizer)]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return max(numbers, default=None)


def _name(value: Any) -> str:
    """A short name for a loss given as text, object, function or structure."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict):
        return ", ".join(_name(each) for each in keras.tree.flatten(value))
    return getattr(value, "name", getattr(value, "__name__", type(value).__name__))
