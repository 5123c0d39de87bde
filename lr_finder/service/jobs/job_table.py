"""The jobs of a service, in one SQLite file: each step is on the disk or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from lr_finder._text import counted
from lr_finder.service.jobs.job_file import opened_file
from lr_finder.service.refused import Refusal

State = Literal["queued", "running", "done", "failed", "cancelled"]
QUEUED: Final = "queued"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
JOBS_FILE = "jobs.sqlite"


@dataclasses.dataclass(frozen=True)
class Job:
    """A job as the table has it.

    Args:
        number: int, in the order of arrival.
        id: str, what it is called in addresses.
        kind: str, `"finding"` or `"comparison"`.
        name: str, what its data is called.
        options: dict of JSON values.
        state: str, one of the five.
        created, started, ended: float, seconds since 1970, or None.
        attempt: int, how often it was begun; each has a folder of its own.
        deaths: int, how often its process was killed from outside.
        is_cancelled: bool, whether it is to end.
        error: dict of `type`, `message`, …, or None.
    """

    number: int
    id: str
    kind: str
    name: str
    options: dict[str, Any]
    state: State
    created: float
    started: float | None
    ended: float | None
    attempt: int
    deaths: int
    is_cancelled: bool
    error: dict[str, Any] | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in (QUEUED, RUNNING)


class JobStore:
    """The table of jobs. One process has it open; threads of it may share it.

    Args:
        path: Path of the file, made if it is missing; its folder exists.

    Raises:
        InputError: If another service has it open, a later version wrote it, or it is
            something else.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = JobStore(Path(folder, "jobs.sqlite"))
    ...     job = store.add("a1", "finding", "prices.csv", {}, queue=2)
    ...     began = store.claim()
    ...     store.close()
    >>> job.state, began.state, began.attempt
    ('queued', 'running', 1)
    """

    def __init__(self, path: Path):
        self.path, self._lock = path, threading.RLock()
        self._connection = opened_file(path)

    def close(self) -> None:
        """Close the file, and let another service have it."""
        with self._lock:
            self._connection.close()

    def add(
        self, identity: str, kind: str, name: str, options: dict[str, Any], queue: int
    ) -> Job:
        """Keep a new job; it is on the disk when this returns.

        Args:
            identity: str, new.
            kind: str.
            name: str.
            options: dict of JSON values.
            queue: int, how many may wait.

        Returns:
            Job.

        Raises:
            Refusal: If so many wait already, with status 429.
        """
        with self._transaction() as transaction:
            self.check_queue(queue)
            transaction.execute(
                "INSERT INTO jobs (id, kind, name, options, state, created) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (identity, kind, name, json.dumps(options), QUEUED, time.time()),
            )
            return self.get(identity)

    def check_queue(self, queue: int) -> None:
        """Refuse a job if as many wait as may.

        Raises:
            Refusal: With status 429.
        """
        waiting = self.count(QUEUED)
        if waiting >= queue:
            raise Refusal(
                429, f"{counted(waiting, 'job')} wait already, as many as may. Ask "
                "again later.", {"Retry-After": "30"},
            )  # fmt: skip

    def get(self, identity: str, kind: str | None = None) -> Job:
        """A job.

        Raises:
            Refusal: If there is none of that name and kind, with status 404.
        """
        rows = self._rows("WHERE id = ?", identity)
        if not rows or kind not in (None, rows[0].kind):
            raise Refusal(404, f"There is no {kind or 'job'} of this id.")
        return rows[0]

    def page(
        self, kind: str, state: str | None, before: int | None, n: int
    ) -> list[Job]:
        """Some jobs of a kind, the newest first.

        Args:
            kind: str.
            state: str, of those wanted; None for all.
            before: int, the number that they are below; None for the newest.
            n: int, at most so many.

        Returns:
            list of Job.
        """
        where = "WHERE kind = ?"
        given: list[Any] = [kind]
        if state is not None:
            where, given = f"{where} AND state = ?", [*given, state]
        if before is not None:
            where, given = f"{where} AND number < ?", [*given, before]
        return self._rows(f"{where} ORDER BY number DESC LIMIT ?", *given, n)

    def of_state(self, state: State) -> list[Job]:
        """All jobs in a state, the oldest first."""
        return self._rows("WHERE state = ? ORDER BY number", state)

    def identities(self) -> set[str]:
        """The ids of all jobs."""
        with self._lock:
            return {row[0] for row in self._connection.execute("SELECT id FROM jobs")}

    def count(self, state: State) -> int:
        """How many jobs are in a state."""
        with self._lock:
            found = self._connection.execute(
                "SELECT COUNT(*) FROM jobs WHERE state = ?", (state,)
            )
            return int(found.fetchone()[0])

    def claim(self) -> Job | None:
        """Begin the job that has waited longest; None if none waits."""
        with self._transaction() as transaction:
            waiting = self._rows("WHERE state = ? ORDER BY number LIMIT 1", QUEUED)
            if not waiting:
                return None
            transaction.execute(
                "UPDATE jobs SET state = ?, started = ?, attempt = attempt + 1 "
                "WHERE id = ?",
                (RUNNING, time.time(), waiting[0].id),
            )
            return self.get(waiting[0].id)

    def requeue(self, identity: str, *, has_died: bool = False) -> None:
        """Let a job that runs wait again: it is begun anew.

        Args:
            identity: str.
            has_died: bool, whether its process was killed from outside.
        """
        with self._transaction() as transaction:
            transaction.execute(
                "UPDATE jobs SET state = ?, started = NULL, deaths = deaths + ? "
                "WHERE id = ? AND state = ?",
                (QUEUED, int(has_died), identity, RUNNING),
            )

    def end(
        self, identity: str, state: State, error: dict[str, Any] | None = None
    ) -> None:
        """Note how a job ended.

        Args:
            identity: str.
            state: str, `"done"`, `"failed"` or `"cancelled"`.
            error: dict of JSON values, or None.
        """
        told = None if error is None else json.dumps(error)
        with self._transaction() as transaction:
            transaction.execute(
                "UPDATE jobs SET state = ?, ended = ?, error = ? WHERE id = ?",
                (state, time.time(), told, identity),
            )

    def cancel(self, identity: str, kind: str) -> Job:
        """End a job that waits; note of one that runs that it is to end.

        Returns:
            Job, as it was before.

        Raises:
            Refusal: If there is none, with status 404.
        """
        with self._transaction() as transaction:
            job = self.get(identity, kind)
            transaction.execute(
                "UPDATE jobs SET is_cancelled = 1 WHERE id = ?", (identity,)
            )
            if job.state == QUEUED:
                self.end(identity, CANCELLED)
            return job

    def remove(self, identity: str) -> None:
        """Forget a job."""
        with self._transaction() as transaction:
            transaction.execute("DELETE FROM jobs WHERE id = ?", (identity,))

    def _rows(self, where: str, *given: Any) -> list[Job]:
        names = ", ".join(field.name for field in dataclasses.fields(Job))
        with self._lock:
            rows = self._connection.execute(f"SELECT {names} FROM jobs {where}", given)
            return [_job(*row) for row in rows]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All inside or nothing; one inside another is part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection


def _job(*row: Any) -> Job:
    job = Job(*row)
    return dataclasses.replace(
        job,
        options=json.loads(row[4]),
        is_cancelled=bool(job.is_cancelled),
        error=None if row[-1] is None else json.loads(row[-1]),
    )
