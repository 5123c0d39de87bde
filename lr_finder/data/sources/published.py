"""Datasets known by their names: in a folder of one's own, or downloaded by Keras."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lr_finder._text import short_reason
from lr_finder.data.dataset import Dataset, Task
from lr_finder.data.request import TABLE_OPTIONS, Request
from lr_finder.data.sources.published_files import (
    IDX_PREFIX,
    NUM_WORDS,
    FileError,
    Part,
    read_cifar,
    read_idx_pair,
    read_pair,
    read_reviews,
)
from lr_finder.errors import InputError

DEPTH = 2  # folders below the folder of data in which a dataset may lie
MAX_FOLDERS = 2_000  # in which it is looked for
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
           "Sneaker", "Bag", "Ankle boot")  # fmt: skip
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
           "ship", "truck")  # fmt: skip
FEELINGS = ("negative", "positive")
IDX_IMAGES = tuple(
    f"{IDX_PREFIX['train']}images-idx3-ubyte{suffix}" for suffix in (".gz", "")
)
EXPECTED = {  # what lies in the folder of data
    "cifar10": "the folder cifar-10-batches-py",
    "cifar100": "the folder cifar-100-python",
    "mnist": "mnist.npz, or a folder mnist with train-images-idx3-ubyte.gz and "
    "train-labels-idx1-ubyte.gz",
    "fashion_mnist": "a folder fashion-mnist with train-images-idx3-ubyte.gz and "
    "train-labels-idx1-ubyte.gz",
    "imdb": "imdb.npz",
    "california_housing": "california_housing.csv or california_housing.npz",
}
TRAINING_PART = "the published training part alone; its test part is left untouched"
TEST_PART = "the published training part; its test part of {:,} rows is scored alone"
WITH_TEST_PART = ("cifar10", "cifar100", "mnist", "fashion_mnist", "imdb")


def load_published(name: str, request: Request) -> Dataset:
    """A dataset known by its name.

    It is looked for in `data_dir` (or the folder that `LR_FINDER_DATA` names) and up
    to two folders below; otherwise Keras downloads it. Only the published training
    part is used; rows to validate with are taken from it.

    Args:
        name: str, one of `EXPECTED`.
        request: Request.

    Returns:
        Dataset of images, of text (imdb) or of a table (california_housing).

    Raises:
        InputError: If it is neither there nor downloadable, or a file is damaged.
    """
    found, request = _check_and_find(name, request)
    if name == "california_housing" and found is not None and found.suffix == ".csv":
        return _housing_table(found, request)
    x, y, classes, notes = _read(name, found, request, "train")
    return _LOADERS[name](x, y, classes, (*notes, TRAINING_PART), request)


def load_published_parts(name: str, request: Request) -> tuple[Dataset, int]:
    """A dataset known by its name, with the test part it was published with.

    Args:
        name: str, one of `WITH_TEST_PART`.
        request: Request.

    Returns:
        `(dataset, n_test)`: the last `n_test` rows to validate with are the published
        test part, whole and in its order.

    Raises:
        InputError: If it is neither there nor downloadable, or a file is damaged.
    """
    found, request = _check_and_find(name, request)
    x, y, classes, notes = _read(name, found, request, "train")
    x_test, y_test, _, _ = _read(name, found, request, "test")
    if x.shape[1:] != x_test.shape[1:]:
        raise InputError(
            f"Both parts of {name} must hold rows of one shape. Received: {x.shape} "
            f"and {x_test.shape}. Download it anew."
        )
    request = dataclasses.replace(request, n_test=len(x_test))
    notes = (*notes, TEST_PART.format(len(x_test)))
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    return _LOADERS[name](x, y, classes, notes, request), len(x_test)


def _check_and_find(name: str, request: Request) -> tuple[Path | None, Request]:
    """Where a dataset lies, and the request with its task, checked."""
    kind = {"imdb": "text", "california_housing": "tabular"}.get(name, "images")
    if request.kind not in (None, kind):
        raise InputError(
            f"Argument `kind` must be {kind} for {name}. Received: "
            f"kind={request.kind!r}. Leave it out."
        )
    what, why = f"the dataset {name}", f"It is of kind {kind}"
    request.refuse(("time_column", "window", "horizon"), what, why)
    request.refuse(TABLE_OPTIONS, what, "They are for a table in a file")
    request = _with_task(name, request)
    found = _find(name, request.data_folder)
    if found is None or found.suffix != ".csv":
        request.refuse(("target",), what, "Its target is fixed")
    return found, request


def _read(name: str, found: Path | None, request: Request, part: Part):
    """`(x, y, classes, notes)` of one part, from its files or from Keras."""
    if found is None:
        return _downloaded(name, request, part)
    with _errors_named(found):
        x, y, classes = _READERS[name](found, part)
    return x, y, classes, (f"read from {found}",)


def _with_task(name: str, request: Request) -> Request:
    """The request with the task for which the dataset was published."""
    task: Task = "regression" if name == "california_housing" else "classification"
    if request.task in (None, task) or name == "california_housing":
        return request if request.task else dataclasses.replace(request, task=task)
    raise InputError(
        f"Argument `task` must be {task} for {name}. Received: "
        f"task={request.task!r}. Leave it out."
    )


def _find(name: str, folder: Path | None) -> Path | None:
    """The file or folder in which a dataset lies, or None."""
    if folder is None:
        return None
    for place in _folders(folder):
        for candidate in _candidates(name, place):
            if candidate.exists():
                return candidate
    return None


def _candidates(name: str, place: Path) -> list[Path]:
    """Where a dataset would lie in a folder."""
    plain = re.sub(r"[^a-z]", "", place.name.lower())
    if name in ("mnist", "fashion_mnist"):
        files = [place / "mnist.npz"] if name == "mnist" else []
        if plain == name.replace("_", ""):
            inside = (place, place / "raw")
            files += [folder / image for folder in inside for image in IDX_IMAGES]
        return files
    names = {
        "cifar10": ["cifar-10-batches-py"], "cifar100": ["cifar-100-python"],
        "imdb": ["imdb.npz"],
        "california_housing": ["california_housing.csv", "california_housing.npz"],
    }[name]  # fmt: skip
    own = [place] if place.name in names else []
    return own + [place / file for file in names]


def _folders(folder: Path) -> Iterator[Path]:
    """A folder and those below it, nearest first, hidden ones left out."""
    level, n_seen = [folder.resolve()], 0
    for _ in range(DEPTH + 1):
        below = []
        for place in level:
            n_seen += 1
            if n_seen > MAX_FOLDERS:
                return
            yield place
            with contextlib.suppress(OSError):
                inside = (p for p in place.iterdir() if not p.name.startswith("."))
                below += sorted(p for p in inside if p.is_dir())
        level = below


def _downloaded(name: str, request: Request, part: Part) -> tuple[Any, ...]:
    """`(x, y, classes, notes)` of one part, from Keras."""
    import keras

    options = {"num_words": NUM_WORDS} if name == "imdb" else {}
    try:
        with contextlib.redirect_stdout(sys.stderr):  # where progress belongs
            train, test = getattr(keras.datasets, name).load_data(**options)
    except Exception as error:  # Keras raises the bare class for a failed download
        reason = short_reason(error)
        folder = request.data_folder
        looked = f"not in {folder}" if folder else "no folder of data named"
        raise InputError(
            f"Dataset {name} must lie in the folder of data or be downloadable. "
            f"Received: {looked}; the download failed ({reason}). "
            f"Put {EXPECTED[name]} into a folder and name that folder with --data-dir "
            "or the variable LR_FINDER_DATA."
        ) from None
    x, y = train if part == "train" else test
    classes = {"cifar10": CIFAR10, "fashion_mnist": CLOTHES}.get(name, ())
    return np.asarray(x), np.asarray(y), classes, ("downloaded by Keras",)


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    try:
        yield
    except FileError as error:
        raise InputError(
            f"{path} must be the dataset as it was published. Received: {error}. "
            "Download it anew."
        ) from None


def _images(x, y, classes, notes, request: Request) -> Dataset:
    from lr_finder.data.prepare.arrays import image_dataset

    y = np.asarray(y).reshape(-1)
    dataset = image_dataset(x, y, request, notes=notes)
    return _named(dataset, classes)


def _reviews(x, y, classes, notes, request: Request) -> Dataset:
    from lr_finder.data.prepare.tokens import tokens_dataset

    dataset = tokens_dataset(list(x), y, request, notes=notes)
    return _named(dataset, classes or FEELINGS)


def _housing(x, y, classes, notes, request: Request) -> Dataset:
    from lr_finder.data.prepare.arrays import table_dataset

    del classes  # a price
    dataset = table_dataset(x, y, request)
    notes = (*notes, *dataset.notes)
    return dataclasses.replace(dataset, notes=notes, target="median_house_value")


def _housing_table(path: Path, request: Request) -> Dataset:
    from lr_finder.data.prepare.table import tabular_dataset
    from lr_finder.data.readers.csv_files import read_table

    target = "median_house_value" if request.target is None else request.target
    request = dataclasses.replace(request, source=str(path), target=target)
    dataset = tabular_dataset(read_table(path), request)
    return dataclasses.replace(dataset, notes=(f"read from {path}", *dataset.notes))


def _named(dataset: Dataset, classes: tuple[str, ...]) -> Dataset:
    """The dataset with words for its classes, if there is one for each."""
    labels = dataset.classes
    if classes and all(label in range(len(classes)) for label in labels):
        labels = tuple(classes[int(label)] for label in labels)
    return dataclasses.replace(
        dataset,
        classes=labels,
        target="label",
        reason="it was published with classes",
    )


_READERS: dict[str, Callable[[Path, Part], tuple[Any, ...]]] = {
    "cifar10": read_cifar,
    "cifar100": read_cifar,
    "mnist": lambda path, part: read_pair(path, part) if path.suffix == ".npz"
    else read_idx_pair(path, part),
    "fashion_mnist": lambda path, part: (*read_idx_pair(path, part)[:2], CLOTHES),
    "imdb": read_reviews,
    "california_housing": read_pair,
}  # fmt: skip
_LOADERS: dict[str, Callable[..., Dataset]] = {
    "imdb": _reviews,
    "california_housing": _housing,
    **dict.fromkeys(("cifar10", "cifar100", "mnist", "fashion_mnist"), _images),
}
