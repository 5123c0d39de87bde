"""What is given as data: its parts, its length, a way to pass over it again."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_parts import as_batch, bytes_of, copied
from lr_finder.training.feeding.batch_sources import (
    KEPT_BYTES,
    empty_source,
    source_kind,
)
from lr_finder.training.feeding.indexed_batches import KeptBatches, is_sparse

ENDLESS, UNKNOWN = -1, -2  # what `cardinality()` says of a tf.data.Dataset
KEPT_BATCHES = 20_000  # of a generator, which may be endless, read at the most


def parts_of(data: Any, name: str = "train_dataset") -> tuple[Any, Any, Any]:
    """What is given as data, as `x`, `y` and `sample_weight` of `sweep`.

    Every function that takes data as one argument reads it by this: arrays alone are
    inputs without targets, as `fit` reads its `validation_data`.

    Args:
        data: array or dict of arrays (samples, …); a tuple or list `(x,)`, `(x, y)`
            or `(x, y, sample_weight)` of arrays or structures of arrays; or a source
            of batches.
        name: str, the argument, to be named in a message.

    Returns:
        `(x, y, sample_weight)`; y and weights are None if they are not given, or if
        `x` gives batches.

    Raises:
        InputError: If it is neither.

    Example:
    >>> parts_of(([1.0], [2.0]))
    ([1.0], [2.0], None)
    >>> parts_of(np.ones(1))
    (array([1.]), None, None)
    """
    if isinstance(data, tuple | list) and 1 <= len(data) <= 3:
        return (*data, None, None)[:3]
    is_input = isinstance(data, dict) or hasattr(data, "__array__") or is_sparse(data)
    if not isinstance(data, tuple | list) and (is_input or source_kind(data)):
        return data, None, None
    raise InputError(
        f"Argument `{name}` must give batches, e.g. a tf.data.Dataset, or be arrays: "
        f"x, (x,), a tuple (x, y) or (x, y, sample_weight). Received: "
        f"{type(data).__name__}"
        + (f" of {len(data)}." if isinstance(data, tuple | list) else ".")
    )


def passed_over_again(data: Any, name: str = "train_dataset") -> Any:
    """Data that can be passed over more than once: a generator is read and kept.

    Args:
        data: what `parts_of` takes.
        name: str, the argument, to be named in a message.

    Returns:
        KeptBatches for a Python generator; all else as it is.

    Raises:
        InputError: If a generator gives nothing, or has not ended after 1 GiB or
            20,000 batches.

    Example:
    >>> len(passed_over_again(np.zeros((2, 1)) for _ in range(3)))
    3
    """
    kind = source_kind(data)
    if kind != "Python generator":
        return data
    kept, size = [], 0
    for batch in data:
        kept.append(copied(as_batch(batch)))
        size += bytes_of(kept[-1])
        if size > KEPT_BYTES or len(kept) > KEPT_BATCHES:
            raise InputError(
                f"Argument `{name}` must end, so that epochs can be counted, and a "
                "generator's batches must fit in 1 GiB to be passed over again. "
                f"Received: a Python generator not at its end after {len(kept):,} "
                "batches. End it, (batch for batch in itertools.islice(generator, "
                "steps_of_an_epoch)), or give a keras.utils.PyDataset."
            )
    if not kept:
        raise empty_source(name, kind)
    return KeptBatches(kept)


def batches_of(data: Any, batch_size: int, name: str = "train_dataset") -> int:
    """How many batches one pass over training data has.

    Args:
        data: what `passed_over_again` gives.
        batch_size: int >= 1, samples in a batch (of arrays only).
        name: str, the argument, to be named in a message.

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
    else:
        samples = np.shape(keras.tree.flatten(parts_of(data, name)[0])[0])
        batches = math.ceil(samples[0] / batch_size) if samples else 0
    if batches == ENDLESS:
        raise InputError(
            f"Argument `{name}` must end, so that epochs can be counted. Received: an "
            f"endless {kind}. "
            + (
                "Call dataset.take(steps_of_an_epoch) first."
                if kind == "tf.data.Dataset"
                else "Give it a length: __len__, or num_batches."
            )
        )
    if batches == 0:
        raise InputError(
            f"Argument `{name}` must hold a batch. Received: an empty one. Is it "
            "shorter than a batch, with drop_remainder=True, or the series than a "
            "window?"
        )
    return batches
