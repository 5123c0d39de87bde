"""Rows in order of time, deployed upon: a stream, real or made to drift."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from lr_finder._arguments import check_fraction, check_seed
from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.data.dataset import Kind, Task, check_task
from lr_finder.errors import InputError
from lr_finder.experiments.drift.changes import changed, check_change

SHAPES = ("sudden", "gradual", "recurring", "none")
TRAIN_SHARE = 0.5  # of the rows, before deployment
HELD_OUT_SHARE = 0.2  # of those: the last, not trained on, whose errors monitors know
FEWEST_ROWS = 20  # on each side of the deployment
PARTS = 4  # of a recurring drift: as before, changed, as before, changed
MOST_CLASSES = 20  # whole numbers of more values are amounts


@dataclasses.dataclass(frozen=True, eq=False)
class DriftStream:
    """Rows in order of time, the first of which a model is trained on.

    Args:
        x: array (rows, …), inputs.
        y: array of as many targets: class indices, or numbers.
        n_before: int, rows before deployment; the last fifth of them is held out.
        task: "classification" or "regression".
        drifts: tuple of DriftSpan in rows of `x`; None if it is not known.
        name: str, what the data are called.
        times: sequence of as many str or numbers, for sentences; None for row numbers.
        classes: tuple, the label of each class; () for the class indices.
        target: str, what is predicted.
        target_scale: float > 0, unit of `y` in the target's own unit.
        kind: "tabular", "series" or "images".
        notes: tuple of str, what was done to the data that a person should know.

    Raises:
        InputError: If the arrays do not pair, times go back, there are fewer than 20
            rows on a side of the deployment, or a class was not trained on.

    Example:
    >>> stream = DriftStream(np.zeros((100, 2), "float32"), np.arange(100) % 2, 50,
    ...                      "classification")
    >>> stream.n_after, stream.n_trained, stream.classes
    (50, 40, (0, 1))
    """

    x: np.ndarray
    y: np.ndarray
    n_before: int
    task: Task
    drifts: tuple[DriftSpan, ...] | None = None
    name: str = "stream"
    times: Sequence[Any] | None = None
    classes: tuple[Any, ...] = ()
    target: str = "target"
    target_scale: float = 1.0
    kind: Kind = "tabular"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_task(self.task)
        n = len(self.x)
        if len(self.y) != n or self.times is not None and len(self.times) != n:
            times = "" if self.times is None else f" and {len(self.times):,} times"
            raise InputError(
                "Arrays `x` and `y` must pair row by row. Received: "
                f"{n:,} and {len(self.y):,} rows{times}."
            )
        check_long_enough(n, self.n_before)
        if self.times is not None and any(
            later < earlier
            for earlier, later in zip(self.times, self.times[1:], strict=False)
        ):
            raise InputError(
                "Argument `times` must not go back. Received: times out of order. "
                "Sort the rows by time first."
            )
        if self.task == "classification":
            self._check_classes()

    def _check_classes(self) -> None:
        trained, later = set(self.y[: self.n_trained].tolist()), set(self.y.tolist())
        unknown = sorted(later - trained)
        if unknown:
            names = [self.classes[k] for k in unknown if k < len(self.classes)]
            raise InputError(
                "The target must be, in every row, a class that the model is trained "
                f"on. Received: {names or unknown}, which the first "
                f"{self.n_trained:,} rows do not have. Train on more rows, or leave "
                "those of this class out."
            )
        if not self.classes:
            object.__setattr__(self, "classes", tuple(range(max(trained) + 1)))

    @property
    def n_trained(self) -> int:
        """Rows that the first model is trained on: the first four fifths before."""
        return rows_trained_on(self.n_before)

    @property
    def n_after(self) -> int:
        """Rows after deployment."""
        return len(self.x) - self.n_before

    def time_of(self, row: int) -> str:
        """When a row is, in words.

        Args:
            row: int, of `x`.

        Returns:
            str.
        """
        if self.times is None:
            return f"row {row:,}"
        value = self.times[min(row, len(self.times) - 1)]
        return f"{value:g}" if isinstance(value, float) else str(value)


def rows_trained_on(before: int) -> int:
    """Rows that a model is trained on, of those before its deployment: four fifths.

    Args:
        before: int, rows before deployment.

    Returns:
        int.

    Example:
    >>> rows_trained_on(100)
    80
    """
    return before - max(1, round(HELD_OUT_SHARE * before))


def check_long_enough(rows: int, before: int) -> None:
    """Refuse a stream with too few rows before its deployment, or after.

    Args:
        rows: int, all rows.
        before: int, those before deployment.

    Raises:
        InputError: If there are fewer than 20 on a side.

    Example:
    >>> check_long_enough(100, 50)
    """
    if before < FEWEST_ROWS or rows - before < FEWEST_ROWS:
        raise InputError(
            f"A stream must have at least {FEWEST_ROWS} rows to train on and "
            f"{FEWEST_ROWS} after them. Received: {rows:,} rows, of which {before:,} "
            "are to train on. Give more rows, or another share to train on."
        )


def make_stream(
    x: Any,
    y: Any,
    *,
    shape: str = "sudden",
    change: str = "labels",
    size: float = 1.0,
    at: float = 0.4,
    width: float = 0.3,
    train_share: float = TRAIN_SHARE,
    task: Task | None = None,
    seed: int = 0,
    name: str = "stream",
) -> DriftStream:
    r"""Make real rows drift at a known time, by a known size.

    The rows are put in random order first, so that nothing else drifts. A share of the
    rows after deployment is then changed: all from the start of the drift
    (`"sudden"`); a share that rises linearly from 0 to 1 over its width
    (`"gradual"`); all in every other of four periods (`"recurring"`); or none.

    Args:
        x: array (rows, …) of numbers: columns of a table, windows, or images (height,
            width, channels).
        y: array of as many targets: labels of any kind, or numbers.
        shape: str, one of the four.
        change: str: `"labels"` changes what the target means, and leaves `x` as it is;
            `"columns"` shifts half of the columns; `"noise"`, `"blur"` and
            `"contrast"` corrupt images. See `lr_finder.experiments.drift.changes`.
        size: float > 0, of the change: 1 is a strong one.
        at: float in (0, 1), where the drift starts, of the rows after deployment.
        width: float in (0, 1), of a gradual drift, of the rows after deployment.
        train_share: float in (0, 1), of the rows, before deployment.
        task: "classification" or "regression"; None infers it: whole numbers of at most
            20 values are classes, and so is text.
        seed: int, of the order and of the change.
        name: str, what the data are called.

    Returns:
        DriftStream.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> x, y = np.random.default_rng(0).normal(size=(200, 3)), np.arange(200) % 2
    >>> stream = make_stream(x, y, shape="sudden", change="labels", at=0.5)
    >>> stream.n_before, stream.drifts
    (100, (DriftSpan(start=150, end=151),))
    """
    if shape not in SHAPES:
        raise InputError(
            f"Argument `shape` must be one of {', '.join(SHAPES)}. Received: "
            f"shape={shape!r}."
        )
    for argument, value, usual in (
        ("at", at, 0.4), ("width", width, 0.3),
        ("train_share", train_share, TRAIN_SHARE),
    ):  # fmt: skip
        check_fraction(argument, value, usual=usual)
    check_seed(seed)
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise InputError(
            "Arrays `x` and `y` must pair row by row. Received: "
            f"{len(x):,} and {len(y):,} rows."
        )
    task, classes = task or task_of(y), ()
    if task == "classification":
        labels, y = np.unique(y, return_inverse=True)
        classes = tuple(labels.tolist())
    check_change(change, size, x)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    x, y = x[order].astype(np.float32), y[order]
    n_before = round(train_share * len(x))
    check_long_enough(len(x), n_before)
    is_new, spans = _new_rows(shape, len(x), n_before, at=at, width=width, rng=rng)
    x, y = changed(x, y, is_new, change=change, size=size, task=task, seed=seed)
    y = y.astype(np.int32 if task == "classification" else np.float32)
    kind: Kind = "images" if x.ndim == 4 else "tabular"
    return DriftStream(
        x, y, n_before, task, spans, name, classes=classes, kind=kind
    )  # fmt: skip


def task_of(y: np.ndarray) -> Task:
    """Whether targets are classes or amounts.

    Args:
        y: array of targets.

    Returns:
        "classification" for text, and for whole numbers of at most 20 values.

    Example:
    >>> task_of(np.array([0, 1, 1])), task_of(np.array([0.5, 1.0]))
    ('classification', 'regression')
    """
    if y.dtype.kind not in "iubf":
        return "classification"
    is_whole = bool((y == np.round(y)).all())
    is_class = y.ndim == 1 and is_whole and len(np.unique(y)) <= MOST_CLASSES
    return "classification" if is_class else "regression"


def _new_rows(
    shape: str, rows: int, before: int, *, at: float, width: float, rng: Any
) -> tuple[np.ndarray, tuple[DriftSpan, ...]]:
    """Which rows are changed, and the spans of the drifts."""
    after = rows - before
    start = before + round(at * after)
    place = np.arange(rows)
    if shape == "none":
        return np.zeros(rows, bool), ()
    if shape == "sudden":
        return place >= start, (DriftSpan(start, start + 1),)
    if shape == "gradual":
        end = min(rows, start + max(2, round(width * after)))
        return rng.random(rows) < (place - start + 1) / (end - start), (
            DriftSpan(start, end),
        )
    ends = before + np.round(np.arange(1, PARTS) / PARTS * after).astype(int)
    period = np.searchsorted(ends, place, side="right")
    spans = tuple(DriftSpan(int(end), int(end) + 1) for end in ends)
    return period % 2 == 1, spans
