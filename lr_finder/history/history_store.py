"""The SQLite file of the history: every change is on the disk whole or not at all."""

from __future__ import annotations

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lr_finder.errors import InputError, LRFinderError
from lr_finder.history.kept_columns import COLUMNS

LATEST_VERSION = 1  # of the table; a file of a newer one is left alone
APPLICATION = 0x4C524669  # "LRFi", in the header of a file that lr_finder wrote
WAIT = 10.0  # seconds to wait for another process that writes


class HistoryStore:
    """The runs in a SQLite file, which several processes may write.

    Args:
        path: Path; file and folder are made by the first run that is added.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     HistoryStore(Path(folder, "history.sqlite")).select()
    []
    """

    def __init__(self, path: Path):
        self.path = path
        self.set_aside: Path | None = None  # where a damaged file was put

    def add(self, runs: Sequence[dict[str, Any]]) -> int:
        """Add runs, but for those whose `id` is there; all or none.

        Args:
            runs: sequence of dict, as `checked_run` gives them.

        Returns:
            int, how many are new.
        """
        names, marks = ", ".join(COLUMNS), ", ".join(f":{name}" for name in COLUMNS)
        with self._opened(is_written=True) as connection:
            before = connection.total_changes
            connection.executemany(
                f"INSERT OR IGNORE INTO runs ({names}) VALUES ({marks})", runs
            )
            return connection.total_changes - before

    def select(self, where: str = "1", values: Sequence[Any] = ()) -> list[dict]:
        """The runs that meet a condition, in the order of their dates.

        Args:
            where: str, a condition of SQL with `?` for values.
            values: sequence, those values.

        Returns:
            list of dict, each with all of `COLUMNS`.
        """
        if not self.path.is_file():
            return []
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM runs WHERE {where} ORDER BY date, rowid"
        )
        with self._opened() as connection:
            rows = connection.execute(query, values).fetchall()
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    def delete(self, where: str = "1", values: Sequence[Any] = ()) -> int:
        """Remove the runs that meet a condition, also from the free parts of the file.

        Args:
            where: str, as of `select`.
            values: sequence, as of `select`.

        Returns:
            int, how many were removed.
        """
        if not self.path.is_file():
            return 0
        with self._opened(is_written=True) as connection:
            return connection.execute(
                f"DELETE FROM runs WHERE {where}", values
            ).rowcount

    @contextlib.contextmanager
    def _opened(self, *, is_written: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction on a sound file; a damaged one is set aside before."""
        with _errors_named(self.path):
            if is_written:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._set_aside_if_damaged()
            with contextlib.closing(_connect(self.path)) as connection:
                connection.execute(f"BEGIN {'IMMEDIATE' if is_written else ''}")
                with connection:
                    _prepare(connection, self.path)
                    yield connection

    def _set_aside_if_damaged(self) -> None:
        """Rename a file that SQLite cannot read, unless another process just did."""
        seen = _identity(self.path)
        if seen is None or _is_sound(self.path) or _identity(self.path) != seen:
            return
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = self.path.with_name(f"{self.path.stem}.damaged-{now}.sqlite")
        os.replace(self.path, aside)
        self.set_aside = aside


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the table in a new file; refuse a file of another program or version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables and not version:
        columns = ", ".join(f"{name} {each.kind}" for name, each in COLUMNS.items())
        columns = columns.replace("id TEXT", "id TEXT PRIMARY KEY", 1)
        connection.execute(f"CREATE TABLE runs ({columns})")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {LATEST_VERSION}")
    elif application != APPLICATION:
        raise InputError(
            f"File {path} must be a history of lr_finder. Received: a database of "
            "another program. Name another file."
        )
    elif version > LATEST_VERSION:
        raise InputError(
            f"File {path} must be a history of version {LATEST_VERSION} at most. "
            f"Received: version {version}, which a newer lr_finder wrote. Update "
            "lr_finder, or name another file."
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there; None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _is_sound(path: Path) -> bool:
    """Whether SQLite can read all of a file; one that is busy is."""
    try:
        with contextlib.closing(_connect(path)) as connection:
            return connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.OperationalError:  # busy, or not to be read: no damage
        return True
    except sqlite3.DatabaseError:
        return False


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    """What SQLite and the system say, with the file and the way out."""
    try:
        yield
    except sqlite3.Error as error:
        way_out = "Try again"
        if "locked" in str(error):
            way_out = "Another process writes it: try again later"
        elif "full" in str(error):
            way_out = "Make room on the disk"
        elif "readonly" in str(error) or "unable to open" in str(error):
            way_out = "Check its permissions"
        raise LRFinderError(
            f"The history {path} cannot be read or written: {error}. {way_out}, or "
            "name another file."
        ) from error
    except OSError as error:
        raise LRFinderError(
            f"The history {path} cannot be read or written: "
            f"{error.strerror or error}. Check the folder, or name another file."
        ) from error
