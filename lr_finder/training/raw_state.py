"""State of layers that Keras does not know of: the backend's own variables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import keras


def raw_variables(model: keras.Model) -> list[Any]:
    """The backend's own variables in a model's layers, which Keras does not track.

    Under TensorFlow these are `tf.Variable`s, `tf.Module`s and `tf.random.Generator`s
    that are attributes of a layer (or in a list, tuple or dict that is); under torch
    the buffers of modules (as the running means of `torch.nn.BatchNorm1d`). JAX has
    no variables of its own.

    Args:
        model: keras.Model.

    Returns:
        list of what has `assign(value)`, and is or holds (`.tensor`) its value.

    Example:
    >>> raw_variables(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    []
    """
    if keras.backend.backend() == "torch":
        layers = model._flatten_layers()
        buffers = {id(b): b for layer in layers for b in layer.buffers()}
        return [_Buffer(buffer) for buffer in buffers.values()]
    if keras.backend.backend() != "tensorflow":
        return []
    known = {id(variable.value) for variable in _keras_variables(model)}
    found = {
        id(variable): variable
        for layer in model._flatten_layers()
        for variable in _of_layer(layer)
        if id(variable) not in known
    }
    return list(found.values())


def _keras_variables(model: keras.Model) -> Iterator[Any]:
    yield from model.variables
    yield from model.metrics_variables
    if model.optimizer is not None:
        yield from model.optimizer.variables


def _of_layer(layer: keras.Layer) -> Iterator[Any]:
    """Each tf.Variable among a layer's attributes, or just within one."""
    import tensorflow as tf

    for name, value in vars(layer).items():
        if name.startswith("_self_"):  # TensorFlow's own notes on what it tracks
            continue
        if isinstance(value, dict):
            value = list(value.values())
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, tf.Variable):
                yield each
            elif isinstance(each, tf.random.Generator):
                yield each.state
            elif isinstance(each, tf.Module):
                yield from each.variables


class _Buffer:
    """A tensor of torch that is written in place."""

    def __init__(self, tensor: Any):
        self.tensor = tensor

    def assign(self, value: Any) -> None:
        torch = sys.modules["torch"]
        with torch.no_grad():
            self.tensor.copy_(torch.as_tensor(value))
