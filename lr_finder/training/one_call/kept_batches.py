"""A generator whose first batches serve a search, and then the training again."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from typing import Any

import keras

from lr_finder._text import counted
from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_parts import as_batch, bytes_of, copied
from lr_finder.training.feeding.batch_sources import KEPT_BYTES, empty_source
from lr_finder.training.feeding.indexed_batches import (
    KeptBatches,
    is_sparse,
    with_dense_rows,
)


class ReplayedGenerator:
    """A generator whose first batches can be read before all are iterated.

    Args:
        generator: Python generator of batches.
        limit: int, bytes that may be kept.

    Example:
    >>> import numpy as np
    >>> replayed = ReplayedGenerator((np.full(1, i),) for i in range(5))
    >>> [int(replayed.kept(2)[i][0][0]) for i in (0, 1)]
    [0, 1]
    >>> [int(batch[0][0]) for batch in replayed.whole()]
    [0, 1, 2, 3, 4]
    """

    def __init__(self, generator: Generator, limit: int = KEPT_BYTES):
        self._rest = generator
        self._limit, self._size = limit, 0
        self._batches: list[Any] = []

    def available(self, most: int) -> int:
        """How many batches there are, up to a limit; these are read and kept.

        Args:
            most: int >= 1.

        Returns:
            int >= 1.

        Raises:
            InputError: If there is no batch, or they do not fit in memory.
        """
        if not self._batches:
            self._read(1, most)
        if not self._batches:
            raise empty_source("x", "Python generator")
        self._check(len(self._batches), most)
        self._read(most - len(self._batches), most)
        return min(len(self._batches), most)

    def kept(self, count: int) -> KeptBatches:
        """The first batches, which can then be read in any order.

        Args:
            count: int >= 1; a generator that ends before has fewer.

        Returns:
            KeptBatches.

        Raises:
            InputError: As of `available`.
        """
        count = self.available(count)
        batches = [as_batch(with_dense_rows(each)) for each in self._batches[:count]]
        return KeptBatches(batches)

    def whole(self) -> Generator:
        """All batches from the first on, as the generator would have given them."""
        batches, self._batches = self._batches, []
        # `fit` knows a generator by its type: a chain of iterators is none.
        return (batch for batch in itertools.chain(batches, self._rest))

    def _read(self, count: int, needed: int) -> None:
        for batch in itertools.islice(self._rest, max(0, count)):
            # A copy: many a generator fills the same arrays again and again.
            self._batches.append(keras.tree.map_structure(_copied_leaf, batch))
            self._size += bytes_of(with_dense_rows(self._batches[-1]))
            self._check(len(self._batches), needed)

    def _check(self, read: int, needed: int) -> None:
        expected = self._size / read * max(read, needed)
        if expected > self._limit:
            raise InputError(
                f"The {counted(needed, 'batch')} of a Python generator that a search "
                f"uses must fit in {self._limit / 2**30:.3g} GiB, because the training "
                f"needs them too. Received: about {expected / 2**30:.3g} GiB, judged "
                f"by the first {read}, which the generator will not give again. Make "
                "a new generator and give learning_rate=…, or give a "
                "keras.utils.PyDataset."
            )


def _copied_leaf(leaf: Any) -> Any:
    return leaf.copy() if is_sparse(leaf) else copied(leaf)
