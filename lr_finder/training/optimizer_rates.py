"""The learning rate of an optimizer, or of a group of optimizers: read and moved."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import keras

from lr_finder.errors import InputError, ModelError
from lr_finder.training.preserving.variables import host_copy

Optimizer: TypeAlias = keras.optimizers.Optimizer


def rate_holders(optimizer: Optimizer) -> list[Optimizer]:
    """The optimizers that hold a learning rate: `optimizer` itself or those within.

    Args:
        optimizer: keras.optimizers.Optimizer.

    Returns:
        list of keras.optimizers.Optimizer: the groups of a `MultiOptimizer` in the
        order of its `optimizers`, else one; none is a `LossScaleOptimizer`. A
        MultiOptimizer made with a function knows its groups once it is built.

    Example:
    >>> inner = keras.optimizers.SGD()
    >>> rate_holders(keras.optimizers.LossScaleOptimizer(inner)) == [inner]
    True
    """
    optimizer = _without_loss_scale(optimizer)
    if isinstance(optimizer, keras.optimizers.MultiOptimizer):
        return list(optimizer.optimizers)
    return [optimizer]


def current_rate(optimizer: Optimizer) -> float:
    """The learning rate of the next step; of a `MultiOptimizer`, its default group's.

    Args:
        optimizer: keras.optimizers.Optimizer.

    Returns:
        float, to the shortest text of the float32 that Keras holds: 0.1, not
        0.10000000149.

    Example:
    >>> current_rate(keras.optimizers.SGD(0.1))
    0.1
    """
    return float(str(host_copy(_default(optimizer).learning_rate)))


def optimizer_name(optimizer: Optimizer) -> str:
    """The class of an optimizer, and of those within.

    Args:
        optimizer: keras.optimizers.Optimizer.

    Returns:
        str.

    Example:
    >>> optimizer_name(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()))
    'LossScaleOptimizer(SGD)'
    """
    name = type(optimizer).__name__
    within = rate_holders(optimizer)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        within = [optimizer.inner_optimizer]
    if within == [optimizer]:
        return name
    return f"{name}({', '.join(map(optimizer_name, within))})"


def accumulation_of(optimizer: Optimizer) -> int:
    """How many batches a step takes, gradients being accumulated.

    Args:
        optimizer: keras.optimizers.Optimizer.

    Returns:
        int >= 1; where the groups of a `MultiOptimizer` differ, the least number after
        which each of them has made its step.

    Example:
    >>> accumulation_of(keras.optimizers.SGD(gradient_accumulation_steps=4))
    4
    """
    holders = rate_holders(optimizer)
    return math.lcm(*(each.gradient_accumulation_steps or 1 for each in holders))


def check_rates(model: keras.Model, group: str | int | None = None) -> None:
    """Raise unless the learning rates of a model's optimizer can be moved.

    Args:
        model: keras.Model, compiled.
        group: str or int or None, as `Rates` takes it.

    Raises:
        InputError: If there is no such group.
        ModelError: If an optimizer has no learning rate that can be set.
    """
    optimizer = model.optimizer
    if group is not None:
        _check_group(model, _chosen(optimizer, group))
    for holder in rate_holders(optimizer):
        access = getattr(type(holder), "learning_rate", None)
        if not hasattr(holder, "_learning_rate") or (
            isinstance(access, property) and access.fset is None
        ):
            raise ModelError(
                "The optimizer's learning rate must be one that can be set. Received: "
                f"{type(holder).__name__}, whose learning_rate has no setter."
            )
    if group is None and len(rate_holders(optimizer)) > 1:
        _check_ratios(optimizer)


def check_accumulation(optimizer: Optimizer, assumed: int) -> None:
    """Raise `ModelError` unless a step takes as many batches as was assumed.

    Args:
        optimizer: keras.optimizers.Optimizer, built.
        assumed: int, what `accumulation_of` said before it was built.

    Raises:
        ModelError: If its groups have turned out to accumulate gradients.
    """
    if accumulation_of(optimizer) != assumed:
        raise ModelError(
            "A MultiOptimizer made with a function must be built before its groups "
            "accumulate gradients. Received: one that was not. Call "
            "model.optimizer.build(model.trainable_variables) first."
        )


class Rates:
    """The rate of an optimizer, or those of a `MultiOptimizer`, to be moved.

    Without `group`, all groups of a MultiOptimizer move together: each keeps its
    ratio to the default group, whose rate is the one named. (The default group of an
    `OptimizerMap` is its `default_optimizer`; of a function, the optimizer of the
    first variable.) With `group`, that one moves alone and the others stay.

    Args:
        optimizer: keras.optimizers.Optimizer, built; it holds no schedule.
        group: str or int or None, which optimizer of a MultiOptimizer moves: its
            `name`, or its index in `optimizer.optimizers`.

    Attributes:
        accumulation: int, batches that a step takes.
        compiled: float, the rate named, as it was before it was moved.

    Raises:
        InputError: If there is no such group, or the default rate is 0.

    Example:
    >>> slow, fast = keras.optimizers.SGD(0.1, name="slow"), keras.optimizers.Adam(0.4)
    >>> groups = keras.optimizers.OptimizerMap(slow, {"head/.*": fast})
    >>> rates = Rates(keras.optimizers.MultiOptimizer(groups))
    >>> rates.set(0.2)
    >>> current_rate(slow), current_rate(fast)
    (0.2, 0.8)
    """

    def __init__(self, optimizer: Optimizer, group: str | int | None = None):
        self._counter = _without_loss_scale(optimizer)._iterations
        holders = rate_holders(optimizer)
        self.accumulation = accumulation_of(optimizer)
        if group is not None:
            holders = [_chosen(optimizer, group)]
        self._ratios = [(holders[0], 1.0)]
        if len(holders) > 1:
            _check_ratios(optimizer)
            base = current_rate(optimizer)
            self._ratios = [(each, current_rate(each) / base) for each in holders]
        self.compiled = current_rate(optimizer if group is None else holders[0])

    def at(self, rate: float) -> list[tuple[Optimizer, float]]:
        """Each optimizer that moves, and its rate if that of the named one is this."""
        return [(holder, rate * ratio) for holder, ratio in self._ratios]

    def set(self, rate: float) -> None:
        """Give the optimizer this rate, and other groups theirs in proportion."""
        _set_each(self.at(rate))

    def position(self) -> int:
        """Batches that the optimizer has taken in; a step takes `accumulation`."""
        return int(host_copy(self._counter))


class HeldRates:
    """The rates of an optimizer when its context is entered, put back when it is left.

    Args:
        optimizer: keras.optimizers.Optimizer; it holds no schedule inside.

    Example:
    >>> optimizer = keras.optimizers.SGD(0.1)
    >>> with HeldRates(optimizer):
    ...     optimizer.learning_rate = 0.01
    >>> current_rate(optimizer)
    0.1
    """

    def __init__(self, optimizer: Optimizer):
        self._optimizer = optimizer
        self._held: list[tuple[Optimizer, float]] = []
        self._reached: list[tuple[Optimizer, float]] = []

    def __enter__(self) -> HeldRates:
        self._held = self._now()
        return self

    def __exit__(self, *error: object) -> None:
        _set_each(self._held)

    def put(self) -> None:
        """Put the rates back for a while, until `go_on`."""
        self._reached = self._now()
        _set_each(self._held)

    def go_on(self) -> None:
        """Go on with the rates that had been reached before `put`."""
        _set_each(self._reached)

    def _now(self) -> list[tuple[Optimizer, float]]:
        return [(each, current_rate(each)) for each in rate_holders(self._optimizer)]


def _set_each(rates: list[tuple[Optimizer, float]]) -> None:
    for holder, rate in rates:
        holder.learning_rate = rate


def _without_loss_scale(optimizer: Optimizer) -> Optimizer:
    while isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer


def _default(optimizer: Optimizer) -> Optimizer:
    """The optimizer whose rate stands for all."""
    optimizer = _without_loss_scale(optimizer)
    if not isinstance(optimizer, keras.optimizers.MultiOptimizer):
        return optimizer
    default = getattr(optimizer._optimizer_map, "default_optimizer", None)
    if default is None and optimizer.optimizers:
        default = optimizer.optimizers[0]
    if default is None:
        raise ModelError(
            "A MultiOptimizer made with a function must be built before it has a "
            "learning rate. Received: one that is not. Call "
            "model.optimizer.build(model.trainable_variables) first."
        )
    return default


def _check_ratios(optimizer: Optimizer) -> None:
    if current_rate(optimizer) <= 0:
        raise InputError(
            "The default group of a MultiOptimizer must have a learning rate > 0 for "
            f"the others to keep their ratio to it. Received: "
            f"{current_rate(optimizer):g} ({_default(optimizer).name!r}). Set it, or "
            "sweep one group alone with group=…."
        )


def _chosen(optimizer: Optimizer, group: Any) -> Optimizer:
    """The one optimizer that `group` names."""
    optimizer = _without_loss_scale(optimizer)
    if not isinstance(optimizer, keras.optimizers.MultiOptimizer):
        raise InputError(
            "Argument `group` must be None for an optimizer without groups. Received: "
            f"group={group!r} with {type(optimizer).__name__}. It chooses one "
            "optimizer of a keras.optimizers.MultiOptimizer."
        )
    holders = optimizer.optimizers
    if not optimizer.built and not hasattr(optimizer._optimizer_map, "values"):
        raise InputError(
            "Argument `group` must name a group that exists. Received: "
            f"group={group!r} with a MultiOptimizer made with a function and not built "
            "yet. Call model.optimizer.build(model.trainable_variables) first."
        )
    named = [holder for holder in holders if holder.name == group]
    if isinstance(group, int) and not isinstance(group, bool):
        named = holders[group : group + 1] if group >= 0 else []
    if len(named) != 1:
        raise InputError(
            "Argument `group` must be the name of one optimizer of the MultiOptimizer, "
            f"or its index in model.optimizer.optimizers. Received: group={group!r}; "
            f"there are {[holder.name for holder in holders]}."
        )
    return named[0]


def _check_group(model: keras.Model, holder: Optimizer) -> None:
    """Raise `InputError` if no variable of the model belongs to this optimizer."""
    groups = _without_loss_scale(model.optimizer)._optimizer_map
    if not model.built or not hasattr(groups, "values"):
        return
    if not any(groups(variable) is holder for variable in model.trainable_variables):
        raise InputError(
            "Argument `group` must name a group that has variables to train. Received: "
            f"{holder.name!r}, to which none of the model's variable paths belongs."
        )
