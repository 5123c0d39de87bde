"""Rows of arrays that hold NaN or infinity: found and named."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.training.feeding.indexed_batches import is_sparse

CHUNK = 2**22  # numbers that are looked at together if any is not finite
PARTS = ("x", "y", "sample_weight")


@dataclasses.dataclass(frozen=True, eq=False)
class BadRows:
    """Rows of data that hold NaN or infinity.

    Args:
        told: dict of the name of each array with such rows, e.g. `"y"` or `"x['a']"`,
            to what it holds, e.g. `"NaN in 2 of 50 rows (the first is row 7)"`.
        arrays: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of structures of
            arrays: some of the rows, to train on.

    Example:
    >>> y = np.array([1.0, np.nan, 3.0])
    >>> print(find_bad_rows((np.zeros((3, 2)), y)))
    y holds NaN in 1 of 3 rows (row 1, counted from 0)
    """

    told: Mapping[str, str]
    arrays: tuple[Any, ...]

    def __str__(self) -> str:
        return "; ".join(f"{name} holds {what}" for name, what in self.told.items())


def find_bad_rows(
    arrays: tuple[Any, ...], count: int = 32, owner: str = ""
) -> BadRows | None:
    """Look for NaN and infinity in every array of some data: one pass over each.

    Args:
        arrays: tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of structures of
            arrays (samples, …), NumPy's or SciPy's sparse ones, or None.
        count: int >= 1, how many of the rows found are kept to train on; fewer are
            repeated.
        owner: str, the argument that holds these parts if they are none themselves.

    Returns:
        BadRows, or None if all numbers are finite.

    Example:
    >>> find_bad_rows((np.zeros((3, 2)), np.zeros(3))) is None
    True
    """
    told, found_rows = {}, []
    for part, values in zip(PARTS, arrays, strict=False):
        name = f"{owner} ({part})" if owner else part
        for path, leaf in keras.tree.flatten_with_path(values):
            found, kinds = _bad_rows(leaf)
            if len(found):
                place = "".join(f"[{key!r}]" for key in path)
                told[f"{name}{place}"] = _text(found, kinds, leaf.shape[0])
                found_rows.append(found)
    if not told:
        return None
    rows = np.unique(np.concatenate(found_rows))
    spread = np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)
    chosen = np.resize(rows[spread], count)
    return BadRows(told, keras.tree.map_structure(
        lambda leaf: None if leaf is None else leaf[chosen], arrays
    ))  # fmt: skip


def is_finite(values: np.ndarray) -> bool:
    """Whether all numbers are finite: the sum shows it, without a copy.

    Args:
        values: array of any type; integers and texts are.

    Returns:
        bool; a sum that overflows is False, too, though all may be finite.

    Example:
    >>> is_finite(np.ones(3)), is_finite(np.array([1.0, np.inf]))
    (True, False)
    """
    if values.dtype.kind not in "fc":
        return True
    with np.errstate(all="ignore"):
        return bool(np.isfinite(values.sum()))


def check_class_weight(class_weight: Mapping[int, float] | None) -> None:
    """Raise `InputError` unless it maps every class to a finite weight.

    Args:
        class_weight: mapping of class to weight, or None.

    Raises:
        InputError: If it is no mapping, or a weight is not finite.
    """
    if class_weight is not None and not isinstance(class_weight, Mapping):
        raise InputError(
            "Argument `class_weight` must be a dict of class to weight. Received: "
            f"class_weight={class_weight!r:.50}. Give {{0: 1.0, 1: 2.0}}."
        )
    for label, weight in (class_weight or {}).items():
        if not _is_finite_number(weight):
            raise InputError(
                "Argument `class_weight` must hold finite weights. Received: "
                f"{weight} for class {label!r}. Give 0.0 to leave a class out."
            )


def _is_finite_number(weight: Any) -> bool:
    try:
        return math.isfinite(weight)
    except (TypeError, ValueError):
        return False


def _bad_rows(array: Any) -> tuple[np.ndarray, list[str]]:
    """Numbers of the rows with NaN or infinity, and which of the two there are."""
    values = array.data if is_sparse(array) else array
    if values is None or is_finite(values):
        return np.empty(0, int), []
    if is_sparse(array):
        owners = np.repeat(np.arange(array.shape[0]), np.diff(array.indptr))
        rows = np.unique(owners[~np.isfinite(values)])
    else:
        width = math.prod(values.shape[1:])
        length = max(CHUNK // max(width, 1), 1)
        rows = np.concatenate(
            [
                first + _rows_of_chunk(values[first : first + length], width)
                for first in range(0, len(values), length)
            ]
        )
    bad = array[rows].data if is_sparse(array) else values[rows]
    kinds = {"NaN": np.isnan(bad).any(), "infinity": np.isinf(bad).any()}
    return rows, [kind for kind, is_there in kinds.items() if is_there]


def _rows_of_chunk(chunk: np.ndarray, width: int) -> np.ndarray:
    is_bad = ~np.isfinite(chunk.reshape(len(chunk), width))
    return np.flatnonzero(is_bad.any(axis=1))


def _text(rows: np.ndarray, kinds: list[str], samples: int) -> str:
    first = f"row {rows[0]:,}, counted from 0"
    if len(rows) > 1:
        first = f"the first is {first}"
    return f"{' and '.join(kinds)} in {len(rows):,} of {samples:,} rows ({first})"


def watched(
    batches: Iterator[tuple[Any, ...]], seen: list[tuple[int, Any]]
) -> Iterator[tuple[Any, ...]]:
    """The batches of a source that may never give them again.

    Args:
        batches: iterator of batches.
        seen: list, to which the first batch that is not finite is appended as it
            passes, beside its number from 0.

    Yields:
        tuple, each batch as it is.
    """
    for number, batch in enumerate(batches):
        if not seen and not all(map(_is_finite_leaf, keras.tree.flatten(batch))):
            seen.append((number, keras.tree.map_structure(np.array, batch)))
        yield batch


def _is_finite_leaf(leaf: Any) -> bool:
    """Whether an array in main memory is finite; others are not looked at."""
    if hasattr(leaf, "detach"):
        if leaf.device.type != "cpu":
            return True
        leaf = leaf.detach().numpy()
    return not hasattr(leaf, "__array__") or is_finite(np.asarray(leaf))
