"""Batches picked from arrays or from a PyDataset, in an order given beforehand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def gatherer(arrays: Any, samples: int, batch_size: int) -> Callable[[np.ndarray], Any]:
    """What gives `fit` these samples, in whatever order it is told.

    Args:
        arrays: structure of arrays (samples, …), NumPy's or SciPy's sparse ones.
        samples: int, their length.
        batch_size: int in [1, samples].

    Returns:
        callable: int array (steps, batch_size) of indices -> data for `fit`. All that
        it gives is of the same types, so that Keras traces a training once.

    Example:
    >>> give = gatherer((np.arange(4.0),), samples=4, batch_size=2)
    >>> first, second = give(np.array([[0, 1], [3, 2]]))
    >>> [float(value) for value in second[0]]
    [3.0, 2.0]
    """
    if keras.backend.backend() != "tensorflow" or is_sparse(arrays):
        return functools.partial(GatheredBatches, arrays)
    import tensorflow as tf

    source = tf.data.Dataset.from_tensors(arrays).repeat()
    # An open batch axis where a pass of `fit` ends with a smaller batch, as it has.
    return lambda order: _gather(source, order, samples % batch_size == 0)


class Reordered(keras.utils.PyDataset):
    """Another PyDataset, its batches in a given order; its workers are kept.

    Its `on_epoch_end`, which often shuffles in place, is not called: a sweep leaves
    the dataset as it found it.

    Args:
        dataset: keras.utils.PyDataset.
        order: int array (n,), indices of its batches; None for all, in turn, of a
            dataset that does not end.
    """

    def __init__(self, dataset: Any, order: np.ndarray | None):
        super().__init__(
            workers=dataset.workers,
            use_multiprocessing=dataset.use_multiprocessing,
            max_queue_size=dataset.max_queue_size,
        )
        self._dataset, self._order = dataset, order
        self.is_as_fit_takes_it = is_as_fit_takes_it(dataset)

    @property
    def num_batches(self) -> int | None:
        """How many, None without end."""
        return None if self._order is None else len(self._order)

    def __getitem__(self, step: int) -> Any:
        step = step if self._order is None else int(self._order[step])
        return with_dense_rows(self._dataset[step])

    def on_epoch_begin(self) -> None:
        """Tell the other one."""
        self._dataset.on_epoch_begin()


def is_as_fit_takes_it(dataset: Any) -> bool:
    """Whether a PyDataset of this module gives what a step is to get, unchanged.

    Of a person's own PyDataset Keras wraps an array in a tuple, takes no more than
    three parts, and under TensorFlow no None. Arrays and a generator's batches, which
    are given by a PyDataset here, have another way in `fit`.

    Args:
        dataset: anything.

    Returns:
        bool.
    """
    return getattr(dataset, "is_as_fit_takes_it", False)


def is_sparse(values: Any) -> bool:
    """True for SciPy's sparse matrices, alone or in a structure.

    Their rows become dense batch by batch.

    Args:
        values: structure of anything.

    Returns:
        bool.

    Example:
    >>> import scipy.sparse
    >>> is_sparse((np.zeros(3), scipy.sparse.eye_array(3))), is_sparse(np.zeros(3))
    (True, False)
    """
    if isinstance(values, tuple | list | dict):
        return any(is_sparse(leaf) for leaf in keras.tree.flatten(values))
    return type(values).__module__.startswith("scipy.sparse")


def with_dense_rows(batch: Any) -> Any:
    """A batch whose SciPy sparse arrays are dense ones.

    Args:
        batch: structure of anything.

    Returns:
        the same structure.

    Example:
    >>> import scipy.sparse
    >>> with_dense_rows((scipy.sparse.eye_array(1), 2))
    (array([[1.]]), 2)
    """
    return keras.tree.map_structure(
        lambda leaf: leaf.toarray() if is_sparse(leaf) else leaf, batch
    )


def _gather(source: Any, order: np.ndarray, even: bool) -> Any:
    """A tf.data pipeline that picks the samples of each batch.

    Its element type is the one `fit` has for the same arrays, so that what is traced
    fits both.
    """
    import tensorflow as tf

    steps, batch_size = order.shape
    indices = tf.data.Dataset.from_tensor_slices(order.ravel())
    indices = indices.batch(batch_size, drop_remainder=even)
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


class KeptBatches(keras.utils.PyDataset):
    """Batches held in memory, to be passed over again and again.

    Args:
        batches: list of tuples of arrays and None.

    Example:
    >>> batches = KeptBatches([(np.zeros(2),), (np.ones(2),)])
    >>> batches.num_batches, batches[1]
    (2, (array([1., 1.]),))
    """

    def __init__(self, batches: list[tuple[Any, ...]]):
        super().__init__()
        self._batches = batches
        self.is_as_fit_takes_it = True

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return self._batches[index]


class GatheredBatches(keras.utils.PyDataset):
    """The samples of each batch, picked from arrays.

    Args:
        arrays: structure of arrays (samples, …) and None.
        order: int array (steps, batch_size) of indices, or a list of arrays.

    Example:
    >>> batches = GatheredBatches((np.arange(4.0), None), np.array([[3, 0]]))
    >>> batches[0]
    (array([3., 0.]), None)
    """

    def __init__(self, arrays: Any, order: np.ndarray | list[np.ndarray]):
        super().__init__()
        self._arrays, self._order = arrays, order
        self.is_as_fit_takes_it = True

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, step: int) -> Any:
        index = self._order[step]

        def picked(array: Any) -> Any:
            if array is None:
                return None
            return array[index].toarray() if is_sparse(array) else array[index]

        return keras.tree.map_structure(picked, self._arrays)
