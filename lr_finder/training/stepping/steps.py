"""The step by which a model trains: Keras' or its own, and the loss that it reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

from lr_finder.errors import ModelError
from lr_finder.training.preserving.untracked_variables import hidden_metrics

TOTALS = ("loss", "total_loss")  # Keras' name, and that of its VAE example

VALIDATION = "val_"  # what Keras puts before the names of an epoch's validation


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


def has_own_test_step(model: keras.Model) -> bool:
    """Whether a model is evaluated by a `test_step` of its own."""
    step = getattr(model.test_step, "__func__", model.test_step)
    return step is not keras.Model.test_step


def check_evaluation(model: keras.Model) -> None:
    """Raise `ModelError` unless Keras' own `test_step` reports a loss of the model.

    It calls the model, and reports what `model.metrics` shows: of a model that trains
    by its own step alone this may be a metric that nothing has filled, and so 0.

    Args:
        model: keras.Model, compiled, without a `test_step` of its own.

    Raises:
        ModelError: If `evaluate` would fail, or give 0 for a loss.
    """
    if not has_own_step(model):
        return
    shown = len(hidden_metrics(model)) == len(hidden_metrics(model, keras_own=False))
    if type(model).call is keras.Model.call or not shown:
        raise ModelError(
            "A model with a train_step of its own must have a test_step too, to be "
            f"judged by validation data. Received: model {model.name!r} without one. "
            'Define test_step(self, data) that returns {"loss": …}, or leave '
            "validation_data out."
        )


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

    That is `loss`; else `total_loss`; else the only one whose name ends in "loss";
    else the only one.

    Args:
        names: iterable of str, under which a `train_step` returns its values.

    Returns:
        str, one of them.

    Raises:
        ModelError: If several could be meant, or there is none.

    Example:
    >>> loss_name(["kl_loss", "loss"]), loss_name(["mean_loss", "accuracy"])
    ('loss', 'mean_loss')
    """
    names = sorted(names)
    endings = [name for name in names if name.lower().endswith("loss")]
    for likely in ([name for name in TOTALS if name in names][:1], endings, names):
        if len(likely) == 1:
            return likely[0]
    raise ModelError(
        "The model's `train_step` must return its loss under the name 'loss' or "
        "'total_loss', or under the only name that ends so. Received: "
        f'{names}. Return {{"loss": …}} from it, beside the others.'
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
    return float(logs[loss_name(logs)])


class ShownAsLoss(keras.callbacks.Callback):
    """Lets the callbacks after it find a loss of any name under `loss`, `val_loss`.

    Those of Keras that watch a training look there. A model with a `train_step` of its
    own may report its loss under another name.

    Example:
    >>> shown = ShownAsLoss()
    >>> logs = {"total_loss": 1.0, "val_total_loss": 2.0}
    >>> shown.on_epoch_end(0, logs)
    >>> logs["loss"], logs["val_loss"]
    (1.0, 2.0)
    """

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Show the loss of a batch."""
        _show_loss(logs, "")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show the losses of an epoch."""
        _show_loss(logs, "")
        if any(name.startswith(VALIDATION) for name in logs or ()):
            _show_loss(logs, VALIDATION)


def _show_loss(logs: dict[str, Any] | None, prefix: str) -> None:
    """Add `loss` to logs that have it under another name."""
    if logs is None or prefix + TOTALS[0] in logs:
        return
    names = [
        name.removeprefix(prefix)
        for name in logs
        if name.startswith(VALIDATION) == bool(prefix)
    ]
    logs[prefix + TOTALS[0]] = logs[prefix + loss_name(names)]
