"""One way in for every source: a table, a series, images, texts, a known name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lr_finder.data.dataset import Dataset, Kind, Task
from lr_finder.data.request import (
    IMAGE_SUFFIXES,
    TEXT_OPTIONS,
    VALIDATION_FRACTION,
    Request,
    as_names,
)
from lr_finder.errors import InputError

KNOWN_NAMES: tuple[str, ...] = (
    "cifar10", "cifar100", "mnist", "fashion_mnist", "imdb", "california_housing",
)  # fmt: skip
MODEL_SUFFIXES = (".keras",)
ARCHIVE_SUFFIX = ".npz"
SOURCES = (
    "a table (CSV, TSV, columns between blanks, JSON Lines; also compressed), a "
    "Parquet or NPZ file, a file of label TAB text, a folder of images, or one of "
    + ", ".join(KNOWN_NAMES)
)
BY_NAME = "a dataset known by its name"


def load_data(
    source: str | Path,
    *,
    kind: Kind | None = None,
    target: str | int | None = None,
    task: Task | None = None,
    time_column: str | None = None,
    window: int | None = None,
    horizon: int | None = None,
    limit: int | None = None,
    data_dir: str | Path | None = None,
    validation_fraction: float = VALIDATION_FRACTION,
    seed: int = 0,
    encoding: str | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    drop: Sequence[str | int] | None = None,
) -> Dataset:
    r"""Read a source as data to train and to validate on.

    What a source holds is inferred, and `kind_reason` says why. A folder holds images.
    For an NPZ file the shape of its array decides. A table holds texts if it has a
    column of sentences and one of labels. It holds a series if its target is numbers
    and one column has dates that hardly repeat and mostly follow each other in a
    regular step, or if it has one column of times in order and nothing else. Otherwise
    it holds rows. Validation rows are drawn at random, the same share of each class;
    those of a series are its last. Everything is fitted on the training rows. If memory
    does not hold a Parquet file or a folder, a random sample is read.

    Args:
        source: str or Path, a file, a folder, or one of `KNOWN_NAMES`.
        kind: "tabular", "series", "images", "text", or None to infer it.
        target: str or int, column (or array) to predict, by name or index; None is the
            last column; for a series, the first column of numbers after the time.
        task: "classification", "regression", or None to infer it.
        time_column: str, column that orders a series; None is the column of dates.
        window: int, points of a series that the model sees; None is 20.
        horizon: int, points that the model forecasts; None is 1.
        limit: int, the most rows to keep, drawn at random; for a series, the last
            points.
        data_dir: str or Path, folder of known data sets; None is what `LR_FINDER_DATA`
            names. Keras downloads what is not there.
        validation_fraction: float in (0, 1), the share of validation rows.
        seed: int, of all draws; 0 or more.
        encoding: str, encoding of a text file, as Python calls it; None finds it.
        sep: str, delimiter of a text file: one character, "tab" or "space"; None finds
            it.
        decimal: "." or ",", decimal mark of a text file; None finds it.
        date_format: str, how dates are written, in the form of `strptime`, e.g.
            "%d/%m/%Y"; None finds it from the column, see
            `lr_finder.data.cells.dates.date_reading`.
        drop: sequence of str or int, columns of a table to leave out, by name or index.

    Returns:
        Dataset.

    Raises:
        InputError: If the source, its data or an argument breaks a rule.
        LRFinderError: If a library that the source needs is not installed.

    Example:
    >>> import pathlib, tempfile
    >>> lines = [f"2024-01-{day:02},{day % 7}" for day in range(1, 32)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "sales.csv")
    ...     _ = path.write_text("\n".join(["day,sold", *lines]))
    ...     dataset = load_data(path, window=7, horizon=1)
    >>> dataset.kind, dataset.x_train.shape, dataset.y_validation.shape
    ('series', (16, 7), (1, 1))
    """
    request = Request(
        str(source), kind, target, task, time_column, window, horizon, limit,
        data_dir, validation_fraction, seed, encoding=encoding, sep=sep,
        decimal=decimal, date_format=date_format, drop=as_names(drop),
    )  # fmt: skip
    check_known_source(source, data_dir)
    known = known_name(source)
    if not is_table_file(source):
        request.refuse(TEXT_OPTIONS, str(source), "It is for tables in files of text")
    if known is not None:
        from lr_finder.data.sources.published import load_published

        dataset = load_published(known, request)
        return replace(dataset, kind_reason=BY_NAME)
    path = Path(source)
    if path.is_dir():
        from lr_finder.data.sources.image_folder import folder_dataset

        return replace(folder_dataset(path, request), kind_reason="a folder")
    if path.suffix.lower() == ARCHIVE_SUFFIX:
        from lr_finder.data.sources.npz import load_archive

        return load_archive(path, request)
    from lr_finder.data.opened import open_table

    return open_table(path, request).dataset


def check_known_source(source: str | Path, data_dir: str | Path | None = None) -> None:
    """Refuse what is neither a known name nor there, before anything heavy is loaded.

    Args:
        source: str or Path, a file, a folder, or one of `KNOWN_NAMES`.
        data_dir: str or Path, folder of known datasets, or None.

    Raises:
        InputError: If there is no such source or no such folder.

    Example:
    >>> check_known_source("cifar10")
    >>> check_known_source("cifar")
    Traceback (most recent call last):
    ...
    lr_finder.errors.InputError: SOURCE must be a table ... Did you mean 'cifar10'?
    """
    if data_dir is not None and not Path(data_dir).is_dir():
        raise InputError(
            "Argument `data_dir` must be a folder. Received: "
            f"data_dir={str(data_dir)!r}, which is no folder. Check the path."
        )
    if known_name(source) is not None:
        return
    if _exists(source):
        _check_suffix(Path(source))
        return
    name = str(source).lower().replace("-", "_")
    close = difflib.get_close_matches(name, KNOWN_NAMES, n=1)
    way_out = f"Did you mean {close[0]!r}?" if close else "Check the path."
    raise InputError(
        f"SOURCE must be {SOURCES}. Received: {source}, which does not exist. {way_out}"
    )


def known_name(source: str | Path) -> str | None:
    """The known name that a source is, in capitals or not; a file goes before those.

    Args:
        source: str or Path.

    Returns:
        str, one of `KNOWN_NAMES`, or None.

    Example:
    >>> known_name("CIFAR10"), known_name("prices.csv")
    ('cifar10', None)
    """
    if str(source) in KNOWN_NAMES:
        return str(source)
    name = str(source).lower()
    return name if name in KNOWN_NAMES and not _exists(source) else None


def is_table_file(source: str | Path) -> bool:
    """Whether a source is read as a table: no known name, folder or NPZ file.

    Args:
        source: str or Path, one that `check_known_source` passes.

    Returns:
        bool.

    Example:
    >>> is_table_file("prices.csv.gz"), is_table_file("mnist")
    (True, False)
    """
    path = Path(source)
    is_other = known_name(source) is not None or path.is_dir()
    return not is_other and path.suffix.lower() != ARCHIVE_SUFFIX


def _exists(source: str | Path) -> bool:
    try:
        return bool(str(source)) and os.path.exists(source)
    except (ValueError, TypeError):
        return False


def _check_suffix(path: Path) -> None:
    """Refuse a single image and a model, which people take for sources."""
    suffix = path.suffix.lower()
    if path.is_dir() or suffix not in (*IMAGE_SUFFIXES, *MODEL_SUFFIXES):
        return
    if suffix in IMAGE_SUFFIXES:
        received, way_out = "one image", "Name the folder that holds those folders"
    else:
        received, way_out = "a model", f"Give it as --model {path}"
    raise InputError(
        f"SOURCE must be {SOURCES}; images are in one folder per class. Received: "
        f"{path}, {received}. {way_out}."
    )
