"""Training data that can be passed over again and again: its parts, its length."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.training.batch_sources import source_kind

ENDLESS, UNKNOWN = -1, -2  # what `cardinality()` says of a tf.data.Dataset


def batches_of(data: Any, batch_size: int) -> int:
    """How many batches one pass over training data has.

    Args:
        data: what `LearningRateOptimizer` trains on.
        batch_size: int >= 1, samples in a batch (of arrays only).

    Returns:
        int >= 1. Where a tf.data.Dataset does not know, it is passed over once.

    Raises:
        InputError: If there is none, or no end to them, or data of an unknown kind.

    Example:
    >>> batches_of((np.zeros((100, 3)), np.zeros(100)), batch_size=32)
    4
    """
    kind = source_kind(data)
    if kind == "tf.data.Dataset":
        batches = int(data.cardinality())
        if batches == UNKNOWN:
            batches = int(data.reduce(np.int64(0), lambda count, *_: count + 1))
    elif kind == "keras.utils.PyDataset":
        batches = ENDLESS if data.num_batches is None else data.num_batches
    elif kind == "PyTorch DataLoader":
        batches = len(data)
    elif kind is not None:
        batches = ENDLESS
    else:
        samples = np.shape(keras.tree.flatten(parts_of(data)[0])[0])
        batches = math.ceil(samples[0] / batch_size) if samples else 0
    if batches == ENDLESS:
        raise InputError(
            "Argument `train_dataset` must end, so that epochs can be counted. "
            f"Received: an endless {kind}. Call dataset.take(steps_of_an_epoch) first."
        )
    if batches == 0:
        raise InputError(
            "Argument `train_dataset` must hold a batch. Received: an empty one. Is it "
            "shorter than a batch, with drop_remainder=True, or the series than a "
            "window?"
        )
    return batches


def parts_of(data: Any) -> tuple[Any, Any, Any]:
    """Training data as `x`, `y` and `sample_weight` of `sweep`.

    Args:
        data: what `LearningRateOptimizer` trains on.

    Returns:
        `(x, y, sample_weight)`; y and weights are None where `x` gives batches.

    Raises:
        InputError: If it is neither a source of batches nor a tuple of arrays.

    Example:
    >>> parts_of(([1.0], [2.0]))
    ([1.0], [2.0], None)
    """
    if source_kind(data) is not None:
        return data, None, None
    if not isinstance(data, tuple) or not 2 <= len(data) <= 3:
        raise InputError(
            "Argument `train_dataset` must give batches, e.g. a tf.data.Dataset, or be "
            f"a tuple (x, y) of arrays. Received: {type(data).__name__}."
        )
    return (*data, None)[:3]
