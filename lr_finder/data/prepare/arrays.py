"""From arrays of inputs and answers to data to train and to validate on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.dataset import Dataset, Kind
from lr_finder.data.prepare.answers import as_column, is_one_hot, prepare_answers
from lr_finder.data.prepare.target import Parts
from lr_finder.data.prepare.texts import text_dataset
from lr_finder.data.request import Request
from lr_finder.data.series.series_from_table import series_dataset
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
            _check_guess(x, request)
    fits = x.ndim in RANKS.get(kind, (x.ndim,))
    fits &= x.dtype.kind in ("US" if kind == "text" else "biuf")
    if not fits or x.ndim == 0:
        raise InputError(
            f"The inputs in {request.source} do not suit kind {kind}: {RULES[kind]}. "
            f"Received: {x.dtype} of shape {x.shape}. Change the array or `kind`."
        )
    return kind, reason


def _check_guess(x: np.ndarray, request: Request) -> None:
    """Refuse floats of three axes that are no pixels: sequences of features, maybe."""
    if x.ndim != 3 or x.dtype.kind != "f" or not x.size:
        return
    low, high = float(x.min()), float(x.max())
    if 0 <= low and high <= 1:
        return
    raise InputError(
        f"The inputs in {request.source} must be images (rows, height, width[, "
        "channels]) as uint8 or floats from 0 to 1, a table (rows, features), a series "
        f"(time,) or texts as strings. Received: {x.dtype} of shape {x.shape}, from "
        f"{low:.6g} to {high:.6g}. `--kind images` overrules; `--kind tabular` takes "
        f"the {x.shape[1] * x.shape[2]:,} numbers of a row as its features."
    )


def load_arrays(
    x: np.ndarray, y: np.ndarray | None, kind: Kind, request: Request
) -> Dataset:
    """Inputs and answers of a kind, prepared.

    Args:
        x: array, as the function for its kind takes it.
        y: array of as many answers; None for a series.
        kind: "tabular", "series", "images" or "text".
        request: Request.

    Returns:
        Dataset of that kind.

    Raises:
        InputError: If inputs or answers break a rule.

    Example:
    >>> x, y = np.arange(20.0).reshape(10, 2), np.arange(10) / 4
    >>> load_arrays(x, y, "tabular", Request("rows.npz")).y_train.shape
    (8,)
    """
    if kind == "series":
        return series_dataset_of(x, y, request)
    if y is None:
        raise InputError(
            f"The inputs in {request.source} must come with answers: they are of "
            f"kind {kind}. Received: none. Add them, or name another `kind`."
        )
    load = {"text": text_dataset_of, "images": image_dataset, "tabular": table_dataset}
    return load[kind](x, y, request)


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


def series_dataset_of(x: np.ndarray, y: object, request: Request) -> Dataset:
    """A series in an array, its points in order of time.

    Args:
        x: array (time,) of numbers.
        y: ignored; a series has no answers beside it.
        request: Request.

    Returns:
        Dataset of kind "series".

    Raises:
        InputError: If the series breaks a rule.

    Example:
    >>> series_dataset_of(np.arange(100) % 7, None, Request("a.npz")).x_train.shape
    (59, 20)
    """
    del y
    table = pd.DataFrame({"series": x.astype(np.float64)})
    return series_dataset(table, dataclasses.replace(request, target="series"))


def text_dataset_of(x: np.ndarray, y: np.ndarray, request: Request) -> Dataset:
    """Texts in an array, and an answer for each.

    Args:
        x: array (texts,) of strings.
        y: array (texts,) of labels or numbers.
        request: Request.

    Returns:
        Dataset of kind "text".

    Raises:
        InputError: If all texts are empty, or the answers break a rule.
    """
    if y.ndim == 2 and is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim != 1:
        raise InputError(
            f"The answers in {request.source} must be one for each text. Received: "
            f"shape {y.shape}. Change that array."
        )
    table = pd.DataFrame({"text": as_column(x), "y": as_column(y)})
    # strings are nothing else than texts, of one word too: no kind was asked for
    return text_dataset(table, dataclasses.replace(request, target="y", kind=None))


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


def _pixel_scale(
    x: np.ndarray, request: Request
) -> tuple[Callable[[np.ndarray], np.ndarray], tuple[str, ...]]:
    """A function from row numbers to pixels from 0 to 1, and a note."""
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)
    if not np.isfinite([low, high]).all() or max(-low, high) > FLOAT32_MAX:
        raise InputError(
            f"Images in {request.source} must be finite. Received: pixels from "
            f"{low:.6g} to {high:.6g}. Correct that array."
        )
    shift, scale = 0.0, 1.0
    notes: tuple[str, ...] = ()
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
