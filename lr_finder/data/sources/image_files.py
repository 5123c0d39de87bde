"""One image file as pixels, with all that can be wrong about it."""

from __future__ import annotations

import contextlib
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from lr_finder._text import short_reason
from lr_finder.errors import InputError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MAX_PIXELS = 64_000_000  # of a file: beyond, it is no photograph
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N", "F")
MAX_16_BIT = 65_535
READ_ERRORS = (OSError, ValueError, SyntaxError, TypeError, struct.error, IndexError,
               KeyError, EOFError, MemoryError, OverflowError, RuntimeError,
               AttributeError, NotImplementedError, ArithmeticError,
               Image.DecompressionBombError)  # fmt: skip


def measure_image(path: Path) -> tuple[int, int, bool]:
    """Size of an image, and whether it is grey; read from the start of the file.

    Args:
        path: Path, an image file.

    Returns:
        `(width, height, is_grey)`, in pixels.

    Raises:
        InputError: If the file is no image, or too large.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "red.png")
    ...     Image.new("RGB", (4, 3), "red").save(path)
    ...     measure_image(path)
    (4, 3, False)
    """
    with _errors_named(path), Image.open(path, formats=FORMATS) as image:
        _check_size(path, image)
        return *image.size, image.mode in GREY_MODES


def read_image(path: Path, size: tuple[int, int], is_grey: bool) -> np.ndarray:
    """Pixels of an image, brought to a size.

    Args:
        path: Path, an image file.
        size: (width, height) in pixels.
        is_grey: bool, whether one channel is wanted; else red, green and blue.

    Returns:
        uint8 array (height, width, channels).

    Raises:
        InputError: If the file is no image, is cut short, or too large.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "red.png")
    ...     Image.new("RGB", (4, 4), "red").save(path)
    ...     read_image(path, (1, 1), is_grey=False).tolist()
    [[[255, 0, 0]]]
    """
    mode = "L" if is_grey else "RGB"
    with _errors_named(path), Image.open(path, formats=FORMATS) as image:
        _check_size(path, image)
        image.draft(mode, size)  # JPEG: decoded no larger than needed
        picture = _eight_bits(image).convert(mode)
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
        pixels = np.asarray(picture, dtype=np.uint8)
    return pixels.reshape(size[1], size[0], 1 if is_grey else 3)


def _check_size(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or min(width, height) < 1:
        raise InputError(
            f"Image {path} must have at most {MAX_PIXELS:,} pixels. Received: "
            f"{width:,}×{height:,}. Scale it down, or delete it."
        )


def _eight_bits(image: Image.Image) -> Image.Image:
    """An image of 16 bits a pixel in 8: Pillow would cut off all that is brighter."""
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.float64)
    return Image.fromarray((values.clip(0, MAX_16_BIT) / 257).round().astype(np.uint8))


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    """What Pillow raises about a file becomes an InputError that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata, which is not read
            yield
    except InputError:
        raise
    except READ_ERRORS as error:
        reason = short_reason(error)
        if isinstance(error, UnidentifiedImageError):
            reason = "no image that can be decoded"
        reason = reason.replace(repr(str(path)), "it").replace(str(path), "it")
        raise InputError(
            f"Image {path} must be a readable image. Received: "
            f"{reason}. Replace or delete it."
        ) from None
