"""Rows of another file, read and prepared as those that a model was trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder._text import counted, listed
from lr_finder.data.cells.cell_values import finite_numbers
from lr_finder.data.cells.number_styles import Mark, NumberStyle, to_numbers
from lr_finder.data.features.table_features import TableFeatures
from lr_finder.data.opened import PARQUET_SUFFIXES
from lr_finder.data.readers.csv_files import (
    below_header,
    is_json_table,
    json_table,
    without_missing,
)
from lr_finder.data.readers.delimiters import DELIMITERS, find_layout, split_cells
from lr_finder.data.readers.headers import unique_names
from lr_finder.data.readers.text_files import read_text
from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.data.saved_preprocessing import (
    Preprocessing,
    Reading,
    SeriesSteps,
    TextSteps,
)
from lr_finder.errors import InputError


@dataclasses.dataclass(frozen=True, eq=False)
class NewRows:
    """Rows without a model's answer, or a series without its next points.

    Args:
        inputs: array (rows, …), what a model is given; of a series one window. Of
            texts None, until `text_tokens` is called with `texts`.
        answers: Series (rows,) of what the target is, NaN where unknown; or None.
        notes: tuple of str, what a person should know.
        texts: list of str, of texts alone.
        times: Index of the points forecast, of a series with times alone.
    """

    inputs: np.ndarray | None
    answers: pd.Series | None = None
    notes: tuple[str, ...] = ()
    texts: list[str] | None = None
    times: pd.Index | None = None


def read_new_rows(
    path: Path, preprocessing: Preprocessing, form: TextFormat | None = None
) -> NewRows:
    r"""Read a file by a preprocessing that is known: nothing is inferred from it.

    Args:
        path: Path, a Parquet file or a file of text. The target may be missing in it.
        preprocessing: Preprocessing.
        form: TextFormat, what a person says of the file, or None.

    Returns:
        NewRows, one for each row of the file; of a series one window, the last.

    Raises:
        InputError: If a column is missing, or holds none of what it held before.

    Example:
    >>> import tempfile
    >>> from lr_finder.data.prepare.table import load_table
    >>> lines = [f"{area},{2 * area + 0.5}" for area in range(10)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "homes.csv")
    ...     _ = path.write_text("\n".join(["area,rent", *lines]))
    ...     dataset = load_table(path)
    ...     _ = path.write_text("area\n1\n\n3\n")
    ...     read_new_rows(path, dataset.preprocessing).inputs.shape
    (2, 1)
    """
    form = form or TextFormat()
    needed = columns_needed(preprocessing)
    table, notes = _read_cells(path, preprocessing, needed, form)
    missing = [name for name in needed if name not in table]
    if missing:
        raise InputError(
            f"File {path} must have the columns of the training. Received: none named "
            f"{listed(missing)}; it has {listed(table)}. Add or rename them."
        )
    table = _in_style(table, preprocessing, form.mark)
    steps = preprocessing.steps
    if isinstance(steps, SeriesSteps):
        from lr_finder.data.series.next_points import last_window

        return last_window(table, preprocessing, str(path), notes)
    answers = _answers(table, preprocessing)
    if isinstance(steps, TextSteps):
        texts = table[steps.column]
        n_empty = int(texts.isna().sum())
        notes += (f"{counted(n_empty, 'row')} without a text",) * bool(n_empty)
        return NewRows(None, answers, notes, texts.fillna("").astype("str").tolist())
    inputs = steps.transform(table).astype(np.float32)
    return NewRows(inputs, answers, notes + steps.notes(table))


def columns_needed(preprocessing: Preprocessing) -> list[str]:
    """The columns that a file must have.

    Args:
        preprocessing: Preprocessing.

    Returns:
        list of str.
    """
    steps = preprocessing.steps
    if isinstance(steps, TableFeatures):
        return steps.names
    if isinstance(steps, TextSteps):
        return [steps.column]
    time = [] if steps.time is None else [steps.time]
    return [*time, preprocessing.target.name]


def _reading_of(preprocessing: Preprocessing) -> Reading:
    """How the file of the training was read."""
    if preprocessing.reading is None:
        raise InputError(
            "Argument `preprocessing` must say how the file of the training was read. "
            "Received: no `reading`. Give what `load_preprocessing` returns."
        )
    return preprocessing.reading


def _read_cells(
    path: Path, preprocessing: Preprocessing, needed: list[str], form: TextFormat
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """All cells of a file, in columns with the names that the training knows."""
    if path.suffix.lower() in PARQUET_SUFFIXES:
        from lr_finder.data.readers.parquet import ParquetSource

        return ParquetSource(path).read_all()
    text, notes = read_text(path, form.encoding)
    steps = preprocessing.steps
    if isinstance(steps, TextSteps) and not _reading_of(preprocessing).has_header:
        from lr_finder.data.readers.text_lines import read_labelled_lines

        table = _bare_texts(text, steps.column)
        if table is None:
            table = read_labelled_lines(path, text)
        if table is not None:
            return table, notes
    if is_json_table(path, text, form):
        body, more = json_table(path, text)
        return without_missing(body), notes + more
    body = _delimited(path, text, preprocessing, needed, form)
    return without_missing(body), notes


def _bare_texts(text: str, column: str) -> pd.DataFrame | None:
    """Lines of a text each, without labels; None if there are tabs."""
    from lr_finder.data.readers.text_lines import LINE_END

    lines = [line.strip() for line in LINE_END.split(text) if line.strip()]
    if any("\t" in line for line in lines):
        return None
    return pd.DataFrame({column: lines}, dtype="str")


def _delimited(
    path: Path,
    text: str,
    preprocessing: Preprocessing,
    needed: list[str],
    form: TextFormat,
) -> pd.DataFrame:
    """The cells of delimited text; the delimiter is one that gives the columns."""
    tried = (form.delimiter,) if form.delimiter else (None, *DELIMITERS)
    first: list[pd.DataFrame] = []  # the cells by the first delimiter that splits them
    for delimiter in tried:
        try:
            cells = split_cells(path, find_layout(text, delimiter))
        except InputError:
            if not first and delimiter is tried[-1]:
                raise
            continue
        first = first or [cells]
        body = _named(path, cells, preprocessing, needed)
        if body is not None:
            return body
    reading = _reading_of(preprocessing)
    if reading.has_header:  # columns are missing: told later
        return below_header(path, first[0], header=True)
    n, n_here = len(reading.columns), first[0].shape[1]
    raise InputError(
        f"File {path} must have the {n} columns of the training, or all but the "
        f"target, in the same order: they have no names. Received: {n_here}. "
        "Add the others, or name the delimiter: --sep."
    )


def _named(
    path: Path, cells: pd.DataFrame, preprocessing: Preprocessing, needed: list[str]
) -> pd.DataFrame | None:
    """Cells in the columns of the training; None if they are others."""
    if set(needed) <= set(unique_names(cells.iloc[0])):
        return below_header(path, cells, header=True)
    reading = _reading_of(preprocessing)
    if reading.has_header:
        return None
    target = preprocessing.target.name
    others = [name for name in reading.columns if name != target]
    for names in (list(reading.columns), others):
        if len(names) == cells.shape[1]:
            return below_header(path, cells, header=False).set_axis(names, axis=1)
    return None


def _in_style(
    table: pd.DataFrame, preprocessing: Preprocessing, decimal: Mark | None
) -> pd.DataFrame:
    """Columns of numbers as Python writes them, by the styles of the training."""
    styles = dict(_reading_of(preprocessing).styles)
    if decimal is not None:
        steps, target = preprocessing.steps, preprocessing.target
        plain = [each.name for each in getattr(steps, "numbers", ())]
        plain += [target.name] * (target.task == "regression")
        styles = {name: NumberStyle(decimal) for name in plain} | styles
        styles = {
            name: dataclasses.replace(style, mark=decimal, is_told=True)
            for name, style in styles.items()
        }
    table = table.copy(deep=False)
    for name, style in styles.items():
        if name in table and not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = style.read(table[name])
    return table


def _answers(table: pd.DataFrame, preprocessing: Preprocessing) -> pd.Series | None:
    """The target where it is known, as numbers or as text; None without a column."""
    target = preprocessing.target
    if target.name not in table or table[target.name].isna().all():
        return None
    cells = table[target.name]
    if target.task == "regression":
        return finite_numbers(cells.to_frame())[target.name]
    if not isinstance(target.classes[0], str):
        return to_numbers(cells)
    return cells.astype("str").where(cells.notna())
