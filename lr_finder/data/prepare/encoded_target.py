"""The numbers of a target, fitted on the rows to train on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.preprocessing import LabelEncoder, StandardScaler

from lr_finder._text import counted
from lr_finder.data.dataset import Task
from lr_finder.errors import InputError


def encode_target(
    answers: pd.Series, task: Task, train: np.ndarray, validation: np.ndarray
) -> dict[str, Any]:
    """Fields of the Dataset that come from the target, fitted on `train`.

    Args:
        answers: Series, the target of every row.
        task: "classification" or "regression".
        train: int array, numbers of the rows to train on.
        validation: int array, numbers of the rows to validate with.

    Returns:
        dict of arguments of `Dataset`, with `is_scored`, bool (rows to validate
        with), False if a class was never trained on, and `notes`.

    Raises:
        InputError: If the training rows hold one value only.

    Example:
    >>> pets = pd.Series(["cat", "dog", "cat", "fox"])
    >>> fields = encode_target(pets, "classification", np.arange(3), np.array([3]))
    >>> fields["classes"], fields["y_train"].tolist(), fields["is_scored"].tolist()
    (('cat', 'dog'), [0, 1, 0], [False])
    """
    if answers.iloc[train].nunique() < 2:
        raise InputError(
            f"Target {answers.name!r} must take at least two values in the rows to "
            f"train on. Received: one value in {counted(len(train), 'row')}. Add rows, "
            "or validate with a smaller fraction."
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
    notes: tuple[str, ...] = ()
    if not is_scored.all():
        notes = (
            f"{counted(int(np.sum(~is_scored)), 'row')} not validated: no row of their "
            "class to train on",
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
