"""From a table in a file to arrays: target, task, split, and numbers."""

from __future__ import annotations

import difflib
import numbers
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

from lr_finder.data.dataset import Dataset, Task, check_task
from lr_finder.data.preprocessing import (
    FLOAT32_MAX,
    feature_names,
    fit_preprocessor,
    resemblance,
)
from lr_finder.data.reading import read_table
from lr_finder.errors import InputError

MAX_INTEGER_CLASSES = 20  # more distinct whole numbers are amounts, not classes
MIN_ROWS = 2  # one to train on and one to validate with
MIN_ROWS_PER_CLASS = 2  # on average: below, the target is an identifier
NAMES_SHOWN = 20  # column names in an error message


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
    20 distinct values; otherwise regression. A class of one row is trained on. The
    target of a regression is standardised: a network that starts near zero would
    otherwise spend its training on reaching, say, 200,000. Everything is fitted on
    the rows to train on; validation rows have no part in it.

    Args:
        path: str or Path, a delimited file, as `read_table` reads it.
        target: str, int or None: a column's name or, where no column has that name,
            its index, from 0, or from -1 backwards; None is the last column.
        task: "classification", "regression", or None to infer it.
        validation_fraction: float in (0, 1), the share of rows to validate with,
            drawn at random, for classes in equal shares where that is possible.
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
    _check_arguments(task, validation_fraction, seed)
    table = read_table(path)
    name = _target_name(table, target)
    if len(table) < MIN_ROWS:
        raise InputError(
            f"File {path} must hold at least {MIN_ROWS} rows of data, to train on and "
            f"to validate with. Received: {len(table)}. Add rows."
        )
    answers = table.pop(name)
    _check_target(answers)
    task, reason = _choose_task(answers, task)
    train, validation = _split(answers, task, validation_fraction, seed)
    encoded = _encode_target(answers, task, train, validation)
    validation = validation[encoded.pop("is_scored")]
    preprocessor, notes = fit_preprocessor(table.iloc[train])
    return Dataset(
        x_train=_features(preprocessor, table.iloc[train]),
        x_validation=_features(preprocessor, table.iloc[validation]),
        task=task,
        target=name,
        feature_names=feature_names(preprocessor),
        reason=reason,
        notes=_notes_on_header(table, name) + notes + encoded.pop("notes"),
        **encoded,
    )


def _check_arguments(task: Any, validation_fraction: Any, seed: Any) -> None:
    if task is not None:
        check_task(task)
    if not isinstance(validation_fraction, numbers.Real) or not (
        0 < validation_fraction < 1
    ):
        raise InputError(
            "Argument `validation_fraction` must be between 0 and 1, both excluded. "
            f"Received: validation_fraction={validation_fraction!r}."
        )
    if not isinstance(seed, numbers.Integral) or not 0 <= seed < 2**32:
        raise InputError(
            "Argument `seed` must be a whole number from 0 to 2**32 - 1. "
            f"Received: seed={seed!r}."
        )


def _target_name(table: pd.DataFrame, target: str | int | None) -> str:
    """The column that `target` names or counts to."""
    names = list(table.columns)
    if target is None:
        return names[-1]
    if str(target) in names:
        return str(target)
    try:
        return names[int(target)]
    except (ValueError, IndexError):
        pass
    shown = ", ".join(names[:NAMES_SHOWN]) + ", …" * (len(names) > NAMES_SHOWN)
    close = difflib.get_close_matches(str(target), names, n=1)
    raise InputError(
        "Argument `target` must be the name of a column or an index from "
        f"{-len(names)} to {len(names) - 1}. Received: target={target!r}. "
        + (f"Did you mean {close[0]!r}? " if close else "")
        + f"Columns: {shown}."
    )


def _notes_on_header(features: pd.DataFrame, target: str) -> tuple[str, ...]:
    """What a person should know who named no columns."""
    if not all(re.fullmatch(r"column_\d+", name) for name in (*features, target)):
        return ()
    return (
        "no header line: columns are named column_0, column_1, …; --target takes the "
        "name or the index",
    )


def _check_target(answers: pd.Series) -> None:
    """Refuse a target with gaps, with infinite values, or with one value."""
    bad = answers.isna()
    if bad.any():
        raise InputError(
            f"Target {answers.name!r} must be known in every row. Received: "
            f"{_count_and_place(bad)} missing (blank, NaN, ?, …). Fill or delete "
            "those rows, or name another target."
        )
    if pd.api.types.is_numeric_dtype(answers):
        bad = answers.abs() > FLOAT32_MAX
        if bad.any():
            raise InputError(
                f"Target {answers.name!r} must be finite in every row. Received: "
                f"{_count_and_place(bad)} infinite or beyond 3.4e38. Correct or delete "
                "those rows."
            )
    if answers.nunique() < 2:
        raise InputError(
            f"Target {answers.name!r} must take at least two values. Received: "
            f"{answers.tolist()[0]!r} in every row. Name another target."
        )


def _count_and_place(bad: pd.Series) -> str:
    first = int(np.flatnonzero(bad)[0]) + 1
    return f"{int(bad.sum()):,} of {len(bad):,} (the first in data row {first:,})"


def _choose_task(answers: pd.Series, task: Task | None) -> tuple[Task, str]:
    """The task and why; the rule is told in `load_table`."""
    is_number = pd.api.types.is_numeric_dtype(answers)
    n_values = answers.nunique()
    reason = "as was asked for"
    if task is None:
        is_whole = is_number and bool((answers == answers.round()).all())
        if not is_number:
            task, reason = "classification", "the target is text"
        elif is_whole and n_values <= MAX_INTEGER_CLASSES:
            task = "classification"
            reason = f"whole numbers of at most {MAX_INTEGER_CLASSES} distinct values"
        else:
            task = "regression"
            what = "whole numbers" if is_whole else "numbers, not all whole"
            reason = f"{n_values:,} distinct {what}"
    if task == "regression" and not is_number:
        raise InputError(
            f"Target {answers.name!r} must hold numbers for a regression. Received: "
            f"text such as {_example_of_text(answers)!r}. Correct those rows "
            "(no units, no thousands separators), or choose the task classification."
        )
    if task == "classification" and len(answers) < MIN_ROWS_PER_CLASS * n_values:
        raise InputError(
            f"Target {answers.name!r} must have at least {MIN_ROWS_PER_CLASS} rows per "
            f"class on average. Received: {n_values:,} classes in {len(answers):,} "
            f"rows{_way_out_of_classes(answers)}"
        )
    return task, reason


def _way_out_of_classes(answers: pd.Series) -> str:
    """What to do about a target of too many classes, as the end of a sentence."""
    if pd.api.types.is_numeric_dtype(answers):
        return ". Name another target, or choose the task regression."
    way_out = {
        "dates": ", that looks like dates. Write them as numbers, e.g. as days",
        "numbers": ", that looks like numbers. Remove units and thousands separators",
        None: ". Name another target",
    }[resemblance(answers)]
    return f"; the column is text, such as {answers.iloc[0]!r}{way_out}."


def _example_of_text(answers: pd.Series) -> str:
    return answers[pd.to_numeric(answers, errors="coerce").isna()].iloc[0]


def _split(
    answers: pd.Series, task: Task, validation_fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to train on and to validate with, each in the file's order."""
    n = len(answers)
    n_validation = min(max(round(validation_fraction * n), 1), n - 1)
    always_train = np.zeros(n, dtype=bool)
    strata = None
    if task == "classification":
        always_train = (answers.map(answers.value_counts()) == 1).to_numpy()
        strata = answers[~always_train].to_numpy()
        n_free, n_strata = len(strata), len(np.unique(strata))
        n_validation = min(n_validation, n_free - 1)
        if not n_strata <= n_validation <= n_free - n_strata:
            strata = None
    rows = np.arange(n)
    train, validation = train_test_split(
        rows[~always_train], test_size=n_validation, random_state=seed, stratify=strata
    )
    return np.sort(np.append(train, rows[always_train])), np.sort(validation)


def _encode_target(
    answers: pd.Series, task: Task, train: np.ndarray, validation: np.ndarray
) -> dict[str, Any]:
    """Fields of the Dataset that come from the target, fitted on `train`."""
    if answers.iloc[train].nunique() < 2:
        raise InputError(
            f"Target {answers.name!r} must take at least two values in the rows to "
            f"train on. Received: one value in {len(train)} rows. Add rows, or "
            "validate with a smaller fraction."
        )
    to_train, to_validate = answers.iloc[train], answers.iloc[validation]
    if task == "classification":
        return _encode_classes(to_train, to_validate)
    scaler = StandardScaler().fit(to_train.to_numpy(np.float64)[:, None])

    def scale(part: pd.Series) -> np.ndarray:
        return scaler.transform(part.to_numpy(np.float64)[:, None])[:, 0]

    mean, sd = float(scaler.mean_[0]), float(scaler.scale_[0])
    return {
        "y_train": scale(to_train).astype(np.float32),
        "y_validation": scale(to_validate).astype(np.float32),
        "target_mean": mean,
        "target_scale": sd,
        "is_scored": np.ones(len(validation), dtype=bool),
        "notes": (f"target standardised: mean {mean:.6g}, sd {sd:.6g}",),
    }


def _encode_classes(to_train: pd.Series, to_validate: pd.Series) -> dict[str, Any]:
    encoder = LabelEncoder().fit(to_train.to_numpy())
    is_scored = to_validate.isin(encoder.classes_).to_numpy()
    notes = ()
    if not is_scored.all():
        notes = (
            f"{np.sum(~is_scored)} rows not validated: their classes have no row to "
            "train on",
        )
    return {
        "y_train": encoder.transform(to_train.to_numpy()).astype(np.int32),
        "y_validation": encoder.transform(to_validate[is_scored].to_numpy()).astype(
            np.int32
        ),
        "classes": tuple(encoder.classes_.tolist()),
        "is_scored": is_scored,
        "notes": notes,
    }


def _features(preprocessor: Any, table: pd.DataFrame) -> np.ndarray:
    return preprocessor.transform(table).astype(np.float32)
