"""What is inside a file that was sent, measured before it is loaded; in the child."""

from __future__ import annotations

from pathlib import Path

from lr_finder.data.readers.compressed import is_compressed, unpack
from lr_finder.data.request import IMAGE_SUFFIXES
from lr_finder.errors import InputError
from lr_finder.service.jobs.uploads import (
    IMAGES,
    MODEL,
    PACKED,
    PARQUET,
    SENT_NAMES,
    TABLE,
    unpack_images,
)
from lr_finder.service.service_settings import MEBIBYTE, Limits

STRING_OF_FOOTER, ITEMS_OF_FOOTER = 2**20, 2**16  # the most of a Parquet file's


def checked_source(sent: Path, folder: Path, limits: Limits) -> Path:
    """What is to be read: the file that was sent, or the folder of its images.

    Args:
        sent: Path, the folder of what was sent.
        folder: Path, where images are unpacked.
        limits: Limits.

    Returns:
        Path.

    Raises:
        InputError: If it holds more than the limits allow.
    """
    path = next(sent / name for name in SENT_NAMES if (sent / name).is_file())
    if path.name == IMAGES:
        images = folder / "images"
        unpack_images(path, images, limits)
        _check_pixels(images, limits)
        return images
    if path.name == PARQUET:
        _check_parquet(path, limits)
    elif path.name in (TABLE, PACKED):
        _check_lines(path, limits)
    return path


def model_of(sent: Path) -> str | None:
    """The model that was sent, as `find` takes it; None if there is none."""
    path = sent / MODEL
    return str(path) if path.is_file() else None


def _check_lines(path: Path, limits: Limits) -> None:
    content = path.read_bytes()
    if is_compressed(content):
        content, _ = unpack(Path(path.name), content)
    rows = max(content.count(b"\n"), content.count(b"\r"))
    _check_rows(rows, limits)


def _check_parquet(path: Path, limits: Limits) -> None:
    """Refuse by the footer, whose own size is bounded while it is read."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        return  # the reader says how to install it
    try:
        with parquet.ParquetFile(
            path, thrift_string_size_limit=STRING_OF_FOOTER,
            thrift_container_size_limit=ITEMS_OF_FOOTER,
        ) as file:  # fmt: skip
            about = file.metadata
            groups = [about.row_group(i) for i in range(about.num_row_groups)]
            size = sum(group.total_byte_size for group in groups)
            rows, columns = about.num_rows, about.num_columns
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"File {path.name} must be a readable Parquet file. Received: "
            f"{type(error).__name__}. Write it anew."
        ) from None
    _check_rows(rows, limits)
    # An encoding of runs makes a million equal cells of a few bytes.
    size = max(size, 8 * rows * columns)
    if size > limits.unpacked:
        raise InputError(
            f"File {path.name} must unpack to at most {limits.unpacked // MEBIBYTE:,} "
            f"MiB. Received: {rows:,} rows of {columns:,} columns, "
            f"{size // MEBIBYTE:,} MiB. Send fewer rows or columns."
        )


def _check_rows(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise InputError(
            f"A table must have at most {limits.rows:,} rows. Received: {rows:,}. "
            "Send a part of it."
        )


def _check_pixels(folder: Path, limits: Limits) -> None:
    from lr_finder.data.sources.image_files import measure_image

    pixels = 0
    for path in sorted(folder.glob("*/*")):
        if path.suffix in IMAGE_SUFFIXES:
            width, height, _ = measure_image(path)
            pixels += width * height
            if pixels > limits.pixels:
                raise InputError(
                    f"Images must have at most {limits.pixels:,} pixels in all. "
                    "Received: more. Send fewer or smaller ones."
                )
