"""Runs the jobs: one process each, watched, ended in time, begun anew if lost."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lr_finder.service.jobs.job_folders import (
    FAULT_FILE,
    LOG_FILE,
    ORDER_FILE,
    RESULT_FILE,
    WHOLE,
    JobFolders,
    read_told,
)
from lr_finder.service.jobs.job_table import (
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    Job,
    JobStore,
    State,
)
from lr_finder.service.jobs.limited import environment
from lr_finder.service.refused import UNEXPECTED, error_content
from lr_finder.service.service_settings import MEBIBYTE, ServiceSettings

LOOK_EVERY = 0.1  # s
TRY_AGAIN = 1.0  # s, after a disk that is full
MOST_DEATHS = 3  # by a kill from outside, before a job has failed
COMMAND = (sys.executable, "-P", "-m", "lr_finder.service.jobs.worker")
LAST_OF_LOG = 4096  # bytes of a process's log that the service's log repeats
log = logging.getLogger("lr_finder.service")


@dataclasses.dataclass
class _Running:
    """A job and its process."""

    job: Job
    process: subprocess.Popen[bytes]
    deadline: float
    is_late: bool = False


class Supervisor:
    """Takes jobs from the table and runs them, in a thread of its own.

    Args:
        store: JobStore.
        folders: JobFolders.
        settings: ServiceSettings.
    """

    def __init__(self, store: JobStore, folders: JobFolders, settings: ServiceSettings):
        self._store, self._folders, self._settings = store, folders, settings
        self._running: dict[str, _Running] = {}
        self._woken = threading.Event()
        self._is_stopping, self._is_over = False, False
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is begun."""
        return self._is_stopping

    def start(self) -> None:
        """Take up what an earlier service left, and begin."""
        self._folders.tidy(self._store.identities())
        self._take_up()
        self._thread.start()

    def _take_up(self) -> None:
        """Settle jobs that run by the table, but in no process of this service."""
        for job in self._store.of_state(RUNNING):
            if job.id in self._running:
                continue
            if self._folders.whole(job.id, job.attempt).is_dir():
                self._end_whole(job)
            elif job.is_cancelled:
                self._end(job, CANCELLED)
            else:
                self._store.requeue(job.id)

    def wake(self) -> None:
        """Look at once whether there is something to do."""
        self._woken.set()

    def stop(self, seconds: float) -> int:
        """Begin nothing more, wait for what runs, then end it; it waits in the table.

        Args:
            seconds: float, at most so long.

        Returns:
            int, how many jobs have not ended.
        """
        self._is_stopping = True
        deadline = time.monotonic() + seconds
        try:
            while self._running and time.monotonic() < deadline:
                time.sleep(LOOK_EVERY)
        finally:  # also if Ctrl-C is pressed once more
            self._is_over = True
            self.wake()
            if self._thread.is_alive():
                self._thread.join()
        return len(self._running)

    def _run(self) -> None:
        while not self._is_over:
            try:
                self._look()
            except Exception as error:  # such as a full disk: the thread must live
                log.error("cannot go on now, tries again: %r", error)
                time.sleep(TRY_AGAIN)
            self._woken.wait(LOOK_EVERY)
            self._woken.clear()
        for each in list(self._running.values()):
            _kill(each.process)
            each.process.wait()
            with contextlib.suppress(sqlite3.Error, OSError):
                if self._folders.whole(each.job.id, each.job.attempt).is_dir():
                    self._end_whole(each.job)
                    del self._running[each.job.id]
                else:
                    self._store.requeue(each.job.id)

    def _look(self) -> None:
        self._take_up()
        for each in list(self._running.values()):
            if each.process.poll() is None:
                self._end_in_time(each)
            else:
                self._settle(each)
                del self._running[each.job.id]
        while len(self._running) < self._settings.limits.jobs and not self._is_stopping:
            job = self._store.claim()
            if job is None:
                break
            self._begin(job)

    def _begin(self, job: Job) -> None:
        limits = self._settings.limits
        folder = self._folders.attempt(job.id, job.attempt)
        order = {
            "kind": job.kind, "name": job.name, "options": job.options,
            "limits": dataclasses.asdict(limits), "result": WHOLE.format(job.attempt),
        }  # fmt: skip
        try:
            folder.mkdir(mode=0o700)
            (folder / ORDER_FILE).write_text(json.dumps(order))
            with open(folder / LOG_FILE, "wb") as file:
                process = subprocess.Popen(
                    [*COMMAND, str(folder), str(os.getpid())],
                    stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=folder,
                    start_new_session=True, env=_environment(limits.memory > 0),
                )  # fmt: skip
        except OSError:
            self._store.requeue(job.id)
            raise
        deadline = time.monotonic() + limits.seconds
        self._running[job.id] = _Running(job, process, deadline)

    def _end_in_time(self, each: _Running) -> None:
        """Kill a process that is cancelled or late; it is settled at the next look."""
        each.is_late = time.monotonic() > each.deadline
        if each.is_late or self._store.get(each.job.id).is_cancelled:
            _kill(each.process)
            each.process.wait()

    def _settle(self, each: _Running) -> None:
        """Note how a process ended."""
        job, code = self._store.get(each.job.id), each.process.returncode
        _kill(each.process)  # what it began and left behind
        folder = self._folders.attempt(job.id, job.attempt)
        fault = read_told(folder / FAULT_FILE)
        if self._folders.whole(job.id, job.attempt).is_dir():
            self._end_whole(job)
        elif job.is_cancelled:
            self._end(job, CANCELLED)
        elif each.is_late:
            self._end(job, FAILED, _late(self._settings.limits.seconds))
        elif fault is not None:
            if fault["error"]["type"] == UNEXPECTED:
                self._log_of(job, folder)
            self._end(job, FAILED, fault["error"])
        elif code == -signal.SIGKILL and job.deaths + 1 < MOST_DEATHS:
            log.warning("job %s was killed and is begun anew", job.id)
            self._store.requeue(job.id, has_died=True)
        else:
            self._log_of(job, folder)
            self._end(job, FAILED, _died(code, self._settings.limits.memory))

    def _end_whole(self, job: Job) -> None:
        """A job whose result is there has ended, whatever else there is."""
        if job.is_cancelled:
            self._end(job, CANCELLED)
            return
        told = read_told(self._folders.whole(job.id, job.attempt) / RESULT_FILE) or {}
        error = told.get("error")
        self._folders.remove_attempts(job.id, but=job.attempt)
        self._store.end(job.id, DONE if error is None else FAILED, error)

    def _end(self, job: Job, state: State, error: dict[str, Any] | None = None) -> None:
        self._store.end(job.id, state, error)
        self._folders.remove_attempts(job.id)

    def _log_of(self, job: Job, folder: Path) -> None:
        """Repeat the end of what a process printed: its folder is removed."""
        with contextlib.suppress(OSError):
            text = (folder / LOG_FILE).read_bytes()[-LAST_OF_LOG:]
            log.warning("job %s: %s", job.id, text.decode(errors="replace").strip())


def _environment(is_limited: bool) -> dict[str, str]:
    """Variables of a process: on the CPU if its memory is limited."""
    if is_limited:  # a driver of a GPU takes more addresses than any limit
        return environment() | {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    return environment() | {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it began."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _late(seconds: int) -> dict[str, Any]:
    error: dict[str, Any] = error_content(
        "OutOfTime", f"A job must end within {seconds:,} seconds. Received: one that "
        "took longer. Send fewer rows, or ask for fewer `steps`, `epochs` or `seeds`.",
    )["error"]  # fmt: skip
    return error


def _died(code: int, memory: int) -> dict[str, Any]:
    if code < 0:
        most = f"more than {memory // MEBIBYTE:,} MiB of" if memory else "too much"
        told = (
            f"The process of the job died by signal {-code}, perhaps since it asked "
            f"for {most} memory. Send fewer rows, or set `limit`."
        )
    else:
        told = (
            f"The process of the job ended with code {code} and no result. The log of "
            "the service says more."
        )
    error: dict[str, Any] = error_content("ProcessDied", told)["error"]
    return error
