"""Rows of an experiment, kept as they are made: a run that was killed goes on.

JSON lines, so that a row may hold lists, such as the losses of a training. Comparisons,
whose rows have fixed columns, keep them in a database:
`lr_finder.experiments.comparison.run_store`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from lr_finder.errors import InputError


def append_row(path: str | Path, row: dict[str, Any]) -> None:
    """Add a row to a file of JSON lines, and wait until it is on the disk.

    Args:
        path: str or Path; the file is made if it is missing.
        row: dict of JSON values.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     append_row(Path(folder, "rows.jsonl"), {"seed": 1})
    ...     read_rows(Path(folder, "rows.jsonl"))
    [{'seed': 1}]
    """
    line = json.dumps(row) + "\n"
    with open(path, "ab") as file:
        file.write(_end_of_line(path) + line.encode())
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: str | Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; one that was cut off by a kill is left out.

    Args:
        path: str or Path; a file that is missing has no rows.

    Returns:
        list of dict.

    Raises:
        InputError: If a line is no row.

    Example:
    >>> read_rows("/nowhere/rows.jsonl")
    []
    """
    path = Path(path)
    if not path.is_file():
        return []
    rows, lines = [], path.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if isinstance(row, dict):
            rows.append(row)
        elif line.endswith("\n") and not _was_cut_off(line):
            raise InputError(
                f"File {path} must hold one JSON object a line. Received: "
                f"{line.strip()!r:.60} in line {number}. Name another file."
            )
    return rows


def read_rows_about(path: str | Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an experiment that goes on, each of which says what it is about.

    Args:
        path: str or Path, as of `read_rows`.
        about: dict of JSON values, what the field `about` of every row must hold:
            data and settings. A row may hold more.

    Returns:
        list of dict.

    Raises:
        InputError: If a line is no row, or a row is about something else.

    Example:
    >>> read_rows_about("/nowhere/rows.jsonl", {"epochs": 3})
    []
    """
    rows = read_rows(path)
    for row in rows:
        other = row.get("about") or {}
        differing = [name for name in about if other.get(name) != about[name]]
        if differing:
            name = differing[0]
            raise InputError(
                f"File {path} must hold rows of this experiment. Received: rows with "
                f"{name}={other.get(name)!r} in place of {about[name]!r}. Name another "
                "file or folder."
            )
    return rows


def _was_cut_off(line: str) -> bool:
    """Whether a line is the beginning of a row, ended by the row after the kill."""
    return line.startswith("{") and not line.rstrip().endswith("}")


def _end_of_line(path: str | Path) -> bytes:
    """What ends a line that was cut off, so that the next row has its own."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        if file.tell() == 0:
            return b""
        file.seek(-1, os.SEEK_END)
        return b"" if file.read() == b"\n" else b"\n"
