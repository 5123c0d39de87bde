"""The loss of a constant guess for a model and its data, if both tell it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder.analysis.training.constant_guess import GUESSES, loss_of_guess
from lr_finder.training.checking.labels import only_loss
from lr_finder.training.feeding.passes import parts_of
from lr_finder.training.stepping.steps import needs_targets

FREE = ("name", "from_logits", "dtype")  # arguments of a loss that scale nothing


def constant_loss(model: keras.Model, data: Any) -> float | None:
    """The loss that a model has on its data if it gives the best constant guess.

    It is known for plain losses of Keras, one output and targets in an array. What else
    adds to the loss, or scales it, makes it unknown: sample weights, regularizers, a
    step of the model's own, arguments of the loss such as `label_smoothing`.

    Args:
        model: keras.Model, compiled.
        data: what `parts_of` takes.

    Returns:
        float > 0, or None if it is not known.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> y = np.array([1.0, 3.0])
    >>> constant_loss(model, (y[:, None], y))
    1.0
    """
    _, y, sample_weight = parts_of(data)
    is_array = isinstance(y, np.ndarray | pd.Series | pd.DataFrame)
    if not is_array or sample_weight is not None or not needs_targets(model):
        return None
    if not model.built or model.losses or _has_loss_weights(model):
        return None
    name = _name_of(only_loss(model))
    return None if name is None else loss_of_guess(name, np.asarray(y))


def _name_of(loss: Any) -> str | None:
    """A key of `GUESSES`, for a loss of Keras without arguments that change it."""
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:  # no loss of Keras
            return None
    for name in GUESSES:
        plain = keras.losses.get(name.title().replace("_", ""))
        if loss is getattr(keras.losses, name):
            return name
        if type(loss) is type(plain):
            return name if _arguments_of(loss) == _arguments_of(plain) else None
    return None


def _arguments_of(loss: keras.losses.Loss) -> dict[str, Any]:
    return {k: v for k, v in loss.get_config().items() if k not in FREE}


def _has_loss_weights(model: keras.Model) -> bool:
    """Whether the model was compiled with weights of its losses, or may have been."""
    try:
        config = model.get_compile_config()
    except Exception:  # of a person's own classes: any error in `get_config`
        return True
    return bool(config is None or config.get("loss_weights"))
