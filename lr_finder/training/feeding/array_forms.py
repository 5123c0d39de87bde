"""The forms of data that `fit` takes for arrays, as the arrays it makes of them."""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError


def as_fit_reads(values: Any) -> Any:
    """What `fit` makes of one array: the array itself, but for a few other forms.

    A Series becomes a column, (samples, 1): a `train_step` of one's own may depend on
    it. Of a DataFrame whose columns differ, `fit` casts all to floats. Sparse tensors
    become SciPy's, whose rows a sweep makes dense batch by batch.

    Args:
        values: anything.

    Returns:
        array, SciPy sparse array, or the same.

    Raises:
        InputError: If `fit` takes it, but a sweep cannot.

    Example:
    >>> import pandas as pd
    >>> as_fit_reads(pd.Series([1, 2])).shape
    (2, 1)
    """
    for kind in type(values).__mro__:
        name = (kind.__module__.partition(".")[0], kind.__name__)
        if name in _READERS:
            return _READERS[name](values)
    return values


def _of_frame(frame: Any) -> np.ndarray:
    """All columns in one type; Keras' float if one holds floats of another width."""
    floats = [t for t in frame.dtypes if getattr(t, "kind", "O") == "f"]
    if any(t != np.dtype(keras.config.floatx()) for t in floats):
        try:
            with np.errstate(over="ignore"):  # beyond float32 is infinity: named later
                return frame.astype(keras.config.floatx()).to_numpy()
        except (TypeError, ValueError):  # text among them: refused later, by name
            pass
    return frame.to_numpy()


def _of_series(series: Any) -> np.ndarray:
    return np.asarray(series)[:, None]


def _of_torch(tensor: Any) -> Any:
    """One that asks for gradients cannot be read as an array."""
    tensor = tensor.detach().cpu()
    if tensor.layout is sys.modules["torch"].strided:
        return tensor
    tensor = tensor.to_sparse_coo().coalesce()
    return _of_entries(tensor.indices().T, tensor.values(), tensor)


def _of_tensorflow_sparse(tensor: Any) -> Any:
    return _of_entries(tensor.indices, tensor.values, tensor)


def _of_jax_sparse(array: Any) -> Any:
    return _of_entries(array.indices, array.data, array)


def _of_entries(indices: Any, values: Any, whole: Any) -> Any:
    """A SciPy sparse array of the same entries; of more axes it must be dense."""
    import scipy.sparse

    shape = tuple(int(size) for size in whole.shape)
    indices, values = np.asarray(indices), np.asarray(values)
    if len(shape) != 2 or values.ndim != 1:
        raise _unreadable(whole, "Make it dense first.")
    return scipy.sparse.coo_array((values, tuple(indices.T)), shape).tocsr()


def _of_ragged(tensor: Any) -> Any:
    raise _unreadable(
        tensor,
        "Give batches: tf.data.Dataset.from_tensor_slices((x, y)).batch(32).",
    )


def _unreadable(values: Any, way_out: str) -> InputError:
    return InputError(
        "Arguments `x`, `y` and `sample_weight` must hold arrays, or sparse ones of "
        f"two axes. Received: {type(values).__name__} of shape {values.shape}. "
        f"{way_out}"
    )


_READERS = {
    ("pandas", "DataFrame"): _of_frame,
    ("pandas", "Series"): _of_series,
    ("torch", "Tensor"): _of_torch,
    ("tensorflow", "SparseTensor"): _of_tensorflow_sparse,
    ("tensorflow", "RaggedTensor"): _of_ragged,
    ("jax", "BCOO"): _of_jax_sparse,
}
