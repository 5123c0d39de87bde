"""Whether the first pattern named is what a person sees in the picture of a training.

Without a command: the confusion tables from the files, in seconds.
"""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help=__doc__)


@app.callback(invoke_without_command=True)
def report(context: typer.Context) -> None:
    """Print agreement of the labels and the confusion table of each half."""
    if context.invoked_subcommand:
        return
    from benchmarks.training_patterns import scoring
    from benchmarks.training_patterns.recording import load

    trainings = load()
    table = scoring.judge(trainings)
    halves = {
        "work": "half worked on",
        "aside": "half set aside",
        "fresh": "fresh ones",
    }
    print("Two persons, from pictures alone:")
    for half, words in halves.items():
        for what, equal in scoring.agreement(table[table["half"] == half]).items():
            print(f"  {words}, {what}: {scoring.interval(equal)}")
    for half, words in halves.items():
        for of in ("batches", "epochs"):
            judged = scoring.judge(trainings, of)
            judged = judged[judged["half"] == half]
            print(f"\nLosses of {of}, the {words}:")
            print(f"  either label: {scoring.interval(judged['right'])}")
            print(f"  first label:  {scoring.interval(judged['equal'])}")
            if of == "batches":
                print("\nlabel (row), first pattern named (column):")
                print(scoring.confusion(judged).to_string())


@app.command()
def record() -> None:
    """Train what trainings.npz lacks; go on where it was stopped. Needs JAX."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.training_patterns.recording import extend

    start = time.perf_counter()
    for name in extend():
        print(f"{time.perf_counter() - start:7.1f} s", name, flush=True)


@app.command()
def draw(
    folder: Annotated[Path, typer.Argument(help="Where the sheets go.")],
    order: Annotated[int | None, typer.Option(help="Seed of another order.")] = None,
    only_new: Annotated[bool, typer.Option(help="Those without a label.")] = False,
) -> None:
    """Draw the pictures that labels are read from, nine on a sheet."""
    from benchmarks.training_patterns.pictures import draw_sheets
    from benchmarks.training_patterns.recording import load
    from benchmarks.training_patterns.scoring import read_labels

    trainings = load()
    known = set(read_labels().index) if only_new else set()
    trainings = {name: each for name, each in trainings.items() if name not in known}
    for path in draw_sheets(trainings, folder, order):
        print(path)


if __name__ == "__main__":
    app()
