"""How far a step moves the weights, as a share of their size: no batch is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.training.instruments.compiled import compiled, copies
from lr_finder.training.optimizer_rates import accumulation_of


class UpdateRatios:
    r"""Measures the update of single steps of any `fit`, layer by layer.

    `before()` copies the trainable variables $w$, the model makes its step, and
    `after()` gives $\lVert w_{after} - w \rVert_2$ and $\lVert w \rVert_2$ of each
    layer. Copies and norms are made where the variables are, in one call of the
    backend each.

    Args:
        model: keras.Model, compiled and built, its variables up to date.

    Attributes:
        names: tuple of str, the layers, by the paths of their variables.
        kept: list of tensors, the trainable variables before a step, while it is made.
        total: float, the ratio of all weights together, of the last step measured.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="d")])
    >>> model.compile("sgd", "mse")
    >>> model.set_weights([np.array([[3.0]]), np.array([4.0])])
    >>> ratios = UpdateRatios(model)
    >>> ratios.before()
    >>> model.set_weights([np.array([[3.0]]), np.array([4.5])])
    >>> ratios.after()  # |(0, 0.5)| / |(3, 4)|
    array([0.1])
    """

    def __init__(self, model: keras.Model):
        self._trainable = list(model.trainable_variables)
        layers = [variable.path.rpartition("/")[0] for variable in self._trainable]
        self.names = tuple(dict.fromkeys(layers))
        self._layer_of = np.array([self.names.index(name) for name in layers], int)
        self._accumulates = accumulation_of(model.optimizer) > 1
        self._copy, self._squares = compiled(copies), compiled(_squares)
        self.kept: Any = None
        self.total = math.nan

    def before(self) -> None:
        """Copy the variables: the step is about to be made."""
        self.kept = self._copy(self._values())

    def after(self) -> np.ndarray:
        """The ratios of the step that was made since `before()`.

        Returns:
            float array (layers,), NaN of a layer whose weights are all 0, or if the
            optimizer still gathers gradients. `total` is that of all weights together.
        """
        found = self._squares(self.kept, self._values())
        weights, updates = keras.ops.convert_to_numpy(found).astype(float)
        self.kept = None
        if self._accumulates and not updates.any():
            updates = np.full_like(updates, np.nan)
        total = float(weights.sum())
        self.total = math.sqrt(updates.sum() / total) if total > 0 else math.nan
        return np.divide(
            self.by_layers(updates), self.by_layers(weights),
            out=np.full(len(self.names), np.nan), where=self.by_layers(weights) > 0,
        )  # fmt: skip

    def by_layers(self, squares: np.ndarray) -> np.ndarray:
        """Norms of layers, from the squared norms of their variables.

        Args:
            squares: float array (variables,).

        Returns:
            float array (layers,).
        """
        return np.sqrt(np.bincount(self._layer_of, squares, len(self.names)))

    def _values(self) -> list[Any]:
        return [variable.value for variable in self._trainable]


def _squares(then: Sequence[Any], now: Sequence[Any]) -> Any:
    """Squared norms of variables and of their updates, as tensor (2, variables)."""
    ops = keras.ops
    wide = [ops.cast(value, "float32") for value in then]
    moved = [ops.cast(b, "float32") - a for a, b in zip(wide, now, strict=True)]
    rows = [ops.stack([ops.sum(v * v) for v in values]) for values in (wide, moved)]
    return ops.stack(rows)
