"""`--report FILE`: checked before any work, and written from the folder of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lr_finder._output import OutputFolder
from lr_finder.cli.shared.options import OUTPUT
from lr_finder.errors import LRFinderError

Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        help="Also write a report: one .html page that needs no other file, or a .pdf "
        '(pip install "lr_finder[pdf]"). An existing file is replaced.',
        rich_help_panel=OUTPUT,
        metavar="FILE",
    ),
]


def check_report(file: Path | None) -> None:
    """Refuse a file that no report could be written to.

    Raises:
        InputError: If the option `--report` is such a file.

    Example:
    >>> check_report(None)
    >>> check_report(Path("report.doc"))
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --report must end in .html or .pdf. Received: \
report.doc. Name it report.html.
    """
    if file is not None:
        from lr_finder.reports.report import check_path

        check_path(file, "Option --report")


def with_report(
    told: dict[str, Any], file: Path | None, output: OutputFolder
) -> dict[str, Any]:
    """Write the report of what a folder holds, if one is asked for.

    It is the same that `lr_finder report` makes of the folder.

    Args:
        told: dict, what the command prints, with its `files`.
        file: Path, the option `--report`, or None.
        output: OutputFolder, written by now.

    Returns:
        dict, with the report among the `files`.
    """
    if file is None:
        return told
    from lr_finder.reports.report import report
    from lr_finder.reports.run_folder import read_run

    report(read_run(output.path), file)
    return told | {"files": {**told.get("files", {}), file.name: str(file)}}


def report_of_the_rest(file: Path, output: OutputFolder) -> str:
    """Write the report of a run that was stopped, if what there is makes one.

    Args:
        file: Path, the option `--report`.
        output: OutputFolder, with the files that were complete.

    Returns:
        str, the end of a sentence: what became of the report.
    """
    try:
        with_report({}, file, output)
    except (LRFinderError, OSError):
        return f"there is no {file.name}, for which they are too few"
    return f"{file} is a report of them"
