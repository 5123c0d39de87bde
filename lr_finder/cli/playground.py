"""`lr_finder playground`: the interactive page, written to one file and opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lr_finder.cli.shared import options
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.results.sweep import SweepResult

EXAMPLES = """
**Examples**

`lr_finder playground` — writes lr_finder_playground.html and opens it

`lr_finder playground --out rates.html --no-open` — only writes it

`lr_finder playground --sweep curve.csv` — with a sweep of your own in the panel
"Read a range test"; several are several times `--sweep`
"""
PAGE = "lr_finder_playground.html"
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=f"File of the page. An existing file is replaced. Default: {PAGE}.",
        rich_help_panel=options.OUTPUT,
        metavar="FILE",
    ),
]
Open = Annotated[
    bool,
    typer.Option(
        "--open/--no-open",
        help="Open the page in a browser.",
        rich_help_panel=options.OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        help="Print the path of the page, and nothing else.",
        rich_help_panel=options.OUTPUT,
    ),
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        help="A sweep of your own: the sweep.npz of a run, its folder, or a table of "
        "rate and loss. It may be given several times, at most 20.",
        metavar="FILE",
        show_default=False,
    ),
]


def playground(
    sweep: Sweeps = None,
    out: Out = None,
    open_page: Open = True,
    as_json: options.AsJSON = False,
    quiet: Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write the playground: one page on which you change learning rates by hand.

    It shows what rate, batch size, momentum and schedule do, and lets you guess the
    rate of recorded sweeps. The file needs no network and no server.
    """
    del debug  # `main` reads it
    from lr_finder.playground.built_page import write_page
    from lr_finder.playground.opening import open_in_browser

    path = _checked(out or Path(PAGE))
    write_page(path, _read_sweeps(sweep or []))
    opened = open_page and open_in_browser(path)
    if as_json:
        print(json.dumps({"files": {path.name: str(path)}, "opened": opened}, indent=2))
    elif quiet:
        print(path)
    else:
        print(f"The playground is in {path}")
        if open_page and not opened:
            print("No browser could be opened: open the file in one yourself.")


def _checked(path: Path) -> Path:
    """The file to write, refused before anything is read if it cannot be."""
    if path.is_dir():
        raise InputError(
            f"Option --out must name a file. Received: the folder {path}. Give "
            f"{path / PAGE}."
        )
    if not path.parent.is_dir():
        raise InputError(
            f"Option --out must lie in a folder that exists. Received: {path}. Create "
            f"{path.parent} first."
        )
    return path


def _read_sweeps(files: list[str]) -> dict[str, SweepResult]:
    """The sweeps of a person's own by name; two of one name are told apart."""
    from lr_finder.data.readers.loss_curves import SAVED_CURVE, read_curve
    from lr_finder.playground.readings import check_number

    check_number(len(files))
    found: dict[str, SweepResult] = {}
    for text in files:
        path = Path(text)
        if path.is_dir() and (path / SAVED_CURVE).is_file():
            path = path / SAVED_CURVE
        if not path.is_file():
            problem = "a folder without one" if path.is_dir() else "no such file"
            raise InputError(
                f"Option --sweep must name a saved sweep, or a table in a file. "
                f"Received: {text}, {problem}. Check the path."
            )
        result, _ = read_curve(path)
        name = text if text not in found else f"{text} ({len(found) + 1})"
        found[name] = result
    return found
