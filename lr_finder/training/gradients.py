"""Gradients of a training step, taken again beside it, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.training.randomness import RandomState, preserved_randomness
from lr_finder.training.variables import kept_value


class StepGradients:
    r"""Measures the gradient and the update of single training steps, by layers.

    `before()` copies the variables, the optimizer makes its step, and `after(batch)`
    takes the gradient $g$ of the batch's loss once more at the copied weights $w$:

    $$ \lVert g \rVert_2 \quad\text{and}\quad
       \lVert w_{after} - w \rVert_2 / \lVert w \rVert_2 $$

    for each layer, over all its trainable variables. The copy holds random states too,
    so that dropout drops the same: it is the gradient that the step was made with. All
    is computed in a stateless scope: the training is not touched. A measured step costs
    a forward and a backward pass more, and a copy of the model's variables; the first
    one also their tracing or compilation.

    Args:
        model: keras.Model, built and compiled.

    Attributes:
        names: tuple of str, the layers, by the paths of their variables.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="d")])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> model.set_weights([np.ones((1, 1)), np.zeros(1)])
    >>> x = np.ones((1, 1), "float32")
    >>> gradients = StepGradients(model)
    >>> gradients.before()
    >>> _ = model.fit(x, 0 * x, verbose=0)
    >>> norms, weights, updates = gradients.after((x, 0 * x))
    >>> norms.round(3).tolist(), updates.round(3).tolist()  # g = (2, 2)
    ([2.828], [1.414])
    """

    def __init__(self, model: keras.Model):
        self._model = model
        self._trainable = list(model.trainable_variables)
        moving = set(map(id, self._trainable))
        self._others = [v for v in model.variables if id(v) not in moving]
        layers = [variable.path.rpartition("/")[0] for variable in self._trainable]
        self.names = tuple(dict.fromkeys(layers))
        self._layer_of = np.array([self.names.index(layer) for layer in layers])
        self._gradients = _BACKENDS[keras.backend.backend()](self._loss)

    def before(self) -> None:
        """Copy variables and random states: the step is about to be made."""
        self._copy = [kept_value(v) for v in self._trainable]
        self._other_values = [kept_value(v) for v in self._others]
        self._randomness = RandomState()

    def after(self, batch: Sequence[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Measure the step that was made since `before()` on this batch.

        Args:
            batch: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            `(gradient_norms, weight_norms, update_norms)`, float arrays (layers,); the
            gradient of a layer that has no part in the loss is 0.
        """
        now = [keras.ops.convert_to_numpy(variable) for variable in self._trainable]
        then = [keras.ops.convert_to_numpy(value) for value in self._copy]
        updates = [b - a for a, b in zip(then, now, strict=True)]
        with preserved_randomness():
            self._randomness.restore()
            gradients = self._gradients(self._copy, self._other_values, tuple(batch))
        return self._norms(gradients), self._norms(then), self._norms(updates)

    def _norms(self, values: Sequence[Any]) -> np.ndarray:
        """The Euclidean norm of each layer's variables together."""
        squares = [0.0 if v is None else np.sum(np.square(_wide(v))) for v in values]
        return np.sqrt(np.bincount(self._layer_of, squares, len(self.names)))

    def _loss(self, trainable: Any, others: Any, batch: tuple[Any, ...]) -> Any:
        """The loss of a batch at these values; nothing of the model is changed."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        values = zip(
            [*self._trainable, *self._others], [*trainable, *others], strict=True
        )
        with keras.StatelessScope(state_mapping=list(values)):
            predicted = self._model(x, training=True)
            return self._model.compute_loss(
                x=x, y=y, y_pred=predicted, sample_weight=weight, training=True
            )


def _wide(value: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(value), dtype=float)


def _in_tensorflow(loss: Any) -> Any:
    import tensorflow as tf

    @tf.function(reduce_retracing=True, autograph=False)
    def gradients(trainable: Any, others: Any, batch: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            value = loss(trainable, others, batch)
        return tape.gradient(
            value, trainable, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    def from_arrays(trainable: Any, others: Any, batch: Any) -> Any:
        tensors = keras.tree.map_structure(
            lambda leaf: None if leaf is None else tf.convert_to_tensor(leaf),
            (trainable, others, batch),
        )
        return gradients(*tensors)

    return from_arrays


def _in_jax(loss: Any) -> Any:
    import jax

    return jax.jit(jax.grad(loss))


def _in_torch(loss: Any) -> Any:
    import torch

    def gradients(trainable: Any, others: Any, batch: Any) -> Any:
        values = [keras.ops.convert_to_tensor(value) for value in trainable]
        values = [value.detach().requires_grad_() for value in values]
        batch = keras.tree.map_structure(
            lambda leaf: None if leaf is None else keras.ops.convert_to_tensor(leaf),
            batch,
        )
        with torch.enable_grad():
            value = loss(values, others, batch)
            found = torch.autograd.grad(value, values, allow_unused=True)
        return [None if g is None else g.detach() for g in found]

    return gradients


_BACKENDS = {"tensorflow": _in_tensorflow, "jax": _in_jax, "torch": _in_torch}
