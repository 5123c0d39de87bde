"""Where the runs of a comparison are kept as they end: one SQLite file.

SQLite and not Parquet, since rows are added one run at a time: a transaction is on the
disk whole or not at all, also through `kill -9`, and needs no library beside Python.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pandas as pd

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.records import (
    FINAL,
    SHARED,
    RunRecord,
)
from lr_finder.results.comparison_runs import EPOCH_TYPES, RUN_TYPES

LOCK_SUFFIX = ".lock"
SCORES = "epoch_"  # what the names of columns of `EpochScores` begin with
# Follows from the data, whose fingerprint is compared; missing in files of version 1.
DERIVED = {"test_rows"}
# Not compared: what else of the data differs, and which versions wrote last.
TOLD = {"kind", "target", "train_rows", "keras", "lr_finder"}
DIFFERENCES = {  # how a difference is told, the most telling first
    "data": "{!r} in place of {!r}",
    "target": "target {!r} in place of {!r}",
    "metric": "a comparison by {} in place of {}",
    "backend": "the backend {} in place of {}",
    "train_rows": "{} rows to train on in place of {}",
    "test_rows": "{} rows to test in place of {}",
}
ADDED_COLUMNS = {"callbacks"}  # of texts, that files of version 1 lack


class RunStore:
    """The runs of one comparison, in a SQLite file; a context manager.

    One process writes at a time: a second is refused. Reading is free to all.

    Args:
        path: Path of the file, made if it is missing; its folder exists.
        about: dict of JSON values, what the comparison is about (its data): a file
            about something else is refused. None to read a file as it is.

    Raises:
        InputError: If the file is none of these, is about something else, or is being
            written by another process.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with RunStore(Path(folder, "runs.sqlite"), {"data": "digits"}) as store:
    ...         store.add(RunRecord({"key": "a1", "status": "finished"}))
    ...         store.final_keys(), len(store.runs()), len(store.epochs())
    ({'a1'}, 1, 0)
    """

    def __init__(self, path: str | Path, about: dict[str, Any] | None = None):
        self.path = Path(path)
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:  # closes what is open if one fails
            if about is not None:
                stack.enter_context(_lock(self.path))
            elif not self.path.is_file():
                raise InputError(
                    f"File {self.path} must hold a comparison. Received: no such "
                    "file. Name the folder of one that was begun."
                )
            with _errors_named(self.path):
                self._connection = stack.enter_context(
                    contextlib.closing(sqlite3.connect(self.path))
                )
                if about is not None:
                    self._create()
                self.about = self._read_about()
            if about is not None and self.about != about:
                self._keep_about(about)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and let others write it."""
        self._stack.close()

    def add(self, record: RunRecord) -> None:
        """Keep a run and its epochs, in the place of an earlier try; all or nothing."""
        epochs = [{"key": record.key, **row} for row in record.epochs]
        with _errors_named(self.path), self._connection as transaction:
            transaction.execute("DELETE FROM epochs WHERE key = ?", (record.key,))
            _widen(transaction, epochs[:1])
            _insert(transaction, "runs", [record.values])
            _insert(transaction, "epochs", epochs)

    def final_keys(self) -> set[str]:
        """Keys of the runs that need not be made again."""
        marks = ", ".join("?" * len(FINAL))
        with _errors_named(self.path):
            rows = self._connection.execute(
                f"SELECT key FROM runs WHERE status IN ({marks})", FINAL
            )
            return {key for (key,) in rows}

    def runs(self) -> pd.DataFrame:
        """One row for each run, in the order in which they ended."""
        frame = self._read("SELECT * FROM runs ORDER BY rowid")
        texts = [name for name, kind in RUN_TYPES.items() if kind == "TEXT"]
        unknown = RunRecord({}).values  # of columns that a file of version 1 lacks
        frame = frame.assign(**{n: unknown[n] for n in RUN_TYPES if n not in frame})
        return frame[list(RUN_TYPES)].astype(dict.fromkeys(texts, "str"))

    def epochs(self) -> pd.DataFrame:
        """One row for each run and epoch, with what was varied."""
        shared = ", ".join(f"runs.{name}" for name in SHARED)
        return self._read(
            f"SELECT epochs.*, {shared} FROM epochs JOIN runs USING (key) "
            "ORDER BY runs.rowid, epoch"
        )

    def _read(self, query: str) -> pd.DataFrame:
        with _errors_named(self.path):
            frame = pd.read_sql_query(query, self._connection)
        types = RUN_TYPES | EPOCH_TYPES
        reals = [  # those that `_widen` added, too
            name
            for name in frame
            if types.get(name) == "REAL" or name.startswith(SCORES)
        ]
        return frame.astype(dict.fromkeys(reals, float))

    def _create(self) -> None:
        """The tables, if they are missing, and columns that a version added."""
        run_columns = _definitions(RUN_TYPES).replace(
            "key TEXT", "key TEXT PRIMARY KEY"
        )
        with self._connection as transaction:
            transaction.execute(
                "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT)"
            )
            transaction.execute(f"CREATE TABLE IF NOT EXISTS runs ({run_columns})")
            _add_columns(transaction)
            transaction.execute(
                "CREATE TABLE IF NOT EXISTS epochs "
                f"(key TEXT, {_definitions(EPOCH_TYPES)}, PRIMARY KEY (key, epoch))"
            )

    def _read_about(self) -> dict[str, Any]:
        rows = self._connection.execute("SELECT name, value FROM about")
        return {name: json.loads(value) for name, value in rows}

    def _keep_about(self, about: dict[str, Any]) -> None:
        """Note what a new comparison is about; refuse to change that of an old one.

        What follows from the data is added to files of earlier versions.
        """
        compared = [n for n in about if n in self.about or n not in DERIVED | TOLD]
        differing = [n for n in compared if self.about.get(n) != about[n]]
        if self.about and set(differing) - TOLD:
            raise InputError(
                f"File {self.path} must hold a comparison of the same data, split "
                "alike. Received: "
                f"{_difference(self.about, about, differing)}. Name another folder."
            )
        with _errors_named(self.path), self._connection as transaction:
            rows = [{"name": n, "value": json.dumps(v)} for n, v in about.items()]
            _insert(transaction, "about", rows)
        self.about |= about


def _difference(
    before: dict[str, Any], now: dict[str, Any], differing: list[str]
) -> str:
    """What a comparison is about and what another was, in words."""
    told = [
        text.format(now[name], before.get(name))
        for name, text in DIFFERENCES.items()
        if name in differing
    ]
    if told:
        return ", ".join(told)
    return (
        f"other numbers of the same name ({now.get('data')}): a changed file, or "
        "another `seed`, `limit` or `drop`"
    )


def _insert(
    connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]
) -> None:
    """Add rows of equal columns, in the place of those of the same key."""
    if rows:
        names, marks = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
        connection.executemany(
            f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", rows
        )


def _add_columns(connection: sqlite3.Connection) -> None:
    """Give the table of runs the columns that an earlier version did not have."""
    known = {row[1] for row in connection.execute("PRAGMA table_info(runs)")}
    for name in ADDED_COLUMNS - known:
        connection.execute(f"ALTER TABLE runs ADD COLUMN {name} TEXT DEFAULT ''")


def _widen(connection: sqlite3.Connection, rows: list[dict[str, Any]]) -> None:
    """Give the table of epochs the columns of scores that some runs have."""
    known = {row[1] for row in connection.execute("PRAGMA table_info(epochs)")}
    for name in (name for row in rows for name in row if name not in known):
        connection.execute(f"ALTER TABLE epochs ADD COLUMN {name} REAL")


def _definitions(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Be the only one to write; the system lets go when the process ends in any way."""
    lock_file = path.with_name(path.name + LOCK_SUFFIX)
    with contextlib.ExitStack() as stack:
        with _errors_named(path):
            lock = stack.enter_context(
                contextlib.closing(sqlite3.connect(lock_file, timeout=0))
            )
            lock.execute("BEGIN EXCLUSIVE")
        yield


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    """What SQLite says, with the file and the way out."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise _unfit(path, error) from error
        raise InputError(
            f"File {path} must be written by one comparison at a time. Received: "
            "another one that still runs. Wait for it, or name another folder."
        ) from error
    except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
        raise _unfit(path, error) from error


def _unfit(path: Path, error: Exception) -> InputError:
    return InputError(
        f"File {path} must be one that a comparison wrote. Received: {error}. Name "
        "another folder."
    )
