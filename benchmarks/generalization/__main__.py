"""What a fit is worth on other rows: `run` trains what is missing, `report` prints."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.generalization import report as tables
from benchmarks.generalization import studies
from lr_finder.cli.comparing.view import ComparisonView

app = typer.Typer(help=__doc__.splitlines()[0], pretty_exceptions_enable=False)
Names = Annotated[list[str] | None, typer.Argument(help="Studies; default: all.")]
Out = Annotated[Path, typer.Option(help="Folder of the runs.")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context):
    """Print what the stored rows say."""
    if context.invoked_subcommand is None:
        tables.print_all()


@app.command()
def run(names: Names = None, out: Out = studies.RUNS):
    """Train what is missing; it goes on where it was killed."""
    for name in names or studies.STUDIES:
        print(name, flush=True)
        with ComparisonView("loss", of="test") as view:
            studies.run(name, out, view)


if __name__ == "__main__":
    app()
