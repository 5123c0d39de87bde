"""An array of answers: labels, numbers, one-hot rows or several numbers a row."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.prepare.target import Parts, prepare_target
from lr_finder.data.request import Request
from lr_finder.errors import InputError


def prepare_answers(y: np.ndarray, request: Request, rows: str) -> Parts:
    """The parts and the encoded target of an array of answers.

    Args:
        y: array (rows,), (rows, 1), one-hot (rows, classes) or (rows, outputs).
        request: Request.
        rows: str, what a row is.

    Returns:
        Parts.

    Raises:
        InputError: If the answers break a rule.

    Example:
    >>> y = np.eye(2, dtype=int)[[0, 1, 0, 1]]
    >>> prepare_answers(y, Request("rows.npz"), "rows").fields["classes"]
    (0, 1)
    """
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim > 2 or y.ndim == 0 or y.dtype.kind not in "biufUS" or 0 in y.shape[1:]:
        raise InputError(
            f"The answers in {request.source} must be an array (rows,) of labels or "
            "numbers, or (rows, outputs) of numbers. Received: "
            f"{y.dtype} of shape {y.shape}. Change that array."
        )
    if y.ndim == 2 and request.task != "regression" and is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim == 1:
        return prepare_target(as_column(y), request, rows)
    if request.task == "classification":
        raise InputError(
            f"The answers in {request.source} must be (rows,) or one-hot for a "
            f"classification. Received: shape {y.shape}. Leave `task` out."
        )
    return _several_outputs(y, request, rows)


def _several_outputs(y: np.ndarray, request: Request, rows: str) -> Parts:
    """A regression of several numbers at once, with one mean and one spread."""
    y = y.astype(np.float64)
    if not (np.abs(y) <= FLOAT32_MAX).all():
        n_bad = int((~(np.abs(y) <= FLOAT32_MAX)).any(axis=1).sum())
        raise InputError(
            f"The answers in {request.source} must be finite. Received: {n_bad:,} of "
            f"{len(y):,} rows with values that are not. Correct or delete those rows."
        )
    varied = y.std(axis=1) if len(y) else y
    first = pd.Series(y[:, 0] if np.ptp(y[:, 0]) else varied, name="y")
    parts = prepare_target(first, dataclasses.replace(request, task="regression"), rows)
    mean, sd = float(y[parts.train].mean()), float(y[parts.train].std())
    scaled = ((y - mean) / (sd or 1.0)).astype(np.float32)
    fields = parts.fields | {
        "y_train": scaled[parts.train],
        "y_validation": scaled[parts.validation],
        "target_mean": mean,
        "target_scale": sd or 1.0,
        "reason": f"{y.shape[1]} numbers a row",
    }
    notes = (*parts.notes[:-1], f"target standardised: mean {mean:.6g}, sd {sd:.6g}")
    return Parts(parts.train, parts.validation, fields, notes)


def is_one_hot(y: np.ndarray) -> bool:
    """Whether each row has a single 1 among zeros.

    Args:
        y: array (rows, classes).

    Returns:
        bool.

    Example:
    >>> is_one_hot(np.eye(3)), is_one_hot(np.ones((2, 3)))
    (True, False)
    """
    if y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def as_column(y: np.ndarray) -> pd.Series:
    """An array as a table column holds it: numbers, or text.

    Args:
        y: array (rows,) of numbers, bools or strings.

    Returns:
        Series named "y".

    Example:
    >>> as_column(np.array([b"cat", b"dog"])).tolist()
    ['cat', 'dog']
    """
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    if y.dtype.kind == "U":
        encoded = (cell.encode("utf-8", "replace") for cell in y.tolist())
        cells = [cell.decode("utf-8", "replace") for cell in encoded]
        return pd.Series(cells, name="y", dtype="str")
    if y.dtype.kind == "b":
        y = y.astype(np.int64)
    return pd.Series(y.astype(np.float64) if y.dtype == np.float16 else y, name="y")
