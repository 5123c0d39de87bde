"""The default model for a table, and what every model must fulfil to be swept on it."""

from __future__ import annotations

import difflib
import re
from typing import Any

import keras
import numpy as np

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, ModelError

HIDDEN_UNITS = (64, 64)  # enough for a table, small enough to sweep in seconds
DEFAULT_OPTIMIZER = "adam"
NEAR_NAMES = 3  # names proposed for one that is unknown
LOSS_ALIASES = ("mse", "mae")  # the short names that people type most
NOT_PROPOSED = frozenset(  # in Keras' modules, but not losses or optimizers to choose
    ("deserialize", "get", "serialize", "Loss")
    + ("Optimizer", "OptimizerMap", "LossScaleOptimizer", "MultiOptimizer")
)
ANSI_CODE = re.compile(r"\x1b\[[0-9;]*m")  # Keras prints parts of its messages in bold
KERAS_PREAMBLES = ("Exception encountered", "Could not automatically", "Arguments rec")


def build_mlp(
    dataset: Dataset, *, optimizer: Any = None, loss: Any = None
) -> keras.Model:
    """Build and compile a dense 64-64 network for a dataset.

    Args:
        dataset: Dataset, whose row shape and task decide first and last layer:
            softmax for classes, sigmoid for two classes, linear for regression.
        optimizer: str, `keras.optimizers.Optimizer` or None for Adam.
        loss: str, loss or None for the one that fits the task: cross-entropy for
            classes, mean squared error for regression.

    Returns:
        keras.Model, compiled; with accuracy for a classification.

    Raises:
        InputError: If optimizer or loss is unknown, or the loss does not fit the task.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> model = build_mlp(Dataset(x, y, x, y, task="regression"))
    >>> model.input_shape, model.output_shape, model.loss
    ((None, 3), (None, 1), 'mse')
    """
    optimizer = resolve_optimizer(optimizer or DEFAULT_OPTIMIZER)
    loss = default_loss(dataset) if loss is None else resolve_loss(loss)
    check_loss_fits(loss, dataset, dataset.n_outputs)
    activation = "linear"
    if dataset.task == "classification":
        activation = "softmax" if dataset.n_outputs > 1 else "sigmoid"
    layers = [keras.Input(dataset.input_shape)]
    if len(dataset.input_shape) > 1:
        layers.append(keras.layers.Flatten())
    layers += [keras.layers.Dense(units, activation="relu") for units in HIDDEN_UNITS]
    layers.append(keras.layers.Dense(dataset.n_outputs, activation=activation))
    model = keras.Sequential(layers)
    model.compile(optimizer=optimizer, loss=loss, metrics=default_metrics(dataset))
    return model


def default_loss(dataset: Dataset) -> str:
    """The loss that fits a dataset's task.

    Args:
        dataset: Dataset.

    Returns:
        str, a name that Keras knows.
    """
    if dataset.task == "regression":
        return "mse"
    several = dataset.n_outputs > 1
    return "sparse_categorical_crossentropy" if several else "binary_crossentropy"


def default_metrics(dataset: Dataset) -> list[str]:
    """What Keras is to report beside the loss.

    Args:
        dataset: Dataset.

    Returns:
        list of str: accuracy for a classification, nothing for a regression.
    """
    return ["accuracy"] if dataset.task == "classification" else []


def resolve_optimizer(optimizer: Any) -> keras.optimizers.Optimizer:
    """An optimizer from its name.

    Args:
        optimizer: str, a name that Keras knows in any case of letters, or a
            `keras.optimizers.Optimizer`, which is given back.

    Returns:
        keras.optimizers.Optimizer.

    Raises:
        InputError: If Keras knows no such optimizer.

    Example:
    >>> type(resolve_optimizer("sgd")).__name__
    'SGD'
    """
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return optimizer
    try:
        return keras.optimizers.get(optimizer)
    except (TypeError, ValueError):
        names = [name.lower() for name in _public_names(keras.optimizers)]
        raise InputError(_unknown("optimizer", optimizer, names)) from None


def resolve_loss(loss: Any) -> Any:
    """A loss that Keras knows.

    Args:
        loss: str, a name that Keras knows, or a loss function or object.

    Returns:
        `loss` itself.

    Raises:
        InputError: If Keras knows no such loss.

    Example:
    >>> resolve_loss("huber")
    'huber'
    """
    try:
        is_known = keras.losses.get(loss) is not None
    except (TypeError, ValueError):
        is_known = False
    if not is_known:
        names = [*LOSS_ALIASES, *_loss_names()]
        raise InputError(_unknown("loss", loss, names))
    return loss


def check_loss_fits(loss: Any, dataset: Dataset, units: int) -> None:
    """Refuse a loss that would compare the dataset's targets with the wrong thing.

    Args:
        loss: str, loss function or object; one's own function always passes.
        dataset: Dataset.
        units: int, last axis of the model's output.

    Raises:
        InputError: If the loss needs other targets or another number of units.
    """
    name = _loss_name(loss)
    if name not in _loss_names():
        return
    if dataset.task == "regression":
        fits = not re.search("cross_?entropy|sparse|hinge", name)
        way_out = "mse, mae or huber"
    elif units == 1:
        fits = not re.search("categorical", name)
        way_out = "binary_crossentropy"
    else:
        fits = name == "sparse_categorical_crossentropy"
        way_out = "sparse_categorical_crossentropy"
    if not fits:
        raise InputError(
            f"Argument `loss` must fit a {dataset.task} with {units} output "
            f"unit{'s' * (units > 1)}. Received: loss={name!r}. Use {way_out}."
        )


def check_fits(model: keras.Model, dataset: Dataset, name: str) -> None:
    """Refuse a model whose input, output or loss does not fit a dataset.

    An unbuilt model is built for the dataset. Nothing is trained.

    Args:
        model: keras.Model, compiled.
        dataset: Dataset.
        name: str, what to call the model in a message.

    Raises:
        ModelError: If input or output have another shape than the data.
        InputError: If the loss does not fit.
    """
    output = _output_shape(model, dataset, name)
    wanted = _fitting_outputs(dataset)
    if output not in wanted:
        shapes = " or ".join(str((None, *shape)) for shape in wanted if shape)
        raise ModelError(
            f"Model {name} must give output of shape {shapes}, for the {dataset.task} "
            f"of {dataset.target!r}. Received: {(None, *output)}. "
            "Change its last layer."
        )
    if not isinstance(model.loss, list | tuple | dict):
        check_loss_fits(model.loss, dataset, output[-1] if output else 1)


def one_line(error: BaseException) -> str:
    r"""The telling line of an error, without Keras' preamble and the final stop.

    Args:
        error: an exception, of Keras or not.

    Returns:
        str, one line; the type's name where the error has no text.

    Example:
    >>> one_line(ValueError("no such file.\nTry another."))
    'no such file'
    """
    lines = (line.strip() for line in ANSI_CODE.sub("", str(error)).splitlines())
    telling = [line for line in lines if line and not line.startswith(KERAS_PREAMBLES)]
    return telling[0].rstrip(".") if telling else type(error).__name__


def _output_shape(
    model: keras.Model, dataset: Dataset, name: str
) -> tuple[int | None, ...]:
    """Shape of one output, found without data and without a change to the model."""
    batch_shape = (None, *dataset.input_shape)
    received = ""
    try:
        received = f"a model for {model.input_shape}"
    except AttributeError:  # not built, or built by a `call` of its own
        pass
    try:
        # The call builds the model, which `compute_output_spec` alone would not do.
        give = model.compute_output_spec if model.built else model
        output = give(keras.KerasTensor(batch_shape))
    except Exception as error:  # `call` is the user's code
        raise ModelError(
            f"Model {name} must take input of shape {batch_shape}, as the data has "
            f"it. Received: {received or one_line(error)}. Change its first layer."
        ) from error
    if not isinstance(output, keras.KerasTensor):
        raise ModelError(
            f"Model {name} must have one output. Received: {type(output).__name__} of "
            f"{len(output)}. Wrap the model so that it gives one."
        )
    return tuple(output.shape[1:])


def _fitting_outputs(dataset: Dataset) -> list[tuple[int, ...]]:
    """Shapes that one output may have."""
    if dataset.task == "classification":
        shapes = [(dataset.n_classes,)]
        return shapes + [(1,), ()] if dataset.n_classes == 2 else shapes
    shape = tuple(dataset.y_train.shape[1:])
    return [(1,), ()] if np.prod(shape, dtype=int) == 1 and len(shape) < 2 else [shape]


def _public_names(module: Any) -> list[str]:
    """The losses or optimizers in a module of Keras: classes and functions."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and name not in NOT_PROPOSED
    ]


def _loss_names() -> set[str]:
    """Every loss of Keras as its function is written, e.g. `mean_squared_error`."""
    return {_snake_case(name) for name in _public_names(keras.losses)}


def _unknown(argument: str, value: Any, names: list[str]) -> str:
    """The message for a name that Keras does not know: those near it, or all."""
    near = difflib.get_close_matches(str(value).lower(), names, n=NEAR_NAMES)
    hint = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"Use {', '.join(sorted(names))}."
    )
    return (
        f"Argument `{argument}` must name one that Keras has. "
        f"Received: {argument}={value!r}. {hint}"
    )


def _loss_name(loss: Any) -> str:
    """The name of a loss as Keras writes it in functions."""
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    if isinstance(loss, keras.losses.Loss):
        return _snake_case(type(loss).__name__)
    return getattr(loss, "__name__", "")


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
