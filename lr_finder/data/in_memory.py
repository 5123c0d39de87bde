"""Arrays and DataFrames given in Python, prepared as those of a file are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lr_finder._text import listed
from lr_finder.data.dataset import Dataset
from lr_finder.data.request import (
    TABLE_OPTIONS,
    TEXT_OPTIONS,
    VALIDATION_FRACTION,
    Request,
    as_names,
)
from lr_finder.errors import InputError

NAME_OF_ARRAYS, NAME_OF_FRAME = "arrays", "DataFrame"
NUMBERS = ("integer", "floating", "mixed-integer-float", "boolean")  # of pandas
OF_COLUMNS = ("target", "time_column", *TABLE_OPTIONS)
OF_FILES = (*TEXT_OPTIONS, "data_dir")


def arrays_dataset(x: Any, y: Any, seed: int, given: Mapping[str, Any]) -> Dataset:
    """Arrays prepared as those of an NPZ file are.

    Args:
        x: array, Series or DataFrame of inputs.
        y: array or Series of as many answers, labels of text among them; None for a
            series.
        seed: int, draws the rows to validate with.
        given: mapping of arguments of `load_data`.

    Returns:
        Dataset.

    Raises:
        InputError: If the arrays or an argument break a rule.

    Example:
    >>> labels = pd.Series(["up", "down"] * 5)
    >>> arrays_dataset(np.eye(10), labels, 0, {}).classes
    ('down', 'up')
    """
    from lr_finder.data.prepare.arrays import array_kind, load_arrays

    _check_columns_of_numbers(x)
    x, y = plain(x), None if y is None else plain(y)
    request = _request(NAME_OF_ARRAYS, seed, given)
    request.refuse(
        OF_COLUMNS, "arrays (x, y)",
        "Their columns have no names, and y is the target. Give one DataFrame instead",
    )  # fmt: skip
    request.refuse(OF_FILES, "arrays (x, y)", "It is for files")
    kind, reason = array_kind(x, y is not None, request)
    if y is None and kind != "series" or y is not None and len(x) != len(y):
        shapes = f"{x.shape} and {None if y is None else y.shape}"
        raise InputError(
            "Argument `source` must give a target for each row: (x, y), each with as "
            f"many rows. Received: {shapes}."
        )
    dataset = load_arrays(x, y, kind, request)
    return dataclasses.replace(dataset, kind_reason=reason)


def frame_dataset(frame: pd.DataFrame, seed: int, given: Mapping[str, Any]) -> Dataset:
    """A DataFrame prepared as the CSV file that it would be written to.

    Its index is a column if it has a name or holds times.

    Args:
        frame: DataFrame.
        seed: int, draws the rows to validate with.
        given: mapping of arguments of `load_data`.

    Returns:
        Dataset.

    Raises:
        InputError: If the table or an argument breaks a rule.

    Example:
    >>> frame = pd.DataFrame({"rent": [i + 0.5 for i in range(10)], "area": range(10)})
    >>> frame_dataset(frame, 0, {"target": "rent"}).feature_names
    ('area',)
    """
    from lr_finder.data.opened import open_csv_text

    request = _request(NAME_OF_FRAME, seed, given)
    request.refuse(OF_FILES, "a DataFrame", "It is for files")
    if not frame.shape[1] or not len(frame):
        raise InputError(
            "Argument `source` must be a DataFrame with columns and rows. Received: "
            f"one of shape {frame.shape}."
        )
    index = frame.index
    is_kept = index.name is not None or isinstance(
        index, pd.DatetimeIndex | pd.PeriodIndex | pd.MultiIndex
    )
    named = frame.set_axis([_flat(name) for name in frame], axis=1)
    return open_csv_text(
        Path(NAME_OF_FRAME), named.to_csv(index=is_kept), request
    ).dataset


def plain(values: Any) -> np.ndarray:
    """Values as an array of numbers or of text, not of Python's objects.

    Args:
        values: array, Series, DataFrame or nested list.

    Returns:
        array; of objects still if they are neither all numbers nor all text.

    Raises:
        InputError: If there are labels, but not in each row.

    Example:
    >>> plain(pd.Series(["a", "b"])).dtype.kind, plain(pd.Series([1, 2], dtype=object))
    ('U', array([1, 2]))
    """
    array = np.asarray(values)
    if array.dtype.kind != "O" or not array.size:
        return array
    flat = array.ravel()
    kind = pd.api.types.infer_dtype(flat, skipna=True)
    n_missing = int(pd.isna(flat).sum())
    if kind == "string" and n_missing:
        raise InputError(
            "Argument `source` must hold a text in each row of an array of texts or "
            f"labels. Received: {n_missing:,} of {flat.size:,} missing. Drop those "
            "rows, or fill them."
        )
    if kind == "string":
        return array.astype(str)
    if kind in NUMBERS:
        return pd.to_numeric(pd.Series(flat)).to_numpy().reshape(array.shape)
    return array


def _request(name: str, seed: int, given: Mapping[str, Any]) -> Request:
    options = {"validation_fraction": VALIDATION_FRACTION, "seed": seed, **given}
    if "drop" in options:
        options["drop"] = as_names(options["drop"])
    return Request(name, **options)


def _check_columns_of_numbers(x: Any) -> None:
    """Refuse a DataFrame of inputs with columns that no array of numbers holds."""
    if not isinstance(x, pd.DataFrame):
        return
    others = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
    if others:
        raise InputError(
            "Argument `source` must be (x, y) with only numbers in x. Received: a "
            f"DataFrame with other columns, {listed(map(str, others))}. Give one "
            "DataFrame with the target as a column: find(frame, target='…')."
        )


def _flat(name: Any) -> str:
    """The name of a column as a file has it."""
    return "_".join(map(str, name)) if isinstance(name, tuple) else str(name)
