"""A model's own training step, and the gradients that it gives to its optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.preserving.variables import kept_value
from lr_finder.training.stepping.applied_gradients import (
    WAY_OUT,
    AppliedGradients,
    found_gradients,
    unreadable,
)
from lr_finder.training.stepping.refusals import check_single_optimizer
from lr_finder.training.stepping.repeated_step import (
    RepeatedStep,
    StepInJax,
    StepInTensorFlow,
)


class ListenedStep:
    """Gradients of a step that runs eagerly: its optimizer is listened to meanwhile.

    Steps do so under torch, and with `run_eagerly`. Nothing is computed a second time.

    Args:
        model: keras.Model, built and compiled.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
    >>> model.set_weights([np.ones((1, 1)), np.zeros(1)])
    >>> x, y = np.ones((1, 1), "float32"), np.zeros((1, 1), "float32")
    >>> step = ListenedStep(model)
    >>> before = step.before()
    >>> _ = model.fit(x, y, verbose=0)
    >>> [float(keras.ops.sum(gradient)) for gradient in step.after((x, y))]
    [2.0, 2.0]
    """

    def __init__(self, model: keras.Model):
        self._model = model
        self._applied: AppliedGradients | None = None

    def before(self) -> list[Any]:
        """The step is about to be made: listen.

        Returns:
            list of the trainable variables' values, as `kept_value` has them.
        """
        values = [kept_value(v) for v in self._model.trainable_variables]
        self._applied = AppliedGradients(self._model)
        self._applied.__enter__()
        return values

    def after(self, batch: Any) -> list[Any]:
        """The gradients of the step that was made since `before()`.

        Args:
            batch: what the step was given; not looked at here.

        Returns:
            list of tensors, one for each trainable variable; None of one without.

        Raises:
            ModelError: If the step gave its optimizer nothing.
        """
        del batch
        applied = self._applied
        self.close()
        if applied is None:  # nobody has listened
            raise unreadable(self._model)
        return found_gradients(self._model, applied)

    def close(self) -> None:
        """Stop listening, if it has begun."""
        if self._applied is not None:
            self._applied.__exit__()
            self._applied = None


def own_step(model: keras.Model, spec: Any = None) -> ListenedStep | RepeatedStep:
    """What takes the gradients of a model's own step.

    Args:
        model: keras.Model, compiled.
        spec: structure of tf.TensorSpec, what the step is given; under TensorFlow.

    Returns:
        ListenedStep where the step runs line by line, else a RepeatedStep.

    Raises:
        ModelError: If it is known already that they cannot be taken.
    """
    check_measurable(model)
    if model.run_eagerly:
        return ListenedStep(model)
    steps: dict[str, Callable[[], ListenedStep | RepeatedStep]] = {
        "tensorflow": lambda: StepInTensorFlow(model, spec),
        "jax": lambda: StepInJax(model),
        "torch": lambda: ListenedStep(model),
    }
    return steps[keras.backend.backend()]()


def check_measurable(model: keras.Model) -> None:
    """Raise `ModelError` if it can be told beforehand that gradients cannot be taken.

    Args:
        model: keras.Model, compiled.

    Raises:
        ModelError: If it trains by several optimizers, or by `torch.compile`.
    """
    try:
        check_single_optimizer(model)
    except ModelError as error:
        raise ModelError(f"{error} {WAY_OUT}") from None
    if keras.backend.backend() == "torch" and model.jit_compile:
        raise ModelError(
            "The model's step must run eagerly for its gradients to be measured. "
            f"Received: model {model.name!r}, compiled with jit_compile=True under "
            f"torch. Compile it with jit_compile=False. {WAY_OUT}"
        )
