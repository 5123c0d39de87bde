"""A report of any result, in one file: summary, pictures, page, file."""

from __future__ import annotations

import importlib.util
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._files import write_atomically
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.reports.document import Summary

KINDS = "lr_finder.reports.kinds"
HOMES = {  # the name of a result's class -> the module that summarizes and draws it
    "Finding": "finding",
    "FoundModels": "found_models",
    "SweepResult": "sweep",
    "VerifiedSuggestion": "verification",
    "TrainingOutcome": "training",
    "TrainingRecord": "training",
    "Comparison": "comparison",
    "LossLandscape": "landscape",
    "StabilityResult": "stability",
    "Tuning": "tuning",
    "DriftReport": "drift",
}
HTML, PDF = (".html", ".htm"), (".pdf",)


def report(result: Any, path: str | Path) -> Path:
    """Write a report of a result: one file that holds all of it.

    Args:
        result: Finding, SweepResult, VerifiedSuggestion, TrainingOutcome,
            TrainingRecord, Comparison, LossLandscape, StabilityResult, Tuning or
            DriftReport.
        path: str or Path, ending in `.html` or, with the extra `pdf`, `.pdf`; an
            existing file is replaced.

    Returns:
        Path, the file written.

    Raises:
        InputError: If the path has another ending or cannot be written, or the extra is
            missing.

    Example:
    >>> import tempfile
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> result = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(result, folder + "/sweep.html").read_text()[:15]
    '<!DOCTYPE html>'
    """
    path = check_path(path)
    kind = _kind_of(result)
    from lr_finder.reports.pictures import pictures

    summary, is_printed = kind.summarize(result), path.suffix.lower() in PDF
    draws = kind.draw(result)
    wanted = {name: draws[name] for name in summary.pictures()}
    drawn = pictures(wanted, is_printed=is_printed)
    if is_printed:
        from lr_finder.reports.pdf import pdf

        content = pdf(summary, drawn)
    else:
        from lr_finder.reports.page import page

        content = page(summary, drawn).encode()
    try:
        write_atomically(path, lambda file: file.write(content))
    except OSError as error:
        raise InputError(
            f"A report must be written to a file that can be written. Received: {path} "
            f"({error.strerror or error}). Name another."
        ) from error
    return path


def summary_of(result: Any) -> Summary:
    """What a result says, as plain data.

    Args:
        result: as `report` takes it.

    Returns:
        Summary.
    """
    summary: Summary = _kind_of(result).summarize(result)
    return summary


def check_path(path: str | Path, name: str = "Argument `path`") -> Path:
    """Refuse a path that no report can be written to, before any work is done.

    Args:
        path: str or Path.
        name: str, what the person has given it as.

    Returns:
        Path.

    Raises:
        InputError: If it has another ending, is a folder, or its folder is missing or
            not writable; or if it is a PDF and the extra is missing.

    Example:
    >>> check_path("report.docx")
    Traceback (most recent call last):
    lr_finder.errors.InputError: Argument `path` must end in .html or .pdf. Received: \
report.docx. Name it report.html.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(
            f"{name} must be a str or Path. Received: {path!r:.50}. Give the name of a "
            'file, such as "report.html".'
        )
    path = Path(path)
    suffix, folder = path.suffix.lower(), path.absolute().parent
    if suffix not in HTML + PDF:
        raise InputError(
            f"{name} must end in .html or .pdf. Received: {path}. Name it "
            f"{path.with_suffix('.html') if path.name else 'report.html'}."
        )
    problem = ""
    if path.is_dir():
        problem = "a folder"
    elif not folder.is_dir():
        problem = f"but there is no folder {folder}"
    elif not os.access(folder, os.W_OK | os.X_OK):
        problem = f"but {folder} may not be written to"
    if problem:
        raise InputError(
            f"{name} must be a file in a folder that exists and can be written. "
            f"Received: {path}, {problem}. Name another."
        )
    if suffix in PDF and importlib.util.find_spec("fpdf") is None:
        raise InputError(
            f"{name} needs fpdf2 to be a PDF. Received: {path}, and an installation "
            'without it. Install it with: pip install "lr_finder[pdf]"; or name a '
            ".html file."
        )
    return path


def _kind_of(result: Any) -> Any:
    """The module that summarizes and draws a result."""
    for each in type(result).__mro__:
        if each.__name__ in HOMES:
            return import_module(f"{KINDS}.{HOMES[each.__name__]}")
    raise InputError(
        f"A report is made of a result of lr_finder: {', '.join(HOMES)}. Received: "
        f"{type(result).__name__}."
    )
