"""What answers say of a job, and the files that it made."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from lr_finder.service.jobs.job_folders import (
    FIGURE_FILE,
    PAGE_FILE,
    RESULT_FILE,
    TABLE_FILES,
    JobFolders,
    read_told,
)
from lr_finder.service.jobs.job_table import RUNNING, Job
from lr_finder.service.refused import Refusal

PLACES = {"finding": "findings", "comparison": "comparisons"}
# A report is made of what was sent: it may draw, and do nothing else.
PAGE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:"
}


def told(job: Job, folders: JobFolders) -> dict[str, Any]:
    """A job as lists tell it.

    Args:
        job: Job.
        folders: JobFolders.

    Returns:
        dict, as of `JobTold`.
    """
    progress = None
    if job.state == RUNNING:
        progress = folders.progress(job.id, job.attempt)
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "state": job.state,
        "created": _time(job.created),
        "started": _time(job.started),
        "ended": _time(job.ended),
        "progress": progress,
        "error": job.error,
        "files": _addresses(job, folders),
    }


def told_whole(job: Job, folders: JobFolders) -> dict[str, Any]:
    """The same, with options and result.

    Args:
        job: Job.
        folders: JobFolders.

    Returns:
        dict, as of `JobWithResult`.
    """
    result = None
    if job.has_ended:
        result = read_told(folders.whole(job.id, job.attempt) / RESULT_FILE)
    return told(job, folders) | {"options": job.options, "result": result}


def file_of(job: Job, folders: JobFolders, name: str) -> Path:
    """A file that a job made.

    Args:
        job: Job.
        folders: JobFolders.
        name: str, of the file.

    Returns:
        Path.

    Raises:
        Refusal: If it is not there yet, with status 409, or never will be, with 404.
    """
    path = folders.whole(job.id, job.attempt) / name
    if job.has_ended and path.is_file():
        return path
    if job.has_ended:
        raise Refusal(404, f"The {job.kind} is {job.state} and has no files.")
    raise Refusal(
        409, f"The {job.kind} is {job.state}: its files are there when it is done. Ask "
        "again later.", {"Retry-After": "5"},
    )  # fmt: skip


def _addresses(job: Job, folders: JobFolders) -> dict[str, str]:
    if not job.has_ended or not folders.whole(job.id, job.attempt).is_dir():
        return {}
    place = f"/v1/{PLACES[job.kind]}/{job.id}"
    table = TABLE_FILES[job.kind]
    return {
        PAGE_FILE: f"{place}/report",
        FIGURE_FILE: f"{place}/{FIGURE_FILE}",
        table: f"{place}/{table}",
    }


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return time.isoformat(timespec="milliseconds")
