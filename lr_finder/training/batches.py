"""The batches of a sweep: as many as it needs, in an order of its own."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError

# Batches of a repeated tf.data pipeline that are held in memory to be shuffled.
SHUFFLED_BATCHES = 16


@dataclasses.dataclass(frozen=True)
class Batches:
    """What `fit` is given, and what the sweep must know of it.

    Args:
        data: a tf.data.Dataset or keras.utils.PyDataset of batches.
        symbolic: tuple of structures of keras.KerasTensor, one batch: inputs, and
            targets and sample weights where there are any.
        batch_size: int or None where the source does not say.
    """

    data: Any
    symbolic: tuple[Any, ...]
    batch_size: int | None


def batch_order(samples: int, batch_size: int, steps: int, seed: Any) -> np.ndarray:
    """Indices of the samples of each batch: pass after pass, each in a new order.

    Batches run on over the end of a pass, so all have the same size and no step
    marks where one pass ends and the next begins.

    Args:
        samples: int >= 1, number of samples.
        batch_size: int in [1, samples].
        steps: int >= 1, number of batches.
        seed: anything that `numpy.random.default_rng` takes.

    Returns:
        int64 array (steps, batch_size); in every `samples` consecutive entries from
        the start, each sample occurs once.

    Example:
    >>> order = batch_order(samples=4, batch_size=2, steps=4, seed=0)
    >>> sorted(order[:2].ravel().tolist()), order.shape
    ([0, 1, 2, 3], (4, 2))
    """
    rng = np.random.default_rng(seed)
    needed = steps * batch_size
    passes = [rng.permutation(samples) for _ in range(needed // samples)]
    # Of the last pass only what is needed: the data may be far larger than a sweep.
    passes.append(rng.choice(samples, needed % samples, replace=False))
    return np.concatenate(passes).astype(np.int64).reshape(steps, batch_size)


def make_batches(
    x: Any,
    y: Any,
    sample_weight: Any,
    *,
    batch_size: int,
    steps: int,
    repeats: int,
    seed: int,
) -> Batches:
    """Batches for `repeats` sweeps of `steps` each, from arrays or a tf.data.Dataset.

    Args:
        x: array or structure of arrays (samples, …), or a batched tf.data.Dataset.
        y: like `x`, or None where `x` is a dataset.
        sample_weight: array (samples,) or None.
        batch_size: int >= 1; of arrays only, at most their samples are taken.
        steps: int, batches of one sweep.
        repeats: int, number of sweeps.
        seed: int, from which the order of batches is drawn.

    Returns:
        Batches, which hold `steps * repeats` batches or more.

    Raises:
        InputError: If the data is empty, of unequal lengths or of an unknown kind.
    """
    if _is_dataset(x):
        if y is not None or sample_weight is not None:
            raise InputError(
                "Argument `y` must be None where `x` is a tf.data.Dataset. Received: "
                "targets beside it. Let the dataset yield (x, y) pairs."
            )
        return _from_dataset(x, repeats, seed)
    arrays = _as_arrays(x, y, sample_weight)
    samples = len(keras.tree.flatten(arrays)[0])
    batch_size = min(batch_size, samples)  # as `fit` does
    order = np.concatenate(
        [
            batch_order(samples, batch_size, steps, seed=[seed, repeat])
            for repeat in range(repeats)
        ]
    )
    if keras.backend.backend() == "tensorflow":
        data = _gather_with_tensorflow(arrays, order, samples)
    else:
        data = _GatheredBatches(arrays, order)
    return Batches(data, _symbolic(arrays), batch_size)


def _is_dataset(x: Any) -> bool:
    """True for a tf.data.Dataset; does not import TensorFlow to find out."""
    return any(
        kind.__name__ == "DatasetV2" and kind.__module__.startswith("tensorflow.")
        for kind in type(x).__mro__
    )


def _as_arrays(x: Any, y: Any, sample_weight: Any) -> tuple[Any, ...]:
    """The data as a tuple of structures of arrays, in the types that `fit` uses."""
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    if sample_weight is None:
        parts = {name: part for name, part in parts.items() if part is not None}
    arrays = {name: _part_as_arrays(name, part) for name, part in parts.items()}
    sizes = {
        name: sorted({len(a) for a in keras.tree.flatten(part) if a is not None})
        for name, part in arrays.items()
    }
    distinct = set().union(*sizes.values())
    if len(distinct) != 1 or 0 in distinct:
        raise InputError(
            "Arguments `x`, `y` and `sample_weight` must hold the same number of "
            f"samples, at least 1. Received: lengths {sizes}."
        )
    return tuple(arrays.values())


def _part_as_arrays(name: str, part: Any) -> Any:
    """A structure of arrays; lists become tuples, since tf.data stacks a list."""
    leaves = [leaf for leaf in keras.tree.flatten(part) if leaf is not None]
    if not all(hasattr(leaf, "__array__") for leaf in leaves):
        raise InputError(
            f"Argument `{name}` must be an array or a structure of arrays"
            + (", or a tf.data.Dataset" if name == "x" else "")
            + f". Received: {type(part).__name__}. Convert numbers with "
            "numpy.asarray, other sources to a tf.data.Dataset."
        )
    part = keras.tree.lists_to_tuples(part)
    return keras.tree.map_structure(lambda leaf: _as_array(name, leaf), part)


def _as_array(name: str, values: Any) -> np.ndarray | None:
    """Values as an array; floats in Keras' default float type, as `fit` casts them."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.ndim == 0 or array.dtype.kind not in "biufc":
        raise InputError(
            f"Argument `{name}` must hold numbers along a first axis of samples. "
            f"Received: {array.dtype} of shape {array.shape}. Encode text and labels "
            "as numbers first."
        )
    floating = np.issubdtype(array.dtype, np.floating)
    return array.astype(keras.config.floatx(), copy=False) if floating else array


def _symbolic(arrays: Any) -> Any:
    """One batch of the arrays as Keras' symbolic tensors."""
    return keras.tree.map_structure(
        lambda array: keras.KerasTensor((None, *array.shape[1:]), str(array.dtype)),
        arrays,
    )


def _gather_with_tensorflow(arrays: Any, order: np.ndarray, samples: int) -> Any:
    """A tf.data pipeline that picks the samples of each batch.

    Its element type is the one `fit` has for the same arrays (an open batch axis
    where a pass ends with a smaller batch), so that what is traced fits both.
    """
    import tensorflow as tf

    steps, batch_size = order.shape
    even = samples % batch_size == 0
    indices = tf.data.Dataset.from_tensor_slices(order.ravel())
    indices = indices.batch(batch_size, drop_remainder=even)
    source = tf.data.Dataset.from_tensors(arrays).repeat()
    return (
        tf.data.Dataset.zip((indices, source))
        .map(
            lambda index, data: keras.tree.map_structure(
                lambda array: tf.gather(array, index), data
            ),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        .apply(tf.data.experimental.assert_cardinality(steps))
        .prefetch(tf.data.AUTOTUNE)
    )


class _GatheredBatches(keras.utils.PyDataset):
    """The samples of each batch, picked from arrays."""

    def __init__(self, arrays: Any, order: np.ndarray):
        super().__init__()
        self._arrays, self._order = arrays, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, step: int) -> Any:
        index = self._order[step]
        return keras.tree.map_structure(lambda array: array[index], self._arrays)


def _from_dataset(dataset: Any, repeats: int, seed: int) -> Batches:
    """The dataset without end; for several sweeps, its batches in another order."""
    size = int(dataset.cardinality())
    if size == 0:
        raise InputError(
            "Argument `x` must hold a batch. Received: an empty tf.data.Dataset. Is "
            "drop_remainder=True set with fewer samples than a batch?"
        )
    if repeats > 1 and size != math.inf:
        count = SHUFFLED_BATCHES if size < 0 else min(size, SHUFFLED_BATCHES)
        dataset = dataset.shuffle(count, seed=seed)
    spec = dataset.element_spec
    symbolic = keras.tree.map_structure(
        lambda part: keras.KerasTensor(tuple(part.shape), part.dtype.name),
        spec if isinstance(spec, tuple) else (spec,),
    )
    leading = keras.tree.flatten(symbolic)[0].shape[:1]
    return Batches(dataset.repeat(), symbolic, leading[0] if leading else None)
