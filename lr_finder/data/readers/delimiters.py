"""From text to cells: which delimiter splits it, and what surrounds the table."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from lr_finder._text import short_reason
from lr_finder.data.readers.text_formats import BLANKS
from lr_finder.errors import InputError

DELIMITERS = ("\t", ";", "|", ",")  # at a tie the rarer character: commas abound
SAMPLE_ROWS = 1_000  # rows that decide delimiter and header; more tell nothing new
BLANKS_SHARE = 0.9  # of lines that blanks must split into equally many cells
SEP_LINE = re.compile(r"sep=(.)\s*(\r\n|\r|\n)", re.IGNORECASE)  # Excel reads it
NO_NAME = re.compile(r"(Unnamed: \d+)?")
COMMENTS = re.compile(r"(?:#[^\r\n]*(?:\r\n|\r|\n)|\s)*")
NUMBER = r"[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?"
RUN = re.compile(r"[ \t]+")
NUMBER_OR_NONE = rf"(?:{NUMBER}|\?|NA|NaN|nan)"
NUMBERS = re.compile(
    rf"{NUMBER_OR_NONE}(?:[ \t]+{NUMBER_OR_NONE})+"
)  # several, with blanks between
ONE_NUMBER = re.compile(NUMBER)
GROUPS = re.compile(r"[-+]?\d{1,3}(?:\s\d{3})+(?:[.,]\d+)?")  # of thousands: 12 345
FAILED_READ = "Calling read(nbytes)"  # from memory it fails by Ctrl-C alone


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where a table lies in its text.

    Args:
        text: str, from the line of names, or the first of data, to the end.
        delimiter: str, one character; a blank stands for one or more blanks.
        first_line: int, number of the line in the file that `text` begins with.
    """

    text: str
    delimiter: str
    first_line: int = 1


def find_layout(text: str, delimiter: str | None = None) -> Layout:
    r"""Where the table begins, and what splits it.

    Excel's line `sep=;` tells the delimiter and is no part of the table. Lines at the
    top that begin with `#` are comments; the last of them names the columns if it
    splits into as many cells as the line below.

    Args:
        text: str, the whole file.
        delimiter: str, one character; None finds it.

    Returns:
        Layout.

    Example:
    >>> find_layout("sep=|\na|b\n1|2\n")
    Layout(text='a|b\n1|2\n', delimiter='|', first_line=2)
    >>> find_layout("# a b\n1 2\n3 4\n").text
    'a b\n1 2\n3 4\n'
    """
    return _with_row_names(_find_layout(text, delimiter))


def _find_layout(text: str, sep: str | None) -> Layout:
    told = SEP_LINE.match(text)
    if told is not None:
        return Layout(text[told.end() :], sep or told[1], 2)
    found = COMMENTS.match(text)
    comments = "" if found is None else found[0]
    if "#" not in comments or not text[len(comments) :].strip():
        return Layout(text, sep or _sniff(text))
    return _below_comments(text, comments, sep)


def _below_comments(text: str, comments: str, sep: str | None) -> Layout:
    """The table below lines that begin with `#`, if these are comments."""
    body = text[len(comments) :]
    delimiter = sep or _sniff(body)
    width = _width(body, delimiter)
    lines = [line for line in comments.splitlines() if line.strip()]
    names, first_line = lines[-1], len(comments.splitlines()) + 1
    if names.startswith("# ") or delimiter == BLANKS:
        names = names.lstrip("#")
    elif all(_width(line, delimiter) == width for line in lines):
        return Layout(text, delimiter)  # no comments: cells such as #ff0000
    if _width(names, delimiter) == width:
        return Layout(f"{names.strip()}\n{body}", delimiter, first_line - 1)
    return Layout(body, delimiter, first_line)


def _with_row_names(layout: Layout) -> Layout:
    """R writes no name above the names of rows: an empty one is put there."""
    rows = _sample(layout.text, layout.delimiter)
    if layout.delimiter == BLANKS and len(rows) > 1:
        if all(len(row) == len(rows[0]) + 1 for row in rows[1:]):
            return dataclasses.replace(layout, text='"" ' + layout.text.lstrip())
    return layout


def _width(text: str, delimiter: str) -> int:
    """Cells in the first line."""
    return len(next(iter(_sample(text, delimiter, 1)), ()))


def split_cells(path: Path, layout: Layout) -> pd.DataFrame:
    r"""Every cell as stripped text, that of the first line too.

    Empty cells without a name at the right of all lines are left out, as delimiters
    at the ends of lines leave them behind.

    Args:
        path: Path, for messages.
        layout: Layout.

    Returns:
        DataFrame of str, columns 0, 1, …

    Raises:
        InputError: If lines differ in their number of cells, or quotes do not close.

    Example:
    >>> split_cells(Path("a.csv"), Layout("a,b,\n1,2,\n", ","))
       0  1
    0  a  b
    1  1  2
    """
    width = _common_width(path, layout)
    is_wider = width > _width(layout.text, layout.delimiter)
    sep = r"\s+" if layout.delimiter == BLANKS else layout.delimiter
    try:
        cells = pd.read_csv(
            io.StringIO(layout.text), sep=sep, header=None, dtype=str,
            na_filter=False, skipinitialspace=True,
            names=range(width) if is_wider else None,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        if FAILED_READ in str(error):
            raise KeyboardInterrupt from None
        raise InputError(_not_a_table(path, error)) from None
    cells = cells.fillna("").apply(lambda column: column.str.strip())
    while cells.shape[1] > 1 and _is_left_behind(cells.iloc[:, -1]):
        cells = cells.iloc[:, :-1]
    return cells


def _is_left_behind(column: pd.Series) -> bool:
    """Whether a column has neither cells nor a name, or one that pandas made up."""
    is_named = NO_NAME.fullmatch(column.iloc[0]) is None
    return not is_named and bool((column.iloc[1:] == "").all())


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield `(line number, cells)` of each line that is not blank."""
    lines: Iterable[str] = io.StringIO(text, newline="")
    if delimiter == BLANKS:
        lines = (RUN.sub(BLANKS, line.strip(" \t\r\n")) + "\n" for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    first_line = 1
    for cells in reader:
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield first_line, cells
        first_line = reader.line_num + 1


def _sniff(text: str) -> str:
    """The delimiter that splits most lines of the sample into equally many cells."""
    samples = {each: _sample(text, each) for each in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: _agreement(samples[each]))
    agreement = _agreement(samples[best])  # of the first of equals
    in_blanks = _sample(text, BLANKS)
    if len(in_blanks) > 1 and len(in_blanks[1]) == len(in_blanks[0]) + 1:
        in_blanks = [["", *in_blanks[0]], *in_blanks[1:]]  # R names the rows too
    if _agreement(in_blanks) >= max(BLANKS_SHARE, agreement) and _is_split_by_blanks(
        in_blanks, samples[best] if agreement else None
    ):
        return BLANKS
    return best if agreement else ","


def _sample(text: str, delimiter: str, n: int = SAMPLE_ROWS) -> list[list[str]]:
    """Cells of the first lines; none where quotes do not close."""
    try:
        records = itertools.islice(_records(text, delimiter), n)
        return [cells for _, cells in records]
    except csv.Error:
        return []


def _agreement(rows: list[list[str]]) -> float:
    """Share of lines with the usual number of cells; 0 where that is one."""
    widths = Counter(map(len, rows))
    width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
    return count / widths.total() if width > 1 else 0.0


def _is_split_by_blanks(
    in_blanks: list[list[str]], others: list[list[str]] | None
) -> bool:
    """Whether blanks delimit, and do not stand within sentences, dates or numbers."""
    below = in_blanks[1:] or in_blanks
    if all(GROUPS.fullmatch(" ".join(row)) for row in below):
        return False  # one column of numbers, with blanks at their thousands
    if others is None:  # nothing else splits the lines: half of the columns are numbers
        is_number = [
            2 * sum(bool(ONE_NUMBER.fullmatch(cell)) for cell in column) > len(column)
            for column in zip(*below, strict=False)
        ]
        return 2 * sum(is_number) >= len(is_number)
    below = others[1:] or others
    in_a_cell = [any(map(_is_several_numbers, row)) for row in below]
    return sum(in_a_cell) >= BLANKS_SHARE * len(in_a_cell)


def _is_several_numbers(cell: str) -> bool:
    return bool(NUMBERS.fullmatch(cell.strip())) and not GROUPS.fullmatch(cell.strip())


def _common_width(path: Path, layout: Layout) -> int:
    """How many cells a line has; a delimiter more at its end does not count."""
    widths: Counter[int] = Counter()
    first: tuple[int, list[str]] | None = None  # the first line and its number
    other: tuple[int, list[str]] | None = None  # the first of another width
    n_filled = 0  # lines of more cells than the first, the last of them filled
    try:
        for line, cells in _records(layout.text, layout.delimiter):
            first = first or (line, cells)
            widths[len(cells)] += 1
            if len(cells) != len(first[1]):
                other = other or (line, cells)
                n_filled += len(cells) > len(first[1]) and cells[-1].strip() != ""
    except csv.Error as error:
        raise InputError(_not_a_table(path, error)) from None
    if first is None:
        raise InputError(
            f"File {path} must hold a table. Received: no cell with anything in it. "
            "Export the data again, or name another file."
        )
    width, n_lines = len(first[1]), widths.total()
    if other is None:
        return width
    is_even = widths[width] == 1 and len(widths) == 2 and n_lines > 2
    if is_even and len(other[1]) == width + 1 and not n_filled:
        return width + 1  # delimiters at the end of each line below the names
    if is_even and len(other[1]) == width - 1 and first[1][-1].strip() == "":
        return width  # a delimiter at the end of the names
    way_out = f"Mend that line, or quote cells that hold {layout.delimiter!r}."
    if width == 1:  # sentences, perhaps, and commas within them
        way_out += " Texts are lines of `label TAB text`."
    raise InputError(
        f"File {path} must have equally many cells in every line: {width}, as in the "
        f"first. Received: line {other[0] + layout.first_line - 1} with "
        f"{len(other[1])}. {way_out}"
    )


def _not_a_table(path: Path, error: Exception) -> str:
    reason = short_reason(error).rpartition("C error: ")[2]
    return (
        f"File {path} must be a table of delimited text. Received: {reason}. "
        "Check its quotation marks."
    )
