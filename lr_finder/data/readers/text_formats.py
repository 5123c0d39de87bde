"""How a file of text is written: what a person may tell of it, checked."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.data.cells.number_styles import Mark

BLANKS = " "  # stands for one blank or tab, or more
DELIMITER_NAMES = {
    "tab": "\t", r"\t": "\t", "space": BLANKS, "whitespace": BLANKS, r"\s+": BLANKS,
    "comma": ",", "semicolon": ";",
}  # fmt: skip
NO_DELIMITERS = '"\r\n\0.-+'  # what quotes, ends lines and is part of numbers
DECIMALS: tuple[Mark, ...] = (".", ",")


@dataclasses.dataclass(frozen=True)
class TextFormat:
    r"""How a file of text is written, as far as a person tells; the rest is found.

    Args:
        encoding: str, as Python calls it, such as `"cp1251"`.
        sep: str, the delimiter: one character, or `"tab"` or `"space"`.
        decimal: "." or ",".

    Raises:
        InputError: If a value breaks its rule.

    Example:
    >>> TextFormat(sep="tab").delimiter
    '\t'
    """

    encoding: str | None = None
    sep: str | None = None
    decimal: str | None = None

    def __post_init__(self):
        _check_encoding(self.encoding)
        _check_decimal(self.decimal)
        _check_delimiter(self.sep, self.delimiter)

    @property
    def delimiter(self) -> str | None:
        """The character that `sep` stands for; a blank for one or more blanks."""
        if not isinstance(self.sep, str):
            return None
        return DELIMITER_NAMES.get(self.sep.lower(), self.sep)

    @property
    def mark(self) -> Mark | None:
        """The decimal mark that `decimal` names, or None."""
        return next((mark for mark in DECIMALS if mark == self.decimal), None)


def _check_encoding(encoding: Any) -> None:
    if encoding is None:
        return
    try:
        b"a".decode(encoding)
        return
    except UnicodeError:  # an encoding of two bytes or more a character
        return
    except (LookupError, ValueError, TypeError):
        pass
    raise InputError(
        "Argument `encoding` must be an encoding that Python knows, such as utf-8, "
        f"cp1252, utf-16, shift_jis. Received: encoding={encoding!r}."
    )


def _check_decimal(decimal: object) -> None:
    if decimal not in (None, *DECIMALS):
        raise InputError(
            "Argument `decimal` must be . or , (a point or a comma). Received: "
            f"decimal={decimal!r}."
        )


def _check_delimiter(sep: object, character: str | None) -> None:
    if sep is None:
        return
    if character is not None and len(character) == 1:
        if not character.isalnum() and character not in NO_DELIMITERS:
            return
    raise InputError(
        "Argument `sep` must be one character, such as ; or |, or tab, or space. "
        f"Received: sep={sep!r}."
    )
