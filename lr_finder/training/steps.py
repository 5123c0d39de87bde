"""The step by which a model trains: Keras' or its own, and the loss that it reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.raw_state import hidden_metrics

LOSS = "loss"


def has_own_step(model: keras.Model) -> bool:
    """Whether a model trains by a `train_step` of its own.

    What such a step makes of a batch is its own affair: it need not call the model,
    and a batch need not be (x, y, sample_weight).

    Args:
        model: keras.Model.

    Returns:
        bool.

    Example:
    >>> has_own_step(keras.Sequential([keras.layers.Dense(1)]))
    False
    """
    step = getattr(model.train_step, "__func__", model.train_step)
    return step is not keras.Model.train_step


def needs_targets(model: keras.Model) -> bool:
    """Whether a training cannot do without targets.

    Keras' own step needs them for each loss that the model was compiled with. A
    `train_step` or `compute_loss` of the model's own may take the inputs for targets.

    Args:
        model: keras.Model, compiled.

    Returns:
        bool.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> needs_targets(model)
    True
    """
    return (
        model.loss is not None
        and not has_own_step(model)
        and type(model).compute_loss is keras.Model.compute_loss
    )


def metrics_behind_loss(model: keras.Model) -> list[keras.metrics.Metric]:
    """The metrics that must start anew for the loss reported to be one batch's loss.

    Keras' own `train_step` reports its first metric, a running mean; one of the
    user's may report any, also one that `model.metrics` does not show. Each reset
    costs as much as a small layer.

    Args:
        model: keras.Model, compiled.

    Returns:
        list of keras.metrics.Metric.
    """
    if not has_own_step(model):
        return model.metrics[:1]
    own = hidden_metrics(model, keras_own=False)
    return [*model.metrics, *own]


def loss_name(names: Iterable[str]) -> str:
    """Which of the values that a step reports is the loss.

    That is `loss`; else the only one with "loss" in its name; else the only one.

    Args:
        names: iterable of str, under which a `train_step` returns its values.

    Returns:
        str, one of them.

    Raises:
        ModelError: If several could be meant, or there is none.

    Example:
    >>> loss_name(["kl_loss", "loss"]), loss_name(["total_loss", "accuracy"])
    ('loss', 'total_loss')
    """
    names = sorted(names)
    likely = [name for name in names if LOSS in name.lower()] or names
    if LOSS in names:
        return LOSS
    if len(likely) == 1:
        return likely[0]
    raise ModelError(
        "The model's `train_step` must return its loss under the name 'loss', or "
        f"under the only name that holds the word. Received: {names}. Return "
        '{"loss": …} from it, whatever else it returns.'
    )


def loss_of(logs: dict[str, Any] | None) -> float:
    """The loss that Keras reports for a batch.

    Args:
        logs: dict, what Keras gives to `on_train_batch_end`.

    Returns:
        float.

    Raises:
        ModelError: If it does not tell which value is the loss.

    Example:
    >>> loss_of({"total_loss": 2.0, "accuracy": 0.5})
    2.0
    """
    logs = logs or {}
    return float(logs[LOSS] if LOSS in logs else logs[loss_name(logs)])
