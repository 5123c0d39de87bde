"""From arrays of inputs and answers to data to train and to validate on."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from lr_finder.data.dataset import Dataset, Kind
from lr_finder.data.preprocessing import FLOAT32_MAX
from lr_finder.data.request import Request
from lr_finder.data.targets import Parts, prepare_target
from lr_finder.errors import InputError

UINT8_MAX = 255
CHANNELS = (1, 3, 4)  # grey, colour, colour and opacity
MAX_CHANNELS = 16
RANKS: dict[str, tuple[int, ...]] = {"images": (3, 4), "text": (1,), "series": (1,)}
RULES = {
    "images": "images are an array (images, height, width) or (…, channels) of numbers",
    "text": "texts are an array (texts,) of strings",
    "series": "a series is an array (time,) of numbers",
    "tabular": "a table is an array of numbers with a row for each answer",
}


def array_kind(x: np.ndarray, has_answers: bool, request: Request) -> tuple[Kind, str]:
    """The kind of data in an array, and why; `request.kind` overrules.

    Args:
        x: array, the inputs.
        has_answers: bool, whether an array of answers stands beside it.
        request: Request.

    Returns:
        `(kind, reason)`.

    Raises:
        InputError: If the array cannot be of the kind asked for.

    Example:
    >>> array_kind(np.zeros((9, 8, 8), "uint8"), True, Request("digits.npz"))
    ('images', 'an array of shape (9, 8, 8)')
    """
    is_text = x.dtype.kind in "US"
    kind, reason = request.kind, "as was asked for"
    if kind is None:
        reason = f"an array of shape {x.shape}"
        if request.series_options or (x.ndim == 1 and not has_answers and not is_text):
            kind = "series"
        elif is_text:
            kind, reason = "text", "an array of strings"
        else:
            kind = "images" if x.ndim in (3, 4) else "tabular"
    fits = x.ndim in RANKS.get(kind, (x.ndim,))
    fits &= x.dtype.kind in ("US" if kind == "text" else "biuf")
    if not fits or x.ndim == 0:
        raise InputError(
            f"The inputs in {request.source} do not suit kind {kind}: {RULES[kind]}. "
            f"Received: {x.dtype} of shape {x.shape}. Change the array or `kind`."
        )
    return kind, reason


def image_dataset(
    x: np.ndarray, y: np.ndarray, request: Request, **fields: Any
) -> Dataset:
    """Images in an array, as pixels from 0 to 1.

    Args:
        x: array (images, height, width) or (images, height, width, channels).
        y: array (images,) of labels or numbers, or (images, outputs).
        request: Request.
        fields: fields of the Dataset that replace the derived ones; `notes` go first.

    Returns:
        Dataset of kind "images".

    Raises:
        InputError: If pixels are not finite, or the answers break a rule.

    Example:
    >>> x = np.arange(640, dtype="uint8").reshape(10, 8, 8)
    >>> dataset = image_dataset(x, np.array([0, 1] * 5), Request("digits.npz"))
    >>> dataset.x_train.shape, float(dataset.x_train.max())
    ((8, 8, 8, 1), 1.0)
    """
    notes = fields.pop("notes", ())
    x, more = _channels_last(x, request)
    notes += more
    parts = prepare_answers(y, request, rows="images")
    pixels, more = _pixel_scale(x, request)
    given = {"kind": "images", "feature_names": (), **parts.fields, **fields}
    return Dataset(
        x_train=pixels(parts.train),
        x_validation=pixels(parts.validation),
        notes=notes + more + parts.notes,
        **given,
    )


def table_dataset(x: np.ndarray, y: np.ndarray, request: Request) -> Dataset:
    """Rows of numbers in an array, standardised; further axes are laid flat.

    Args:
        x: array (rows, …) of numbers.
        y: array (rows,) of labels or numbers, or (rows, outputs).
        request: Request.

    Returns:
        Dataset of kind "tabular".

    Raises:
        InputError: If no column varies, or the answers break a rule.

    Example:
    >>> x, y = np.arange(20.0).reshape(10, 2), np.arange(10) / 4
    >>> table_dataset(x, y, Request("rows.npz")).x_train.shape
    (8, 2)
    """
    x = x.reshape(len(x), -1) if len(x) else x
    parts = prepare_answers(y, request, rows="rows")
    try:
        train, validation = _standardised(x, parts)
    except ValueError:  # of the filter: nothing varies
        raise InputError(
            f"The inputs in {request.source} must have a column that tells rows apart. "
            f"Received: {x.shape[-1]:,} columns, each constant or never finite. "
            "Name other arrays."
        ) from None
    return Dataset(train, x_validation=validation, notes=parts.notes, **parts.fields)


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
    if y.ndim == 2 and request.task != "regression" and _is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim == 1:
        return prepare_target(_as_series(y), request, rows)
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


def _is_one_hot(y: np.ndarray) -> bool:
    if y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _as_series(y: np.ndarray) -> pd.Series:
    """Answers as a table column holds them: numbers, or text."""
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    if y.dtype.kind == "U":
        return pd.Series([str(cell) for cell in y], name="y", dtype="str")
    if y.dtype.kind == "b":
        y = y.astype(np.int64)
    return pd.Series(y.astype(np.float64) if y.dtype == np.float16 else y, name="y")


def _channels_last(x: np.ndarray, request: Request):
    """Images (images, height, width, channels), and what was done to get them."""
    if x.dtype.kind not in "biuf" or 0 in x.shape[1:]:
        raise InputError(
            f"Images in {request.source} must be numbers, of at least one pixel. "
            f"Received: {x.dtype} of shape {x.shape}. Change that array."
        )
    if x.ndim == 3:
        return x[..., None], ()
    if x.shape[3] not in CHANNELS and x.shape[1] in CHANNELS:
        return np.moveaxis(x, 1, 3), ("channels came first and were moved last",)
    if x.shape[3] > MAX_CHANNELS:
        raise InputError(
            f"Images in {request.source} must have at most {MAX_CHANNELS} channels, in "
            f"the last axis. Received: shape {x.shape}. Transpose that array."
        )
    return x, ()


def _pixel_scale(x: np.ndarray, request: Request):
    """A function from row numbers to pixels from 0 to 1, and a note."""
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)
    if not np.isfinite([low, high]).all() or max(-low, high) > FLOAT32_MAX:
        raise InputError(
            f"Images in {request.source} must be finite. Received: pixels from "
            f"{low:.6g} to {high:.6g}. Correct that array."
        )
    shift, scale, notes = 0.0, 1.0, ()
    if x.dtype == np.uint8:
        scale = UINT8_MAX
    elif low < 0 or high > 1:
        shift, scale = min(low, 0.0), max(high - min(low, 0.0), 1e-30)
        notes = (f"pixels from {low:.6g} to {high:.6g} scaled to 0 … 1",)

    def pixels(rows: np.ndarray) -> np.ndarray:
        part = x[rows].astype(np.float32)
        if shift:
            part -= np.float32(shift)
        part /= np.float32(scale)
        return part

    return pixels, notes


def _standardised(x: np.ndarray, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Features (rows, columns), with medians for what is not finite."""
    steps = Pipeline(
        [
            ("read", FunctionTransformer(_finite)),
            ("fill", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("varying", VarianceThreshold()),
            ("scale", StandardScaler()),
        ]
    )
    train = steps.fit_transform(x[parts.train])
    validation = steps.transform(x[parts.validation])
    return train.astype(np.float32), validation.astype(np.float32)


def _finite(x: np.ndarray) -> np.ndarray:
    """Numbers that float32 can hold; all else is missing."""
    x = x.astype(np.float64)
    return np.where(np.abs(x) <= FLOAT32_MAX, x, np.nan)
