"""`lr_finder report`: one page of a run that was made before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from lr_finder._output import REPORT_PAGES
from lr_finder.cli.shared import options

EXAMPLES = """
**Examples**

`lr_finder report runs/prices` — writes runs/prices/report.html

`lr_finder report runs/prices --out prices.pdf` — as a PDF

`lr_finder find prices.csv --report prices.html` — finds a rate and writes the same
"""
RunDir = Annotated[
    Path,
    typer.Argument(
        metavar="RUN_DIR",
        help="The folder that `lr_finder find`, `compare`, `landscape`, `stability`, "
        "`tune` or `drift` wrote.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="File of the report: .html, or .pdf with the extra pdf. An existing file "
        "is replaced. Default: report.html in RUN_DIR.",
        rich_help_panel=options.OUTPUT,
        metavar="FILE",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        help="Print the path of the report, and nothing else.",
        rich_help_panel=options.OUTPUT,
    ),
]


def report(
    run_dir: RunDir,
    out: Out = None,
    as_json: options.AsJSON = False,
    quiet: Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write a report of a run: one file with its answer, figures and raw data.

    The page opens in any browser, needs no network and holds no script. Nothing is
    trained. If a comparison is still running, its report covers the runs that have
    ended.
    """
    del debug  # `main` reads it
    from lr_finder.cli.shared.summary import print_wide
    from lr_finder.reports.document import plain
    from lr_finder.reports.report import check_path, report, summary_of
    from lr_finder.reports.run_folder import read_run

    found = read_run(run_dir)
    path = check_path(out or run_dir / REPORT_PAGES[0], "Option --out")
    report(found, path)
    answer = plain(summary_of(found).answer)
    if as_json:
        print(json.dumps({"answer": answer, "files": {path.name: str(path)}}, indent=2))
    elif quiet:
        print(path)
    else:
        print_wide(lambda console: console.print(answer, markup=False))
        print(f"\nFiles\n  {path}")
