"""From a folder of images, one folder per class, to pixels and classes."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder._text import counted, listed
from lr_finder.data import sampling
from lr_finder.data.dataset import Dataset
from lr_finder.data.prepare.target import prepare_target
from lr_finder.data.request import IMAGE_SUFFIXES, TABLE_OPTIONS, Request
from lr_finder.data.sources.image_files import measure_image, read_image
from lr_finder.errors import InputError

MAX_SIDE = 96  # pixels: larger images are scaled down
TRAIN = ("train", "training")
PARTS = {*TRAIN, "test", "testing", "val", "valid", "validation", "dev"}
MAX_MEASURED = 5_000  # files, drawn at random, whose size and colour decide for all
LAYOUT = "one folder per class, e.g. {0}/cat/1.png and {0}/dog/1.png"


def folder_dataset(path: str | Path, request: Request) -> Dataset:
    """Images in folders that are named for their classes.

    All images get the size that most have, at most 96 pixels a side; they stay grey
    if all of them are. Hidden files and files of other kinds are passed over.

    Args:
        path: str or Path, a folder of folders of PNG, JPEG, BMP, GIF or WebP files.
        request: Request, of which `limit`, `validation_fraction` and `seed` count.

    Returns:
        Dataset of kind "images".

    Raises:
        InputError: If there are no two folders of images, or an image is unreadable.

    Example:
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, i in [(name, i) for name in ("sea", "wood") for i in range(5)]:
    ...         Path(folder, name).mkdir(exist_ok=True)
    ...         Image.new("RGB", (8, 6)).save(Path(folder, name, f"{i}.png"))
    ...     dataset = folder_dataset(folder, Request(folder))
    >>> dataset.x_train.shape, dataset.classes
    ((8, 6, 8, 3), ('sea', 'wood'))
    """
    _check_request(request)
    path = Path(path)
    files = _list_images(path)
    classes = pd.Series([file.parent.name for file in files], name="class", dtype="str")
    size, is_grey, notes = _common_form(files, request.seed)
    request, more = _within_budget(request, len(files), size, is_grey)
    parts = prepare_target(classes, request, rows="images")
    train, n_train = _read(files, parts.train, size, is_grey)
    validation, n_validation = _read(files, parts.validation, size, is_grey)
    n_resized = n_train + n_validation
    if n_resized:
        notes += (f"{counted(n_resized, 'image')} of another size resized",)
    fields = parts.fields | {"reason": "the folders are the classes"}
    return Dataset(
        train, x_validation=validation, kind="images",
        notes=notes + more + parts.notes, **fields,
    )  # fmt: skip


def _check_request(request: Request) -> None:
    what = "a folder of images"
    if request.kind not in (None, "images"):
        raise InputError(
            "Argument `kind` must be images for a folder: it holds one folder per "
            f"class. Received: kind={request.kind!r} and {request.source}. Name a "
            "file instead."
        )
    why = "Its classes are the names of its folders"
    request.refuse(("target", "time_column", "window", "horizon"), what, why)
    request.refuse(TABLE_OPTIONS, what, "They are for a table")
    if request.task == "regression":
        request.refuse(("task",), what, why)


def _list_images(path: Path) -> list[Path]:
    """Image files of every class, sorted by class and name; at least two classes."""
    try:
        folders = sorted(p for p in path.iterdir() if p.is_dir() and _is_shown(p))
        by_class = {folder: _images_in(folder) for folder in folders}
        direct = _images_in(path)
    except OSError as error:
        raise InputError(
            f"Folder {path} must be readable. Received: "
            f"{error.strerror or type(error).__name__}. Check its rights."
        ) from None
    found = {folder: files for folder, files in by_class.items() if files}
    is_split = {folder.name.lower() for folder in found} <= PARTS
    if len(found) >= 2 and not is_split:
        return [file for files in found.values() for file in files]
    received = "no images"
    if len(found) >= 2:
        names = " and ".join(folder.name for folder in found)
        received = f"images directly in {names}, which are not classes"
    elif len(found) == 1:
        received = f"one class only, {next(iter(found)).name!r}"
    elif direct:
        received = f"{counted(len(direct), 'image')} in the folder itself"
        received += f" ({listed((f.name for f in direct), 1)})"
    raise InputError(
        f"Folder {path} must hold images in {LAYOUT.format(path.name or path)} "
        f"({', '.join(IMAGE_SUFFIXES)}). Received: {received}."
        f"{_hint(folders) or ' Sort the images into such folders.'}"
    )


def _hint(folders: list[Path]) -> str:
    """Another folder that is meant, perhaps: one that has the layout."""
    train_first = sorted(folders, key=lambda folder: folder.name.lower() not in TRAIN)
    for folder in train_first[:20]:
        try:
            inside = [p for p in folder.iterdir() if p.is_dir() and _is_shown(p)]
            if sum(bool(_images_in(p)) for p in inside[:20]) >= 2:
                return f" Did you mean {folder}?"
        except OSError:
            continue
    return ""


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".")


def _images_in(folder: Path) -> list[Path]:
    return sorted(
        file for file in folder.iterdir()
        if file.suffix.lower() in IMAGE_SUFFIXES and _is_shown(file) and file.is_file()
    )  # fmt: skip


def _common_form(
    files: list[Path], seed: int
) -> tuple[tuple[int, int], bool, tuple[str, ...]]:
    """The size (width, height) for all images, whether they are grey, and notes."""
    if len(files) > MAX_MEASURED:
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(files), MAX_MEASURED, replace=False)
        files = [files[i] for i in chosen]
    forms = [measure_image(file) for file in files]
    sizes = Counter((width, height) for width, height, _ in forms)
    (width, height), _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    is_grey = all(grey for _, _, grey in forms)
    factor = min(1.0, MAX_SIDE / max(width, height))
    if factor == 1.0:
        return (width, height), is_grey, ()
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    note = (
        f"scaled from {width}×{height} to {size[0]}×{size[1]} pixels (at most "
        f"{MAX_SIDE} a side)"
    )
    return size, is_grey, (note,)


def _within_budget(
    request: Request, n_files: int, size: tuple[int, int], is_grey: bool
) -> tuple[Request, tuple[str, ...]]:
    """The request, limited to as many images as memory holds."""
    one = size[0] * size[1] * (1 if is_grey else 3) * sampling.FLOAT32_BYTES
    room = max(sampling.MEMORY_BUDGET // one, 2)
    if min(n_files, request.limit or n_files) <= room:
        return request, ()
    budget = sampling.MEMORY_BUDGET / 2**20
    note = f"limited to {room:,} images: not all fit in {budget:,.0f} MiB"
    return dataclasses.replace(request, limit=room), (note,)


def _read(
    files: list[Path], rows: np.ndarray, size: tuple[int, int], is_grey: bool
) -> tuple[np.ndarray, int]:
    """float32 pixels from 0 to 1, and how many images had another size and shape."""
    pixels = np.empty((len(rows), size[1], size[0], 1 if is_grey else 3), np.float32)
    n_resized = 0
    for place, row in zip(pixels, rows, strict=True):
        width, height, _ = measure_image(files[row])
        scale = max(1.0, max(width, height) / MAX_SIDE)
        n_resized += (round(width / scale), round(height / scale)) != size
        place[...] = read_image(files[row], size, is_grey)
    pixels /= np.float32(255)
    return pixels, n_resized
