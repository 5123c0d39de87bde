"""Optimizers, losses and initializers by name, and which losses fit a task."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any

import keras

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError
from lr_finder.models.optimizer_names import read_optimizer
from lr_finder.models.specs import NEAR_NAMES

LOSS_ALIASES = ("mse", "mae")  # the short names that people type most
NOT_PROPOSED = frozenset(  # in Keras' modules, but nothing to choose
    ("deserialize", "get", "serialize", "Loss")
    + ("Optimizer", "OptimizerMap", "LossScaleOptimizer", "MultiOptimizer")
    + ("Initializer", "STFT", "STFTInitializer", "stft")
)


def default_loss(dataset: Dataset) -> str:
    """The loss that fits a dataset's task.

    Args:
        dataset: Dataset.

    Returns:
        str, a name that Keras knows.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> default_loss(Dataset(x, y, x, y, task="regression"))
    'mse'
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

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.array([0, 1, 0, 1], "int32")
    >>> default_metrics(Dataset(x, y, x, y, "classification", classes=("a", "b")))
    ['accuracy']
    """
    return ["accuracy"] if dataset.task == "classification" else []


def resolve_optimizer(optimizer: Any) -> keras.optimizers.Optimizer:
    """An optimizer from its name.

    Args:
        optimizer: str, a name that Keras knows in any case of letters, `momentum` or
            `nesterov`, or one with arguments, `sgd(momentum=0.99)`; or a
            `keras.optimizers.Optimizer`, which is given back.

    Returns:
        keras.optimizers.Optimizer.

    Raises:
        InputError: If Keras knows no such optimizer, or it takes no such arguments.

    Example:
    >>> type(resolve_optimizer("sgd")).__name__
    'SGD'
    >>> resolve_optimizer("sgd(momentum=0.99)").momentum
    0.99
    """
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return optimizer
    name = optimizer
    arguments: dict[str, Any] = {}
    if isinstance(optimizer, str):
        name, arguments = read_optimizer(optimizer)
    try:
        found = keras.optimizers.get(name)
    except (TypeError, ValueError):
        names = [name.lower() for name in _public_names(keras.optimizers)]
        raise InputError(_unknown("optimizer", optimizer, names)) from None
    try:
        return type(found)(**arguments) if arguments else found
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Argument `optimizer` must hold arguments of {type(found).__name__}. "
            f"Received: {optimizer!r:.60} ({error}). Mend or leave out the one that is "
            "wrong."
        ) from error


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


def resolve_initializer(initializer: Any) -> keras.initializers.Initializer:
    """An initializer of weights from its name.

    Args:
        initializer: str, a name that Keras knows, in small letters or as its class
            is written, or a `keras.initializers.Initializer`, which is given back.

    Returns:
        keras.initializers.Initializer.

    Raises:
        InputError: If Keras knows no such initializer.

    Example:
    >>> type(resolve_initializer("he_normal")).__name__
    'HeNormal'
    """
    if isinstance(initializer, keras.initializers.Initializer):
        return initializer
    names = _public_names(keras.initializers)
    written = str(initializer)
    for name in (written, written.lower()):
        if name in names:
            return keras.initializers.get(name)
    lower = [name for name in names if name.islower()]
    raise InputError(_unknown("initializer", initializer, lower))


def check_loss_fits(loss: Any, dataset: Dataset, units: int) -> None:
    """Refuse a loss that would compare the dataset's targets with the wrong thing.

    Args:
        loss: str, loss function or object; one's own function always passes.
        dataset: Dataset.
        units: int, last axis of the model's output.

    Raises:
        InputError: If the loss needs other targets or another number of units.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> check_loss_fits("mae", Dataset(x, y, x, y, task="regression"), units=1)
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


def gives_logits(model: keras.Model) -> bool:
    """Whether the loss that a model was compiled with expects logits.

    Args:
        model: keras.Model.

    Returns:
        bool; False for a loss known by name.

    Example:
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    >>> gives_logits(model)
    True
    """
    loss = getattr(model, "loss", None)
    get_config: Callable[[], dict[str, Any]] = getattr(loss, "get_config", dict)
    return bool(get_config().get("from_logits", False))


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


def _unknown(argument: str, value: object, names: list[str]) -> str:
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
