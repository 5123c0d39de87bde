"""From a table in a file to arrays: one column predicted from the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lr_finder.data.cells.columns import (
    FEWEST_WORDS,
    find_column,
    header_notes,
    is_number,
    words,
)
from lr_finder.data.dataset import Dataset, Task
from lr_finder.data.features.column_choice import choose_columns
from lr_finder.data.features.feature_notes import features_note, target_notes
from lr_finder.data.features.leaks import leak_warnings
from lr_finder.data.features.preprocessing import (
    column_kind,
    feature_names,
    fit_preprocessor,
    used_columns,
)
from lr_finder.data.features.table_features import TableFeatures
from lr_finder.data.prepare.target import prepare_target, rows_with_target
from lr_finder.data.readers.csv_files import read_whole_table
from lr_finder.data.request import Request
from lr_finder.data.saved_preprocessing import Preprocessing, Target, with_reading


def load_table(
    path: str | Path,
    target: str | int | None = None,
    *,
    task: Task | None = None,
    validation_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    r"""Read a CSV or TSV file as data to train and to validate on.

    The task is classification when the target is text, or whole numbers of at most
    20 distinct values; otherwise regression. If a class has only one row, that row is
    trained on. The target of a regression is standardised: a network that starts near
    zero would otherwise spend its training on reaching, say, 200,000. Everything is
    fitted on the rows to train on; validation rows have no part in it.

    Args:
        path: str or Path, a file, as `read_table` reads it.
        target: str, int or None: a column's name or, if no column has that name,
            its index, from 0, or from -1 backwards; None is the last column.
        task: "classification", "regression", or None to infer it.
        validation_fraction: float in (0, 1), the share of rows to validate with,
            drawn at random, for classes in equal shares if that is possible.
        seed: int, of the draw; 0 or more.

    Returns:
        Dataset of float32 features (rows, features), with int32 class indices or
        float32 standardised targets.

    Raises:
        InputError: If the file, the target or an argument breaks a rule.

    Example:
    >>> import pathlib, tempfile
    >>> lines = [f"{area},{2 * area + 0.5}" for area in range(10)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "homes.csv")
    ...     _ = path.write_text("\n".join(["area,rent", *lines]))
    ...     dataset = load_table(path, target="rent")
    >>> dataset.task, dataset.x_train.shape, dataset.feature_names
    ('regression', (8, 1), ('area',))
    """
    request = Request(
        str(path), target=target, task=task, seed=seed,
        validation_fraction=validation_fraction,
    )  # fmt: skip
    read = read_whole_table(path)
    choice = choose_columns(read.table, request)
    dataset = tabular_dataset(
        choice.of(read.table), choice.request, left_out=choice.left_out
    )
    dataset = with_reading(dataset, read.reading)
    return dataclasses.replace(dataset, notes=read.notes + dataset.notes + choice.notes)


def tabular_dataset(
    table: pd.DataFrame, request: Request, *, left_out: Sequence[str] = ()
) -> Dataset:
    """One column of a table, to be predicted from the others.

    Args:
        table: DataFrame, columns of numbers or text, named by text.
        request: Request, of which `target`, `task`, `limit`, `validation_fraction`,
            `seed` and `date_format` count.
        left_out: sequence of str, columns that were left out before.

    Returns:
        Dataset of kind "tabular".

    Raises:
        InputError: If the target or the table breaks a rule.

    Example:
    >>> table = pd.DataFrame({"area": range(10), "rent": [i + 0.5 for i in range(10)]})
    >>> tabular_dataset(table, Request("homes.csv", limit=5)).x_train.shape
    (4, 1)
    """
    target = -1 if request.target is None else request.target
    name = find_column(table, target, "target")
    table, notes = rows_with_target(table, name)
    features = table.drop(columns=name)
    parts = prepare_target(table[name], request)
    train, validation = (
        features.iloc[rows] for rows in (parts.train, parts.validation)
    )
    preprocessor, more = fit_preprocessor(
        train, _way_out(features, table[name]), whole=features,
        date_format=request.date_format,
    )  # fmt: skip
    used = used_columns(preprocessor)
    names = [each for kind in used.values() for each in kind]
    made = features_note(
        {kind: len(each) for kind, each in used.items()},
        sum(int(part[names].isna().sum().sum()) for part in (train, validation)),
        [*left_out, *(each for each in features if each not in names)],
    )
    about = target_notes(parts.fields.get("classes", ()))
    leaks = leak_warnings(features[names], table[name], parts.fields["task"])
    return Dataset(
        x_train=_features(preprocessor, train),
        x_validation=_features(preprocessor, validation),
        feature_names=feature_names(preprocessor),
        notes=(*header_notes(table), made, *notes, *more, *leaks, *about, *parts.notes),
        preprocessing=Preprocessing(
            "tabular", Target.of(parts.fields), TableFeatures.of(preprocessor)
        ),
        **parts.fields,
    )


def _way_out(features: pd.DataFrame, answers: pd.Series) -> str:
    """What a person may do whose table has no column to predict from."""
    names = list(features)
    if not names and is_number(answers):
        return "Add such a column; or `--kind series` forecasts a single column."
    is_text = len(names) == 1 and column_kind(features[names[0]]) == "identifier"
    if is_text and words(features[names[0]]) >= FEWEST_WORDS:
        return f"Add such a column; or `--kind text` reads {names[0]!r} as text."
    if is_number(answers):
        return (
            f"Add such a column; or `--kind series` forecasts {answers.name!r} in the "
            "order of rows; `--date-format` says how dates are written."
        )
    return "Add such a column."


def _features(preprocessor: Any, table: pd.DataFrame) -> np.ndarray:
    return preprocessor.transform(table).astype(np.float32)
