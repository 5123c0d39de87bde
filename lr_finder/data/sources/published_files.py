"""The forms in which known datasets are published, read from a folder of one's own."""

from __future__ import annotations

import contextlib
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from lr_finder._text import short_reason
from lr_finder.data.prepare.tokens import UNKNOWN
from lr_finder.data.sources.npz import (
    MAX_ARRAY_BYTES,
    PAIRS,
    TEST_PAIRS,
    read_arrays,
    read_header,
)
from lr_finder.data.sources.pickles import Refused, read_pickle
from lr_finder.errors import InputError

MAX_PICKLE_BYTES = 2**30
SIDE, COLOURS = 32, 3  # of CIFAR's images
IDX_UINT8 = 8  # code of bytes in IDX files
NUM_WORDS = 10_000  # different tokens of a review that are kept, as Keras numbers them
START, FIRST_WORD = 1, 3  # Keras' numbers of tokens
READ_ERRORS = (OSError, ValueError, TypeError, KeyError, EOFError, zlib.error,
               zipfile.BadZipFile, MemoryError, OverflowError, IndexError,
               RuntimeError, NotImplementedError, SyntaxError)  # fmt: skip
Arrays = tuple[np.ndarray, np.ndarray, tuple[str, ...]]
Part = Literal["train", "test"]  # of the two in which datasets are published
IDX_PREFIX = {"train": "train-", "test": "t10k-"}


class FileError(Exception):
    """What is wrong with a published file, as half a sentence."""


def read_cifar(folder: Path, part: Part = "train") -> Arrays:
    """The images of CIFAR-10 or CIFAR-100 in Python's published form.

    Args:
        folder: Path, `cifar-10-batches-py` or `cifar-100-python`.
        part: "train" or "test".

    Returns:
        `(x, y, classes)`: uint8 images (n, 32, 32, 3), int labels (n,), names.

    Raises:
        FileError: If files are missing, damaged, or hold more than arrays and lists.
    """
    if (folder / "train").exists():
        files, key, names_key = [folder / part], b"fine_labels", b"fine_label_names"
        names_file = folder / "meta"
    else:
        pattern = "data_batch_[0-9]" if part == "train" else "test_batch"
        files = sorted(folder.glob(pattern))
        key, names_key, names_file = b"labels", b"label_names", folder / "batches.meta"
    if not files:
        wanted = {"train": "data_batch_1 (CIFAR-10) or train (CIFAR-100)"}
        raise FileError(f"no file {wanted.get(part, 'test_batch')}")
    batches = [_read_batch(file, key) for file in files]
    x = np.concatenate([images for images, _ in batches])
    y = np.concatenate([labels for _, labels in batches])
    return x, y, _read_class_names(names_file, names_key)


def read_idx_pair(images: Path, part: Part = "train") -> Arrays:
    """Images and labels in IDX files, compressed or not.

    Args:
        images: Path, `train-images-idx3-ubyte.gz`; the others lie beside it.
        part: "train" or "test", whose images are in `t10k-images-idx3-ubyte.gz`.

    Returns:
        `(x, y, ())`: uint8 images (n, height, width) and uint8 labels (n,).

    Raises:
        FileError: If a file is missing or damaged.
    """
    train, wanted = IDX_PREFIX["train"], IDX_PREFIX[part]
    images = images.with_name(images.name.replace(train, wanted))
    name = images.name.replace("images-idx3", "labels-idx1")
    x, y = _read_idx(images, rank=3), _read_idx(images.with_name(name), rank=1)
    if len(x) != len(y):
        raise FileError(f"{len(x):,} images and {len(y):,} labels")
    return x, y, ()


def read_pair(path: Path, part: Part = "train") -> Arrays:
    """Inputs and answers in an NPZ file of plain numbers.

    Args:
        path: Path, e.g. `mnist.npz`.
        part: "train" or "test", the arrays x_test and y_test.

    Returns:
        `(x, y, ())`.

    Raises:
        FileError: If there are no answers.
        InputError: If the file is damaged or holds objects.
    """
    pairs = PAIRS if part == "train" else TEST_PAIRS
    x, y, _ = read_arrays(path, pairs=pairs)
    if y is None:
        raise FileError("one array without answers")
    return x, y, ()


def read_reviews(path: Path, part: Part = "train") -> Arrays:
    """The reviews of IMDB, in the file that Keras publishes.

    Its lists of words lie in arrays of objects; they are read as `read_pickle` does.

    Args:
        path: Path, `imdb.npz`.
        part: "train" or "test".

    Returns:
        `(x, y, ())`: x, object array (n,) of lists of word numbers as Keras gives
        them (1 starts a text, 2 is a rare word), y (n,) of 0 and 1.

    Raises:
        FileError: If the file is damaged or holds more than arrays and lists.
    """
    with _reading(path), zipfile.ZipFile(path) as archive:
        reviews = _read_member(archive, f"x_{part}.npy")
        labels = _read_member(archive, f"y_{part}.npy")
        if reviews.shape != labels.shape or reviews.ndim != 1:
            raise FileError(f"reviews {reviews.shape} and labels {labels.shape}")
        numbered = np.empty(len(reviews), dtype=object)
        for index, words in enumerate(reviews):
            known = np.asarray(words, dtype=np.int64) + FIRST_WORD
            known[(known >= NUM_WORDS) | (known < 0)] = UNKNOWN
            numbered[index] = np.concatenate([[START], known])
    return numbered, labels, ()


def _read_batch(file: Path, key: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 32, 32, 3) and labels (n,) of one pickled batch."""
    batch = _read_pickle(file)
    with _reading(file):
        rows = np.asarray(batch[b"data"])
        labels = np.asarray(batch[key], dtype=np.int64)
        if rows.dtype != np.uint8 or labels.ndim != 1 or len(rows) != len(labels):
            raise FileError(
                f"{rows.dtype} of shape {rows.shape} and {len(labels)} labels in "
                f"{file.name}"
            )
        images = rows.reshape(-1, COLOURS, SIDE, SIDE)
    return images.transpose(0, 2, 3, 1), labels


def _read_class_names(file: Path, key: bytes) -> tuple[str, ...]:
    if not file.exists():
        return ()
    meta = _read_pickle(file)
    with _reading(file):
        names = meta[key]
        if not all(isinstance(name, bytes) for name in names):
            raise FileError(f"class names in {file.name} that are no text")
        return tuple(name.decode("utf-8", "replace") for name in names)


def _read_pickle(file: Path):
    with _reading(file):
        if file.stat().st_size > MAX_PICKLE_BYTES:
            raise FileError(f"{file.name} is larger than any published file")
        return read_pickle(file.read_bytes())


def _read_idx(file: Path, rank: int) -> np.ndarray:
    opener = gzip.open if file.suffix == ".gz" else open
    with _reading(file), opener(file, "rb") as stream:
        head = stream.read(4 + 4 * rank)
        if len(head) < 4 + 4 * rank or tuple(head[:4]) != (0, 0, IDX_UINT8, rank):
            raise FileError(f"{file.name} is no IDX file of {rank} axes")
        shape = tuple(int(n) for n in np.frombuffer(head[4:], ">u4"))
        n_bytes = 1
        for length in shape:
            n_bytes *= length
        if n_bytes > MAX_ARRAY_BYTES:
            raise FileError(f"{file.name} says that it is of shape {shape}")
        content = stream.read(n_bytes)
        if len(content) != n_bytes:
            raise FileError(f"{file.name} is cut short")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """An array in an NPZ file; objects through the restricted unpickler."""
    if archive.getinfo(name).file_size > MAX_PICKLE_BYTES:
        raise FileError(f"{name} is larger than any published file")
    with archive.open(name) as file:
        shape, dtype = read_header(file)
        content = file.read()
    if dtype.hasobject:
        array = read_pickle(content)
        if not isinstance(array, np.ndarray) or array.shape != shape:
            raise FileError(f"{name} holds no array of shape {shape}")
        return array
    return np.frombuffer(content, dtype).reshape(shape)


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[None]:
    """What is raised about a file becomes a FileError that names it."""
    try:
        yield
    except (FileError, InputError):
        raise
    except FileNotFoundError:
        raise FileError(f"no file {file.name}") from None
    except Refused as error:
        raise FileError(f"{file.name} is refused: {short_reason(error)}") from None
    except READ_ERRORS as error:
        reason = short_reason(error)
        raise FileError(f"{file.name} is damaged ({reason})") from None
