"""One batch: its parts, a copy of it, and what it is in Keras' symbols."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError


def copied(batch: Any) -> Any:
    """A batch in arrays of its own.

    Args:
        batch: structure of arrays, tensors and None.

    Returns:
        the same structure of NumPy arrays and None.
    """
    return keras.tree.map_structure(
        lambda leaf: None if leaf is None else np.array(leaf), batch
    )


def bytes_of(batch: Any) -> int:
    """Memory that a batch takes; ragged and sparse tensors by their parts.

    Args:
        batch: structure of arrays, tensors and None.

    Returns:
        int.

    Example:
    >>> bytes_of((np.zeros((2, 3), "float32"), None))
    24
    """
    leaves = [leaf for leaf in keras.tree.flatten(batch) if leaf is not None]
    leaves = [getattr(leaf, "flat_values", leaf) for leaf in leaves]
    leaves = [getattr(leaf, "values", leaf) for leaf in leaves]
    return sum(np.asarray(leaf).nbytes for leaf in leaves)


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
        tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`; of as many parts as the
        batch has, where a `train_step` of the model's own unpacks it.

    Example:
    >>> as_batch([1, 2])
    (1, 2)
    """
    if isinstance(batch, list | tuple):
        return tuple(batch)
    return (batch,)


def check_parts(batch: tuple[Any, ...]) -> None:
    """Raise `InputError` unless a batch is one that Keras' own step unpacks.

    Args:
        batch: tuple, what `as_batch` gives.

    Raises:
        InputError: If it has more than three parts, or none.
    """
    if not 1 <= len(batch) <= 3:
        raise InputError(
            "A batch must be (x, y) or (x, y, sample_weight). Received: a tuple of "
            f"{len(batch)}. Put several inputs into one tuple or dict: ((a, b), y)."
        )


def told_by(batch: Any) -> tuple[Any, int]:
    """A batch as Keras' symbolic tensors, and its size.

    Args:
        batch: structure of arrays (samples, …), tensors and None.

    Returns:
        `(element, size)`: the same structure of keras.KerasTensor and None; int.

    Raises:
        InputError: If it holds no array, or one without an axis of samples.

    Example:
    >>> element, size = told_by((np.zeros((4, 2)), None))
    >>> element[0].shape, element[1], size
    ((None, 2), None, 4)
    """

    def symbolic(leaf: Any) -> keras.KerasTensor | None:
        if leaf is None:
            return None
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
    leaves = [leaf for leaf in keras.tree.flatten(batch) if leaf is not None]
    if not leaves:
        raise InputError(
            "A batch must hold an array. Received: a tuple without any. Yield (x, y), "
            "or (x,) without targets."
        )
    return told, len(leaves[0])


def of_spec(spec: Any) -> keras.KerasTensor | None:
    """What TensorFlow says of a tensor of a dataset, in Keras' words.

    Args:
        spec: tf.TypeSpec, of a dense, sparse or ragged tensor, or of None.

    Returns:
        keras.KerasTensor or None.
    """
    kind = type(spec).__name__
    if kind in ("NoneTensorSpec", "OptionalSpec"):  # Keras' sign of None in batches
        return None
    told = {"sparse": True} if kind == "SparseTensorSpec" else {}
    if kind == "RaggedTensorSpec":
        told = {
            "ragged": True,
            "ragged_rank": spec.ragged_rank,
            "row_splits_dtype": spec.row_splits_dtype,
        }
    return keras.KerasTensor(tuple(spec.shape), spec.dtype.name, **told)
