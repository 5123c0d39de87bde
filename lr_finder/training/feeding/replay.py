"""The same batches for each of several trainings, whatever they come from."""

from __future__ import annotations

import itertools
from typing import Any

from lr_finder.training.feeding.batch_parts import bytes_of, copied
from lr_finder.training.feeding.batch_sources import KEPT_BYTES
from lr_finder.training.feeding.batches import Batches


class Replay:
    """Batches that can be asked for again.

    Of arrays and a PyDataset they are read anew. Of a tf.data.Dataset, generator or
    DataLoader, which may never give the same again, those read are kept in memory, up
    to 1 GiB: if that is not enough, they are gone through over and over.

    Args:
        batches: Batches, of as many as will be asked for.

    Example:
    >>> import numpy as np
    >>> from lr_finder.training.feeding.batches import make_batches
    >>> given = ((np.full((2, 1), i), np.zeros(2)) for i in range(9))
    >>> replay = Replay(make_batches(given, None, None, batch_size=2, steps=9,
    ...                              repeats=1, seed=0))
    >>> [[float(x[0, 0]) for x, _ in replay.part(1, 3)] for _ in range(2)]
    [[1.0, 2.0], [1.0, 2.0]]
    """

    def __init__(self, batches: Batches):
        self._part = batches.part
        self._spec = getattr(batches.data, "element_spec", None)
        if self._part is None:
            self._source = iter(batches.data)
        self._kept: list[Any] = []
        self._size = 0

    def part(self, first: int, last: int) -> Any:
        """The batches from `first` up to, but not including, `last`.

        Args:
            first: int >= 0.
            last: int > first.

        Returns:
            what `fit` takes; all parts are of the same types.
        """
        if self._part is not None:
            return self._part(first, last)
        self._read(last)
        indices = [step % len(self._kept) for step in range(first, last)]
        if self._spec is None:
            return (self._kept[index] for index in indices)
        import tensorflow as tf

        return tf.data.Dataset.from_generator(
            lambda: (self._kept[index] for index in indices),
            output_signature=self._spec,
        ).apply(tf.data.experimental.assert_cardinality(len(indices)))

    def _read(self, count: int) -> None:
        """Keep the first batches, as many as these or as memory is there for."""
        missing = max(0, count - len(self._kept))
        for batch in itertools.islice(self._source, missing):
            if self._spec is None:
                # A copy: many a generator fills the same arrays again and again.
                batch = copied(batch)
            self._kept.append(batch)
            self._size += bytes_of(batch)
            if self._size > KEPT_BYTES:
                self._source = iter(())
                return
