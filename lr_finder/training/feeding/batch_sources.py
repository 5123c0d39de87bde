"""Sources that give whole batches, made to last as long as a sweep."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters.data_adapter_utils import (
    NUM_BATCHES_FOR_TENSOR_SPEC,
    get_tensor_spec,
)
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_parts import (
    as_batch,
    as_host_batch,
    bytes_of,
    check_parts,
    copied,
    of_spec,
    told_by,
)
from lr_finder.training.feeding.finite import watched
from lr_finder.training.feeding.indexed_batches import (
    Reordered,
    is_as_fit_takes_it,
    with_dense_rows,
)

# Batches of a repeated tf.data pipeline that are held in memory to be shuffled.
SHUFFLED_BATCHES = 16
KEPT_BYTES = 2**30  # of a generator's batches, kept to be passed over again


@dataclasses.dataclass(frozen=True)
class Source:
    """Batches for `fit`, and what the sweep must know of them.

    Args:
        data: tf.data.Dataset, keras.utils.PyDataset or Python generator; or the
            adapter by which `fit` reads a PyDataset, which can be closed.
        element: structure of keras.KerasTensor and None, one batch as a step gets it.
        batch_size: int or None if the source does not say.
        part: callable, `(first, last)` -> `data` of these batches alone, as often as
            one likes; None if the source can be read but once.
        again: callable, numbers and batches once more, as NumPy arrays: all batches, or
            of a source that can be read but once the first that was not finite.
    """

    data: Any
    element: Any
    batch_size: int | None
    part: Callable[[int, int], Any] | None = None
    again: Callable[[], Iterator[tuple[int, Any]]] | None = None


def source_kind(x: Any) -> str | None:
    """What kind of source of batches `x` is, by name; None if it is none.

    Neither TensorFlow nor PyTorch is imported to find out.

    Args:
        x: anything.

    Returns:
        str, a key of `OPENERS`, or None.

    Example:
    >>> source_kind(i for i in range(3)), source_kind(np.zeros(3))
    ('Python generator', None)
    """
    if isinstance(x, keras.utils.PyDataset):
        return "keras.utils.PyDataset"
    if isinstance(x, types.GeneratorType):
        return "Python generator"
    parents = [(kind.__name__, kind.__module__) for kind in type(x).__mro__]
    if any(n == "DatasetV2" and m.startswith("tensorflow.") for n, m in parents):
        return "tf.data.Dataset"
    if any(n == "DataLoader" and m.startswith("torch.utils.data") for n, m in parents):
        return "PyTorch DataLoader"
    return None


def open_source(kind: str, x: Any, *, steps: int, repeats: int, seed: int) -> Source:
    """A source of batches, passed over as often as a sweep needs.

    Args:
        kind: str, what `source_kind` says of `x`.
        x: the source.
        steps: int, batches of one sweep.
        repeats: int, number of sweeps.
        seed: int, from which an order of batches is drawn.

    Returns:
        Source of `steps * repeats` batches or more, but for a generator that ends
        earlier and is too large to be kept.

    Raises:
        InputError: If the source is empty.
    """
    return OPENERS[kind](x, steps, repeats, seed)


def one_pass(kind: str, source: Any) -> Iterator[Any]:
    """The batches of one pass over a source, without any of PyTorch's tensors.

    Args:
        kind: str, as `source_kind` has it.
        source: what gives batches.

    Returns:
        iterator of structures of arrays; without end where the source has none.

    Example:
    >>> [batch.shape for batch in one_pass("Python generator", iter([np.ones(2)]))]
    [(2,)]
    """
    if kind == "tf.data.Dataset":
        return source.as_numpy_iterator()
    if kind == "keras.utils.PyDataset":
        size = source.num_batches
        steps = itertools.count() if size is None else range(size)
        return (source[step] for step in steps)
    return (as_host_batch(batch) for batch in source)


def _open_dataset(dataset: Any, steps: int, repeats: int, seed: int) -> Source:
    """The dataset without end; for several sweeps, its batches in another order."""
    given, size = dataset, int(dataset.cardinality())
    if size == 0:
        raise empty_source("x", "tf.data.Dataset")
    if repeats > 1 and size != math.inf:
        count = SHUFFLED_BATCHES if size < 0 else min(size, SHUFFLED_BATCHES)
        dataset = dataset.shuffle(count, seed=seed)
    element = keras.tree.map_structure(of_spec, dataset.element_spec)
    leading = keras.tree.flatten(element)[0].shape[:1]
    return Source(
        dataset.repeat(),
        element,
        leading[0] if leading else None,
        again=lambda: enumerate(
            map(as_batch, given.take(steps * repeats).as_numpy_iterator())
        ),
    )


def _open_pydataset(dataset: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a PyDataset in an order of the sweep's own."""
    size = dataset.num_batches
    if size == 0:
        raise empty_source("x", "keras.utils.PyDataset")
    first = with_dense_rows(dataset[0])
    if not isinstance(first, dict) and not is_as_fit_takes_it(dataset):
        check_parts(first := as_batch(first))
    order = None
    if size is not None:
        order = np.concatenate(
            [
                np.random.default_rng([seed, repeat, number]).permutation(size)
                for repeat in range(repeats)
                for number in range(math.ceil(steps / size))
            ]
        )
    in_turn = np.arange(steps * repeats) if order is None else order
    return Source(
        Reordered(dataset, order),
        *told_by(first),
        lambda begin, end: Reordered(dataset, in_turn[begin:end]),
        lambda: ((i, as_host_batch(as_batch(dataset[i]))) for i in in_turn.tolist()),
    )


@contextlib.contextmanager
def readable(data: Any, class_weight: dict[int, float] | None) -> Iterator[Any]:
    """What `fit` is to be given for a source, its workers stopped at the end.

    A `fit` that ends within an epoch leaves the workers of a PyDataset running. Keras
    takes the adapter that it would make itself, through which they can be stopped.

    Args:
        data: `data` of a Source or of Batches.
        class_weight: dict of class to weight, or None.

    Yields:
        dict, arguments of `fit`.
    """
    if not isinstance(data, keras.utils.PyDataset):
        yield {"x": data, "class_weight": class_weight}
        return
    adapter = adapter_of(data, class_weight)
    try:
        yield {"x": adapter}
    finally:
        if adapter.enqueuer is not None:
            adapter.enqueuer.stop()


def adapter_of(
    data: keras.utils.PyDataset,
    class_weight: dict[int, float] | None = None,
    shuffle: bool = False,
) -> PyDatasetAdapter:
    """What `fit` reads a PyDataset by; it takes one in place of the PyDataset.

    Args:
        data: keras.utils.PyDataset.
        class_weight: dict of class to weight, or None.
        shuffle: bool, whether the batches of each pass come in another order.

    Returns:
        PyDatasetAdapter.
    """
    kind = _AsItIs if is_as_fit_takes_it(data) else PyDatasetAdapter
    return kind(data, class_weight=class_weight, shuffle=shuffle)


class _AsItIs(PyDatasetAdapter):
    """Gives batches as they are: also an array in no tuple, four parts, None."""

    def _standardize_batch(self, batch: Any) -> Any:
        return super()._standardize_batch(batch) if self.class_weight else batch

    def get_tf_dataset(self) -> Any:
        """Batches for TensorFlow, which has a sign of its own for None."""
        import tensorflow as tf

        count = min(NUM_BATCHES_FOR_TENSOR_SPEC, self.num_batches)
        batches = [self._standardize_batch(self.py_dataset[i]) for i in range(count)]

        def signed(leaf: Any) -> Any:
            return tf.experimental.Optional.empty(None) if leaf is None else leaf

        def give() -> Iterator[Any]:
            for batch in self._get_iterator():
                yield keras.tree.map_structure(signed, batch)

        return tf.data.Dataset.from_generator(
            give, output_signature=get_tensor_spec(batches)
        ).prefetch(tf.data.AUTOTUNE)


def _open_generator(generator: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a generator; where it ends, those kept, in another order."""
    generator = map(with_dense_rows, generator)
    return _from_iterator(_again_and_again(generator, seed), "Python generator")


def _open_loader(loader: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a DataLoader, which is asked for another pass where one ends.

    It draws its order from torch's state. That is put back once the first batch is
    there, so the second pass would draw the order of the first: one number is skipped.
    """
    del steps, repeats, seed
    torch = sys.modules["torch"]

    def passes() -> Iterator[Any]:
        batch, start = None, torch.get_rng_state()
        while True:
            for batch in loader:
                yield as_host_batch(batch)
            if batch is None:
                return
            if torch.equal(torch.get_rng_state(), start):
                torch.rand(1)

    return _from_iterator(passes(), "PyTorch DataLoader")


def _from_iterator(batches: Iterator[Any], kind: str) -> Source:
    """A generator for `fit`, and what its first batch tells."""
    seen: list[tuple[int, Any]] = []
    batches = watched((as_batch(batch) for batch in batches), seen)
    first = next(batches, None)
    if first is None:
        raise empty_source("x", kind)
    told = told_by(first)
    # `fit` knows generators by their type: a chain of iterators is none.
    data = (batch for batch in itertools.chain([first], batches))
    return Source(data, *told, again=lambda: iter(seen))


def _again_and_again(generator: Iterator[Any], seed: int) -> Iterator[Any]:
    """All batches, then those kept over and over, if they were few enough."""
    kept, size = [], 0
    for batch in generator:
        if size <= KEPT_BYTES:
            # A copy: many a generator fills the same arrays again and again.
            kept.append(copied(batch))
            size += bytes_of(kept[-1])
        else:
            kept.clear()
        yield batch
    if size <= KEPT_BYTES and kept:
        rng = np.random.default_rng(seed)
        while True:
            for index in rng.permutation(len(kept)):
                yield kept[index]


def empty_source(name: str, kind: str) -> InputError:
    """The error for a source that gives nothing.

    Args:
        name: str, the argument.
        kind: str, what `source_kind` says of it.

    Returns:
        InputError.
    """
    return InputError(
        f"Argument `{name}` must hold a batch. Received: an empty {kind}. Is it used "
        "up, or drop_remainder=True set with fewer samples than a batch?"
    )


OPENERS: dict[str, Callable[[Any, int, int, int], Source]] = {
    "tf.data.Dataset": _open_dataset,
    "keras.utils.PyDataset": _open_pydataset,
    "Python generator": _open_generator,
    "PyTorch DataLoader": _open_loader,
}
