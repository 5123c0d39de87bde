"""From an NPZ file to arrays, without unpickling anything."""

from __future__ import annotations

import contextlib
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lr_finder._text import listed, short_reason
from lr_finder.data.dataset import Dataset
from lr_finder.data.readers.compressed import MAX_ENTRIES
from lr_finder.data.request import TABLE_OPTIONS, Request
from lr_finder.errors import InputError

MAX_ARRAY_BYTES = 2**32  # decoded, of one array
PAIRS = (  # names of inputs and answers, without regard to case
    ("x_train", "y_train"), ("train_x", "train_y"), ("x", "y"),
    ("train_images", "train_labels"), ("images", "labels"), ("texts", "labels"),
    ("text", "label"), ("data", "labels"), ("data", "label"), ("data", "targets"),
    ("data", "target"), ("features", "labels"), ("features", "target"),
)  # fmt: skip
INPUTS = tuple(dict.fromkeys(name for name, _ in PAIRS))
TEST_PAIRS = (
    ("x_test", "y_test"), ("test_x", "test_y"), ("test_images", "test_labels"),
)  # fmt: skip
TEST_PART = tuple(name for pair in TEST_PAIRS for name in pair)
READ_ERRORS = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError,
               MemoryError, OverflowError, NotImplementedError, RuntimeError,
               SyntaxError, AttributeError, struct.error, zlib.error, lzma.LZMAError,
               zipfile.BadZipFile)  # fmt: skip


def load_archive(path: Path, request: Request) -> Dataset:
    """The arrays of an NPZ file as data to train and to validate on.

    Args:
        path: Path, an NPZ file.
        request: Request, of which `target` may name the array of answers.

    Returns:
        Dataset of the kind that the inputs are.

    Raises:
        InputError: If the file, its arrays or an option breaks a rule.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "digits.npz")
    ...     np.savez(path, x=np.ones((10, 8, 8)), y=np.arange(10) % 2)
    ...     dataset = load_archive(path, Request(str(path)))
    >>> dataset.kind, dataset.x_train.shape
    ('images', (8, 8, 8, 1))
    """
    from lr_finder.data.prepare import arrays

    why = "It has no columns: rows are in order of time"
    request.refuse(("time_column",), "an NPZ file", why)
    request.refuse(TABLE_OPTIONS, "an NPZ file", "They are for columns with names")
    alone = request.kind == "series" or bool(request.series_options)
    x, y, notes = read_arrays(path, request.target, alone=alone)
    kind, reason = arrays.array_kind(x, y is not None, request)
    if y is None and kind != "series":
        raise InputError(
            f"File {path} must hold answers beside the inputs, e.g. arrays x and y. "
            f"Received: one array of shape {x.shape}. Add the answers."
        )
    dataset = arrays.load_arrays(x, y, kind, request)
    return replace(dataset, notes=notes + dataset.notes, kind_reason=reason)


def read_arrays(
    path: str | Path,
    target: str | int | None = None,
    *,
    alone: bool = False,
    pairs: tuple[tuple[str, str], ...] = PAIRS,
) -> tuple[np.ndarray, np.ndarray | None, tuple[str, ...]]:
    """The array of inputs in an NPZ file, that of answers, and notes.

    Inputs and answers are found by their names (x and y, x_train and y_train, images
    and labels, data and target, …). An array that stands alone is a series.

    Args:
        path: str or Path, an NPZ file.
        target: str, name of the array of answers, or of the series; None finds it.
        alone: bool, whether one array is wanted, without answers.
        pairs: names of inputs and answers, the most likely first.

    Returns:
        `(x, y, notes)`; y is None if one array is all there is.

    Raises:
        InputError: If the file is none, holds objects, names or lengths do not fit.

    Example:
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "digits.npz")
    ...     np.savez(path, x=np.zeros((3, 2)), y=np.arange(3))
    ...     x, y, notes = read_arrays(path)
    >>> x.shape, y.tolist(), notes
    ((3, 2), [0, 1, 2], ())
    """
    path = Path(path)
    with errors_named(path), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()[:MAX_ENTRIES]
        names = [e.filename.removesuffix(".npy") for e in entries]
        x_name, y_name = _choose(path, names, target, pairs)
        if alone and target is not None:
            x_name, y_name = y_name or x_name, None
        chosen = [name for name in (x_name, y_name) if name is not None]
        for name in chosen:
            _check_header(path, archive, name)
    with errors_named(path), np.load(path, allow_pickle=False) as arrays:
        x = arrays[x_name]
        y = None if y_name is None else arrays[y_name]
    if y is not None and (y.ndim == 0 or x.ndim == 0 or len(x) != len(y)):
        raise InputError(
            f"File {path} must hold as many answers as inputs. Received: {x_name!r} of "
            f"shape {x.shape} and {y_name!r} of shape {y.shape}. Save equal lengths."
        )
    notes: tuple[str, ...] = ()
    if any(name.lower() in TEST_PART for name in names):
        notes += ("the test arrays in the file are left untouched",)
    ignored = [n for n in names if n not in chosen and n.lower() not in TEST_PART]
    if ignored:
        notes += (f"arrays not used: {listed(ignored)}",)
    return x, y, notes


@contextlib.contextmanager
def errors_named(path: Path) -> Iterator[None]:
    """What zipfile and NumPy raise about a file becomes an InputError that names it.

    Args:
        path: Path, the file that is read inside.

    Raises:
        InputError: Instead of any error of reading.

    Example:
    >>> with errors_named(Path("a.npz")):
    ...     raise EOFError
    Traceback (most recent call last):
    ...
    lr_finder.errors.InputError: File a.npz must be ... Received: EOFError. Save ...
    """
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"File {path} does not exist. Check the path.") from None
    except READ_ERRORS as error:
        reason = short_reason(error)
        raise InputError(
            f"File {path} must be a readable NPZ file. Received: "
            f"{reason}. Save it anew with numpy.savez."
        ) from None


def read_header(file: Any) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype from the start of an NPY file.

    Args:
        file: binary file at its start; it is left where the data begins.

    Returns:
        `(shape, dtype)`.

    Raises:
        ValueError: If it is no NPY file of version 1 or 2.

    Example:
    >>> import io
    >>> file = io.BytesIO()
    >>> np.save(file, np.zeros((3, 2)))
    >>> _ = file.seek(0)
    >>> read_header(file)
    ((3, 2), dtype('float64'))
    """
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"an array in format {version}")
    try:
        shape, _, dtype = readers[version](file)
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"a header that cannot be read: {error}") from None
    return shape, dtype


def _check_header(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an array of objects, or one larger than it says or than we can take."""
    member = name if name in archive.namelist() else f"{name}.npy"
    info = archive.getinfo(member)
    with archive.open(member) as file:
        shape, dtype = read_header(file)
        start = file.tell()
    if dtype.hasobject:
        raise InputError(
            f"Array {name!r} in {path} must hold numbers or strings. Received: Python "
            "objects, which are refused: loading them can run code. Save it with one "
            'dtype, e.g. np.asarray(texts, dtype="str").'
        )
    size = dtype.itemsize
    for length in shape:
        size *= int(length)
    if size > MAX_ARRAY_BYTES:
        raise InputError(
            f"Array {name!r} in {path} must take at most {MAX_ARRAY_BYTES / 2**30:.0f} "
            f"GiB of memory. Received: {size / 2**30:,.1f} GiB, {dtype} of shape "
            f"{shape}. Save fewer rows."
        )
    if min(shape, default=0) < 0 or info.file_size != start + size:
        raise InputError(
            f"Array {name!r} in {path} must be as long as its header says. Received: "
            f"{dtype} of shape {shape} in {info.file_size:,} bytes. Save it anew."
        )


def _choose(
    path: Path, names: list[str], target: str | int | None, pairs=PAIRS
) -> tuple[str, str | None]:
    """Names of the inputs and of the answers."""
    by_lower = {name.lower(): name for name in reversed(names)}
    if target is not None:
        return _chosen_by_target(path, names, by_lower, str(target))
    for x_name, y_name in pairs:
        if x_name in by_lower and y_name in by_lower:
            return by_lower[x_name], by_lower[y_name]
    if len(names) == 1:
        return names[0], None
    raise InputError(_missing(path, names, pairs))


def _chosen_by_target(
    path: Path, names: list[str], by_lower: dict[str, str], target: str
) -> tuple[str, str | None]:
    y_name = target if target in names else by_lower.get(target.lower())
    if y_name is None:
        raise InputError(
            f"Argument `target` must name an array in {path}. Received: "
            f"target={target!r}. Arrays: {', '.join(names[:10]) or 'none'}."
        )
    if len(names) == 1:
        return y_name, None
    for name in INPUTS:
        if name in by_lower and by_lower[name] != y_name:
            return by_lower[name], y_name
    others = [name for name in names if name != y_name]
    if len(others) == 1:
        return others[0], y_name
    raise InputError(_missing(path, names))


def _missing(path: Path, names: list[str], pairs=PAIRS) -> str:
    received = ", ".join(map(repr, names[:10])) or "no array"
    if pairs is TEST_PAIRS:
        return (
            f"File {path} must hold a test part: arrays named x_test and y_test. "
            f"Received: {received}. Save it with both."
        )
    return (
        f"File {path} must hold inputs and answers: arrays named x and y, x_train and "
        "y_train, images and labels, or data and target. Received: "
        f"{received}. Rename them, or name the "
        "answers as `target`."
    )
