"""From a Parquet file to a table; of one larger than memory, a random sample."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lr_finder._text import listed, short_reason
from lr_finder.data import sampling
from lr_finder.data.readers.headers import MISSING_MARKS, unique_names
from lr_finder.errors import InputError, LRFinderError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_BATCH_ROWS = 65_536
CELL_BYTES = 64  # a cell that is larger than most
BATCH_SHARE = 8  # batches that fit the budget
UNNAMED_INDEX = re.compile(r"__index_level_\d+__")  # what pandas adds of its own
READ_ERRORS = (OSError, ValueError, TypeError, NotImplementedError, MemoryError,
               KeyError, IndexError, OverflowError, AttributeError)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ParquetSource:
    """A Parquet file, opened on use and read in batches of rows.

    Args:
        path: Path, the file.

    Raises:
        LRFinderError: If pyarrow is missing, upon use.
        InputError: If the file is none, upon use.

    Example:
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "homes.parquet")
    ...     pd.DataFrame({"area": [50.0, 70.0], "town": ["a", "b"]}).to_parquet(path)
    ...     table, notes = ParquetSource(path).read()
    >>> table["town"].tolist(), notes
    (['a', 'b'], ())
    """

    path: Path

    def head(self, rows: int = 10_000) -> pd.DataFrame:
        """The first rows, all columns.

        Args:
            rows: int, at most so many.

        Returns:
            DataFrame of numbers and text, as `read_table` gives it.
        """
        with self._errors_named():
            columns, _ = self._columns()
            kept, n = [], 0
            for batch in self._batches(columns):
                kept.append(batch.slice(0, rows - n))
                n += kept[-1].num_rows
                if n >= rows:
                    break
            return self._table(kept, columns)

    def read(self, seed: int = 0) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The whole table or, if memory does not hold it, rows drawn at random.

        How many rows fit is told by the first ones and by the number of all. Each row
        of the file is as likely to be kept as any other; their order stays.

        Args:
            seed: int, of the draw.

        Returns:
            `(table, notes)`.
        """
        with self._errors_named():
            columns, notes = self._columns()
            n_rows = self._open().metadata.num_rows
            kept, n_kept = np.arange(n_rows), self._rows_that_fit(columns)
            if n_kept < n_rows:
                rng = np.random.default_rng(seed)
                kept = np.sort(rng.choice(n_rows, n_kept, replace=False))
            batches, start = [], 0
            for batch in self._batches(columns):
                ends = np.searchsorted(kept, [start, start + batch.num_rows])
                own = kept[slice(*ends)] - start
                is_whole = len(own) == batch.num_rows
                batches.append(batch if is_whole else batch.take(_indices(own)))
                start += batch.num_rows
            table = self._table(batches, columns)
        if n_kept < n_rows:
            notes += (
                f"{n_kept:,} of {n_rows:,} rows, drawn at random (seed {seed}): all do "
                f"not fit in {sampling.MEMORY_BUDGET / 2**20:,.0f} MiB",
            )
        return table, notes

    def read_all(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The whole table; refused if memory does not hold it.

        Returns:
            `(table, notes)`.
        """
        table, notes = self.read()
        n_rows = self._open().metadata.num_rows
        if len(table) < n_rows:
            raise InputError(
                f"File {self.path} must fit in memory. Received: {n_rows:,} rows, of "
                f"which {len(table):,} do. Split it."
            )
        return table, notes

    def read_columns(self, names: list[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """A few columns in the file's order: its last rows, as many as memory holds.

        Args:
            names: list of str, columns that `head` has.

        Returns:
            `(table, notes)`.
        """
        with self._errors_named():
            columns, notes = self._columns()
            columns = [column for column in columns if column[1] in names]
            kept: collections.deque[pa.RecordBatch] = collections.deque()
            n_seen = size = 0
            for batch in self._batches(columns):
                kept.append(batch)
                n_seen += batch.num_rows
                size += batch.nbytes
                while len(kept) > 1 and size > sampling.MEMORY_BUDGET:
                    size -= kept.popleft().nbytes
            table = self._table(kept, columns)
        if len(table) < n_seen:
            notes += (f"the last {len(table):,} of {n_seen:,} rows: not all fit",)
        return table, notes

    def _columns(self) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
        """`(name in the file, name in the table)` of flat columns, and a note."""
        import pyarrow.types as types

        schema = self._open().schema_arrow
        named = list(zip(schema, unique_names(schema.names), strict=True))
        named = [pair for pair in named if not UNNAMED_INDEX.fullmatch(pair[1])]
        flat: list[tuple[str, str]] = []
        rest: list[tuple[str, str]] = []
        for field, name in named:
            kind = field.type
            if types.is_dictionary(kind):
                kind = kind.value_type
            is_flat = types.is_primitive(kind) or _is_text(kind)
            is_flat |= types.is_decimal(kind) or types.is_null(kind)
            is_single = schema.names.count(field.name) == 1
            (flat if is_flat and is_single else rest).append((field.name, name))
        if not flat:
            raise InputError(
                f"File {self.path} must have columns of numbers, text or dates. "
                f"Received: {len(rest)} columns of lists or bytes. Name another file."
            )
        if not rest:
            return flat, ()
        shown = listed(name for _, name in rest)
        return flat, (f"columns of lists or bytes left out: {shown}",)

    def _rows_that_fit(self, columns: list[tuple[str, str]]) -> int:
        """How many rows the memory holds, if all are like the first."""
        first = next(self._batches(columns), None)
        if first is None or not first.num_rows:
            return 0
        return max(1, int(sampling.MEMORY_BUDGET * first.num_rows // first.nbytes))

    def _batches(self, columns: list[tuple[str, str]]) -> Iterator[pa.RecordBatch]:
        """Record batches, none of them large."""
        n_rows = sampling.MEMORY_BUDGET // (CELL_BYTES * BATCH_SHARE * len(columns))
        batches = self._open().iter_batches(
            batch_size=max(1, min(n_rows, MAX_BATCH_ROWS)),
            columns=[name for name, _ in columns],
        )
        return map(_without_dictionaries, batches)

    def _table(
        self, batches: Collection[pa.RecordBatch], columns: list[tuple[str, str]]
    ) -> pd.DataFrame:
        import pyarrow as pa

        if not sum(batch.num_rows for batch in batches):
            raise InputError(
                f"File {self.path} must hold rows of data. Received: none. Add some."
            )
        table = pa.Table.from_batches(batches)
        given = {name: _as_in_a_text_file(table[old]) for old, name in columns}
        return pd.DataFrame(given)

    def _open(self):
        import pyarrow.parquet as parquet

        return parquet.ParquetFile(
            self.path, pre_buffer=False, buffer_size=2**20, memory_map=False
        )

    @contextlib.contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Errors of pyarrow name the file; a missing pyarrow says how to get it."""
        try:
            yield
        except (InputError, LRFinderError):
            raise
        except ImportError:
            raise LRFinderError(
                f"File {self.path} needs pyarrow, which is not installed. Install it "
                'with: pip install "lr_finder[parquet]"'
            ) from None
        except FileNotFoundError:
            raise InputError(
                f"File {self.path} does not exist. Check the path."
            ) from None
        except READ_ERRORS as error:
            reason = short_reason(error)
            raise InputError(
                f"File {self.path} must be a readable Parquet file. Received: "
                f"{reason}. Write it anew."
            ) from None


def _without_dictionaries(batch):
    """A batch whose size is that of its rows: a dictionary comes with each batch."""
    import pyarrow as pa

    arrays = [
        array.cast(array.type.value_type)
        if pa.types.is_dictionary(array.type)
        else array
        for array in batch.columns
    ]
    return pa.record_batch(arrays, names=batch.schema.names)


def _indices(rows: np.ndarray):
    import pyarrow as pa

    return pa.array(rows)


def _is_text(kind) -> bool:
    import pyarrow.types as types

    return (
        types.is_string(kind) or types.is_large_string(kind)
        or types.is_string_view(kind)
    )  # fmt: skip


def _as_in_a_text_file(column) -> pd.Series:
    """Numbers as numbers, all else as the text that a CSV file would hold."""
    import pyarrow as pa
    import pyarrow.types as types

    kind = column.type
    if types.is_decimal(kind) or types.is_float16(kind) or types.is_null(kind):
        column = column.cast(pa.float64())
    elif types.is_duration(kind):
        column = column.cast(pa.int64())
    elif types.is_timestamp(kind):
        column = column.cast(pa.timestamp(kind.unit)).cast(pa.string())
    elif not (types.is_integer(kind) or types.is_floating(kind)):
        column = column.cast(pa.string())
    cells = column.to_pandas()
    if pd.api.types.is_numeric_dtype(cells):
        return cells
    cells = cells.astype("str").str.strip()
    if types.is_time(kind):
        cells = cells.str[: len("00:00:00")]
    return cells.mask(cells.str.lower().isin(MISSING_MARKS))
