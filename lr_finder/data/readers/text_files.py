"""The text in a file, whatever its compression and encoding."""

from __future__ import annotations

from pathlib import Path

from lr_finder._text import short_reason
from lr_finder.data.readers.compressed import is_compressed, unpack
from lr_finder.data.readers.encodings import decode
from lr_finder.data.readers.foreign_formats import binary_format, text_format
from lr_finder.errors import InputError


def read_text(path: Path, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The whole of a text file, unpacked and decoded.

    Args:
        path: Path, a file of text, compressed or not.
        encoding: str, as Python calls it; None finds it.

    Returns:
        `(text, notes)`: str, with more in it than blanks, and what was decided.

    Raises:
        InputError: If the file is missing, unreadable, empty, no text, or in another
            format, which the message names.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     _ = path.write_text("a,b")
    ...     read_text(path)
    ('a,b', ())
    """
    content = _read_bytes(path)
    notes: tuple[str, ...] = ()
    if is_compressed(content):
        content, notes = unpack(path, content)
    text, more = text_of(path, content, encoding)
    return text, notes + more


def text_of(
    path: Path, content: bytes, encoding: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """The text that the bytes of a file hold, which is not compressed.

    Args:
        path: Path, for messages.
        content: bytes.
        encoding: str, as Python calls it; None finds it.

    Returns:
        `(text, notes)`, as of `read_text`.

    Raises:
        InputError: If it is empty, no text, or in another format.

    Example:
    >>> text_of(Path("a.csv"), b"a,b")
    ('a,b', ())
    """
    _refuse(path, binary_format(content))
    text, notes = decode(path, content, encoding)
    if not text.strip():
        raise InputError(
            f"File {path} must hold a table. Received: an empty file. Export the "
            "data again, or name another file."
        )
    _refuse(path, text_format(text))
    return text, notes


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(
            f"{path} must be a file. Received: a folder. Name a file in it."
        )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"File {path} does not exist. Check the path.") from None
    except OSError as error:
        reason = error.strerror or short_reason(error)
        raise InputError(
            f"File {path} must be readable. Received: {reason}. Check its rights."
        ) from None


def _refuse(path: Path, found: tuple[str, str] | None) -> None:
    """Refuse a format that was recognised."""
    if found is not None:
        what, way_out = found
        raise InputError(
            f"File {path} must be a table as text: CSV, TSV, columns between blanks, "
            f"or JSON Lines. Received: {what}. {way_out}"
        )
