"""Labels of arrays against the outputs of a model, before anything is traced."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder.errors import InputError
from lr_finder.training.stepping.steps import has_own_test_step, needs_targets

NUMBERED = "sparse_categorical_crossentropy"  # the loss whose labels count the outputs
ONE_HOT = "categorical_crossentropy"  # the loss whose labels are rows of 0 and 1
NUMBER_THEM = "np.unique(labels, return_inverse=True)[1] numbers them from 0"


def check_labels(model: keras.Model, y: Any, name: str = "y") -> None:
    """Raise `InputError` if labels are text, or no numbers of a model's outputs.

    TensorFlow says so late, in a traceback of sixty lines; on a GPU, and under JAX, the
    loss is wrong without a word. What cannot be told for certain passes: other losses,
    several outputs, a step of the model's own, tensors and batches. Under JAX and torch
    some labels may be out of range, with sample weights of 0.

    Args:
        model: keras.Model, compiled.
        y: targets, as `lr_finder.sweep` takes them.
        name: str, the argument that holds them.

    Raises:
        InputError: If there are such labels.

    Example:
    >>> layers = [keras.Input((3,)), keras.layers.Dense(2, "softmax")]
    >>> model = keras.Sequential(layers)
    >>> model.compile("sgd", "sparse_categorical_crossentropy")
    >>> check_labels(model, np.array([0, 1, 1, 0]))
    """
    if not isinstance(y, np.ndarray | pd.Series | pd.DataFrame | list):
        return
    if not needs_targets(model):
        return
    labels = _as_array(y)
    if labels is None or not labels.size:
        return
    if labels.dtype.kind in "USO":
        if _is_text(labels):
            raise InputError(
                f"Argument `{name}` must hold targets that are numbers. Received: "
                f"text, such as {str(labels.flat[0])!r:.40}. {NUMBER_THEM}."
            )
        return
    _check_rank(model, labels, name)
    outputs, loss = _outputs(model), _numbered_loss(model)
    if outputs is None or loss is None or labels.dtype.kind not in "iuf":
        return
    outside = (labels < 0) | (labels >= outputs)  # false for NaN, which others look for
    outside &= labels != _ignored(loss)
    if outside.any() if keras.backend.backend() == "tensorflow" else outside.all():
        wrong = labels[outside]
        raise InputError(
            f"Argument `{name}` must hold labels from 0 to {outputs - 1}, for the "
            f"{outputs} outputs of the model and the loss {NUMBERED}. Received: labels "
            f"such as {wrong.min():g} and {wrong.max():g}. {NUMBER_THEM}; or give the "
            "last layer more units."
        )


def _check_rank(model: keras.Model, labels: np.ndarray, name: str) -> None:
    """Refuse numbers where rows of 0 and 1 are due, and such rows for numbers."""
    outputs = _outputs(model)
    if outputs is None or len(model.output_shape) != 2 or outputs < 2:
        return
    is_one_hot = labels.ndim == 2 and labels.shape[1] == outputs
    if _numbered_loss(model) is not None and is_one_hot:
        raise InputError(
            f"Argument `{name}` must hold one number per row for the loss {NUMBERED}. "
            f"Received: rows of {outputs}. Give {name}.argmax(axis=1), or compile with "
            f"{ONE_HOT}."
        )
    if _has_loss(model, ONE_HOT) and (labels.ndim == 1 or labels.shape[1:] == (1,)):
        raise InputError(
            f"Argument `{name}` must hold a row of {outputs} numbers for each sample, "
            f"for the loss {ONE_HOT}. Received: one number per sample. Compile with "
            f"{NUMBERED}, or give keras.utils.to_categorical({name})."
        )


def check_validation_labels(model: keras.Model, data: Any) -> None:
    """As `check_labels`, of data that a model is judged by.

    Args:
        model: keras.Model, compiled.
        data: as `lr_finder.sweep` takes `validation_data`, or None.

    Raises:
        InputError: If there are such labels.
    """
    is_pair = isinstance(data, tuple | list) and len(data) in (2, 3)
    if is_pair and not has_own_test_step(model):
        check_labels(model, data[1], "validation_data")


def _as_array(y: Any) -> np.ndarray | None:
    """The targets as one array; None for several."""
    if isinstance(y, list) and not all(np.isscalar(each) for each in y):
        return None
    return np.asarray(y)


def _is_text(labels: np.ndarray) -> bool:
    kind = pd.api.types.infer_dtype(labels.ravel(), skipna=True)
    return kind in ("string", "bytes")


def _outputs(model: keras.Model) -> int | None:
    """The units of the only output, if they are known."""
    try:
        shape = model.output_shape
    except (AttributeError, ValueError, RuntimeError):  # not built, or by its own call
        return None
    if not isinstance(shape, tuple) or not shape:
        return None
    return shape[-1] if isinstance(shape[-1], int) else None


def _numbered_loss(model: keras.Model) -> Any:
    """The loss of the model if its targets are numbers of outputs, else None."""
    return only_loss(model) if _has_loss(model, NUMBERED) else None


def only_loss(model: keras.Model) -> Any:
    """The loss that a model was compiled with; None if there are several.

    Args:
        model: keras.Model, compiled.

    Returns:
        what `compile` was given for it: str, function or keras.losses.Loss.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", ["mse"])
    >>> only_loss(model)
    'mse'
    """
    loss = model.loss
    if isinstance(loss, list | tuple | dict):
        losses = list(loss.values() if isinstance(loss, dict) else loss)
        loss = losses[0] if len(losses) == 1 else None
    return loss


def _has_loss(model: keras.Model, name: str) -> bool:
    """Whether a model's only loss is the one of Keras that has this name."""
    loss, function = only_loss(model), getattr(keras.losses, name)
    kind = type(keras.losses.get(name.title().replace("_", "")))
    return (
        type(loss) is kind
        or loss is function
        or (isinstance(loss, str) and loss in (name, kind.__name__))
    )


def _ignored(loss: Any) -> float:
    """The label that a loss leaves out; nan, which equals none, if there is none."""
    label = getattr(loss, "ignore_class", None)
    return float("nan") if label is None else label
