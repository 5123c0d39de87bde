"""State of layers that is not among the model's variables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import keras

from lr_finder.training.preserving.variables import attributes_of

COMPILED = ("_loss_tracker", "_compile_metrics")  # metrics that `compile` makes


def raw_variables(model: keras.Model) -> list[Any]:
    """Variables in a model's layers that `model.variables` does not have.

    These are the states of a stateful RNN; under TensorFlow also `tf.Variable`s,
    `tf.Module`s and `tf.random.Generator`s that are attributes of a layer (or in a
    list, tuple or dict that is); under torch the buffers of modules (as the running
    means of `torch.nn.BatchNorm1d`); under any, the state of metrics that the model
    holds and does not show.

    Args:
        model: keras.Model.

    Returns:
        list of what has `assign(value)`, and is or holds (`.tensor`) its value.

    Example:
    >>> raw_variables(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    []
    """
    known = set()
    for variable in _known_to_keras(model):
        known |= {id(variable), id(variable.value)}
    layers = model._flatten_layers()
    found = {id(v): v for layer in layers for v in _of_layer(layer)}
    found |= {id(v): v for metric in hidden_metrics(model) for v in metric.variables}
    return [variable for key, variable in found.items() if key not in known] + _buffers(
        model
    )


def hidden_metrics(
    model: keras.Model, keras_own: bool = True
) -> list[keras.metrics.Metric]:
    """Metrics that a model holds and `model.metrics` does not show.

    A property `metrics` of the model's own decides what is shown. Keras resets no
    other, and does not have their variables among `model.metrics_variables`.

    Args:
        model: keras.Model.
        keras_own: bool, whether those that Keras made in `compile` are meant as well.

    Returns:
        list of keras.metrics.Metric.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.tracker = keras.metrics.Mean()
    >>> hidden_metrics(model), len(model.metrics)
    ([], 1)
    """
    shown = {id(metric) for metric in model.metrics}
    held = {
        id(value): value
        for name, value in attributes_of(model)
        if isinstance(value, keras.metrics.Metric)
        and (keras_own or name not in COMPILED)
    }
    return [metric for key, metric in held.items() if key not in shown]


def _known_to_keras(model: keras.Model) -> Iterator[Any]:
    yield from model.variables
    yield from model.metrics_variables
    if getattr(model, "optimizer", None) is not None:
        yield from model.optimizer.variables


def _of_layer(layer: keras.Layer) -> Iterator[Any]:
    """Each variable among a layer's attributes, or just within one."""
    for _, value in attributes_of(layer):
        yield from _as_variables(value)


def _as_variables(value: Any) -> list[Any]:
    """The variables that an attribute is or holds."""
    if isinstance(value, keras.Variable):
        return [value]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if isinstance(value, tf.Variable):
            return [value]
        if isinstance(value, tf.random.Generator):
            return [value.state]
        if isinstance(value, tf.Module):
            return list(value.variables)
    return []


def _buffers(model: keras.Model) -> list[_Buffer]:
    if keras.backend.backend() != "torch":
        return []
    layers = model._flatten_layers()
    buffers = {id(b): b for layer in layers for b in layer.buffers()}
    return [_Buffer(buffer) for buffer in buffers.values()]


class _Buffer:
    """A tensor of torch that is written in place."""

    def __init__(self, tensor: Any):
        self.tensor = tensor

    def assign(self, value: Any) -> None:
        torch = sys.modules["torch"]
        with torch.no_grad():
            self.tensor.copy_(torch.as_tensor(value))
