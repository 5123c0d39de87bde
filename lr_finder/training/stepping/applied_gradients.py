"""The gradients that a model's optimizer is given in a step, whoever wrote the step."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, Self

import keras

from lr_finder.errors import ModelError

WAY_OUT = "Or watch it with gradients_every=None."
_ABSENT = object()


class AppliedGradients:
    """Listens to a model's optimizer, and sums what it is given for each variable.

    Keras' own `train_step` and one that a person wrote end in the same place: they give
    their gradients to the optimizer, by `apply`, `apply_gradients` or (under JAX)
    `stateless_apply`. What arrives there is the gradient that is trained with: of any
    loss, of several outputs, with the regularizers. A loss scale is divided out again,
    as the optimizer does. The optimizer then makes its update as ever.

    Args:
        model: keras.Model, compiled.

    Attributes:
        calls: int, how often the optimizer was given gradients.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse", run_eagerly=True)
    >>> model.optimizer.build(model.trainable_variables)
    >>> given = [keras.ops.ones((1, 1)), keras.ops.ones((1,))]
    >>> with AppliedGradients(model) as applied:
    ...     model.optimizer.apply(given, model.trainable_variables)
    >>> kernel, bias = applied.of(model.trainable_variables)
    >>> applied.calls, float(bias[0])
    (1, 1.0)
    """

    def __init__(self, model: keras.Model):
        self._optimizer = model.optimizer
        self._sums: dict[int, Any] = {}
        self._inside = False
        self.calls = 0

    def __enter__(self) -> Self:
        # Attributes of the object go before the methods of its class. Keras looks at
        # what is assigned to an optimizer and may track it: hence its dict.
        own = vars(self._optimizer)
        self._before = {n: own.get(n, _ABSENT) for n in ("apply", "stateless_apply")}
        for name, listen in (
            ("apply", self._apply),
            ("stateless_apply", self._stateless_apply),
        ):
            method = getattr(self._optimizer, name)
            own[name] = functools.wraps(method)(functools.partial(listen, method))
        return self

    def __exit__(self, *error: object) -> None:
        for name, value in self._before.items():
            vars(self._optimizer).pop(name)
            if value is not _ABSENT:
                vars(self._optimizer)[name] = value

    def of(self, variables: Sequence[keras.Variable]) -> list[Any]:
        """The gradient of each variable; None of one that was given none.

        Args:
            variables: sequence of keras.Variable.

        Returns:
            list of tensors of the variables' shapes, and of None.
        """
        return [
            self._sums[id(v)] if id(v) in self._sums else self._sums.get(id(v.value))
            for v in variables  # a step may give the backend's own variables
        ]

    def _apply(
        self, method: Any, grads: Any, trainable_variables: Any = None, **options: Any
    ) -> Any:
        grads = list(grads)
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
        self._take(grads, trainable_variables)
        return self._from_within(method, grads, trainable_variables, **options)

    def _stateless_apply(
        self, method: Any, optimizer_variables: Any, grads: Any, variables: Any
    ) -> Any:
        state = zip(self._optimizer.variables, optimizer_variables, strict=True)
        with keras.StatelessScope(state_mapping=list(state)):
            self._take(list(grads), None)
        return self._from_within(method, optimizer_variables, grads, variables)

    def _from_within(self, method: Any, *arguments: Any, **options: Any) -> Any:
        """Let the optimizer go on; `stateless_apply` calls `apply` in its turn."""
        outermost, self._inside = not self._inside, True
        try:
            return method(*arguments, **options)
        finally:
            self._inside = not outermost

    def _take(self, grads: Iterable[Any], variables: Iterable[Any] | None) -> None:
        if self._inside:
            return
        self.calls += 1
        scale = _loss_scale(self._optimizer)
        if variables is None:  # those that it was built with, which has no public name
            variables = self._optimizer._trainable_variables
        for gradient, variable in zip(grads, variables, strict=False):
            if gradient is None:
                continue
            gradient = _dense(gradient)
            if scale is not None:
                gradient = keras.ops.cast(gradient, "float32") / scale
            key = id(variable)
            known = self._sums.get(key)
            self._sums[key] = gradient if known is None else known + gradient


def found_gradients(model: keras.Model, applied: AppliedGradients) -> list[Any]:
    """The gradients of a model's trainable variables after its step.

    Args:
        model: keras.Model.
        applied: AppliedGradients, which has listened to the step.

    Returns:
        list of tensors, and None of variables that were given none.

    Raises:
        ModelError: If there is something to train and the optimizer was given nothing.
    """
    if not applied.calls and model.trainable_variables:
        raise unreadable(model)
    return applied.of(model.trainable_variables)


def unreadable(model: keras.Model) -> ModelError:
    """The error of a model whose step gives its optimizer nothing that can be read.

    Args:
        model: keras.Model.

    Returns:
        ModelError, to be raised.
    """
    return ModelError(
        "The model's `train_step` must give its gradients to `model.optimizer` in each "
        "step, outside of loops and conditions of the backend, for them to be "
        f"measured. Received: model {model.name!r}, whose step does not. Call "
        f"self.optimizer.apply(gradients, variables) there. {WAY_OUT}"
    )


def _loss_scale(optimizer: keras.optimizers.Optimizer) -> Any:
    """What the optimizer divides its gradients by; None if by nothing."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        built = optimizer.built
        scale = optimizer.dynamic_scale if built else optimizer.initial_scale
        return keras.ops.convert_to_tensor(scale, "float32")
    return optimizer.loss_scale_factor


def _dense(gradient: Any) -> Any:
    """A gradient as a dense tensor of its own: torch's optimizers may write into it."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # A tensor made here and now: it tells the graph in which it was applied.
        return tf.identity(tf.convert_to_tensor(gradient))  # or an Embedding's slices
    dense = keras.ops.convert_to_tensor(gradient, sparse=False)
    return keras.ops.copy(keras.ops.stop_gradient(dense))
