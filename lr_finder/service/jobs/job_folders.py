"""Where the files of a job lie: what was sent, and a folder for each attempt."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

JOBS = "jobs"  # the folder of all of them
NEW = ".new"  # ends the name of a job's folder until its data has arrived
SENT = "sent"  # what was sent, in a job's folder
ATTEMPT, WHOLE = "attempt-{}", "result-{}"  # while it goes on, and when it is whole
ORDER_FILE = "order.json"
PROGRESS_FILE, FAULT_FILE, LOG_FILE = "progress.json", "fault.json", "log.txt"
RESULT_FILE, PAGE_FILE, FIGURE_FILE = "result.json", "report.html", "figure.png"
TABLE_FILES = {"finding": "sweep.csv", "comparison": "runs.csv"}
LOCK_FILE = "lock"


class JobFolders:
    """The folders of all jobs.

    Args:
        folder: Path, that of the service; made if it is missing, for its owner alone.
    """

    def __init__(self, folder: Path):
        self.folder = folder.absolute() / JOBS
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def of(self, identity: str) -> Path:
        """The folder of a job."""
        return self.folder / identity

    def new(self, identity: str) -> Path:
        """A folder for what is being sent."""
        folder = self.folder / f"{identity}{NEW}"
        (folder / SENT).mkdir(parents=True, mode=0o700)
        return folder

    def keep(self, identity: str) -> None:
        """What was sent is whole: it is on the disk when this returns."""
        folder = self.folder / f"{identity}{NEW}"
        for file in (folder / SENT).iterdir():
            _sync(file)
        _sync(folder / SENT)
        os.rename(folder, self.of(identity))
        _sync(self.folder)

    def attempt(self, identity: str, number: int) -> Path:
        """Where an attempt writes."""
        return self.of(identity) / ATTEMPT.format(number)

    def whole(self, identity: str, number: int) -> Path:
        """The same, once all is written."""
        return self.of(identity) / WHOLE.format(number)

    def progress(self, identity: str, number: int) -> dict[str, Any] | None:
        """How far an attempt is, as far as it has told."""
        return read_told(self.attempt(identity, number) / PROGRESS_FILE)

    def remove(self, identity: str) -> None:
        """Remove all files of a job."""
        for name in (identity, f"{identity}{NEW}"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def remove_attempts(self, identity: str, *, but: int | None = None) -> None:
        """Remove what attempts have written, and what was sent unless `but` is given.

        Args:
            identity: str.
            but: int, the attempt whose whole result stays.
        """
        kept = None if but is None else self.whole(identity, but)
        for path in self.of(identity).glob("*"):
            if path.is_dir() and path != kept:
                shutil.rmtree(path, ignore_errors=True)

    def tidy(self, known: set[str]) -> None:
        """Remove the folders of no job, which were cut off while data arrived."""
        for path in self.folder.iterdir():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)

    def size(self) -> int:
        """Bytes of all files."""
        total = 0
        for place, _, names in os.walk(self.folder):
            for name in names:
                with contextlib.suppress(OSError):  # removed meanwhile
                    total += os.lstat(os.path.join(place, name)).st_size
        return total


def read_told(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file that was written whole; None if there is none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
