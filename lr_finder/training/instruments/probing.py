"""The gradient of a batch in its two halves, and the units that are always 0."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.errors import ModelError
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.preserving.untracked_variables import raw_variables
from lr_finder.training.stepping.steps import has_own_step

HALVES = 2  # of a batch: two gradients of half its size tell its noise
CLIPPING = (keras.activations.relu, keras.activations.relu6)


@dataclasses.dataclass(frozen=True)
class Probe:
    """What a batch says of the gradient and of the units.

    Args:
        squares: float array (variables,), squared norms of the gradient.
        small: float, the mean of the squared norms of the gradients of the halves.
        dead: float array (layers,), shares of units that are 0 for the whole batch.
        size: int, samples of a half.
    """

    squares: np.ndarray
    small: float
    dead: np.ndarray
    size: int


class BatchProbe:
    """Takes the gradient of a batch beside the training, at weights that are given.

    The batch is taken in its two halves; the gradient is their mean. That is the
    gradient of the step, but for layers that draw (Dropout) or mix samples
    (BatchNormalization, whose statistics are those of each half). Nothing of the model
    changes: it is called without a state of its own.

    Args:
        model: keras.Model, compiled and built, that trains by Keras' own step.

    Attributes:
        layers: tuple of str, the names of the layers that end in a ReLU.

    Raises:
        ModelError: If its gradient cannot be taken so.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "relu")])
    >>> model.compile("sgd", "mse")
    >>> model.set_weights([np.array([[1.0]]), np.array([0.0])])
    >>> x = np.array([[1.0], [3.0]], "float32")
    >>> probe = BatchProbe(model)([v.value for v in model.weights], (x, 0 * x))
    >>> probe.squares.tolist(), probe.small  # halves: (2, 2) and (18, 6); mean (10, 4)
    ([100.0, 16.0], 184.0)
    """

    def __init__(self, model: keras.Model):
        check_probed(model)
        self._model, self._loss_object = model, model.loss
        self._trainable = list(model.trainable_variables)
        chosen = {id(variable) for variable in self._trainable}
        others = [*model.variables, *model.metrics_variables]
        self._others = [v for v in others if id(v) not in chosen]
        self._clipping = [each for each in _parts_of(model) if _is_clipping(each)]
        self.layers = tuple(layer.name for layer in self._clipping)
        backend = keras.backend.backend()
        jit = bool(getattr(model, "jit_compile", False)) and not model.run_eagerly
        self._measure = _MEASURES[backend](self._loss, self._summary, jit)

    def suits(self, model: keras.Model) -> bool:
        """Whether it measures this model as it is now, so that none need be compiled.

        Args:
            model: keras.Model.

        Returns:
            bool.
        """
        now = [id(variable) for variable in model.trainable_variables]
        is_same = model is self._model and now == [id(v) for v in self._trainable]
        return is_same and model.compiled and self._loss_object is model.loss

    def __call__(self, values: Sequence[Any], batch: Any) -> Probe:
        """Measure a batch.

        Args:
            values: sequence of tensors, of the trainable variables.
            batch: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of structures of
                arrays, of at least two samples.

        Returns:
            Probe.
        """
        size = len(keras.tree.flatten(batch)[0]) // HALVES
        halves = [
            keras.tree.map_structure(
                lambda leaf, i=i: None if leaf is None
                else keras.ops.convert_to_tensor(leaf[i * size : (i + 1) * size]),
                batch,
            )
            for i in range(HALVES)
        ]  # fmt: skip
        given = [variable.value for variable in self._others]
        values = [keras.ops.convert_to_tensor(value) for value in values]
        with preserved_randomness():  # under torch, Dropout draws from its own state
            found = self._measure(values, given, halves)
        squares, small, dead = map(keras.ops.convert_to_numpy, found)
        return Probe(squares.astype(float), float(small), dead.astype(float), size)

    def _loss(self, values: Sequence[Any], given: Sequence[Any], batch: Any) -> Any:
        """The loss in training, and the highest answer of each unit that may be dead.

        Args:
            values: sequence of tensors, of the trainable variables.
            given: sequence of tensors, of all others.
            batch: tuple, a half of the batch.

        Returns:
            `(loss, highest)`: a tensor and a list of tensors (units,).
        """
        model = self._model
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        mapping = [
            *zip(self._trainable, values, strict=True),
            *zip(self._others, given, strict=True),
        ]
        with (
            keras.StatelessScope(mapping, collect_losses=True),
            _listened(self._clipping) as answers,
        ):
            outputs = model(x, **_in_training(model.call))
            loss = model.compute_loss(
                x=x, y=y, y_pred=outputs, sample_weight=weight,
                **_in_training(model.compute_loss),
            )  # fmt: skip
        return loss, [_highest(layer, answers.get(layer)) for layer in self._clipping]

    def _summary(self, gradients: list[Any], highest: list[Any]) -> tuple[Any, ...]:
        """Squared norms of the mean gradient, their mean of the halves, dead shares."""
        ops = keras.ops
        halves = [[ops.cast(part, "float32") for part in each] for each in gradients]
        means = [sum(parts) / HALVES for parts in zip(*halves, strict=True)]
        small = sum(ops.sum(part * part) for each in halves for part in each) / HALVES
        dead = [
            ops.mean(ops.cast(functools.reduce(ops.maximum, parts) <= 0, "float32"))
            for parts in zip(*highest, strict=True)
        ]
        squares = ops.stack([ops.sum(part * part) for part in means])
        return squares, small, ops.stack(dead) if dead else ops.zeros((0,))


def check_probed(model: keras.Model) -> None:
    """Raise `ModelError` unless a batch can be measured beside the training.

    Args:
        model: keras.Model, compiled.

    Raises:
        ModelError: If it trains by a step of its own, or holds what Keras does not
            know to be a variable.
    """
    reason = None
    if has_own_step(model):
        reason = "a train_step of its own"
    elif raw_variables(model) or any(map(_is_of_torch, _parts_of(model))):
        reason = "variables that are not Keras' own"
    if reason is not None:
        raise ModelError(
            "The model must train by Keras' own step on Keras' variables for these "
            f"instruments. Received: model {model.name!r} with {reason}. Leave "
            '`instruments` out for gradients of its own step, or give "basic".'
        )


def _parts_of(model: keras.Model) -> list[keras.Layer]:
    return list(model._flatten_layers(include_self=False))


def _is_of_torch(layer: keras.Layer) -> bool:
    return type(layer).__name__ == "TorchModuleWrapper"


def _is_clipping(layer: keras.Layer) -> bool:
    """Whether a layer ends in what is 0 for all that is below 0."""
    return isinstance(layer, keras.layers.ReLU) or (
        getattr(layer, "activation", None) in CLIPPING
    )


@contextlib.contextmanager
def _listened(layers: Sequence[keras.Layer]) -> Iterator[dict[keras.Layer, Any]]:
    """Keep what each layer answers within this context."""
    answers: dict[Any, Any] = {}
    for layer in layers:
        call = layer.call

        def listen(
            *given: Any, _layer: Any = layer, _call: Any = call, **options: Any
        ) -> Any:
            answers[_layer] = _call(*given, **options)
            return answers[_layer]

        # An attribute of the object goes before the method; Keras tracks what is set.
        vars(layer)["call"] = functools.wraps(call)(listen)
    try:
        yield answers
    finally:
        for layer in layers:
            vars(layer).pop("call")


def _highest(layer: keras.Layer, answer: Any) -> Any:
    """The highest answer of each unit, or channel, over samples and places."""
    if answer is None:  # not called for this batch
        return keras.ops.ones((1,))
    first = getattr(layer, "data_format", None) == "channels_first"
    unit = 1 if first else len(answer.shape) - 1
    axes = [axis for axis in range(len(answer.shape)) if axis != unit]
    return keras.ops.max(keras.ops.cast(answer, "float32"), axis=axes)


def _in_training(function: Callable[..., Any]) -> dict[str, bool]:
    """`training=True` for what takes it, as Keras asks too."""
    takes_it = "training" in inspect.signature(function).parameters
    return {"training": True} if takes_it else {}


def _in_tensorflow(loss: Any, summary: Any, jit: bool) -> Callable[..., Any]:
    import tensorflow as tf

    zero = tf.UnconnectedGradients.ZERO

    @tf.function(autograph=False, jit_compile=jit)
    def measure(values: Any, given: Any, halves: Any) -> Any:
        gradients, answers = [], []
        for half in halves:
            with tf.GradientTape() as tape:
                tape.watch(values)
                measured, highest = loss(values, given, half)
            found = tape.gradient(measured, values, unconnected_gradients=zero)
            gradients.append([tf.convert_to_tensor(part) for part in found])
            answers.append(highest)
        return summary(gradients, answers)

    return measure


def _in_jax(loss: Any, summary: Any, jit: bool) -> Callable[..., Any]:
    import jax

    def measure(values: Any, given: Any, halves: Any) -> Any:
        take = jax.grad(loss, has_aux=True)
        found = [take(values, given, half) for half in halves]
        return summary(*map(list, zip(*found, strict=True)))

    return jax.jit(measure) if jit else measure


def _in_torch(loss: Any, summary: Any, jit: bool) -> Callable[..., Any]:
    import torch

    del jit

    def measure(values: Any, given: Any, halves: Any) -> Any:
        options: dict[str, Any] = {"allow_unused": True, "materialize_grads": True}
        values = [value.detach().requires_grad_(True) for value in values]
        gradients, answers = [], []
        for half in halves:
            with torch.enable_grad():
                measured, highest = loss(values, given, half)
            gradients.append(torch.autograd.grad(measured, values, **options))
            answers.append([each.detach() for each in highest])
        with torch.no_grad():
            return summary(gradients, answers)

    return measure


_MEASURES = {"tensorflow": _in_tensorflow, "jax": _in_jax, "torch": _in_torch}
