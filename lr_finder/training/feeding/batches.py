"""The batches of a sweep: as many as it needs, in an order of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.training.feeding.array_forms import as_fit_reads
from lr_finder.training.feeding.batch_parts import as_batch
from lr_finder.training.feeding.batch_sources import open_source, source_kind
from lr_finder.training.feeding.finite import BadRows, check_class_weight, find_bad_rows
from lr_finder.training.feeding.indexed_batches import gatherer, is_sparse


@dataclasses.dataclass(frozen=True)
class Batches:
    """What `fit` is given, and what the sweep must know of it.

    Args:
        data: whatever `fit` takes that gives batches.
        element: structure of keras.KerasTensor and None, one batch as a step gets it:
            mostly a tuple of inputs, targets and sample weights; or inputs alone.
        batch_size: int or None if the source does not say.
        part: callable, `(first, last)` -> `data` of these batches alone, as often as
            one likes; None if a source can be read but once.
        class_weight: dict of class to weight for `fit`, or None.
        bad: BadRows of arrays that hold NaN or infinity, or None.
        again: callable, the numbers and batches of a source once more, as NumPy
            arrays, as far as they can be read again; None of arrays.
    """

    data: Any
    element: Any
    batch_size: int | None
    part: Callable[[int, int], Any] | None = None
    class_weight: dict[int, float] | None = None
    bad: BadRows | None = None
    again: Callable[[], Iterator[tuple[int, Any]]] | None = None

    @property
    def symbolic(self) -> tuple[Any, ...]:
        """The batch as a tuple, also where it is inputs alone."""
        return as_batch(self.element)


NO_CLASS_WEIGHT = ("Python generator", "PyTorch DataLoader")


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
    class_weight: dict[int, float] | None = None,
) -> Batches:
    """Batches for `repeats` sweeps of `steps` each, from whatever `fit` takes.

    Args:
        x: array or structure of arrays (samples, …), or a source of batches: a
            tf.data.Dataset, keras.utils.PyDataset, Python generator or PyTorch
            DataLoader.
        y: like `x`, or None if `x` is a source of batches.
        sample_weight: array (samples,) or None.
        batch_size: int >= 1; of arrays only, at most their samples are taken.
        steps: int, batches of one sweep.
        repeats: int, number of sweeps.
        seed: int, from which the order of batches is drawn.
        class_weight: dict of class to weight; `fit` applies it.

    Returns:
        Batches, which hold `steps * repeats` batches or more, but for a generator
        that ends earlier and is too large to be kept.

    Raises:
        InputError: If the data is empty, of unequal lengths or of an unknown kind, or
            a class weight is not finite.
    """
    check_class_weight(class_weight)
    kind = source_kind(x)
    if kind is not None:
        check_alone(kind, y, sample_weight, class_weight)
        source = open_source(kind, x, steps=steps, repeats=repeats, seed=seed)
        element = _with_weights(source.element, class_weight)
        return Batches(
            source.data, element, source.batch_size, source.part, class_weight,
            again=source.again,
        )  # fmt: skip
    arrays = as_arrays(x, y, sample_weight)
    samples = _length(keras.tree.flatten(arrays)[0])
    batch_size = min(batch_size, samples)  # as `fit` does
    order = np.concatenate(
        [
            batch_order(samples, batch_size, steps, seed=[seed, repeat])
            for repeat in range(repeats)
        ]
    )
    bad, arrays = find_bad_rows(arrays, batch_size), as_fit_packs(arrays)
    give = gatherer(arrays, samples, batch_size)
    return Batches(
        give(order),
        _with_weights(symbolic_batch(arrays), class_weight),
        batch_size,
        lambda first, last: give(order[first:last]),
        _for_every_class(class_weight, y),
        bad,
    )


def _for_every_class(
    class_weight: dict[int, float] | None, y: Any
) -> dict[int, float] | None:
    """The weight of each class, 1 if none is given: as `fit` has it for arrays.

    Of the pipelines that a sweep makes of them, `fit` wants every class named.
    """
    if class_weight is None:
        return None
    labels = np.nan_to_num(np.asarray(y), posinf=0.0)  # `check_trained_on` refuses them
    if labels.ndim > 1 and labels.shape[-1] > 1:  # one-hot
        classes = labels.shape[-1]
    else:
        classes = int(np.round(labels.max())) + 1
    return {c: class_weight.get(c, 1.0) for c in range(max(classes, *class_weight) + 1)}


def check_alone(
    kind: str, y: Any, sample_weight: Any, class_weight: Any = None
) -> None:
    """Refuse what must come with the batches of a source themselves.

    Args:
        kind: str, what `source_kind` says of the source.
        y: targets or None.
        sample_weight: array or None.
        class_weight: dict of class to weight, or None.

    Raises:
        InputError: If something comes beside it.
    """
    if y is not None or sample_weight is not None:
        raise InputError(
            f"Argument `y` must be None if `x` is a {kind}. Received: targets or "
            "weights beside it. Let it yield (x, y) or (x, y, sample_weight)."
        )
    if class_weight is not None and kind in NO_CLASS_WEIGHT:
        raise InputError(
            f"Argument `class_weight` must be None if `x` is a {kind}, as for "
            "`fit`. Let it yield (x, y, sample_weight)."
        )


def as_fit_packs(arrays: tuple[Any, ...]) -> Any:
    """Arrays as a step gets their batches from `fit`: one without targets in no tuple.

    Args:
        arrays: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        `x` itself where it comes alone and is no tuple; else the same.

    Example:
    >>> as_fit_packs(("x",)), as_fit_packs((("a", "b"),)), as_fit_packs(("x", "y"))
    ('x', (('a', 'b'),), ('x', 'y'))
    """
    alone = len(arrays) == 1 and not isinstance(arrays[0], tuple | list)
    return arrays[0] if alone else arrays


def _with_weights(element: Any, class_weight: dict[int, float] | None) -> Any:
    """One symbolic batch, with the sample weights that class weights become."""
    if class_weight is None:
        return element
    symbolic = as_batch(element)
    if len(symbolic) == 3:
        raise InputError(
            "Arguments `class_weight` and `sample_weight` must not come together. "
            "Received: both. Multiply one by the other."
        )
    if len(symbolic) < 2 or not isinstance(symbolic[1], keras.KerasTensor):
        raise InputError(
            "Argument `class_weight` needs targets of a single output, as for `fit`. "
            "Received: none or several. Give `sample_weight` instead."
        )
    return (*symbolic, keras.KerasTensor((None,), keras.config.floatx()))


def as_arrays(x: Any, y: Any, sample_weight: Any) -> tuple[Any, ...]:
    """The data as a tuple of structures of arrays, in the types that `fit` uses.

    Args:
        x: array or structure of arrays (samples, …).
        y: the same, or None.
        sample_weight: the same, or None.

    Returns:
        tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of structures of NumPy
        arrays or SciPy sparse arrays.

    Raises:
        InputError: If something is no array, or of another length.

    Example:
    >>> x, y = as_arrays([np.zeros((4, 2)), np.ones((4, 1))], np.zeros(4), None)
    >>> [array.shape for array in x], y.dtype.name
    ([(4, 2), (4, 1)], 'float32')
    """
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    if sample_weight is None:
        parts = {name: part for name, part in parts.items() if part is not None}
    arrays = {name: _part_as_arrays(name, part) for name, part in parts.items()}
    sizes = {
        name: sorted({_length(a) for a in keras.tree.flatten(part) if a is not None})
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
    part = keras.tree.map_structure(as_fit_reads, part)
    leaves = [leaf for leaf in keras.tree.flatten(part) if leaf is not None]
    if not all(hasattr(leaf, "__array__") or is_sparse(leaf) for leaf in leaves):
        raise InputError(
            f"Argument `{name}` must be an array or a structure of arrays"
            + (", or another source that `fit` takes" if name == "x" else "")
            + f". Received: {type(part).__name__}. Convert numbers with "
            "numpy.asarray, other sources to a tf.data.Dataset."
        )
    part = keras.tree.lists_to_tuples(part)
    return keras.tree.map_structure(lambda leaf: _as_array(name, leaf), part)


def _as_array(name: str, values: Any) -> Any:
    """Values as an array; floats in Keras' default float type, as `fit` casts them."""
    if values is None:
        return None
    if is_sparse(values):
        with np.errstate(over="ignore"):  # beyond float32 is infinity: refused by name
            return values.tocsr().astype(keras.config.floatx())
    array = np.asarray(values)
    if name == "x" and _is_text(array):
        if keras.backend.backend() == "tensorflow" and array.ndim:
            return array.astype(object)
        way_out = "Encode text as numbers first."
    elif array.ndim == 0 or array.dtype.kind not in "biufc":
        way_out = "Encode text and labels as numbers first."
    else:
        if not np.issubdtype(array.dtype, np.floating):
            return array
        with np.errstate(over="ignore"):
            return array.astype(keras.config.floatx(), copy=False)
    raise InputError(
        f"Argument `{name}` must hold numbers along a first axis of samples. "
        f"Received: {array.dtype} of shape {array.shape}. {way_out}"
    )


def _is_text(array: np.ndarray) -> bool:
    """True for arrays of strings, which a TextVectorization layer may take."""
    if array.dtype.kind == "O":
        return array.size > 0 and all(isinstance(v, str | bytes) for v in array.flat)
    return array.dtype.kind in "US"


def _length(array: Any) -> int:
    return array.shape[0]


def symbolic_batch(arrays: Any) -> Any:
    """One batch of the arrays as Keras' symbolic tensors."""
    return keras.tree.map_structure(
        lambda array: keras.KerasTensor(
            (None, *array.shape[1:]),
            "string" if array.dtype == object else str(array.dtype),
        ),
        arrays,
    )
