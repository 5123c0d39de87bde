"""A compiled training step, made again beside the training to take its gradients."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Sequence
from typing import Any

import keras

from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.randomness import RandomState, preserved_randomness
from lr_finder.training.preserving.variables import kept_value
from lr_finder.training.stepping.applied_gradients import (
    AppliedGradients,
    found_gradients,
    unreadable,
)

# What `tf.random` draws by: from a state of the kernel, which no one can put back.
TF_DRAWS = {
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "RandomGamma",
    "RandomPoissonV2",
    "RandomShuffle",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "TruncatedNormal",
}


class RepeatedStep(abc.ABC):
    """Gradients of a step that is compiled: it is made again beside the training.

    If the compiled step gave out its gradients as well, its rounding would change, and
    with it the training. So the model's own `train_step` is traced a second time, and
    is given the variables, the random states and the batch that the step had.

    Args:
        model: keras.Model, built and compiled.
    """

    def __init__(self, model: keras.Model):
        self._model = model

    def before(self) -> list[Any]:
        """The step is about to be made: copy what it starts from.

        Returns:
            list of the trainable variables' values, as `kept_value` has them.
        """
        self._randomness = RandomState()
        return self._keep()

    def after(self, batch: Any) -> list[Any]:
        """The gradients of the step that was made since `before()`.

        Args:
            batch: what the step was given, as structure of arrays.

        Returns:
            list of tensors, one for each trainable variable; 0 of one without.

        Raises:
            ModelError: If the step gives its optimizer nothing that can be read.
        """
        with HeldInterrupt(), preserved_randomness():
            self._randomness.restore()
            return self._repeat(batch)

    def close(self) -> None:  # noqa: B027 - part of what a gradient source offers
        """Do nothing: the optimizer is listened to only while the step is traced."""

    @abc.abstractmethod
    def _keep(self) -> list[Any]:
        """Copy what the step is about to change, and give the trainable values."""

    @abc.abstractmethod
    def _repeat(self, batch: Any) -> list[Any]:
        """The gradients of the step, made again from what was kept."""


class StepInTensorFlow(RepeatedStep):
    """The step as a function of TensorFlow, which acts on the variables themselves.

    What it touches is known from its graph, and is put back after each repetition.

    Args:
        model: keras.Model, compiled; one that is not built is built on `spec`.
        spec: structure of tf.TensorSpec, what the step is given.

    Raises:
        ModelError: If the step gives its optimizer nothing that can be read.
    """

    def __init__(self, model: keras.Model, spec: Any):
        import tensorflow as tf

        super().__init__(model)
        self._spec = spec
        function = tf.function(self._gradients, autograph=False)
        self._step = function.get_concrete_function(spec)
        _warn_of_draws(self._step.graph.as_graph_def())
        self._trainable = list(model.trainable_variables)
        self._touched = list(self._step.variables)
        self._read = tf.function(self._values, autograph=False)
        self._write = tf.function(self._assign, autograph=False)

    def _gradients(self, batch: Any) -> list[Any]:
        import tensorflow as tf

        model = self._model
        with AppliedGradients(model) as applied:
            model.distribute_strategy.run(model.train_step, args=(batch,))
        found = found_gradients(model, applied)
        graph = tf.compat.v1.get_default_graph()
        if any(g is not None and g.graph is not graph for g in found):
            raise unreadable(model)
        return [tf.constant(0.0) if g is None else g for g in found]

    def _values(self) -> tuple[list[Any], list[Any]]:
        import tensorflow as tf

        with tf.device("cpu:0"):
            trainable = [tf.identity(variable.value) for variable in self._trainable]
            return trainable, [tf.identity(variable) for variable in self._touched]

    def _assign(self, values: Sequence[Any]) -> None:
        for variable, value in zip(self._touched, values, strict=True):
            variable.assign(value)

    def _keep(self) -> list[Any]:
        trainable, self._kept = self._read()
        return trainable

    def _repeat(self, batch: Any) -> list[Any]:
        import tensorflow as tf

        tensors = tf.nest.map_structure(
            lambda leaf, spec: None if spec is None else tf.constant(leaf, spec.dtype),
            batch,
            self._spec,
        )
        _, now = self._read()
        try:
            self._write(self._kept)
            return self._step(tensors)
        finally:
            self._write(now)


class StepInJax(RepeatedStep):
    """The step as a function of JAX, which takes values and gives values back.

    Args:
        model: keras.Model, built and compiled.
    """

    def __init__(self, model: keras.Model):
        import jax

        super().__init__(model)
        self._step = jax.jit(self._gradients)

    def _gradients(self, state: list[list[Any]], batch: Any) -> list[Any]:
        model = self._model
        with AppliedGradients(model) as applied:
            model.train_step(tuple(state), batch)
        found = found_gradients(model, applied)
        return [keras.ops.zeros(()) if g is None else g for g in found]

    def _keep(self) -> list[Any]:
        model = self._model
        lists = (
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
        )
        self._kept = [[kept_value(v) for v in variables] for variables in lists]
        return self._kept[0]

    def _repeat(self, batch: Any) -> list[Any]:
        import jax

        try:
            return self._step(self._kept, batch)
        except jax.errors.UnexpectedTracerError:
            raise unreadable(self._model) from None


def _warn_of_draws(graph: Any) -> None:
    """Warn if a graph draws what cannot be drawn again."""
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    drawn = sorted(TF_DRAWS & {node.op for node in nodes})
    if drawn:
        warnings.warn(
            f"The model draws by tf.random ({', '.join(drawn)}), which cannot be "
            "repeated: its gradients are measured with other random numbers than "
            "those of the training. Draw by keras.random with a SeedGenerator, or "
            "compile the model "
            "with run_eagerly=True.",
            stacklevel=2,
        )
