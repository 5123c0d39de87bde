"""Sources that give whole batches, made to last as long as a sweep."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import types
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from lr_finder.errors import InputError
from lr_finder.training.finite import watched
from lr_finder.training.gathering import Reordered

# Batches of a repeated tf.data pipeline that are held in memory to be shuffled.
SHUFFLED_BATCHES = 16
KEPT_BYTES = 2**30  # of a generator's batches, kept to be passed over again


@dataclasses.dataclass(frozen=True)
class Source:
    """Batches for `fit`, and what the sweep must know of them.

    Args:
        data: tf.data.Dataset, keras.utils.PyDataset or Python generator; or the
            adapter by which `fit` reads a PyDataset, which can be closed.
        symbolic: tuple of structures of keras.KerasTensor, one batch.
        batch_size: int or None where the source does not say.
        part: callable, `(first, last)` -> `data` of these batches alone, as often as
            one likes; None where the source can be read but once.
        again: callable, numbers and batches once more, as NumPy arrays: all batches, or
            of a source that can be read but once the first that was not finite.
    """

    data: Any
    symbolic: tuple[Any, ...]
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


def _open_dataset(dataset: Any, steps: int, repeats: int, seed: int) -> Source:
    """The dataset without end; for several sweeps, its batches in another order."""
    given, size = dataset, int(dataset.cardinality())
    if size == 0:
        raise _empty("tf.data.Dataset")
    if repeats > 1 and size != math.inf:
        count = SHUFFLED_BATCHES if size < 0 else min(size, SHUFFLED_BATCHES)
        dataset = dataset.shuffle(count, seed=seed)
    spec = dataset.element_spec
    symbolic = keras.tree.map_structure(
        lambda part: keras.KerasTensor(tuple(part.shape), part.dtype.name),
        spec if isinstance(spec, tuple) else (spec,),
    )
    leading = keras.tree.flatten(symbolic)[0].shape[:1]
    return Source(
        dataset.repeat(),
        symbolic,
        leading[0] if leading else None,
        again=lambda: enumerate(
            map(as_batch, given.take(steps * repeats).as_numpy_iterator())
        ),
    )


def _open_pydataset(dataset: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a PyDataset in an order of the sweep's own."""
    size = dataset.num_batches
    if size == 0:
        raise _empty("keras.utils.PyDataset")
    first = as_batch(dataset[0])
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
        *_told_by(first),
        lambda begin, end: Reordered(dataset, in_turn[begin:end]),
        lambda: ((i, as_host_batch(as_batch(dataset[int(i)]))) for i in in_turn),
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
    adapter = PyDatasetAdapter(data, class_weight=class_weight)
    try:
        yield {"x": adapter}
    finally:
        if adapter.enqueuer is not None:
            adapter.enqueuer.stop()


def _open_generator(generator: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a generator; where it ends, those kept, in another order."""
    return _from_iterator(_again_and_again(generator, seed), "Python generator")


def _open_loader(loader: Any, steps: int, repeats: int, seed: int) -> Source:
    """The batches of a DataLoader, which is asked for another pass where one ends."""
    del steps, repeats, seed  # the DataLoader draws its own order

    def passes() -> Iterator[Any]:
        batch = None
        while True:
            for batch in loader:
                yield as_host_batch(batch)
            if batch is None:
                return

    return _from_iterator(passes(), "PyTorch DataLoader")


def _from_iterator(batches: Iterator[Any], kind: str) -> Source:
    """A generator for `fit`, and what its first batch tells."""
    seen: list[tuple[int, Any]] = []
    batches = watched((as_batch(batch) for batch in batches), seen)
    first = next(batches, None)
    if first is None:
        raise _empty(kind)
    told = _told_by(first)
    # `fit` knows generators by their type: a chain of iterators is none.
    data = (batch for batch in itertools.chain([first], batches))
    return Source(data, *told, again=lambda: iter(seen))


def _again_and_again(generator: Iterator[Any], seed: int) -> Iterator[Any]:
    """All batches, then those kept over and over, if they were few enough."""
    kept, size = [], 0
    for batch in generator:
        if size <= KEPT_BYTES:
            # A copy: many a generator fills the same arrays again and again.
            kept.append(keras.tree.map_structure(np.array, batch))
            size += sum(leaf.nbytes for leaf in keras.tree.flatten(kept[-1]))
        else:
            kept.clear()
        yield batch
    if size <= KEPT_BYTES and kept:
        rng = np.random.default_rng(seed)
        while True:
            for index in rng.permutation(len(kept)):
                yield kept[index]


def as_host_batch(batch: Any) -> Any:
    """A batch with its PyTorch tensors as arrays, which every backend takes.

    Args:
        batch: structure of arrays or tensors.

    Returns:
        the same structure.
    """
    return keras.tree.map_structure(
        lambda leaf: leaf.detach().cpu().numpy() if hasattr(leaf, "detach") else leaf,
        batch,
    )


def as_batch(batch: Any) -> tuple[Any, ...]:
    """A batch as the tuple that `fit` unpacks: inputs, targets, sample weights.

    Args:
        batch: what a source of batches gives.

    Returns:
        tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        InputError: If it has more parts.

    Example:
    >>> as_batch([1, 2])
    (1, 2)
    """
    if isinstance(batch, list):
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        batch = (batch,)
    if not 1 <= len(batch) <= 3:
        raise InputError(
            "A batch must be (x, y) or (x, y, sample_weight). Received: a tuple of "
            f"{len(batch)}. Put several inputs into one tuple or dict: ((a, b), y)."
        )
    return batch


def _told_by(batch: tuple[Any, ...]) -> tuple[tuple[Any, ...], int]:
    """A batch as Keras' symbolic tensors, and its size."""

    def symbolic(leaf: Any) -> keras.KerasTensor:
        shape = np.shape(leaf)
        if not shape:
            raise InputError(
                "A batch must hold arrays with a first axis of samples. Received: "
                f"{type(leaf).__name__} of shape (). Yield whole batches, e.g. "
                "x of shape (32, features)."
            )
        dtype = keras.backend.standardize_dtype(getattr(leaf, "dtype", "float32"))
        return keras.KerasTensor((None, *shape[1:]), dtype)

    batch = keras.tree.lists_to_tuples(batch)
    told = keras.tree.map_structure(symbolic, batch)
    return told, len(keras.tree.flatten(batch)[0])


def _empty(kind: str) -> InputError:
    return InputError(
        f"Argument `x` must hold a batch. Received: an empty {kind}. Is it used up, "
        "or drop_remainder=True set with fewer samples than a batch?"
    )


OPENERS: dict[str, Callable[[Any, int, int, int], Source]] = {
    "tf.data.Dataset": _open_dataset,
    "keras.utils.PyDataset": _open_pydataset,
    "Python generator": _open_generator,
    "PyTorch DataLoader": _open_loader,
}
