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
PART_ROWS = 20_000  # rows that are lists of cells at a time
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
    widths, parts = _Widths(), []
    records = _records(layout.text, layout.delimiter)
    try:
        while rows := list(map(widths.counted, itertools.islice(records, PART_ROWS))):
            longest = max(map(len, rows))
            for row in rows if widths.other else ():
                row.extend([""] * (longest - len(row)))
            parts.append(pd.DataFrame(rows, dtype="str"))
    except csv.Error as error:
        raise InputError(
            f"File {path} must be a table of delimited text. Received: "
            f"{short_reason(error)}. Check its quotation marks."
        ) from None
    columns = range(widths.common(path, layout))
    cells = pd.concat(parts, ignore_index=True).reindex(columns=columns).fillna("")
    cells = cells.apply(lambda column: column.str.strip())
    while cells.shape[1] > 1 and _is_left_behind(cells.iloc[:, -1]):
        cells = cells.iloc[:, :-1]
    return cells


def _is_left_behind(column: pd.Series) -> bool:
    """Whether a column has neither cells nor a name, or one that pandas made up."""
    is_named = NO_NAME.fullmatch(column.iloc[0]) is None
    return not is_named and bool((column.iloc[1:] == "").all())


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield `(line number, cells)` of each line that is not blank.

    csv.Error if a quote does not close: of that the reader says nothing.
    """
    lines: Iterable[str] = io.StringIO(text, newline="")
    if delimiter == BLANKS:
        lines = (RUN.sub(BLANKS, line.strip(" \t\r\n")) + "\n" for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    first_line, n_read = 1, 0
    for cells in reader:
        first_line, n_read = n_read + 1, reader.line_num
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield first_line, cells
    if n_read > first_line and _is_open(text, first_line, delimiter):
        raise csv.Error(f"a quote that line {first_line} opens is not closed")


def _is_open(text: str, first_line: int, delimiter: str) -> bool:
    """Whether the record that begins in a line ends within quotes."""
    lines = itertools.islice(io.StringIO(text, newline=""), first_line - 1, None)
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


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
    """Share of lines with the usual number of cells; 0 if that is one."""
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


class _Widths:
    """How many cells the lines of a table have."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.first: list[str] = []
        self.other: tuple[int, int] | None = None  # line and cells of another width
        self.n_filled = 0  # lines of more cells than the first, the last of them filled

    def counted(self, record: tuple[int, list[str]]) -> list[str]:
        """The cells of a line, which is counted."""
        line, cells = record
        self.first = self.first or list(cells)
        self.counts[len(cells)] += 1
        if len(cells) != len(self.first):
            self.other = self.other or (line, len(cells))
            self.n_filled += len(cells) > len(self.first) and cells[-1].strip() != ""
        return cells

    def common(self, path: Path, layout: Layout) -> int:
        """Cells of a line; a delimiter more at its end does not count."""
        if not self.first:
            raise InputError(
                f"File {path} must hold a table. Received: no cell with anything in "
                "it. Export the data again, or name another file."
            )
        width, n_lines = len(self.first), self.counts.total()
        if self.other is None:
            return width
        line, n_cells = self.other
        is_even = self.counts[width] == 1 and len(self.counts) == 2 and n_lines > 2
        if is_even and n_cells == width + 1 and not self.n_filled:
            return width + 1  # delimiters at the end of each line below the names
        if is_even and n_cells == width - 1 and self.first[-1].strip() == "":
            return width  # a delimiter at the end of the names
        way_out = f"Mend that line, or quote cells that hold {layout.delimiter!r}."
        if width == 1:  # sentences, perhaps, and commas within them
            way_out += " Texts are lines of `label TAB text`."
        raise InputError(
            f"File {path} must have equally many cells in every line: {width}, as in "
            f"the first. Received: line {line + layout.first_line - 1} with "
            f"{n_cells}. {way_out}"
        )
