"""Building a model, its loss, metrics and optimizer as its first `fit` would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras.src.trainers.data_adapters.data_adapter_utils import (
    convert_to_tf_tensor_spec,
)

from lr_finder.errors import ModelError
from lr_finder.models.checks import one_line
from lr_finder.training.feeding.batch_parts import of_spec
from lr_finder.training.preserving.structure import untouched_if_refused
from lr_finder.training.stepping.devices import training_scope
from lr_finder.training.stepping.steps import has_own_step, loss_name


def build(model: keras.Model, element: Any) -> None:
    """Build what `fit` would build of a model in its first step, and train nothing.

    Under JAX, torch and a strategy of TensorFlow, `fit` calls the model on symbolic
    tensors. Under TensorFlow alone it does not: it traces the step, which need not
    call the model, and whatever comes into being there is part of it. Variables have
    their initial values afterwards. A model that has all its weights can do without:
    then a failure only costs a second trace.

    Args:
        model: keras.Model, compiled.
        element: structure of keras.KerasTensor and None, what a step is given.

    Raises:
        ModelError: If the model lacks weights and cannot be built; it is as before.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> build(model, (keras.KerasTensor((None, 3)), keras.KerasTensor((None, 1))))
    >>> tuple(model.layers[0].kernel.shape)
    (3, 1)
    """
    lacking = lacks_weights(model)
    if builds_in_its_step(model) and not model.built:
        if not lacking:
            return
        way = _trace_step
    else:
        way = _build_symbolically
    try:
        with untouched_if_refused(model), training_scope(model):
            way(model, element)
    except ModelError:
        raise
    except Exception as error:  # `call` and `train_step` are the user's code
        if not lacking:
            return
        raise ModelError(
            f"Argument `model` must be built, or `fit` must be able to build it on "
            f"this data. Received: model {model.name!r}, of which Keras says: "
            f"{one_line(error)}. Check that the data fits the model, or call the model "
            "or its parts on a batch first."
        ) from error


def lacks_weights(model: keras.Model) -> bool:
    """Whether a model may have weights that do not exist yet.

    A model that trains by a step of its own and is not called itself never becomes
    `built`; if all its layers are, its weights are there. A layer that is never used
    leaves it in doubt until the optimizer has been built, for all weights.

    Args:
        model: keras.Model, compiled.

    Returns:
        bool.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> lacks_weights(model)
    True
    """
    if not builds_in_its_step(model):
        return not model.built
    if model.built or model.optimizer.built:
        return False
    parts = model._flatten_layers(include_self=False)
    return not model.trainable_variables or not all(part.built for part in parts)


def builds_in_its_step(model: keras.Model) -> bool:
    """Whether `fit` builds a model by tracing its own step, and in no other way."""
    return has_own_step(model) and builds_in_fit(model)


def builds_in_fit(model: keras.Model) -> bool:
    """Whether `fit` builds what is missing in its first step, not before it begins."""
    return (
        keras.backend.backend() == "tensorflow" and model._distribute_strategy is None
    )


def build_at_first_batch(model: keras.Model, then: Callable[[], None]) -> None:
    """Build a model within a `fit` that has begun, as soon as its batches are known.

    A callback does not see the data. The function that `fit` trains by does: here it
    gives way to one that builds the model on what the iterator gives, for once.

    Args:
        model: keras.Model, for which `builds_in_fit` is true.
        then: callable without arguments, called when it is built, before it is
            trained.
    """
    train_function = model.train_function

    def build_first(iterator: Any) -> Any:
        model.train_function = train_function
        build(model, keras.tree.map_structure(of_spec, iterator.element_spec))
        then()
        return model.train_function(iterator)

    model.train_function = build_first


def _build_symbolically(model: keras.Model, element: Any) -> None:
    """Call the model on symbolic tensors, and its loss and metrics on what it gives.

    TensorFlow traces a training that creates variables twice. Keras' own way is taken
    (`fit` takes it under JAX and torch), which has no public name.
    """
    optimizer, built = model.optimizer, model.optimizer.built
    optimizer.built = True  # it has a way of its own
    try:
        model._symbolic_build(data_batch=element)
    finally:
        optimizer.built = built


def _trace_step(model: keras.Model, element: Any) -> None:
    """Trace the model's step as `fit` does, and do not run it.

    TensorFlow gives the variables made in a trace their initial values without
    running it.
    """
    import tensorflow as tf

    def spec(leaf: keras.KerasTensor | None) -> Any:
        if leaf is None:
            return None
        return convert_to_tf_tensor_spec(leaf, batch_axis_to_none=False)

    step = tf.function(model.train_step, autograph=False)
    traced = step.get_concrete_function(keras.tree.map_structure(spec, element))
    if isinstance(traced.structured_outputs, dict):
        loss_name(traced.structured_outputs)
