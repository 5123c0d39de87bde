"""Gradients and updates of single training steps, layer by layer."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.training.preserving.randomness import RandomState
from lr_finder.training.preserving.untracked_variables import raw_variables
from lr_finder.training.preserving.variables import kept_values
from lr_finder.training.stepping.own_step import own_step


class StepGradients:
    r"""Measures the gradient and the update of single training steps, by layers.

    `before()` copies the variables $w$, the model makes its step, and `after(batch)`
    takes the gradient $g$ that the step gave to its optimizer:

    $$ \lVert g \rVert_2 \quad\text{and}\quad
       \lVert w_{after} - w \rVert_2 / \lVert w \rVert_2 $$

    for each layer, over all its trainable variables. It is the model's own step,
    whatever loss that takes and from where; where a loss is scaled, its gradient is
    scaled back, and is infinite if it has overflowed. The training is not touched. A
    step that runs eagerly (torch, `run_eagerly`) is listened to. One that is
    compiled is made once more beside the training, from the same variables and random
    states: that costs a step and a copy of all variables, and before the first also
    its tracing or compilation.

    Args:
        model: keras.Model, compiled, and built but for TensorFlow.
        spec: structure of tf.TensorSpec, what a step is given; under TensorFlow.

    Attributes:
        names: tuple of str, the layers, by the paths of their variables.

    Raises:
        ModelError: If it is known already that the gradients cannot be taken.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="d")])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
    >>> model.set_weights([np.ones((1, 1)), np.zeros(1)])
    >>> x = np.ones((1, 1), "float32")
    >>> gradients = StepGradients(model)
    >>> gradients.before()
    >>> _ = model.fit(x, 0 * x, verbose=0)
    >>> norms, weights, updates = gradients.after((x, 0 * x))
    >>> norms.round(3).tolist(), updates.round(3).tolist()  # g = (2, 2)
    ([2.828], [1.414])
    """

    def __init__(self, model: keras.Model, spec: Any = None):
        self._model = model
        self._step = own_step(model, spec)
        self._trainable = list(model.trainable_variables)
        layers = [variable.path.rpartition("/")[0] for variable in self._trainable]
        self.names = tuple(dict.fromkeys(layers))
        self._layer_of = np.array([self.names.index(name) for name in layers], int)
        self._has_measured = False
        self._start: tuple[list[tuple[Any, Any]], RandomState] | None = None

    def before(self) -> None:
        """Copy what the step that is about to be made starts from."""
        if not self._has_measured:
            self._start = kept_values(_all_variables(self._model)), RandomState()
        self._values = self._step.before()

    def after(self, batch: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Measure the step that was made since `before()` on this batch.

        Args:
            batch: structure of arrays, what `train_step` was given.

        Returns:
            `(gradient_norms, weight_norms, update_norms)`, float arrays (layers,); the
            gradient of a layer that has no part in the loss is 0. A gradient that
            cannot be taken, where others could, is NaN, with a warning.

        Raises:
            ModelError: If the first one cannot be taken.
        """
        now = [keras.ops.convert_to_numpy(variable) for variable in self._trainable]
        then = [keras.ops.convert_to_numpy(value) for value in self._values]
        updates = [b - a for a, b in zip(then, now, strict=True)]
        try:
            gradients = self._norms(self._step.after(batch))
        except Exception as error:
            if not self._has_measured:
                raise
            gradients = np.full(len(self.names), np.nan)
            warnings.warn(
                f"The gradient of a step could not be measured: {error}", stacklevel=2
            )
        self._has_measured, self._start = True, None
        return gradients, self._norms(then), self._norms(updates)

    def put_back(self) -> None:
        """Undo the first measured step, if it was begun and its gradient not taken."""
        if self._start is not None:
            values, randomness = self._start
            for variable, value in values:
                variable.assign(value)
            randomness.restore()

    def close(self) -> None:
        """Leave the model's optimizer alone, whatever was begun."""
        self._step.close()

    def _norms(self, values: Sequence[Any]) -> np.ndarray:
        """The Euclidean norm of each layer's variables together."""
        squares = [0.0 if v is None else np.sum(np.square(_wide(v))) for v in values]
        return np.sqrt(np.bincount(self._layer_of, squares, len(self.names)))


def _all_variables(model: keras.Model) -> list[Any]:
    return [
        *model.variables,
        *model.optimizer.variables,
        *model.metrics_variables,
        *raw_variables(model),
    ]


def _wide(value: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(value), dtype=float)
