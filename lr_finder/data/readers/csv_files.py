"""From a file of text to a table: delimiter, header, missing values, numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from lr_finder.data.cells.number_columns import read_styled
from lr_finder.data.cells.number_styles import NumberStyle, to_numbers
from lr_finder.data.readers.delimiters import (
    SAMPLE_ROWS,
    find_layout,
    split_cells,
)
from lr_finder.data.readers.headers import (
    has_header,
    is_missing,
    renamed_note,
    unique_names,
)
from lr_finder.data.readers.json_lines import SUFFIXES, is_json_lines, json_cells
from lr_finder.data.readers.text_files import read_text
from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.data.saved_preprocessing import Reading
from lr_finder.errors import InputError

__all__ = ["read_noted_table", "read_table", "to_numbers"]


def read_table(
    path: str | Path,
    *,
    header: bool | None = None,
    text: str | None = None,
    encoding: str | None = None,
    sep: str | None = None,
    decimal: str | None = None,
) -> pd.DataFrame:
    r"""Read a file of text as a table, whatever its delimiter, with or without header.

    The delimiter is the tab, semicolon, bar or comma that splits most lines into
    equally many cells, or blanks; a line `sep=;` at the top names it. The first line is
    a header if one of its cells is text above only numbers or dates. It is also a
    header if all its cells are text, and one stands above mostly numbers or, in a table
    of text, none is repeated in the column below. Blanks around cells are stripped;
    empty cells and `?`, `NA`, `NaN`, `null`, … are missing values. A column of only
    numbers is read as numbers, even with one unit, thousands in groups of three, or
    brackets for a minus. A file has one decimal mark. Lines of JSON objects are a table
    too. Files may be compressed (gzip, bzip2, xz, or zip with one table), and encoded
    in UTF-8, UTF-16 or cp1252.

    Args:
        path: str or Path, a file.
        header: bool or None, whether the first line holds the names; None infers it.
        text: str or None, what the file holds, if read before: a pipe gives it once.
        encoding: str, as Python calls it, such as `"cp1251"`; None finds it.
        sep: str, the delimiter: one character, `"tab"` or `"space"`; None finds it.
        decimal: "." or ",", the decimal mark; None finds it.

    Returns:
        DataFrame, one row per line, at least one; columns of numbers or of text,
        named as in the header or `column_0`, `column_1`, …

    Raises:
        InputError: If the file is missing, unreadable, empty, of another format, has
            lines of unequal length, or nothing below its header.

    Example:
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "homes.csv")
    ...     _ = path.write_text("rooms, town\n3, Bern\n?, Basel\n")
    ...     read_table(path)
       rooms   town
    0    3.0   Bern
    1    NaN  Basel
    """
    form = TextFormat(encoding, sep, decimal)
    return read_noted_table(path, form, header=header, text=text)[0]


def read_noted_table(
    path: str | Path,
    form: TextFormat | None = None,
    *,
    header: bool | None = None,
    text: str | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """As `read_table`, with what was decided that a person should know.

    Args:
        path: str or Path, a file.
        form: TextFormat, or None to find all of it.
        header: bool or None, whether the first line holds the names; None infers it.
        text: str or None, what the file holds, if read before: a pipe gives it once.

    Returns:
        `(table, notes)`: DataFrame, and tuple of str.

    Raises:
        InputError: As `read_table`.
    """
    read = read_whole_table(path, form, header=header, text=text)
    return read.table, read.notes


@dataclasses.dataclass(frozen=True, eq=False)
class ReadTable:
    """A table, and how its file was read.

    Args:
        table: DataFrame of numbers and text.
        notes: tuple of str, what was decided that a person should know.
        has_header: bool, whether the file names its columns.
        styles: dict from name to NumberStyle, of columns with units, separators, ….
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    has_header: bool
    styles: dict[str, NumberStyle]

    @property
    def reading(self) -> Reading:
        """How another file of this kind is read."""
        return Reading(tuple(self.table), self.has_header, self.styles)


def read_whole_table(
    path: str | Path,
    form: TextFormat | None = None,
    *,
    header: bool | None = None,
    text: str | None = None,
) -> ReadTable:
    """As `read_noted_table`, with how the file was read.

    Args:
        path: as of `read_noted_table`, and so the others.
        form: TextFormat or None.
        header: bool or None.
        text: str or None.

    Returns:
        ReadTable.

    Raises:
        InputError: As `read_table`.
    """
    path, form = Path(path), form or TextFormat()
    notes: tuple[str, ...] = ()
    if text is None:
        text, notes = read_text(path, form.encoding)
    delimiter, has_header = None, True
    if is_json_table(path, text, form):
        body, more = json_table(path, text)
        notes += more
    else:
        layout = find_layout(text, form.delimiter)
        delimiter, cells = layout.delimiter, split_cells(path, layout)
        has_header = has_names(cells) if header is None else header
        body = below_header(path, cells, header=has_header)
        if has_header:
            notes += renamed_note(cells.iloc[0], list(body))
    body = without_missing(body)
    table, more, styles = read_styled(
        body, decimal=form.mark, has_semicolons=delimiter == ";"
    )
    return ReadTable(table, notes + more, has_header, styles)


def is_json_table(path: Path, text: str, form: TextFormat) -> bool:
    """Whether a file is JSON Lines, by its name or its first line.

    Args:
        path: Path.
        text: str, what it holds.
        form: TextFormat; one with a delimiter is that of delimited text.

    Returns:
        bool.
    """
    is_one = path.suffix.lower() in SUFFIXES or is_json_lines(text)
    return form.sep is None and is_one


def json_table(path: Path, text: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells of JSON Lines, in columns with names that differ.

    Args:
        path: Path, for messages.
        text: str, what it holds.

    Returns:
        `(cells, notes)`.
    """
    cells, notes = json_cells(path, text)
    return cells.set_axis(unique_names(cells), axis=1), notes


def has_names(cells: pd.DataFrame) -> bool:
    """Whether the first row of cells names the columns.

    Args:
        cells: DataFrame of str.

    Returns:
        bool.
    """
    return has_header(cells.head(SAMPLE_ROWS))


def without_missing(body: pd.DataFrame) -> pd.DataFrame:
    """Cells of text with NaN for those that are blank or a mark such as `?`.

    Args:
        body: DataFrame of str and numbers, changed in place.

    Returns:
        DataFrame.
    """
    for name in body.select_dtypes(exclude="number"):
        body[name] = body[name].mask(is_missing(body[name]))
    return body


def below_header(path: Path, cells: pd.DataFrame, *, header: bool) -> pd.DataFrame:
    """The cells of data, in columns with names.

    Args:
        path: Path, for messages.
        cells: DataFrame of str.
        header: bool, whether the first row holds the names.

    Returns:
        DataFrame of str.

    Raises:
        InputError: If there is no row of data.
    """
    names = unique_names(cells.iloc[0] if header else [""] * cells.shape[1])
    body = cells.iloc[int(header) :].reset_index(drop=True)
    if body.empty:
        raise InputError(
            f"File {path} must hold rows of data. Received: only a header "
            f"({', '.join(names[:5])}{', …' if len(names) > 5 else ''}). Add the data."
        )
    return body.set_axis(names, axis=1)
