"""Why a training does not converge: `run` trains what is missing, `report` prints."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.stability import networks, small, studies
from benchmarks.stability.tables import SMALL_TABLES
from lr_finder.cli.comparing.view import ComparisonView

app = typer.Typer(help=__doc__.splitlines()[0], pretty_exceptions_enable=False)
Names = Annotated[list[str] | None, typer.Argument(help="Studies; default: all.")]
Out = Annotated[Path, typer.Option(help="Folder of the runs.")]
ALL = [*small.SMALL, *studies.STUDIES]


@app.command()
def run(names: Names = None, out: Out = studies.RUNS):
    """Train what is missing; it goes on where it was killed."""
    for name in names or ALL:
        print(name, flush=True)
        if name in small.SMALL:
            small.SMALL[name]()
            continue
        with ComparisonView("loss", of="training") as view:
            studies.run(name, out, view)


@app.command()
def report(names: Names = None):
    """Print what the stored rows say."""
    for name in names or ALL:
        print(f"\n## {name}\n")
        if name in small.SMALL:
            print(SMALL_TABLES[name]().to_string())
            continue
        result = studies.stored(name)
        print(result.summary().to_string(index=False))
        for sentence in result.sentences():
            print(f"- {sentence}.")


@app.command()
def active(rate: float = 1.0, seeds: int = 3):
    """Train networks of 4 hidden layers; print the share of active units by layer."""
    for seed in range(seeds):
        shares = networks.active_units(rate, seed, studies.EPOCHS, studies.BATCH_SIZE)
        print(f"rate {rate:g}, seed {seed}:", *(f"{share:.2f}" for share in shares))


if __name__ == "__main__":
    app()
