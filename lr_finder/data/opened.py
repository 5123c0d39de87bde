"""A table in a file, opened: what it holds is known before Keras is loaded."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lr_finder.data.cells.number_columns import read_number_texts
from lr_finder.data.dataset import Dataset, Kind
from lr_finder.data.features.column_choice import choose_columns
from lr_finder.data.prepare.kinds import infer_kind
from lr_finder.data.request import TEXT_OPTIONS, Request
from lr_finder.data.saved_preprocessing import Reading, with_reading
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.data.readers.csv_files import ReadTable

PARQUET_SUFFIXES = (".parquet", ".pq")


@dataclasses.dataclass(frozen=True, eq=False)
class OpenedTable:
    """A table, and what kind of data it holds.

    Args:
        table: DataFrame of numbers and text.
        request: Request.
        kind: "tabular", "series" or "text".
        kind_reason: str, why.
        notes: tuple of str, what was decided while it was read.
        head: DataFrame, first rows with all columns, where `table` holds but a few of
            them; None if it holds all.
        left_out: tuple of str, columns that were dropped, or count rows.
        reading: Reading, how the file was read.
    """

    table: pd.DataFrame
    request: Request
    kind: Kind
    kind_reason: str
    notes: tuple[str, ...] = ()
    head: pd.DataFrame | None = None
    left_out: tuple[str, ...] = ()
    reading: Reading | None = None

    @property
    def needs_keras(self) -> bool:
        """Whether Keras makes the arrays: it turns texts into tokens."""
        return self.kind == "text"

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The arrays; an InputError if target, times or values break a rule."""
        if self.kind == "series":
            from lr_finder.data.series.series_from_table import series_dataset

            dataset = series_dataset(self.table, self.request, self.head)
        elif self.kind == "text":
            from lr_finder.data.prepare.texts import text_dataset

            dataset = text_dataset(self.table, self.request, left_out=self.left_out)
        else:
            from lr_finder.data.prepare.table import tabular_dataset

            dataset = tabular_dataset(self.table, self.request, left_out=self.left_out)
        if self.reading is not None:
            dataset = with_reading(dataset, self.reading)
        notes = self.notes + dataset.notes
        return dataclasses.replace(dataset, notes=notes, kind_reason=self.kind_reason)


def open_table(path: Path, request: Request) -> OpenedTable:
    r"""Read a Parquet file or a file of text, and infer what it holds.

    Args:
        path: Path.
        request: Request.

    Returns:
        OpenedTable.

    Raises:
        InputError: If the file, or an option, breaks a rule.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "homes.csv")
    ...     _ = path.write_text("area,rent\n" + "50 m2,$900.50\n60 m2,$990\n" * 5)
    ...     opened = open_table(path, Request(str(path)))
    >>> opened.kind, opened.dataset.task
    ('tabular', 'regression')
    """
    if path.suffix.lower() in PARQUET_SUFFIXES:
        why = "It is for tables in files of text"
        request.refuse(TEXT_OPTIONS, "a Parquet file", why)
        return _open_parquet(path, request)
    return _open_text_file(path, request)


def open_csv_text(path: Path, text: str, request: Request) -> OpenedTable:
    r"""What a CSV file with these names and rows holds.

    Args:
        path: Path, what messages call it.
        text: str, a header and lines, with commas and decimal points.
        request: Request.

    Returns:
        OpenedTable.

    Raises:
        InputError: If the table, or an option, breaks a rule.

    Example:
    >>> text = "area,rent\n" + "50,900.5\n60,990\n" * 5
    >>> open_csv_text(Path("homes"), text, Request("homes")).dataset.task
    'regression'
    """
    from lr_finder.data.readers.csv_files import read_whole_table
    from lr_finder.data.readers.text_formats import TextFormat

    read = read_whole_table(path, TextFormat(sep=","), header=True, text=text)
    return _opened(read, request)


def _opened(
    read: ReadTable, request: Request, notes: tuple[str, ...] = ()
) -> OpenedTable:
    """A table that was read, and what it holds."""
    choice = choose_columns(read.table, request)
    table, request = choice.of(read.table), choice.request
    return OpenedTable(
        table, request, *infer_kind(table, request), notes + read.notes + choice.notes,
        left_out=choice.left_out, reading=read.reading,
    )  # fmt: skip


def _open_text_file(path: Path, request: Request) -> OpenedTable:
    """A file of delimited text or JSON Lines, or lines of label TAB text."""
    from lr_finder.data.readers.csv_files import ReadTable, read_whole_table
    from lr_finder.data.readers.text_files import read_text
    from lr_finder.data.readers.text_lines import read_labelled_lines

    form, table = request.text_format, None
    text, notes = read_text(path, form.encoding)  # once: it may be a pipe
    may_be_text = request.kind in (None, "text") and not request.series_options
    if may_be_text and form.delimiter in (None, "\t"):
        table = read_labelled_lines(path, text)
    if table is None:
        read = read_whole_table(path, form, text=text)
        _check_not_lines_of_text(path, read.table, request)
    else:
        read = ReadTable(table, (), False, {})
    return _opened(read, request, notes)


def _check_not_lines_of_text(path: Path, table: pd.DataFrame, request: Request):
    """Refuse a single column that is neither numbers nor dates."""
    from lr_finder.data.cells.columns import is_date, is_number

    if table.shape[1] > 1 or request.kind == "series" or request.series_options:
        return
    (name,) = table
    if not is_number(table[name]) and not is_date(table[name]):
        raise InputError(
            f"File {path} must have two columns or more, or lines of `label TAB text`. "
            f"Received: one column, {name!r}, such as "
            f"{str(table[name].iloc[0])[:40]!r}. Add the labels or the other columns, "
            "or name the delimiter (`sep`)."
        )


def _open_parquet(path: Path, request: Request) -> OpenedTable:
    from lr_finder.data.readers.parquet import ParquetSource
    from lr_finder.data.series.series_from_table import series_columns

    source = ParquetSource(path)
    head, *_ = read_number_texts(source.head())
    names = tuple(head)
    choice = choose_columns(head, request)
    head, request = choice.of(head), choice.request
    kind, why = infer_kind(head, request)
    if kind == "series":
        table, notes = source.read_columns(series_columns(head, request))
    else:
        table, notes = source.read(request.seed)
    table, more, styles = read_number_texts(choice.of(table))
    return OpenedTable(
        table, request, kind, why, notes + more + choice.notes, head, choice.left_out,
        Reading(names, True, styles),
    )  # fmt: skip
