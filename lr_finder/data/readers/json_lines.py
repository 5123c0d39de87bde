"""JSON Lines: one object in a line, as a table of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from lr_finder._text import listed, short_reason
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.errors import InputError

SUFFIXES = (".jsonl", ".ndjson")
WORDS = {True: "true", False: "false", None: ""}
MAX_COLUMNS = 10_000  # of objects that have few names in common


def is_json_lines(text: str) -> bool:
    """Whether the first line is a JSON object.

    Args:
        text: str, the whole file.

    Returns:
        bool.

    Example:
    >>> is_json_lines('{"a": 1}'), is_json_lines("a,b")
    (True, False)
    """
    start = text.lstrip()
    if not start.startswith("{"):
        return False
    try:
        return isinstance(json.loads(start.partition("\n")[0]), dict)
    except (ValueError, RecursionError):
        return False


def json_cells(path: Path, text: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    r"""The cells of JSON Lines under the names of the objects.

    A column of JSON's numbers is numbers; all others are text, in which numbers keep
    the digits they are written with. Objects in an object become columns
    `outer.inner`. What an object lacks is empty, or NaN. Lists are left out.

    Args:
        path: Path, for messages.
        text: str, the whole file.

    Returns:
        `(cells, notes)`: DataFrame of numbers and str, and what was left out.

    Raises:
        InputError: If a line is no JSON object.

    Example:
    >>> json_cells(Path("a.jsonl"), '{"n": 1.50}\n{"n": 2, "m": true}')[0]["n"].tolist()
    [1.5, 2.0]
    """
    rows: list[dict[str, str]] = []
    lists: dict[str, None] = {}
    texts: set[str] = set()
    names: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            row = _row(path, number, line, lists)
            texts.update(name for name, cell in row.items() if not _is_number(cell))
            names.update(dict.fromkeys(row))
            rows.append(row)
            if len(names) > MAX_COLUMNS:
                raise InputError(
                    f"File {path} must hold objects that have their names in common. "
                    f"Received: {len(names):,} names in {len(rows):,} lines. Name the "
                    "same fields in every line."
                )
    if not names:
        raise InputError(
            f"File {path} must hold objects with names and values. Received: "
            f"{'lists only' if lists else 'empty objects'}. Write "
            '{"name": value, …} in each line.'
        )
    notes = (f"left out, as they hold lists: {listed(lists)}",) if lists else ()
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    cells = pd.DataFrame(columns, dtype="str")
    for name in names.keys() - texts:
        cells[name] = to_numbers(cells[name])
    return cells, notes


class _Number(str):
    """A number with the digits it is written with, told from text of digits."""

    __slots__ = ()


def _is_number(cell: str) -> bool:
    return isinstance(cell, _Number) or cell == ""


def _row(path: Path, number: int, line: str, lists: dict[str, None]) -> dict[str, str]:
    try:
        record = json.loads(
            line, parse_float=_Number, parse_int=_Number, parse_constant=_Number
        )
        if not isinstance(record, dict):
            raise ValueError(f"{type(record).__name__} instead of an object")
        return _flat(record, lists)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"File {path} must hold one JSON object in each line. Received: line "
            f"{number}: {short_reason(error)}. Mend that line."
        ) from None


def _flat(
    record: dict[str, Any], lists: dict[str, None], outer: str = ""
) -> dict[str, str]:
    """Text under `outer.inner` for each value that is no list."""
    flat: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, lists, f"{outer}{name}.")
        elif isinstance(value, list):
            lists[outer + name] = None
        else:
            cell = value if isinstance(value, str) else WORDS[value]
            is_number = isinstance(value, _Number)
            flat[_clean(outer + name)] = value if is_number else _clean(cell)
    return flat


def _clean(cell: str) -> str:
    """Text that can be stored: JSON may hold halves of a character."""
    return cell.strip().encode("utf-8", "replace").decode()
