"""The one form in which every source hands its data on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.data.saved_preprocessing import Preprocessing

Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = ("classification", "regression")
Kind = Literal["tabular", "series", "images", "text"]
KINDS: tuple[Kind, ...] = ("tabular", "series", "images", "text")


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Arrays to train and to validate on, and what they mean.

    Args:
        x_train, x_validation: arrays (rows, …), of one shape after the first axis:
            float32 features of a table, windows of a series, or pixels (height, width,
            channels) from 0 to 1; int32 tokens of a text, 0 after its end.
        y_train, y_validation: arrays of as many rows. Regression: float32 (rows,)
            or (rows, outputs). Classification: int32 (rows,), indices in `classes`.
        task: "classification" or "regression".
        target: str, name of what is predicted.
        classes: tuple, the label behind each class index; empty for regression.
        feature_names: tuple of str, one per column of `x_train`, if it has names.
        reason: str, why the task is what it is.
        notes: tuple of str, what was done to the data that a person should know.
        kind: "tabular", "series", "images" or "text", what `x_train` holds.
        kind_reason: str, why the kind is what it is; empty if none was inferred.
        vocabulary_size: int, for text the number of different tokens, 0 included.
        target_mean, target_scale: float; `y * target_scale + target_mean` is in the
            target's own unit.
        preprocessing: Preprocessing, how rows of another file become such arrays; None
            for images and arrays.

    Raises:
        InputError: If the arrays do not fit together.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.array([0, 1, 2, 1], "int32")
    >>> dataset = Dataset(x, y, x[:2], y[:2], "classification", classes=("a", "b", "c"))
    >>> dataset.input_shape, dataset.n_outputs
    ((3,), 3)
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    task: Task
    target: str = "target"
    classes: tuple[Any, ...] = ()
    feature_names: tuple[str, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    kind: Kind = "tabular"
    kind_reason: str = ""
    vocabulary_size: int = 0
    target_mean: float = 0.0
    target_scale: float = 1.0
    preprocessing: Preprocessing | None = None

    def __post_init__(self):
        check_task(self.task)
        check_kind(self.kind)
        pairs = ((self.x_train, self.y_train), (self.x_validation, self.y_validation))
        for part, (x, y) in zip(("train", "validation"), pairs, strict=True):
            if len(x) != len(y) or x.shape[1:] != self.input_shape:
                raise InputError(
                    f"Arrays `x_{part}` and `y_{part}` must pair row by row, with rows "
                    f"of shape {self.input_shape}. Received: {x.shape} and {y.shape}."
                )
        if self.task == "classification" and len(self.classes) < 2:
            raise InputError(
                "Argument `classes` must hold at least two classes. Received: "
                f"classes={self.classes}."
            )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row of `x_train`."""
        return self.x_train.shape[1:]

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.classes)

    @property
    def n_outputs(self) -> int:
        """Units of the output layer: one per class, or 1 for two classes (sigmoid)."""
        if self.task == "classification":
            return self.n_classes if self.n_classes > 2 else 1
        return int(np.prod(self.y_train.shape[1:], dtype=int))

    @property
    def description(self) -> str:
        """One line: kind, rows, their shape, task and why."""
        rows, shape = self._rows_and_shape()
        if len(self.x_train) == 1:
            rows = rows.replace("s", "", 1)  # "windows of 20" too
        task: str = self.task
        if self.task == "classification":
            task += f" ({self.n_classes} classes)"
        why = f": {self.reason}" if self.reason else ""
        return (
            f"{len(self.x_train):,} {rows} to train, {len(self.x_validation):,} to "
            f"validate, {shape}; {task} of {self.target!r}{why}"
        )

    def _rows_and_shape(self) -> tuple[str, str]:
        """What a row is called, and how its shape is told."""
        shape = "×".join(f"{size:,}" for size in self.input_shape)
        if self.kind == "series":
            n_ahead = int(np.prod(self.y_train.shape[1:], dtype=int))
            ahead = "1 point ahead" if n_ahead == 1 else f"{n_ahead:,} points ahead"
            return f"windows of {shape}", ahead
        s = "" if shape == "1" else "s"
        return {
            "tabular": ("rows", f"{shape} feature{s}"),
            "images": ("images", shape),
            "text": ("texts", f"{shape} token{s} of {self.vocabulary_size:,}"),
        }[self.kind]


def check_task(task: object) -> None:
    """Refuse what is not the name of a task.

    Args:
        task: anything; one of `TASKS` passes.

    Raises:
        InputError: For anything else.

    Example:
    >>> check_task("regression")
    """
    if task not in TASKS:
        raise InputError(
            f"Argument `task` must be one of {', '.join(TASKS)}. "
            f"Received: task={task!r}."
        )


def check_kind(kind: object) -> None:
    """Refuse what is not the name of a kind of data.

    Args:
        kind: anything; one of `KINDS` passes.

    Raises:
        InputError: For anything else.

    Example:
    >>> check_kind("images")
    """
    if kind not in KINDS:
        raise InputError(
            f"Argument `kind` must be one of {', '.join(KINDS)}. "
            f"Received: kind={kind!r}."
        )
