"""From bytes to text: UTF-8, UTF-16 and UTF-32 with or without a mark, cp1252."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from lr_finder.data.readers.foreign_formats import CONTROLS
from lr_finder.errors import InputError

MARKS = (  # the longer first: that of UTF-32 starts as that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
ZERO_PLACES = {  # where ASCII has zero bytes, among four
    "utf-16-le": (1, 3), "utf-16-be": (0, 2), "utf-32-le": (1, 2, 3),
    "utf-32-be": (0, 1, 2),
}  # fmt: skip
SAMPLE = 2**16  # bytes that show a pattern of zeros
ZERO_SHARE = 0.5  # of the bytes at those places, at least
STRAY_SHARE = 0.02  # of zeros at the others
UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
LONG_RUN = 3  # bytes beyond ASCII in a row: hardly met in Western languages
WESTERN = "cp1252"
OTHERS = "cp1250, cp1251, gb18030, shift_jis"


def decode(
    path: Path, content: bytes, encoding: str | None = None
) -> tuple[str, tuple[str, ...]]:
    r"""The text that bytes stand for.

    In this order: the encoding that a mark at the start tells; UTF-16 and UTF-32 by
    their zero bytes; UTF-8; cp1252 (with Latin-1 in it), which a note tells. Most of
    the bytes beyond ASCII in rows of three or more are no cp1252: the encoding must be
    named.

    Args:
        path: Path, for messages.
        content: bytes.
        encoding: str, as Python calls it; None finds it.

    Returns:
        `(text, notes)`.

    Raises:
        InputError: If the bytes are no text, or not in that encoding.

    Example:
    >>> decode(Path("a.csv"), "é,b".encode("cp1252"))[0]
    'é,b'
    >>> decode(Path("a.csv"), "a,b".encode("utf-16-le"))
    ('a,b', ('encoding: utf-16-le',))
    """
    wanted = encoding or _by_mark(content) or _by_zeros(content)
    notes: tuple[str, ...] = ()
    if wanted in ZERO_PLACES and not encoding:
        notes = (f"encoding: {wanted}",)
    if wanted in (None, "utf-8-sig"):
        _check_no_controls(path, content)
    try:
        text = content.decode(wanted or "utf-8-sig")
    except UnicodeError as error:  # some codecs know no more than that
        if wanted is not None:
            raise InputError(_not_in(path, content, wanted, error)) from None
        text, notes = _western(path, content, error)
    if wanted is not None:
        _check_no_controls(path, text.encode(errors="replace"))
    return text.removeprefix("\ufeff"), notes


def _check_no_controls(path: Path, content: bytes) -> None:
    if CONTROLS.search(content):
        raise InputError(
            f"File {path} must be text (CSV or TSV). Received: binary content. "
            "Export the table as CSV in UTF-8."
        )


def _by_mark(content: bytes) -> str | None:
    return next((name for mark, name in MARKS if content.startswith(mark)), None)


def _by_zeros(content: bytes) -> str | None:
    """The encoding of 16 or 32 bits whose pattern of zero bytes the content has."""
    sample = content[:SAMPLE]
    if b"\0" not in sample or len(content) % 2:
        return None
    shares = [
        part.count(0) / max(len(part), 1) for part in (sample[i::4] for i in range(4))
    ]
    for name, places in ZERO_PLACES.items():
        others = [shares[i] for i in range(4) if i not in places]
        share = sum(shares[i] for i in places) / len(places)
        if share >= ZERO_SHARE and max(others) <= STRAY_SHARE:
            return name
    return None


def _western(
    path: Path, content: bytes, error: UnicodeError
) -> tuple[str, tuple[str, ...]]:
    """Text in cp1252; an error for damaged UTF-8 and for languages of the East."""
    runs = HIGH_RUN.findall(content)
    n_high = sum(map(len, runs))
    n_utf8 = sum(len(found) for found in UTF8_SEQUENCE.findall(content))
    if 2 * n_utf8 > n_high:
        raise InputError(_not_in(path, content, "UTF-8", error)) from None
    in_long_runs = sum(len(run) for run in runs if len(run) >= LONG_RUN)
    try:
        text = content.decode(WESTERN)
    except UnicodeError:
        in_long_runs = n_high
    if 2 * in_long_runs > n_high:
        raise InputError(
            f"File {path} must be encoded in UTF-8, UTF-16 or {WESTERN}, or its "
            f"encoding be named. Received: {_place(content, error)}. Name it, e.g. "
            f"{OTHERS}, by `encoding`, or save the file as CSV in UTF-8."
        )
    return text, (f"encoding: {WESTERN}, as it is not UTF-8",)


def _not_in(path: Path, content: bytes, encoding: str, error: UnicodeError) -> str:
    return (
        f"File {path} must be encoded in {encoding}. Received: "
        f"{_place(content, error)}. Name another `encoding`, or open the file in the "
        "program it comes from and save it as CSV in UTF-8."
    )


def _place(content: bytes, error: UnicodeError) -> str:
    start = getattr(error, "start", None)
    if not isinstance(start, int) or start >= len(content):
        return "bytes that it does not have"
    line = content.count(b"\n", 0, start) + 1
    return f"byte 0x{content[start]:02x} in line {line}"
