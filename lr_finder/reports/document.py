"""What a report says, as plain data: no HTML, no PDF, no figure.

A number keeps its exact value beside the digits that people read, so that who parses
the page gets what `to_dict()` holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from lr_finder._text import format_rate


@dataclasses.dataclass(frozen=True)
class Number:
    """A number: its exact value, and the text that people read.

    Args:
        value: float or int, or None if there is none.
        text: str.
        name: str, what it is, e.g. `"lr"`; empty if its place says it.
    """

    value: float | int | None
    text: str
    name: str = ""

    def __str__(self) -> str:
        return self.text


Piece = str | Number
Pieces = tuple[Piece, ...]


def rate(value: float | None, name: str = "", missing: str = "none") -> Number:
    """A learning rate, in two digits.

    Example:
    >>> rate(0.0029, "lr")
    Number(value=0.0029, text='2.9e-3', name='lr')
    """
    return Number(value, missing if value is None else format_rate(value), name)


def number(value: float | int | None, digits: int = 4, name: str = "") -> Number:
    """Another number; a whole one with all its digits.

    Example:
    >>> number(1200).text, number(0.123456).text, number(None).text
    ('1,200', '0.1235', '')
    """
    if value is None:
        return Number(None, "", name)
    if isinstance(value, int):
        return Number(value, f"{value:,}", name)
    return Number(value, f"{value:.{digits}g}", name)


def pieces(*parts: Piece) -> Pieces:
    """Texts and numbers that follow each other; empty texts are dropped."""
    return tuple(part for part in parts if part != "")


def plain(parts: Sequence[Piece]) -> str:
    """The same as one text.

    Example:
    >>> plain(pieces("rate ", rate(0.003), "."))
    'rate 3e-3.'
    """
    return "".join(map(str, parts))


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """Running text."""

    parts: Pieces
    block = "paragraph"


@dataclasses.dataclass(frozen=True)
class Points:
    """Sentences, one below the other."""

    texts: tuple[str, ...]
    block = "points"


@dataclasses.dataclass(frozen=True)
class Facts:
    """Names and what is known of each.

    Args:
        rows: tuple of `(name, parts)`.
    """

    rows: tuple[tuple[str, Pieces], ...]
    block = "facts"


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        key: str, its name in `to_dict()`.
        heading: str.
        is_number: bool, whether its cells are aligned at the right.
    """

    key: str
    heading: str
    is_number: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """A table.

    Args:
        name: str, its place in `to_dict()`.
        columns: tuple of Column.
        rows: tuple of rows, each a tuple of str or Number.
        caption: str.
        marked: int, a row that stands out, or None.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Piece, ...], ...]
    caption: str = ""
    marked: int | None = None
    block = "table"


@dataclasses.dataclass(frozen=True)
class Doubts:
    """Warnings, each with what to do.

    Args:
        rows: tuple of `(kind, text)`.
    """

    rows: tuple[tuple[str, str], ...]
    block = "doubts"


@dataclasses.dataclass(frozen=True)
class Picture:
    """The place of a figure.

    Args:
        name: str, under which it is drawn.
        alt: str, what it shows.
    """

    name: str
    alt: str
    block = "picture"


@dataclasses.dataclass(frozen=True)
class Code:
    """What is typed, to be copied."""

    text: str
    block = "code"


@dataclasses.dataclass(frozen=True)
class Attached:
    """A file that lies in the report.

    Args:
        name: str, of the file.
        about: str, what it holds.
        content: bytes.
    """

    name: str
    about: str
    content: bytes


@dataclasses.dataclass(frozen=True)
class Downloads:
    """Files in the report, and which were too large for it."""

    files: tuple[Attached, ...]
    left_out: tuple[str, ...] = ()
    block = "downloads"


Block = Paragraph | Points | Facts | Table | Doubts | Picture | Code | Downloads


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of a report under a heading.

    Args:
        name: str, its anchor.
        heading: str.
        blocks: tuple of blocks.
    """

    name: str
    heading: str
    blocks: tuple[Block, ...]


@dataclasses.dataclass(frozen=True)
class Summary:
    """All that a report says.

    Args:
        kind: str, the template.
        title: str.
        answer: tuple of str and Number, one sentence: what was found, why, how sure.
        sections: tuple of Section, in their order; those without blocks are left out.
        told: mapping of JSON values, what `to_dict()` gives.
        also: tuple of further sentences below the answer.
    """

    kind: str
    title: str
    answer: Pieces
    sections: tuple[Section, ...]
    told: Mapping[str, Any]
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kept = tuple(section for section in self.sections if section.blocks)
        object.__setattr__(self, "sections", kept)

    def pictures(self) -> list[str]:
        """The names of its figures, in their order."""
        blocks = [block for section in self.sections for block in section.blocks]
        return [block.name for block in blocks if isinstance(block, Picture)]

    def section(self, name: str) -> Section | None:
        """The section of that name; None if there is none."""
        return next((each for each in self.sections if each.name == name), None)


def section(name: str, heading: str, *blocks: Block | None) -> Section:
    """A section of the blocks that there are."""
    return Section(name, heading, tuple(each for each in blocks if each is not None))
