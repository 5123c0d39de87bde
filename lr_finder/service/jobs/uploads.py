"""What was sent, told by its bytes: no name of the sender's becomes one of a file.

Here only the first bytes and the directory of an archive are read, which is cheap. What
is inside is looked at by the job's own process, whose memory and time are limited.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

from lr_finder._output import as_file_name
from lr_finder._text import counted, short_reason
from lr_finder.data.readers.compressed import MAX_RATIO, READ_ERRORS, SMALL, ZIP
from lr_finder.data.request import IMAGE_SUFFIXES
from lr_finder.errors import InputError
from lr_finder.service.service_settings import MEBIBYTE, Limits

TABLE, PARQUET, ARRAYS = "data.csv", "data.parquet", "data.npz"
IMAGES, PACKED, MODEL = "images.zip", "data.zip", "model.keras"
SENT_NAMES = (TABLE, PARQUET, ARRAYS, IMAGES, PACKED)
RAW = "raw"  # what a file is called until its kind is known
CONFIG_OF_MODEL = "config.json"  # which every file of a Keras model holds
PARQUET_MARK = b"PAR1"
END_OF_ZIP, LARGE_ZIP = b"PK\x05\x06", b"PK\x06\x07"
END_FORM = struct.Struct("<4s4H2LH")
LONGEST_TAIL = 2**16 + END_FORM.size  # bytes in which the end of an archive lies
MOST_OF_DIRECTORY = 8 * MEBIBYTE
LONGEST_SHOWN = 40  # characters of a name in an archive
UNNAMED = "data"


def file_name_for(path: Path, limits: Limits) -> str:
    """What a file that was sent is to be called: it tells what it is.

    Args:
        path: Path.
        limits: Limits.

    Returns:
        str, one of `SENT_NAMES`.

    Raises:
        InputError: If it is empty, or an archive that is not safe to unpack.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "raw")
    ...     _ = path.write_bytes(b"PAR1")
    ...     file_name_for(path, Limits())
    'data.parquet'
    """
    with open(path, "rb") as file:
        start = file.read(8)
    if not start:
        raise InputError("Part `file` must hold data. Received: an empty file.")
    if start.startswith(PARQUET_MARK):
        return PARQUET
    if not ZIP.match(start):
        return TABLE
    names = [entry.filename.lower() for entry in safe_entries(path, limits)]
    if names and all(name.endswith(".npy") for name in names):
        return ARRAYS
    if any(name.endswith(IMAGE_SUFFIXES) for name in names):
        return IMAGES
    return PACKED


def check_model_file(path: Path, limits: Limits) -> None:
    """Refuse what is no file of a Keras model, or an archive that is not safe.

    Args:
        path: Path.
        limits: Limits.

    Raises:
        InputError: If it is one.
    """
    with open(path, "rb") as file:
        is_archive = ZIP.match(file.read(8))
    entries = safe_entries(path, limits) if is_archive else []
    if CONFIG_OF_MODEL not in [entry.filename for entry in entries]:
        raise InputError(
            "Part `model` must be a model that Keras saved as .keras. Received: "
            "another file. Save it with model.save('name.keras')."
        )


def safe_entries(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The entries of a zip archive, once it is known that they are harmless.

    Args:
        path: Path.
        limits: Limits, of which `files` and `unpacked` count.

    Returns:
        list of ZipInfo, files alone.

    Raises:
        InputError: If it is damaged, has too many files or unpacks to too much, or an
            entry is encrypted, no plain file, or has a name that leaves its folder.
    """
    _check_directory(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
    except READ_ERRORS as error:
        raise _unfit(f"a damaged one ({short_reason(error)})") from None
    for entry in entries:
        _check_entry(entry)
    packed = path.stat().st_size
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        raise _unfit(
            f"one that unpacks to {unpacked // MEBIBYTE:,} MiB, more than "
            f"{limits.unpacked // MEBIBYTE:,}"
        )
    if unpacked > max(SMALL, MAX_RATIO * packed):
        raise _unfit(f"{counted(packed, 'byte')} that unpack to {unpacked:,}")
    return entries


def _check_directory(path: Path, limits: Limits) -> None:
    """Refuse an archive by what its end says, before its directory is read."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        file.seek(max(0, size - LONGEST_TAIL))
        tail = file.read()
    place = tail.rfind(END_OF_ZIP)
    if place < 0 or len(tail) - place < END_FORM.size or LARGE_ZIP in tail:
        raise _unfit("a damaged one, or one of the form zip64")
    fields = END_FORM.unpack_from(tail, place)
    n_entries, directory = fields[4], fields[5]
    if n_entries > limits.files:
        raise _unfit(f"{n_entries:,} files, more than {limits.files:,}")
    if directory > MOST_OF_DIRECTORY:
        raise _unfit(f"a directory of {directory:,} bytes")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    shown = repr(name[:LONGEST_SHOWN])
    place = PurePosixPath(name.replace("\\", "/"))
    is_outside = place.is_absolute() or ".." in place.parts or ":" in name
    if is_outside or "\0" in entry.orig_filename or not name.isprintable():
        raise _unfit(f"an entry whose name leaves its folder, {shown}")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _unfit(f"an entry that is no plain file, {shown}")
    if entry.flag_bits & 1:
        raise _unfit(f"an entry that is encrypted, {shown}")


def _unfit(received: str) -> InputError:
    return InputError(
        "An archive must be a zip file of plain files that is safe to unpack. "
        f"Received: {received}. Pack it anew."
    )


def shown_name(given: str | None) -> str:
    """What a person called the data, as it may stand in lists and reports.

    Args:
        given: str, from the request, or None.

    Returns:
        str.

    Example:
    >>> shown_name("../../etc/prices (2).csv"), shown_name(None)
    ('prices-2-.csv', 'data')
    """
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    return as_file_name(last) if last else UNNAMED


def unpack_images(path: Path, folder: Path, limits: Limits) -> None:
    """Put the images of an archive into one folder for each class.

    What all have in common at the start of their paths is left out; the next part is
    the class. Files get numbers as names.

    Args:
        path: Path, the archive.
        folder: Path, made.
        limits: Limits.

    Raises:
        InputError: If it is not safe to unpack, or is damaged.
    """
    entries = [
        entry for entry in safe_entries(path, limits)
        if entry.filename.lower().endswith(IMAGE_SUFFIXES)
        and not any(p.startswith((".", "__MACOSX")) for p in _parts(entry))
    ]  # fmt: skip
    depth = _common_depth([_parts(entry)[:-1] for entry in entries])
    folder.mkdir(parents=True)
    places: dict[str, Path] = {}
    with zipfile.ZipFile(path) as archive:
        for number, entry in enumerate(entries):
            parts = _parts(entry)
            if len(parts) <= depth + 1:  # an image that lies above the classes
                continue
            place = _class_folder(folder, parts[depth], places)
            suffix = PurePosixPath(entry.filename).suffix.lower()
            content = _read(archive, entry)
            (place / f"{number}{suffix}").write_bytes(content)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except READ_ERRORS as error:
        raise _unfit(f"a damaged one ({short_reason(error)})") from None


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(entry.filename.replace("\\", "/")).parts


def _common_depth(folders: list[tuple[str, ...]]) -> int:
    """How many folders all paths begin with, but never all of a path."""
    depth = 0
    while folders and len({each[depth : depth + 1] for each in folders}) == 1:
        if len(folders[0]) <= depth + 1:
            break
        depth += 1
    return depth


def _class_folder(folder: Path, name: str, places: dict[str, Path]) -> Path:
    """The folder of a class; two whose names become the same are told apart."""
    if name not in places:
        place, n = folder / as_file_name(name), 1
        while place in places.values():
            n += 1
            place = folder / f"{as_file_name(name)}-{n}"
        place.mkdir()
        places[name] = place
    return places[name]
