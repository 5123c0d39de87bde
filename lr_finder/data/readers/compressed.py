"""Compressed files: gzip, bzip2, xz and zip, told by content and unpacked in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from lr_finder._text import counted, listed, short_reason
from lr_finder.data.readers.foreign_formats import EXCEL
from lr_finder.errors import InputError

ZIP = re.compile(rb"PK(\x03\x04|\x05\x06)")  # with entries, and without
STREAMS: dict[re.Pattern[bytes], Callable] = {
    re.compile(rb"\x1f\x8b\x08"): lambda file: gzip.GzipFile(fileobj=file),
    re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"): bz2.BZ2File,
    re.compile(rb"\xfd7zXZ\0"): lzma.LZMAFile,
}
MAX_BYTES = 2**30  # unpacked: more is no table that pandas would hold as text
MAX_RATIO = 500  # unpacked to packed; tables that repeat themselves reach 100
SMALL = 2**24  # unpacked bytes that are harmless whatever the ratio
CHUNK = 2**20
MAX_ENTRIES = 10_000
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".data", ".jsonl", ".ndjson", ".dat")
READ_ERRORS = (
    OSError, EOFError, ValueError, KeyError, IndexError, TypeError, OverflowError,
    MemoryError, NotImplementedError, RuntimeError, struct.error, zlib.error,
    lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip


def is_compressed(content: bytes) -> bool:
    r"""Whether a file is in one of the forms that `unpack` reads.

    Args:
        content: bytes, the file or its start.

    Returns:
        bool.

    Example:
    >>> is_compressed(b"\x1f\x8b\x08"), is_compressed(b"a,b")
    (True, False)
    """
    return any(mark.match(content) for mark in (ZIP, *STREAMS))


def unpack(path: Path, content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file in a compressed file; a zip archive must hold a single table.

    Args:
        path: Path, for messages.
        content: bytes, the compressed file.

    Returns:
        `(content, notes)`: bytes, unpacked, and which file of an archive was read.

    Raises:
        InputError: If it is damaged, locked or unpacks to too much, or an archive
            holds no table or several.

    Example:
    >>> unpack(Path("a.csv.gz"), gzip.compress(b"a,b"))
    (b'a,b', ())
    """
    try:
        if ZIP.match(content):
            unpacked, notes = _from_zip(path, content)
        else:
            open_as = next(
                form for mark, form in STREAMS.items() if mark.match(content)
            )
            with open_as(io.BytesIO(content)) as stream:
                unpacked, notes = _bounded(path, stream, len(content)), ()
    except READ_ERRORS as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"File {path} must be a whole compressed file. Received: "
            f"{short_reason(error)}. Compress or download it again."
        ) from None
    if is_compressed(unpacked):
        raise InputError(
            f"File {path} must be compressed once. Received: a compressed file in a "
            "compressed file. Unpack it first."
        )
    return unpacked, notes


def _bounded(path: Path, stream, packed: int) -> bytes:
    """All of a stream, or an error before it fills the memory."""
    limit = min(MAX_BYTES, max(SMALL, MAX_RATIO * packed))
    unpacked = bytearray()
    while chunk := stream.read(CHUNK):
        unpacked += chunk
        if len(unpacked) > limit:
            raise InputError(
                f"File {path} must unpack to {limit // 2**20:,} MiB or less. "
                "Received: more, from "
                f"{counted(packed, 'byte')}. Unpack it first, or save it as Parquet."
            )
    return bytes(unpacked)


def _from_zip(path: Path, content: bytes) -> tuple[bytes, tuple[str, ...]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise InputError(
                f"Archive {path} must hold one table. Received: {len(entries):,} "
                "files. Unpack it, and name a file or a folder."
            )
        _check_no_document(path, [entry.filename for entry in entries])
        entry = _only_table(path, [e for e in entries if _is_of_a_person(e)])
        if entry.flag_bits & 1:
            raise InputError(
                f"Archive {path} must open without a password. Received: "
                f"{entry.filename!r} is encrypted. Unpack it first."
            )
        with archive.open(entry) as stream:
            unpacked = _bounded(path, stream, max(entry.compress_size, 0))
        return unpacked, (f"read from {entry.filename!r} in the archive",)


def _is_of_a_person(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file, and none that macOS adds."""
    place = PurePosixPath(entry.filename)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
    return not entry.is_dir() and not is_hidden


def _only_table(path: Path, entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    tables = [e for e in entries if e.filename.lower().endswith(TABLE_SUFFIXES)]
    for choice in (tables, entries):
        if len(choice) == 1:
            return choice[0]
    names = [entry.filename for entry in tables or entries]
    received = f"{counted(len(names), 'file')}: {listed(names)}" if names else "no file"
    raise InputError(
        f"Archive {path} must hold one table. Received: {received}. Unpack it, and "
        "name one."
    )


def _check_no_document(path: Path, names: list[str]) -> None:
    """Refuse files that are zip archives by their making."""
    for mark, what, way_out in (
        ("[Content_Types].xml", "an Excel workbook or another document", EXCEL),
        ("META-INF/manifest.xml", "a spreadsheet of LibreOffice", EXCEL),
    ):
        if mark in names:
            raise InputError(
                f"File {path} must be text (CSV or TSV). Received: {what}. {way_out}"
            )
    if names and all(name.endswith(".npy") for name in names):
        raise InputError(
            f"File {path} must be a table. Received: an NPZ file. Rename it to end in "
            ".npz."
        )
