"""The loss of one batch as a function of the weights, with its derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.training.preserving.variables import host_copy

Arrays = list[np.ndarray]


class SecondDerivatives:
    r"""Products of a vector with the second derivatives of one batch's loss.

    For the loss $L$ of a batch and the trainable weights $w$

    $$ H v = \nabla_w \left( v^\top \nabla_w L(w) \right) $$

    without the matrix $H$. The loss is that of `evaluate`: as compiled, with sample
    weights and what layers and regularizers add; layers are as in inference. Nothing is
    written to a variable: under TensorFlow and JAX copies replace all of them, so a
    model that is spread over several devices is differentiated on one.

    Args:
        model: keras.Model, built and compiled.

    Attributes:
        shapes: list of tuple, those of the model's trainable variables.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.array([[1.0], [3.0]], "float32")
    >>> vector = [np.ones((1, 1), "float32"), np.zeros(1, "float32")]
    >>> product = SecondDerivatives(model)((x, x), vector)
    >>> [part.ravel().tolist() for part in product]  # 2 (1 + 9) / 2 and 2 (1 + 3) / 2
    [[10.0], [4.0]]
    """

    def __init__(self, model: keras.Model):
        self._model = model
        self._trainable = list(model.trainable_variables)
        chosen = {id(variable) for variable in self._trainable}
        others = [*model.variables, *model.metrics_variables]
        self._others = [v for v in others if id(v) not in chosen]
        self.shapes = [tuple(variable.shape) for variable in self._trainable]
        backend = keras.backend.backend()
        self._product = _PRODUCTS[backend](self._loss)
        self._gradient = _GRADIENTS[backend](self._loss)
        read = _own_value if backend == "torch" else _stand_in
        self._values = [read(variable) for variable in self._trainable]
        self._given = [read(variable) for variable in self._others]

    def __call__(self, batch: tuple[Any, ...], vector: Sequence[Any]) -> Arrays:
        """The product for one batch.

        Args:
            batch: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of structures of
                arrays.
            vector: sequence of arrays, one of the shape of each trainable variable.

        Returns:
            list of arrays of these shapes.
        """
        batch = keras.tree.map_structure(
            lambda leaf: None if leaf is None else keras.ops.convert_to_tensor(leaf),
            batch,
        )
        vector = [
            keras.ops.convert_to_tensor(part, value.dtype)
            for part, value in zip(vector, self._trainable, strict=True)
        ]
        found = self._product(self._values, self._given, vector, batch)
        return [keras.ops.convert_to_numpy(part) for part in found]

    def loss_and_gradient(self, batch: tuple[Any, ...]) -> tuple[float, Arrays]:
        """The loss of one batch, and its first derivatives.

        Args:
            batch: tuple, as of a call.

        Returns:
            `(loss, gradient)`: float, and a list of arrays, one of the shape of each
            trainable variable.
        """
        batch = keras.tree.map_structure(
            lambda leaf: None if leaf is None else keras.ops.convert_to_tensor(leaf),
            batch,
        )
        loss, found = self._gradient(self._values, self._given, batch)
        gradient = [keras.ops.convert_to_numpy(part) for part in found]
        return float(keras.ops.convert_to_numpy(loss)), gradient

    def move(self, values: Sequence[Any]) -> None:
        """Differentiate at other weights from now on.

        Args:
            values: sequence of arrays, one of the shape of each trainable variable.
        """
        if keras.backend.backend() == "torch":  # whose modules read no other
            for variable, value in zip(self._trainable, values, strict=True):
                variable.assign(value)
            return
        self._values = [
            keras.ops.convert_to_tensor(value, variable.dtype)
            for variable, value in zip(self._trainable, values, strict=True)
        ]

    def _loss(self, values: Sequence[Any], given: Sequence[Any], batch: Any) -> Any:
        """The loss as `evaluate` has it, at other values of the variables."""
        model = self._model
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        mapping = [
            *zip(self._trainable, values, strict=True),
            *zip(self._others, given, strict=True),
        ]
        with keras.StatelessScope(mapping, collect_losses=True):
            outputs = model(x, **_in_inference(model.call))
            return model.compute_loss(
                x=x, y=y, y_pred=outputs, sample_weight=weight,
                **_in_inference(model.compute_loss),
            )  # fmt: skip


def _in_inference(function: Callable[..., Any]) -> dict[str, bool]:
    """`training=False` for what takes it, as Keras asks too."""
    takes_it = "training" in inspect.signature(function).parameters
    return {"training": False} if takes_it else {}


def _stand_in(variable: keras.Variable) -> Any:
    return keras.ops.convert_to_tensor(host_copy(variable), variable.dtype)


def _own_value(variable: keras.Variable) -> Any:
    """Under torch the parameter itself: a PyTorch module reads no other."""
    return variable.value


def _in_tensorflow(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Backwards twice: a loop, as of a recurrent layer, has no forward derivative."""
    import tensorflow as tf

    unconnected = {"unconnected_gradients": tf.UnconnectedGradients.ZERO}

    def product(values: Any, given: Any, vector: Any, batch: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(values)
            with tf.GradientTape() as inner:
                inner.watch(values)
                measured = loss(values, given, batch)
            gradient = inner.gradient(measured, values, **unconnected)
            along = [
                tf.reduce_sum(g * v) for g, v in zip(gradient, vector, strict=True)
            ]
            total = tf.add_n(along)
        found = outer.gradient(total, values, **unconnected)
        return [tf.convert_to_tensor(part) for part in found]

    traced: dict[Any, Any] = {}

    def product_of_its_shape(*given: Any) -> Any:
        spec = tf.nest.map_structure(tf.type_spec_from_value, given)
        key = str(spec)
        if key not in traced:
            function = tf.function(product, autograph=False)
            traced[key] = function.get_concrete_function(*spec)
        return traced[key](*given)

    return product_of_its_shape


def _in_jax(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Forward over backward: least memory."""
    import jax

    def product(values: Any, given: Any, vector: Any, batch: Any) -> Any:
        gradient = jax.grad(lambda values: loss(values, given, batch))
        return jax.jvp(gradient, (values,), (vector,))[1]

    return jax.jit(product)


def _in_torch(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Backwards twice."""
    import torch

    def product(values: Any, given: Any, vector: Any, batch: Any) -> Any:
        options: dict[str, Any] = {"allow_unused": True, "materialize_grads": True}
        with torch.enable_grad():
            measured = loss(values, given, batch)
            gradient = torch.autograd.grad(
                measured, values, create_graph=True, **options
            )
            total = sum((g * v).sum() for g, v in zip(gradient, vector, strict=True))
        if not total.requires_grad:  # the loss is linear in the weights
            return [torch.zeros_like(value) for value in values]
        return torch.autograd.grad(total, values, **options)

    return product


def _first_in_tensorflow(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Backwards once, traced for each shape of a batch."""
    import tensorflow as tf

    unconnected = {"unconnected_gradients": tf.UnconnectedGradients.ZERO}

    def gradient(values: Any, given: Any, batch: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(values)
            measured = loss(values, given, batch)
        found = tape.gradient(measured, values, **unconnected)
        return measured, [tf.convert_to_tensor(part) for part in found]

    return tf.function(gradient, autograph=False, reduce_retracing=True)


def _first_in_jax(loss: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(jax.value_and_grad(loss))


def _first_in_torch(loss: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def gradient(values: Any, given: Any, batch: Any) -> Any:
        with torch.enable_grad():
            measured = loss(values, given, batch)
            options: dict[str, Any] = {"allow_unused": True, "materialize_grads": True}
            found = torch.autograd.grad(measured, values, **options)
        return measured.detach(), found

    return gradient


_GRADIENTS = {
    "tensorflow": _first_in_tensorflow,
    "jax": _first_in_jax,
    "torch": _first_in_torch,
}
_PRODUCTS = {"tensorflow": _in_tensorflow, "jax": _in_jax, "torch": _in_torch}
