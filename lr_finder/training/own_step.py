"""A model's own training step, and the gradients that it gives to its optimizer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.applied_gradients import AppliedGradients
from lr_finder.training.interrupts import HeldInterrupt
from lr_finder.training.randomness import RandomState, preserved_randomness
from lr_finder.training.refusals import check_single_optimizer
from lr_finder.training.variables import kept_value

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
WAY_OUT = "Or watch it with gradients_every=None."


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
        return _found(self._model, applied)

    def close(self) -> None:
        """Stop listening, if it has begun."""
        if self._applied is not None:
            self._applied.__exit__()
            self._applied = None


class RepeatedStep:
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

    def close(self) -> None:
        """Do nothing: the optimizer is listened to only while the step is traced."""

    def _keep(self) -> list[Any]:
        raise NotImplementedError

    def _repeat(self, batch: Any) -> list[Any]:
        raise NotImplementedError


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
        found = _found(model, applied)
        graph = tf.compat.v1.get_default_graph()
        if any(g is not None and g.graph is not graph for g in found):
            raise _unreadable(model)
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
        found = _found(model, applied)
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
            raise _unreadable(self._model) from None


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


def _found(model: keras.Model, applied: AppliedGradients) -> list[Any]:
    if not applied.calls and model.trainable_variables:
        raise _unreadable(model)
    return applied.of(model.trainable_variables)


def _unreadable(model: keras.Model) -> ModelError:
    return ModelError(
        "The model's `train_step` must give its gradients to `model.optimizer` in each "
        "step, outside of loops and conditions of the backend, for them to be "
        f"measured. Received: model {model.name!r}, whose step does not. Call "
        f"self.optimizer.apply(gradients, variables) there. {WAY_OUT}"
    )


def _warn_of_draws(graph: Any) -> None:
    """Warn if a graph draws what cannot be drawn again."""
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    drawn = sorted(TF_DRAWS & {node.op for node in nodes})
    if drawn:
        warnings.warn(
            f"The model draws by tf.random ({', '.join(drawn)}), which cannot be "
            "repeated: its gradients are measured with other draws than the training "
            "had. Draw by keras.random with a SeedGenerator, or compile the model "
            "with run_eagerly=True.",
            stacklevel=2,
        )
