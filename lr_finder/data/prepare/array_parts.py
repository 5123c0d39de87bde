"""Three parts of the data from arrays as they come."""

from __future__ import annotations

import dataclasses

import numpy as np

from lr_finder.data.dataset import Kind, Task
from lr_finder.data.parts import VALIDATION_FRACTION, ThreeParts, cut_off
from lr_finder.data.prepare.arrays import array_kind, load_arrays
from lr_finder.data.request import Request
from lr_finder.errors import InputError


def three_parts_of(
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_test: np.ndarray,
    y_test: np.ndarray,
    *,
    name: str = "arrays",
    kind: Kind | None = None,
    task: Task | None = None,
    limit: int | None = None,
    validation_fraction: float = VALIDATION_FRACTION,
    seed: int = 0,
) -> ThreeParts:
    """Prepare arrays, e.g. from `keras.datasets`, as those of a file are prepared.

    Pixels are scaled to 0 … 1, and labels are numbered. Columns and numbers to predict
    are standardised, and texts are turned into tokens, both by the training rows.

    Args:
        x_train: array (rows, …) of pixels, features or strings.
        y_train: array of as many labels or numbers, or one-hot rows.
        x_test: array of such rows.
        y_test: array of as many labels or numbers.
        name: str, what the data is called.
        kind: "tabular", "images", "text", or None to infer it from the shape.
        task: "classification", "regression", or None to infer it.
        limit: int, the most rows to keep; those of the test part do not count.
        validation_fraction: float in (0, 1), of `x_train`.
        seed: int, of all draws; 0 or more.

    Returns:
        ThreeParts.

    Raises:
        InputError: If the arrays do not fit together, or an argument breaks its rule.

    Example:
    >>> x, y = np.arange(3200, dtype="uint8").reshape(50, 8, 8), np.arange(50) % 2
    >>> parts = three_parts_of(x[:40], y[:40], x[40:], y[40:])
    >>> parts.dataset.x_train.shape, parts.x_test.shape, parts.dataset.kind
    ((36, 8, 8, 1), (10, 8, 8, 1), 'images')
    """
    x, y, x_test, y_test = map(np.asarray, (x_train, y_train, x_test, y_test))
    _check_pairs([(x, y), (x_test, y_test)])
    request = Request(
        name, kind=kind, task=task, limit=limit, seed=seed,
        validation_fraction=validation_fraction, n_test=len(x_test),
    )  # fmt: skip
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    chosen, reason = array_kind(x, True, request)
    _check_kind_of_arrays(chosen, x_test)
    dataset = load_arrays(x, y, chosen, request)
    dataset = dataclasses.replace(dataset, kind_reason=reason)
    return cut_off(dataset, len(x_test), name)


def _check_pairs(pairs: list[tuple[np.ndarray, ...]]) -> None:
    """Refuse arrays of two parts that differ in more than their rows."""
    for part, (x, y) in zip(("train", "test"), pairs, strict=True):
        if 0 in (x.ndim, y.ndim) or not len(x) == len(y) > 0:
            raise InputError(
                f"Arrays `x_{part}` and `y_{part}` must pair row by row, one or more. "
                f"Received: {x.shape} and {y.shape}. Give a target for each row."
            )
    for name, train, test in zip("xy", *pairs, strict=True):
        is_text = [array.dtype.kind in "US" for array in (train, test)]
        same = is_text[0] == is_text[1] and train.shape[1:] == test.shape[1:]
        if not same or (name == "x" and train.dtype.kind != test.dtype.kind):
            raise InputError(
                f"Arrays `{name}_train` and `{name}_test` must hold the same things. "
                f"Received: {train.dtype} {train.shape} and {test.dtype} {test.shape}. "
                "Prepare both alike."
            )


def _check_kind_of_arrays(kind: Kind, x_test: np.ndarray) -> None:
    if kind == "series":
        raise InputError(
            "Argument `kind` must be tabular, images or text for arrays of two parts. "
            "Received: kind='series'. Cut each part with make_windows, and give the "
            "windows as a table."
        )
    if kind == "text" and not np.char.str_len(np.char.strip(x_test)).all():
        raise InputError(
            "Array `x_test` must hold a text in each row. Received: empty ones. Take "
            "them out, and their labels."
        )
