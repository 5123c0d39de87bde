"""The rates of an optimizer while a schedule moves them, and before."""

from __future__ import annotations

import numpy as np

from lr_finder.training.optimizer_rates import (
    Optimizer,
    Rates,
    current_rate,
    rate_holders,
)


class MovedRates:
    """The rates of an optimizer that a schedule moves, and what they were before.

    Args:
        optimizer: keras.optimizers.Optimizer, with rates that can be set.

    Attributes:
        rate: float, the one set last; None before.

    Raises:
        ModelError: If the groups of a `MultiOptimizer` are not known yet.

    Example:
    >>> import keras
    >>> optimizer = keras.optimizers.SGD(0.5)
    >>> moved = MovedRates(optimizer)
    >>> moved.set(0.1)
    >>> moved.put_back()
    >>> current_rate(optimizer)
    0.5
    """

    def __init__(self, optimizer: Optimizer):
        self._optimizer = optimizer
        _ = current_rate(optimizer)  # raises if the groups are not known yet
        self._rates = Rates(optimizer)
        self._before = [(each, current_rate(each)) for each in rate_holders(optimizer)]
        self.rate: float | None = None

    def set(self, rate: float) -> None:
        """Give the optimizer this rate, and other groups theirs in proportion."""
        self._rates.set(rate)
        self.rate = rate

    def are_of(self, optimizer: Optimizer) -> bool:
        """Whether an optimizer still has the rates at which a `fit` broke off."""
        if optimizer is not self._optimizer or self.rate is None:
            return False
        return all(_holds(holder, rate) for holder, rate in self._rates.at(self.rate))

    def put_back(self) -> None:
        """Put back what was set here, unless someone has set it since."""
        if self.rate is None:
            return
        left = dict(self._rates.at(self.rate))
        for holder, rate in self._before:
            if _holds(holder, left[holder]):
                holder.learning_rate = rate


def _holds(holder: Optimizer, rate: float) -> bool:
    return np.float32(current_rate(holder)) == np.float32(rate)
