"""The rows and weights that `fit` trains on, as a search takes them."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Generator
from typing import Any

import keras

from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_sources import source_kind
from lr_finder.training.feeding.batches import as_arrays, check_alone
from lr_finder.training.feeding.passes import UNKNOWN, batches_of
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.kept_batches import ReplayedGenerator
from lr_finder.training.preserving.randomness import preserved_randomness

BATCH_SIZE = 32  # the default of `fit`


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingRows:
    """The data that a `fit` trains on.

    Args:
        data: tuple of arrays, or a source of batches, as a search takes it.
        batch_size: int, samples in a batch (of arrays only).
        batches: int, in an epoch; None if that is not known.
        generator: ReplayedGenerator of a Python generator, else None.
    """

    data: Any
    batch_size: int = BATCH_SIZE
    batches: int | None = None
    generator: ReplayedGenerator | None = None

    def for_fit(self) -> dict[str, Any]:
        """The arguments of `fit` to replace, so that it loses no batch."""
        return {} if self.generator is None else {"x": self.generator.whole()}

    def for_search(self, batches: int) -> Any:
        """The data for a search that needs so many batches.

        Args:
            batches: int >= 1.

        Returns:
            what `search` takes.

        Raises:
            InputError: If these batches of a generator do not fit in memory.
        """
        return self.data if self.generator is None else self.generator.kept(batches)

    def batches_up_to(self, most: int) -> int:
        """The number of batches in an epoch, up to a limit; counted if it is unknown.

        Args:
            most: int >= 1.

        Returns:
            int >= 0.
        """
        if self.batches is not None:
            return min(self.batches, most)
        if self.generator is not None:
            return self.generator.available(most)
        with preserved_randomness():  # a DataLoader draws an order
            return sum(1 for _ in itertools.islice(iter(self.data), most))

    def batches_in_all(self) -> int | None:
        """The batches in an epoch, counted if unknown; None for a generator."""
        if self.batches is not None or self.generator is not None:
            return self.batches
        with preserved_randomness():
            return sum(1 for _ in self.data)


def rows_of(given: FitArguments) -> TrainingRows:
    """The rows that a `fit` trains on: not those held back by `validation_split`.

    Args:
        given: FitArguments.

    Returns:
        TrainingRows.

    Raises:
        InputError: If `fit` would refuse the data, or an epoch never ends.

    Example:
    >>> import numpy as np
    >>> x = np.zeros((100, 3))
    >>> rows = rows_of(FitArguments(x, x, validation_split=0.25))
    >>> rows.data[0].shape, rows.batches
    ((75, 3), 3)
    """
    kind = source_kind(given.x)
    if kind is None:
        return _of_arrays(given)
    check_alone(kind, given.y, given.sample_weight, given.class_weight)
    if given.splits:
        raise InputError(
            f"Argument `validation_split` must be 0 if `x` is a {kind}. Received: "
            f"validation_split={given.validation_split}. Give validation_data=…."
        )
    batches = _limited(given.steps_per_epoch or _length(given.x, kind))
    generator = None
    if isinstance(given.x, Generator):
        generator = ReplayedGenerator(given.x)
    return TrainingRows(given.x, batches=batches, generator=generator)


def _of_arrays(given: FitArguments) -> TrainingRows:
    if given.class_weight is not None and given.sample_weight is not None:
        raise InputError(
            "Arguments `class_weight` and `sample_weight` must not come together. "
            "Received: both. Multiply one by the other."
        )
    parts = given.x, given.y, given.sample_weight
    if given.splits:
        arrays = as_arrays(*parts)
        samples = keras.tree.flatten(arrays)[0].shape[0]
        trained = math.floor(samples * (1.0 - given.validation_split))  # as `fit` does
        if not trained:
            raise InputError(
                "Argument `validation_split` must leave a row to train on. Received: "
                f"validation_split={given.validation_split} with {samples} rows."
            )
        arrays = keras.tree.map_structure(
            lambda array: None if array is None else array[:trained], arrays
        )
        parts = (*arrays, None, None)[:3]
    samples = _samples(parts[0])
    size = given.batch_size
    if not size:
        steps = given.steps_per_epoch
        size = math.ceil(samples / steps) if steps else BATCH_SIZE
    batches = given.steps_per_epoch or math.ceil(samples / size)
    return TrainingRows(parts, size, _limited(batches))


def _samples(x: Any) -> int:
    leaves = [leaf for leaf in keras.tree.flatten(x) if leaf is not None]
    shape = getattr(leaves[0], "shape", ()) if leaves else ()
    if not shape or not shape[0]:
        raise InputError(
            "Argument `x` must be an array, a structure of arrays, or another "
            f"source that `fit` takes. Received: {type(x).__name__}. Convert numbers "
            "with numpy.asarray, other sources to a tf.data.Dataset."
        )
    return int(shape[0])


def _length(x: Any, kind: str) -> int | None:
    """The number of batches in a source; None if the source does not say."""
    if kind == "Python generator":
        return None
    if kind == "tf.data.Dataset":
        size = int(x.cardinality())
        return None if size == UNKNOWN else batches_of(x, BATCH_SIZE, "x")
    if kind == "PyTorch DataLoader":
        try:
            return len(x)
        except TypeError:  # of an IterableDataset
            return None
    return batches_of(x, BATCH_SIZE, "x")


def _limited(batches: int | None) -> int | None:
    """As `keras.config.set_max_steps_per_epoch` limits them."""
    limit = keras.config.max_steps_per_epoch()
    return batches if not limit else min(batches or limit, limit)
