"""From a CSV or TSV file to a table: delimiter, header, missing values, numbers."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from pathlib import Path

import pandas as pd

from lr_finder.data.reasons import short_reason
from lr_finder.errors import InputError

DELIMITERS = ("\t", ";", "|", ",")  # at a tie the rarer character: commas abound
SAMPLE_ROWS = 1_000  # rows that decide delimiter and header; more tell nothing new
MISSING_MARKS = ("", "?", "na", "n/a", "#n/a", "nan", "<na>", "null", "none")
TEXT_CONTROLS = frozenset(b"\t\n\v\f\r")  # bytes below 32 that text may hold
NUMERIC_COLUMN = 0.5  # share of numbers above which a column counts as numeric
FAILED_READ = "Calling read(nbytes)"  # from memory it fails by Ctrl-C alone
UTF8_BOM = "utf-8-sig"  # UTF-8, with or without the mark that Excel puts first


def read_table(
    path: str | Path, *, header: bool | None = None, text: str | None = None
) -> pd.DataFrame:
    r"""Read a delimited text file, whatever its delimiter and with or without header.

    The delimiter is the tab, semicolon, bar or comma that splits most lines into
    equally many cells. The first line is a header when a cell of it is text above
    nothing but numbers or dates; or when all of it is text, above mostly numbers
    somewhere or, in a table of text, never repeated in the column below. Blanks
    around cells are stripped; empty cells and `?`, `NA`, `NaN`, `null`, … are missing
    values. In files split by semicolons, `1,5` is a number.

    Args:
        path: str or Path, a UTF-8 file.
        header: bool or None, whether the first line holds the names; None infers it.
        text: str or None, what the file holds, if it is read: a pipe gives it once.

    Returns:
        DataFrame, one row per line, at least one; columns of numbers or of text,
        named as in the header or `column_0`, `column_1`, …

    Raises:
        InputError: If the file is missing, unreadable, empty, not UTF-8 text, has
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
    path = Path(path)
    text = read_text(path) if text is None else text
    delimiter = _sniff_delimiter(text)
    _check_widths(path, text, delimiter)
    cells = _cells(path, text, delimiter)
    if header is None:
        header = _has_header(cells.head(SAMPLE_ROWS))
    names = (
        unique_names(cells.iloc[0]) if header else unique_names([""] * cells.shape[1])
    )
    body = cells.iloc[int(header) :].reset_index(drop=True)
    if body.empty:
        raise InputError(
            f"File {path} must hold rows of data. Received: only a header "
            f"({', '.join(names[:5])}{', …' if len(names) > 5 else ''}). Add the data."
        )
    decimal_comma = delimiter == ";"
    columns = [_typed(body[i], decimal_comma=decimal_comma) for i in body]
    return pd.concat(columns, axis=1, keys=names)


def to_numbers(cells: pd.Series, *, decimal_comma: bool = False) -> pd.Series:
    """Cells as numbers, NaN where a cell is none; as integers where all are.

    Args:
        cells: Series of text or numbers.
        decimal_comma: bool, whether `1,5` is a number too.

    Returns:
        Series of int64 or float64, with the index of `cells`.

    Example:
    >>> to_numbers(pd.Series(["1.5", "x"])).tolist()
    [1.5, nan]
    """
    if cells.empty:
        return cells.astype("float64")
    numbers = pd.to_numeric(cells, errors="coerce")
    if decimal_comma and numbers.isna().any():
        points = cells.str.replace(",", ".", regex=False)
        numbers = pd.to_numeric(points, errors="coerce")
    return numbers


def read_text(path: Path) -> str:
    """The whole of a text file, decoded.

    Args:
        path: Path, a UTF-8 file.

    Returns:
        str, with more in it than blanks.

    Raises:
        InputError: If the file is missing, unreadable, empty or not UTF-8 text.
    """
    if path.is_dir():
        raise InputError(
            f"{path} must be a file. Received: a folder. Name a file in it."
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"File {path} does not exist. Check the path.") from None
    except OSError as error:
        reason = error.strerror or short_reason(error)
        raise InputError(
            f"File {path} must be readable. Received: {reason}. Check its rights."
        ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(_wrong_encoding(path, "UTF-16"))
    if any(byte < 32 and byte not in TEXT_CONTROLS for byte in set(content)):
        raise InputError(
            f"File {path} must be text (CSV or TSV). Received: binary content. "
            "Export the table as CSV in UTF-8."
        )
    try:
        text = content.decode(UTF8_BOM)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        received = f"byte 0x{content[error.start]:02x} in line {line}"
        raise InputError(_wrong_encoding(path, received)) from None
    if not text.strip():
        raise InputError(
            f"File {path} must hold a table. Received: an empty file. Export the "
            "data again, or name another file."
        )
    return text


def _wrong_encoding(path: Path, received: str) -> str:
    return (
        f"File {path} must be encoded in UTF-8. Received: {received}. "
        "Open it in the program it comes from and save it as CSV in UTF-8."
    )


def _records(text: str, delimiter: str):
    """Yield `(line number, cells)` of each line that is not blank."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    first_line = 1
    for cells in reader:
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield first_line, cells
        first_line = reader.line_num + 1


def _sniff_delimiter(text: str) -> str:
    """The character that splits most lines of the sample into equally many cells."""

    def agreement(delimiter: str) -> float:
        try:
            sample = itertools.islice(_records(text, delimiter), SAMPLE_ROWS)
            widths = Counter(len(cells) for _, cells in sample)
        except csv.Error:
            return 0.0
        width, count = max(widths.items(), key=lambda item: item[1])
        return count / widths.total() if width > 1 else 0.0

    best = max(DELIMITERS, key=agreement)  # the first of equals
    return best if agreement(best) else ","


def _check_widths(path: Path, text: str, delimiter: str) -> None:
    width = None
    try:
        for line, cells in _records(text, delimiter):
            width = width or len(cells)
            if len(cells) != width:
                way_out = f"Mend that line, or quote cells that hold {delimiter!r}."
                if width == 1:  # sentences, perhaps, and commas within them
                    way_out += " Texts are lines of `label TAB text`."
                raise InputError(
                    f"File {path} must have equally many cells in every line: "
                    f"{width}, as in the first. Received: line {line} with "
                    f"{len(cells)}. {way_out}"
                )
    except csv.Error as error:
        raise InputError(_not_a_table(path, error)) from None


def _cells(path: Path, text: str, delimiter: str) -> pd.DataFrame:
    """Every cell as stripped text, the first line too."""
    try:
        cells = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, na_filter=False,
            skipinitialspace=True,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        if FAILED_READ in str(error):
            raise KeyboardInterrupt from None
        raise InputError(_not_a_table(path, error)) from None
    return cells.apply(lambda column: column.str.strip())


def _not_a_table(path: Path, error: Exception) -> str:
    reason = short_reason(error).rpartition("C error: ")[2]
    return (
        f"File {path} must be a table of delimited text. Received: {reason}. "
        "Check its quotation marks."
    )


def _has_header(cells: pd.DataFrame) -> bool:
    """Whether the first row names the columns; the rule is told in `read_table`."""
    first, below = cells.iloc[0], cells.iloc[1:]
    is_missing = first.str.lower().isin(MISSING_MARKS)
    known = first[~is_missing]
    if known.empty or (first[is_missing] != "").any():
        return False
    names = known[to_numbers(known).isna() & ~_is_date(known)]
    all_text = len(names) == len(known)
    if below.empty or names.empty:
        return all_text
    shares = _numeric_share(below[names.index])
    if shares.eq(1).any():
        return True
    if not all_text or shares.gt(NUMERIC_COLUMN).any():
        return all_text
    return not any((below[i] == name).any() for i, name in names.items())


def _numeric_share(cells: pd.DataFrame) -> pd.Series:
    """For each column, the share of numbers or dates among its known cells."""

    def share(column: pd.Series) -> float:
        known = column[~column.str.lower().isin(MISSING_MARKS)]
        if known.empty:
            return 0.0
        return float((to_numbers(known).notna() | _is_date(known)).mean())

    return cells.apply(share)


def _is_date(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True).notna()


def unique_names(cells) -> list[str]:
    """One name for each cell, unlike all others; `column_<index>` for blanks.

    Args:
        cells: iterable of str.

    Returns:
        list of str.

    Example:
    >>> unique_names(["a", "", "a"])
    ['a', 'column_1', 'a.1']
    """
    names: list[str] = []
    for index, cell in enumerate(cells):
        name = base = cell or f"column_{index}"
        copies = itertools.count(1)
        while name in names:
            name = f"{base}.{next(copies)}"
        names.append(name)
    return names


def _typed(cells: pd.Series, *, decimal_comma: bool) -> pd.Series:
    """A column as numbers where every known cell is one, else as text."""
    is_missing = cells.str.lower().isin(MISSING_MARKS)
    known = cells[~is_missing]
    numbers = to_numbers(known, decimal_comma=decimal_comma)
    if numbers.notna().all():
        return numbers.reindex(cells.index)
    return cells.mask(is_missing)
