"""What a short training has reached, kept so that a whole training goes on from it."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class HeadStart:
    """A model and its optimizer after some steps at a constant rate.

    It holds one copy of the variables in memory, and can be put into the model that it
    was taken from only.

    Args:
        lr: float, the rate.
        batches: int, made at it.
        values: list of (variable, value).

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> kernel = model.weights[0]
    >>> HeadStart(0.1, 50, [(kernel, [[3.0]])]).put(model)
    >>> float(kernel[0, 0])
    3.0
    """

    lr: float
    batches: int
    values: list[tuple[Any, Any]]

    def put(self, model: keras.Model) -> None:
        """Give the model this state.

        Args:
            model: keras.Model, the one that it was taken from.
        """
        _ = model.weights  # under JAX: brings the variables up to date
        for variable, value in self.values:
            variable.assign(value)

    def epochs(self, batches: int) -> int:
        """The whole epochs that it saves, of so many batches each."""
        return self.batches // batches

    def __repr__(self) -> str:
        return f"<HeadStart of {self.batches} batches at {self.lr:.3g}>"
