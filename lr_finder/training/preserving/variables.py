"""The value of a variable, kept on the host and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np


def host_copy(variable: Any) -> np.ndarray:
    """The value of a variable or tensor as an array that shares no memory with it.

    Args:
        variable: keras.Variable or a tensor of the backend, any shape and dtype.

    Returns:
        array of the variable's shape.

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> value = host_copy(variable)
    >>> variable.assign([3.0, 4.0]) is None, value.tolist()
    (False, [1.0, 2.0])
    """
    return keras.ops.convert_to_numpy(keras.ops.copy(variable))


def kept_value(variable: Any) -> Any:
    """The value of a variable, to be held and assigned back: one copy at the most.

    A TensorFlow variable shares its memory with the tensor read from it until it is
    next written, then takes new memory; so neither holding the tensor nor assigning it
    back takes a second copy, as an array would. JAX gives a variable's memory away to
    the next step, and torch writes into it: there the copy is an array.

    Args:
        variable: keras.Variable, any shape and dtype.

    Returns:
        tensor or array on the host, of the variable's shape.

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> value = kept_value(variable)
    >>> _ = variable.assign([3.0, 4.0])
    >>> _ = variable.assign(value)
    >>> host_copy(variable).tolist()
    [1.0, 2.0]
    """
    if keras.backend.backend() == "tensorflow":
        with keras.device("cpu:0"):
            return keras.ops.copy(variable)
    return host_copy(variable)


def replicas(variable: Any) -> list[Any]:
    """The parts of a variable that hold values of their own.

    A `tf.distribute` strategy keeps one on each device, and they may differ: the
    statistics of BatchNorm do.

    Args:
        variable: keras.Variable, or what else has `assign`.

    Returns:
        list of what has `assign`; of the variable alone where it is not replicated.

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> replicas(variable) == [variable]
    True
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        values = getattr(variable, "_value", variable)
        if isinstance(values, tf.distribute.DistributedValues):
            return list(values.values)
    return [variable]


def attributes_of(layer: keras.Layer) -> Iterator[tuple[str, Any]]:
    """The attributes of a layer or model, and what lists and dicts among them hold.

    Args:
        layer: keras.Layer.

    Yields:
        `(name, value)` for each attribute, and for each item just within one.

    Example:
    >>> layer = keras.layers.Dense(1)
    >>> layer.parts = [2, 3]
    >>> [value for name, value in attributes_of(layer) if name == "parts"]
    [2, 3]
    """
    for name, value in vars(layer).items():
        if name.startswith("_self_"):  # TensorFlow's own notes on what it tracks
            continue
        if isinstance(value, dict):
            value = list(value.values())
        for each in value if isinstance(value, list | tuple) else [value]:
            yield name, each


def kept_values(variables: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each variable once, by its replicas, beside its value as `kept_value` has it.

    Args:
        variables: iterable of keras.Variable, or of what `raw_variables` gives.

    Returns:
        list of (what has `assign`, its value).

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> ((same, value),) = kept_values([variable, variable])
    >>> same is variable, np.asarray(value).tolist()
    (True, [1.0, 2.0])
    """
    unique = {id(part): part for variable in variables for part in replicas(variable)}
    return [
        (part, kept_value(getattr(part, "tensor", part))) for part in unique.values()
    ]
