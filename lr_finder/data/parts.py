"""Three parts of the data: to train on, to choose by, and to score once at the end."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError

VALIDATION_FRACTION = 0.1  # of the rows outside the test part
TEST_FRACTION = 0.2  # of a source that was published without a test part
FINGERPRINT_DIGITS = 16


@dataclasses.dataclass(frozen=True, eq=False)
class ThreeParts:
    """Data to train and to validate on, and a test part that is scored once.

    Args:
        dataset: Dataset, the rows to train on and those to validate with.
        x_test: array (rows, …), rows as those of `dataset`.
        y_test: array of as many targets, encoded as those of `dataset`: class
            indices, or numbers standardised by the same mean and scale.
        name: str, what the data is called.

    Raises:
        InputError: If the test part does not fit the dataset.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.array([0, 1, 0, 1], "int32")
    >>> dataset = Dataset(x, y, x[:2], y[:2], "classification", classes=("a", "b"))
    >>> parts = ThreeParts(dataset, x[2:], y[2:], name="zeros")
    >>> len(parts.x_test), len(parts.fingerprint)
    (2, 16)
    """

    dataset: Dataset
    x_test: np.ndarray
    y_test: np.ndarray
    name: str

    def __post_init__(self):
        rows, outputs = self.dataset.input_shape, self.dataset.y_train.shape[1:]
        shapes = (self.x_test.shape[1:], self.y_test.shape[1:])
        if not len(self.x_test) == len(self.y_test) > 0 or shapes != (rows, outputs):
            raise InputError(
                f"Arrays `x_test` and `y_test` must pair row by row, one or more, with "
                f"rows of shape {rows} and targets of shape {outputs} as in the "
                f"dataset. Received: {self.x_test.shape} and {self.y_test.shape}. Use "
                "three_parts_of(...) for raw arrays."
            )
        n_classes = self.dataset.n_classes
        if n_classes and not ((0 <= self.y_test) & (self.y_test < n_classes)).all():
            raise InputError(
                f"Array `y_test` must hold class indices from 0 to {n_classes - 1}. "
                f"Received: {self.y_test.min()} to {self.y_test.max()}. Use "
                "three_parts_of(...) for labels as they come."
            )

    def facts(self) -> dict[str, Any]:
        """What an experiment says of its data, as JSON values.

        Returns:
            dict of `source`, `kind`, `task`, `data` and `notes`.
        """
        data = self.dataset
        return {
            "source": self.name,
            "kind": data.kind,
            "task": data.task,
            "data": f"{data.description}, {len(self.x_test):,} to test",
            "notes": list(data.notes),
        }

    @functools.cached_property
    def fingerprint(self) -> str:
        """16 digits that change with any number in the data, its task or its kind."""
        data = self.dataset
        digest = hashlib.sha256(f"{data.task} {data.kind}".encode())
        for array in (data.x_train, data.y_train, data.x_validation,
                      data.y_validation, self.x_test, self.y_test):  # fmt: skip
            digest.update(f"{array.dtype} {array.shape}".encode())
            # An array is a buffer; the stub says so from Python 3.12 on.
            digest.update(np.ascontiguousarray(array))  # type: ignore[arg-type]
        return digest.hexdigest()[:FINGERPRINT_DIGITS]


def load_three_parts(
    source: str | Path,
    *,
    limit: int | None = None,
    seed: int = 0,
    validation_fraction: float = VALIDATION_FRACTION,
    test_fraction: float = TEST_FRACTION,
    **options: Any,
) -> ThreeParts:
    r"""Read a source as data to train on, to validate with and to test.

    CIFAR-10 and -100, MNIST, Fashion-MNIST and IMDB keep the test part they were
    published with, whole; a tenth of the training part validates, classes in equal
    shares. For other sources, the test part is the rows that `load_data` would validate
    with: random rows, or the last points of a series; see `split_off_test`.

    Args:
        source: str or Path, as `load_data` takes it.
        limit: int, rows to keep at most; those of a published test part do not count.
        seed: int, of all draws; 0 or more.
        validation_fraction: float in (0, 1), of the rows outside the test part.
        test_fraction: float in (0, 1), of a source without a test part of its own.
        options: the other options of `load_data`.

    Returns:
        ThreeParts.

    Raises:
        InputError: If the source, its data or an option breaks a rule.

    Example:
    >>> import pathlib, tempfile
    >>> lines = ["rooms,rent", *(f"{i},{i / 4}" for i in range(50))]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "rents.csv")
    ...     _ = path.write_text("\n".join(lines))
    ...     parts = load_three_parts(path)
    >>> len(parts.dataset.x_train), len(parts.dataset.x_validation), len(parts.x_test)
    (36, 4, 10)
    """
    from lr_finder.data.loading import (
        BY_NAME,
        check_known_source,
        known_name,
        load_data,
    )
    from lr_finder.data.request import TEXT_OPTIONS, Request
    from lr_finder.data.sources.published import WITH_TEST_PART, load_published_parts

    check_known_source(source, options.get("data_dir"))
    name = known_name(source)
    draw = {"limit": limit, "seed": seed, **options}
    if name in WITH_TEST_PART:
        request = Request(name, validation_fraction=validation_fraction, **draw)
        request.refuse(TEXT_OPTIONS, name, "It is for tables in files of text")
        dataset, n_test = load_published_parts(name, request)
        dataset = dataclasses.replace(dataset, kind_reason=BY_NAME)
        return cut_off(dataset, n_test, name)
    dataset = load_data(source, validation_fraction=test_fraction, **draw)
    return split_off_test(
        dataset, seed, validation_fraction=validation_fraction,
        name=name or Path(source).name,
    )  # fmt: skip


def split_off_test(
    dataset: Dataset,
    seed: int = 0,
    *,
    validation_fraction: float = VALIDATION_FRACTION,
    name: str = "data",
) -> ThreeParts:
    """Turn the validation rows into a test part, and draw new validation rows.

    The new ones come from the training rows: random rows, classes in equal shares if
    that is possible; for a series the last windows, with enough windows left out before
    them that no point is in two parts. What was fitted on the training rows, such as a
    mean, was fitted before they were split; the test part had no share in it.

    Args:
        dataset: Dataset; the windows of a series in order of time.
        seed: int, of the draw; 0 or more.
        validation_fraction: float in (0, 1), of `x_train`.
        name: str, what the data is called.

    Returns:
        ThreeParts.

    Raises:
        InputError: If an argument breaks its rule, or there are too few rows.

    Example:
    >>> x, y = np.zeros((40, 3), "float32"), np.arange(40, dtype="float32")
    >>> parts = split_off_test(Dataset(x, y, x[:5], y[:5], "regression"))
    >>> len(parts.dataset.x_train), len(parts.dataset.x_validation), len(parts.x_test)
    (36, 4, 5)
    """
    from lr_finder.data.request import Request

    Request(name, validation_fraction=validation_fraction, seed=seed)  # checks both
    train, validation = _rows(dataset, validation_fraction, seed)
    parts = dataclasses.replace(
        dataset,
        x_train=dataset.x_train[train], y_train=dataset.y_train[train],
        x_validation=dataset.x_train[validation],
        y_validation=dataset.y_train[validation],
    )  # fmt: skip
    return ThreeParts(parts, dataset.x_validation, dataset.y_validation, name)


def cut_off(dataset: Dataset, n_test: int, name: str) -> ThreeParts:
    """Make the last rows to validate with the test part.

    Args:
        dataset: Dataset with more rows to validate with than `n_test`.
        n_test: int, 1 or more.
        name: str, what the data is called.

    Returns:
        ThreeParts.

    Example:
    >>> x, y = np.zeros((9, 3), "float32"), np.zeros(9, "float32")
    >>> parts = cut_off(Dataset(x, y, x, y, "regression"), 2, "zeros")
    >>> len(parts.dataset.x_validation), len(parts.x_test)
    (7, 2)
    """
    x_validation, x_test = np.split(dataset.x_validation, [-n_test])
    y_validation, y_test = np.split(dataset.y_validation, [-n_test])
    rest = dataclasses.replace(
        dataset, x_validation=x_validation, y_validation=y_validation
    )
    return ThreeParts(rest, x_test, y_test, name)


def _rows(
    dataset: Dataset, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of `x_train` to train on and to validate with."""
    n, gap = len(dataset.x_train), 0
    if dataset.kind == "series":  # as many windows as hold a point of the next part
        gap = len(dataset.x_train[0]) + len(np.atleast_1d(dataset.y_train[0])) - 1
    n_validation = max(round(fraction * n), 1)
    is_classes = dataset.task == "classification"
    all_single = is_classes and np.bincount(dataset.y_train).max(initial=0) < 2
    if n_validation + gap >= n or all_single:
        raise InputError(
            f"Data must leave rows to train on beside {n_validation} to validate with"
            f"{f' and {gap} windows between' * (gap > 0)}. Received: {n}. Give more "
            "rows, or a smaller `limit`, `window` or `validation_fraction`."
        )
    if dataset.kind == "series":
        return np.arange(n - n_validation - gap), np.arange(n - n_validation, n)
    import pandas as pd

    from lr_finder.data.sampling import split_rows

    answers = pd.Series(dataset.y_train if is_classes else np.arange(n))
    return split_rows(answers, dataset.task, fraction, seed)
