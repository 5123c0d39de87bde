"""What a model is made of, kept aside so that a refused model is as it was before."""

from __future__ import annotations

import collections
import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.utils.tracking import Tracker

from lr_finder.training.optimizer_rates import rate_holders

CONTAINERS = (collections.OrderedDict, dict, list, set, collections.deque)


class Structure:
    """Attributes of a model, its layers, optimizers, losses and metrics, as they are.

    `ModelState` keeps the values of variables. This keeps which of them there are:
    building a model, its optimizer or its metrics adds attributes, and fills lists.
    `restore()` takes all of it back, so that a model not built is not built again.

    Args:
        model: keras.Model, which need not be built.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> structure = Structure(model)
    >>> model.build((None, 3))
    >>> structure.restore()
    >>> model.built, model.layers[0].built, model.weights
    (False, False, [])
    """

    def __init__(self, model: keras.Model):
        self._attributes: list[tuple[Any, dict[str, Any]]] = []
        self._contents: list[tuple[Any, Any]] = []
        seen = {}
        optimizer = getattr(model, "optimizer", None)
        waiting = [model]
        if optimizer is not None:  # those of a MultiOptimizer are no attributes of it
            waiting += rate_holders(optimizer)
        while waiting:
            part = waiting.pop()
            if id(part) in seen:
                continue
            seen[id(part)] = part
            waiting += self._keep(part)

    def _keep(self, part: Any) -> list[Any]:
        """Keep what a part holds; return it, to be looked into."""
        if isinstance(part, _kinds()):
            kept = dict(vars(part))
            self._attributes.append((part, kept))
            return list(kept.values())
        if hasattr(part, "__wrapped__"):  # TensorFlow wraps dicts and lists
            return [part.__wrapped__]
        if isinstance(part, dict):
            self._contents.append((part, dict(part)))
            return list(part.values())
        if isinstance(part, CONTAINERS):
            self._contents.append((part, list(part)))
            return [*part, getattr(part, "_storage", None)]
        return list(part) if isinstance(part, tuple) else []

    def restore(self) -> None:
        """Let every part hold again what it held when this object was made."""
        for part, kept in self._attributes:
            attributes = vars(part)
            if attributes.keys() != kept.keys() or any(
                attributes[name] is not value for name, value in kept.items()
            ):
                attributes.clear()
                attributes.update(kept)
        for part, kept in self._contents:
            _refill(part, kept)


def _refill(part: Any, kept: Any) -> None:
    """Let a container hold what it did, by the methods of the plain type.

    Those of Keras' lists and dicts tell their owner of each item.
    """
    kind: Any = next(kind for kind in CONTAINERS if isinstance(part, kind))
    kind.clear(part)
    if issubclass(kind, dict):
        for key, value in kept.items():
            kind.__setitem__(part, key, value)
    else:
        (kind.update if kind is set else kind.extend)(part, kept)


@contextlib.contextmanager
def untouched_if_refused(model: keras.Model) -> Iterator[Structure]:
    """Take back what was built inside, if it ends with an error.

    Args:
        model: keras.Model.

    Yields:
        Structure.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> with contextlib.suppress(ValueError), untouched_if_refused(model):
    ...     model.build((None, 3))
    ...     raise ValueError
    >>> model.built
    False
    """
    structure = Structure(model)
    try:
        yield structure
    except BaseException:
        structure.restore()
        raise


@contextlib.contextmanager
def modes_kept(model: keras.Model) -> Iterator[None]:
    """Put PyTorch modules back into training or inference, as they were before.

    A layer that is called in inference switches the modules within it.

    Args:
        model: keras.Model.

    Example:
    >>> with modes_kept(keras.Sequential([keras.layers.Dense(1)])):
    ...     pass
    """
    if keras.backend.backend() != "torch":
        yield
        return
    parts = [part for layer in model._flatten_layers() for part in layer.modules()]
    modes = [(part, part.training) for part in parts]
    try:
        yield
    finally:
        for part, is_training in modes:
            part.training = is_training


def compute_dtypes(model: keras.Model) -> set[str]:
    """The types of number in which the layers of a model compute.

    Args:
        model: keras.Model.

    Returns:
        set of str, e.g. `{"float32"}`.

    Example:
    >>> sorted(compute_dtypes(keras.Sequential([keras.layers.Dense(1)])))
    ['float32']
    """
    return {layer.compute_dtype for layer in model._flatten_layers()}


def _kinds() -> tuple[type, ...]:
    """What has attributes that building changes."""
    kinds: tuple[type, ...] = (
        keras.Layer,
        keras.optimizers.Optimizer,
        keras.metrics.Metric,
        keras.losses.Loss,
        Tracker,
    )
    if keras.backend.backend() == "torch":
        kinds += (sys.modules["torch"].nn.Module,)
    return kinds
