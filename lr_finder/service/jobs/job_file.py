"""The SQLite file that holds the jobs of a service: opened by one process at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from lr_finder.errors import InputError

JOBS_VERSION = 1  # of the table; a file of a later one is refused
TABLE = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    is_cancelled INTEGER NOT NULL DEFAULT 0,
    error TEXT
)
"""


def opened_file(path: Path) -> sqlite3.Connection:
    """The file, made if it is missing, and for this process alone.

    Args:
        path: Path; its folder exists.

    Returns:
        sqlite3.Connection, which any thread may use.

    Raises:
        InputError: If another service has it open, a later version wrote it, or it is
            something else.
    """
    connection = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = FULL")
        with connection:
            connection.execute("BEGIN EXCLUSIVE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                connection.execute(TABLE)
                connection.execute(f"PRAGMA user_version = {JOBS_VERSION}")
        if version > JOBS_VERSION:
            raise InputError(
                f"File {path} must be of version {JOBS_VERSION} or less. Received: "
                f"version {version}, of a later lr_finder. Update lr_finder, or name "
                "another folder with `folder`."
            )
    except InputError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        if "locked" in str(error):
            problem = "one that another service has open"
            way_out = "Stop that one"
        else:
            problem, way_out = f"{error}", "Check the disk and the folder's rights"
        raise InputError(
            f"File {path} must be the jobs of a service, for this one alone. Received: "
            f"{problem}. {way_out}, or name another with `folder`."
        ) from error
    return connection
