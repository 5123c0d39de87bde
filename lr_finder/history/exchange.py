"""The history as a CSV file, written for others and read from them."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lr_finder._files import write_atomically
from lr_finder._text import counted, listed
from lr_finder.errors import InputError
from lr_finder.history.kept_columns import COLUMNS, IMPORTED, checked_run

ENDING = ".csv"
LARGEST_FILE = 50 * 2**20  # bytes: 200,000 runs
MOST_TOLD = 3  # rows that are told why they are left out


@dataclasses.dataclass(frozen=True)
class Imported:
    """What became of the rows of a file.

    Args:
        added: int, rows that are new in the history.
        known: int, rows that it had.
        refused: sequence of str, why each other row was left out.
        foreign: sequence of str, columns that the history does not have.

    Example:
    >>> print(Imported(2, 1, ["row 4: batch_size must be a whole number from 1"], []))
    2 runs imported, 1 was known; 1 row is left out: row 4: batch_size must be a whole \
number from 1
    """

    added: int
    known: int
    refused: Sequence[str]
    foreign: Sequence[str]

    def __str__(self) -> str:
        told = f"{counted(self.added, 'run')} imported"
        if self.known:
            told += f", {self.known} {'was' if self.known == 1 else 'were'} known"
        if self.refused:
            others = len(self.refused) - MOST_TOLD
            is_one = len(self.refused) == 1
            told += f"; {counted(len(self.refused), 'row')} {'is' if is_one else 'are'}"
            told += f" left out: {'; '.join(self.refused[:MOST_TOLD])}"
            told += f"; and {others} others" if others > 0 else ""
        if self.foreign:
            told += f"; columns that are no part of a history: {listed(self.foreign)}"
        return told


def write_runs(runs: Sequence[Mapping[str, Any]], path: str | os.PathLike) -> Path:
    """Write runs as CSV, whole or not at all.

    Args:
        runs: sequence of mapping with all columns.
        path: str or Path, ending in `.csv`; an existing file is replaced.

    Returns:
        Path.

    Raises:
        InputError: If it has another ending, or its folder does not exist.
    """
    file = Path(path)
    if file.suffix.lower() != ENDING or file.is_dir():
        raise InputError(
            f"The file of an export must end in {ENDING}. Received: "
            f"{str(file)!r:.200}. Give {file.with_suffix(ENDING)}."
        )
    if not file.parent.is_dir():
        raise InputError(
            f"The file of an export must lie in a folder that exists. Received: "
            f"{str(file)!r:.200}. Create {file.parent} first."
        )
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(runs)
    write_atomically(file, lambda stream: stream.write(text.getvalue().encode()))
    return file


def read_runs(path: str | os.PathLike) -> tuple[list[dict[str, Any]], Imported]:
    """The runs of an export, of this machine or another, each checked.

    Args:
        path: str or Path, a CSV file with the columns of an export; columns that a
            history does not have are left out, and so are rows that break a rule.

    Returns:
        (runs, told): list of dict with all columns, each with the origin "imported";
        and Imported, which counts all runs as added.

    Raises:
        InputError: If it is no such file.
    """
    file = Path(path)
    lines = _text_of(file)
    reader = csv.DictReader(io.StringIO(lines, newline=""), restkey="", strict=True)
    runs, refused = [], []
    try:
        names = reader.fieldnames or []
        missing = [
            n for n, each in COLUMNS.items() if each.is_needed and n not in names
        ]
        if missing or len(set(names)) < len(names):
            what = f"no column {listed(missing)}" if missing else "a column twice"
            raise _unfit(file, what)
        for number, row in enumerate(reader, start=1):
            try:
                runs.append(checked_run({**row, "origin": IMPORTED}))
            except ValueError as error:
                refused.append(f"row {number}: {error}")
    except csv.Error as error:
        raise _unfit(file, str(error)) from error
    foreign = [name for name in names if name not in COLUMNS]
    return runs, Imported(len(runs), 0, refused, foreign)


def _text_of(file: Path) -> str:
    """The text of a file of a bearable size."""
    if not file.is_file():
        problem = "a folder" if file.is_dir() else "no such file"
        raise InputError(f"File {file} cannot be read: {problem}. Check the path.")
    if file.stat().st_size > LARGEST_FILE:
        raise _unfit(file, f"more than {LARGEST_FILE >> 20} MB")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unfit(file, "bytes that are no text in UTF-8") from None


def _unfit(file: Path, what: str) -> InputError:
    return InputError(
        f"File {file} must be an export of a history. Received: {what}. Give what "
        "`lr_finder history --export` wrote."
    )
