"""What is done to a file before a model sees it: as JSON beside the model, and back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Literal

from lr_finder.data.cells.number_styles import NumberStyle
from lr_finder.data.dataset import Dataset, Task
from lr_finder.data.documents import from_document
from lr_finder.data.features.table_features import TableFeatures
from lr_finder.data.request import check_date_format
from lr_finder.errors import InputError

FORMAT, VERSION = "lr_finder preprocessing", 1
FILE_NAME = "preprocessing.json"
ANEW = "Train again: `lr_finder find FILE --train EPOCHS`."


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a file became a table.

    Args:
        columns: tuple of str, all of the file's, in its order.
        has_header: bool, whether the file names them.
        styles: dict from name to NumberStyle.
    """

    columns: tuple[str, ...]
    has_header: bool
    styles: dict[str, NumberStyle]


@dataclasses.dataclass(frozen=True)
class Target:
    """What is predicted, and how the output of a model becomes it.

    Args:
        name: str, the column.
        task: "classification" or "regression".
        classes: tuple, the label of each class; empty for a regression.
        mean, scale: float; `output * scale + mean` is in the target's unit.
    """

    name: str
    task: Task
    classes: tuple[str | int | float, ...]
    mean: float
    scale: float

    def __post_init__(self):
        n = len(self.classes)
        if (n < 2) == (self.task == "classification") or self.scale <= 0:
            raise InputError(
                "A target must have two classes or more, or a scale above 0. "
                f"Received: {self.task}, {n} classes, scale {self.scale}. {ANEW}"
            )

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Target:
        """The target of a Dataset that is made of these fields."""
        return cls(
            fields["target"], fields["task"], tuple(fields.get("classes", ())),
            fields.get("target_mean", 0.0), fields.get("target_scale", 1.0),
        )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class SeriesSteps:
    """How a series became windows.

    Args:
        time: str, the column of times; None if rows were in order.
        date_format: str, by which its dates were read; None to tell it anew.
        window, horizon: int > 0, points seen and points forecast.
    """

    time: str | None
    date_format: str | None
    window: int
    horizon: int

    def __post_init__(self):
        if self.window < 1 or self.horizon < 1:
            raise InputError(
                "Window and horizon must be at least 1. Received: "
                f"{self.window} and {self.horizon}. {ANEW}"
            )


@dataclasses.dataclass(frozen=True)
class TextSteps:
    """How texts became tokens.

    Args:
        column: str, the column of texts.
        length: int > 0, tokens to which texts are cut or filled.
        vocabulary: tuple of str, the word of each token from 2 on.
    """

    column: str
    length: int
    vocabulary: tuple[str, ...]

    def __post_init__(self):
        if self.length < 1 or len(set(self.vocabulary)) < max(1, len(self.vocabulary)):
            raise InputError(
                "Texts must have a length above 0, and distinct words. Received: "
                f"length {self.length}, {len(self.vocabulary):,} words. {ANEW}"
            )


@dataclasses.dataclass(frozen=True)
class Preprocessing:
    """All that is done to a file of a kind before a model sees it.

    Args:
        kind: "tabular", "series" or "text".
        target: Target.
        steps: TableFeatures, SeriesSteps or TextSteps, as the kind has it.
        reading: Reading; None until it is known.

    Example:
    >>> target = Target("load", "regression", (), 5.0, 2.0)
    >>> steps = SeriesSteps("day", None, 20, 1)
    >>> reading = Reading(("day", "load"), True, {})
    >>> preprocessing = Preprocessing("series", target, steps, reading)
    >>> read_preprocessing(preprocessing.to_document()) == preprocessing
    True
    """

    kind: Literal["tabular", "series", "text"]
    target: Target
    steps: TableFeatures | SeriesSteps | TextSteps
    reading: Reading | None = None

    def to_document(self) -> dict[str, Any]:
        """The preprocessing as a JSON object.

        Returns:
            dict, which `read_preprocessing` reads.
        """
        about = {"format": FORMAT, "version": VERSION}
        return about | json.loads(json.dumps(dataclasses.asdict(self)))


def with_date_format(preprocessing: Preprocessing, date_format: str) -> Preprocessing:
    """A preprocessing that reads the dates of another file by another format.

    Args:
        preprocessing: Preprocessing.
        date_format: str, as of `strptime`.

    Returns:
        Preprocessing.

    Raises:
        InputError: If it reads no dates, or the format is none.

    Example:
    >>> target = Target("load", "regression", (), 5.0, 2.0)
    >>> steps = SeriesSteps("day", "ISO8601", 20, 1)
    >>> known = Preprocessing("series", target, steps)
    >>> with_date_format(known, "%d/%m/%Y").steps.date_format
    '%d/%m/%Y'
    """
    check_date_format(date_format)
    steps = preprocessing.steps
    if isinstance(steps, SeriesSteps) and steps.time is not None:
        steps = dataclasses.replace(steps, date_format=date_format)
    elif isinstance(steps, TableFeatures) and steps.dates:
        dates = [dataclasses.replace(each, form=date_format) for each in steps.dates]
        steps = dataclasses.replace(steps, dates=tuple(dates))
    else:
        raise InputError(
            "Argument `date_format` is for a file with dates. Received: "
            f"date_format={date_format!r}, and the model was trained without a date. "
            "Leave it out."
        )
    return dataclasses.replace(preprocessing, steps=steps)


STEPS: dict[str, type[TableFeatures | SeriesSteps | TextSteps]] = {
    "tabular": TableFeatures, "series": SeriesSteps, "text": TextSteps,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Frame:
    """The parts that every kind has."""

    kind: Literal["tabular", "series", "text"]
    target: Target
    reading: Reading | None


def with_reading(dataset: Dataset, reading: Reading) -> Dataset:
    """A dataset whose preprocessing, if it has one, knows how its file was read.

    Args:
        dataset: Dataset.
        reading: Reading.

    Returns:
        Dataset.
    """
    if dataset.preprocessing is None:
        return dataset
    known = dataclasses.replace(dataset.preprocessing, reading=reading)
    return dataclasses.replace(dataset, preprocessing=known)


def read_preprocessing(document: object) -> Preprocessing:
    """The preprocessing that a JSON object holds; every value is checked.

    Args:
        document: JSON value, as `Preprocessing.to_document` gives it.

    Returns:
        Preprocessing.

    Raises:
        InputError: If it is none, or of a version that is not known.

    Example:
    >>> read_preprocessing({"format": "lr_finder preprocessing", "version": 2})
    Traceback (most recent call last):
    lr_finder.errors.InputError: The preprocessing must be of version 1. Received: \
version 2. Read it with the release of lr_finder that wrote it.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(
            f"The preprocessing must be what `find --train` wrote. Received: "
            f"{document!r:.40}. {ANEW}"
        )
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise InputError(
            f"The preprocessing must be of version {VERSION}. Received: version "
            f"{version!r:.20}. Read it with the release of lr_finder that wrote it."
        )
    parts = {k: v for k, v in document.items() if k not in ("format", "version")}
    steps = parts.pop("steps", None)
    frame = from_document(_Frame, parts, "preprocessing")
    made = from_document(STEPS[frame.kind], steps, "preprocessing.steps")
    return Preprocessing(frame.kind, frame.target, made, frame.reading)


def load_preprocessing(path: Path) -> Preprocessing:
    """The preprocessing in a file.

    Args:
        path: Path.

    Returns:
        Preprocessing, its reading known.

    Raises:
        InputError: If the file is none, or breaks a rule.
    """
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"File {path} must hold JSON. Received: {str(error):.80}. {ANEW}"
        ) from None
    try:
        preprocessing = read_preprocessing(document)
    except InputError as error:
        raise InputError(f"File {path} cannot be used. {error}") from None
    if preprocessing.reading is None:
        raise InputError(
            f"File {path} must say how its file was read. Received: no `reading`. "
            f"{ANEW}"
        )
    return preprocessing
