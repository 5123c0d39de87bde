"""The options of `lr_finder history`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CHOICE, ACTION = "Runs", "What to do"
Optimizer = Annotated[
    str | None,
    typer.Option(
        help="Only runs of this optimizer, such as adam.",
        rich_help_panel=CHOICE,
        metavar="NAME",
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(
        help="Only runs on this kind of data: tabular, series, images, text or arrays.",
        rich_help_panel=CHOICE,
        metavar="KIND",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        help="Only runs since this day, such as 2026-01-31.",
        rich_help_panel=CHOICE,
        metavar="DAY",
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        help="Only the run whose id begins so; at least 4 characters. It may be given "
        "several times.",
        rich_help_panel=CHOICE,
        metavar="ID",
        show_default=False,
    ),
]
Limit = Annotated[
    int,
    typer.Option(
        help="How many runs are listed, the latest.",
        rich_help_panel=CHOICE,
        metavar="RUNS",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        help="Draw the rates of the runs into this file: .png, .svg or .pdf.",
        rich_help_panel=ACTION,
        metavar="FILE",
    ),
]
Export = Annotated[
    Path | None,
    typer.Option(
        help="Write the runs to this CSV file. An existing file is replaced.",
        rich_help_panel=ACTION,
        metavar="FILE",
    ),
]
Import = Annotated[
    Path | None,
    typer.Option(
        "--import",
        help="Add the runs of a CSV file that --export wrote. Rows that break a rule "
        "are left out and reported.",
        rich_help_panel=ACTION,
        metavar="FILE",
    ),
]
Delete = Annotated[
    bool,
    typer.Option(
        "--delete",
        help="Remove the runs for good, after asking.",
        rich_help_panel=ACTION,
    ),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", help="With --delete: do not ask.", rich_help_panel=ACTION),
]
Place = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help="Another history, a file that ends in .sqlite. Default: that of the "
        "environment variable LR_FINDER_HISTORY, else the one in your data folder.",
        rich_help_panel=CHOICE,
        metavar="FILE",
        show_default=False,
    ),
]
