"""The loss that a training step reports, under whatever name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras

from lr_finder.errors import ModelError

TOTALS = ("loss", "total_loss")  # Keras' name, and that of its VAE example
ROUNDING = 1e-6  # between a mean taken by the backend in float32 and one taken here


def loss_in(logs: Mapping[str, Any] | None, model: keras.Model) -> float:
    """The loss among what a model's `train_step` reports.

    It is what is called `loss`, else `total_loss`, else the only entry whose name ends
    in `loss`.

    Args:
        logs: mapping of str to float, what Keras gives to `on_train_batch_end`.
        model: keras.Model, named in the error.

    Returns:
        float; a mean over the batches since the metrics were last reset, or the loss of
        the batch alone, as the step has it.

    Raises:
        ModelError: If no entry, or none of several, is known to be the loss.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> loss_in({"kl_loss": 1.0, "total_loss": 3.0}, model)
    3.0
    """
    logs = logs or {}
    endings = [name for name in logs if name.lower().endswith("loss")]
    names = [name for name in TOTALS if name in logs]
    if not names and len(endings) == 1:
        names = endings
    if not names:
        raise ModelError(
            "The model's `train_step` must return its loss under the name 'loss' or "
            f"'total_loss'. Received: {sorted(logs)} from model {model.name!r}. "
            "Return {'loss': …} there, beside the others."
        )
    return float(logs[names[0]])


def metric_behind(reported: float, results: Mapping[str, float]) -> str | None:
    """Which running mean a reported loss was read from.

    Args:
        reported: float, as `loss_in` has it.
        results: mapping of str to float, the present result of each mean.

    Returns:
        str, the name of the mean, first of all `loss`; None if the step reports what is
        no result of any of them, and so the loss of the batch alone.

    Example:
    >>> metric_behind(0.5, {"accuracy": 0.9, "total_loss": 0.5})
    'total_loss'
    """
    equal = [
        name
        for name, result in results.items()
        if math.isclose(result, reported, rel_tol=ROUNDING)
        or (math.isnan(result) and math.isnan(reported))
    ]
    named = [name for name in TOTALS if name in equal]
    return (named or equal or [None])[0]
