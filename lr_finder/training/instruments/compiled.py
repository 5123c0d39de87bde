"""A function of tensors, run as the backend runs it fastest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras


@functools.cache  # so a second training need not trace it again
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """One call of the backend for a function of `keras.ops` on tensors.

    Args:
        function: callable, of structures of tensors, without side effects and without
            a model in its closure: what is compiled is kept.

    Returns:
        callable with the same arguments and results.

    Example:
    >>> double = compiled(lambda values: [2 * value for value in values])
    >>> [float(each) for each in double([keras.ops.convert_to_tensor(1.5)])]
    [3.0]
    """
    return _WAYS[keras.backend.backend()](function)


def copies(values: list[Any]) -> list[Any]:
    """Copies of tensors, in memory of their own: steps write into theirs, or lose it.

    Args:
        values: list of tensors.

    Returns:
        list of tensors.
    """
    return [keras.ops.copy(value) for value in values]


def _in_tensorflow(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    return tf.function(function, autograph=False)


def _in_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(function)


def _in_torch(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    return torch.no_grad()(function)


_WAYS = {"tensorflow": _in_tensorflow, "jax": _in_jax, "torch": _in_torch}
