"""The norm of the gradient of a step, read from what its optimizer remembers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.instruments.compiled import compiled, copies
from lr_finder.training.optimizer_rates import (
    current_rate,
    optimizer_name,
    rate_holders,
)


@dataclasses.dataclass(frozen=True)
class _Memory:
    """What an optimizer keeps of its gradients: x' = kept · x + taken · g (or g²).

    Args:
        slot: str, how the names of its variables end; empty for the weights.
        kept: float.
        taken: float; None for the negative rate of the step.
        is_squared: bool, whether g² is taken in.
    """

    slot: str
    kept: float
    taken: float | None
    is_squared: bool = False


class OptimizerGradients:
    r"""Measures the norm of the gradient of single steps of any `fit`.

    The batch is not known, and need not be: an optimizer that keeps a moving mean $m$
    of its gradients $g$, such as Adam, tells each of them,

    $$ g = (m_{after} - \beta m) / (1 - \beta) $$

    and so do the momentum of SGD, the mean squares of RMSprop and the sums of Adagrad.
    Plain SGD tells it by the weights. It is the gradient that the optimizer used: after
    clipping, and without a loss scale.

    Args:
        model: keras.Model, compiled and built, its variables up to date.

    Raises:
        ModelError: If its optimizer keeps nothing that tells.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.Adam(), "mse")
    >>> model.set_weights([np.ones((1, 1)), np.zeros(1)])
    >>> model.optimizer.build(model.trainable_variables)
    >>> gradients, x = OptimizerGradients(model), np.ones((1, 1), "float32")
    >>> gradients.before()
    >>> _ = model.fit(x, 0 * x, verbose=0)
    >>> round(gradients.after(), 3)  # g = (2, 2)
    2.828
    """

    def __init__(self, model: keras.Model):
        holders = rate_holders(model.optimizer)
        memory = _memory_of(holders[0]) if len(holders) == 1 else None
        if memory is None:
            raise ModelError(
                "The optimizer must be one of Keras' that tells its gradients: Adam, "
                "AdamW, Adamax, Nadam, Lion, SGD, RMSprop, Adagrad. Received: "
                f"{optimizer_name(model.optimizer)}. Train with "
                'TrainingDynamicsAnalyzer(instruments="full") for its gradient norm.'
            )
        self._memory, self._optimizer = memory, holders[0]
        self._model = model
        self._copy, self._sums = compiled(copies), compiled(_sums)

    def before(self) -> None:
        """Copy what the optimizer remembers: the step is about to be made."""
        self._variables = self._remembering()
        self._then = self._copy([variable.value for variable in self._variables])
        self._rate = current_rate(self._optimizer)

    def _remembering(self) -> list[Any]:
        """The variables that tell; none before the first step of the optimizer."""
        ending = f"_{self._memory.slot}"
        if ending == "_":
            return list(self._model.trainable_variables)
        return [v for v in self._optimizer.variables if v.path.endswith(ending)]

    def after(self) -> float:
        """The norm of the gradient of the step that was made since `before()`.

        Returns:
            float >= 0; nan if the optimizer took none in.
        """
        if not self._variables:
            return math.nan
        memory, now = self._memory, [variable.value for variable in self._variables]
        kept = keras.ops.convert_to_tensor(memory.kept, "float32")
        found = keras.ops.convert_to_numpy(self._sums(self._then, now, kept))
        total, squares, moved = (float(value) for value in found)
        taken = memory.taken
        if taken is None:  # another callback may have set the rate since `before`
            is_set = isinstance(self._optimizer.learning_rate, keras.Variable)
            taken = current_rate(self._optimizer) if is_set else self._rate
        if not moved or not taken:
            return math.nan
        if memory.is_squared:
            return math.sqrt(max(total, 0.0) / taken)
        return math.sqrt(squares) / taken


def _memory_of(optimizer: keras.optimizers.Optimizer) -> _Memory | None:
    """What an optimizer of Keras keeps; one that a person wrote may do otherwise."""
    kind = type(optimizer)  # under torch a class of its own, of the same name
    name = kind.__name__ if kind.__module__.startswith("keras.") else ""
    if name in ("Adam", "AdamW", "Adamax", "Nadam"):
        return _Memory("momentum", optimizer.beta_1, 1 - optimizer.beta_1)
    if name == "Lion":
        return _Memory("momentum", optimizer.beta_2, 1 - optimizer.beta_2)
    if name == "RMSprop":
        return _Memory("velocity", optimizer.rho, 1 - optimizer.rho, is_squared=True)
    if name == "Adagrad":
        return _Memory("accumulator", 1.0, 1.0, is_squared=True)
    if name == "SGD" and optimizer.momentum:
        return _Memory("momentum", optimizer.momentum, None)
    if name == "SGD" and not optimizer.weight_decay:
        return _Memory("", 1.0, None)
    return None


def _sums(then: Sequence[Any], now: Sequence[Any], kept: Any) -> Any:
    """Sum and sum of squares of what was added, and whether anything has moved."""
    ops = keras.ops
    pairs = [
        (ops.cast(a, "float32"), ops.cast(b, "float32"))
        for a, b in zip(then, now, strict=True)
    ]
    added = [b - kept * a for a, b in pairs]
    total, squares = sum(ops.sum(d) for d in added), sum(ops.sum(d * d) for d in added)
    moved = sum(ops.sum(ops.abs(b - a)) for a, b in pairs)
    return ops.stack([total, squares, moved])
