"""How good is the model that is trained? Makes what is scored, and scores it.

The steps, each of which goes on where it was stopped: `shipped` (the product, an hour
and a half on one core), `arms` and `grid` (other rates and schedules; half an hour
each), `longer`, then `report`.
"""

import os
import time
from collections.abc import Iterable
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
Seeds = Annotated[int, typer.Option(help="Seeds of each case.", min=1, max=5)]


def _tell(places: Iterable[tuple]) -> None:
    start = time.perf_counter()
    for place in places:
        print(f"{time.perf_counter() - start:7.1f} s", *place, flush=True)


def _cases() -> list[tuple[str, str]]:
    """Those in which something can be learnt."""
    from benchmarks.suggestion_quality.truth import load_truth

    return [case for case, truth in load_truth().items() if truth.is_learnable]


@app.command()
def shipped(seeds: Seeds = 5) -> None:
    """Sweep, verify and train every case by `lr_finder` itself."""
    from benchmarks.training_quality import shipped as product
    from benchmarks.training_quality.rows import SEEDS, case_seeds

    wanted = case_seeds(_cases(), SEEDS[:seeds])
    _tell(product.STORE.extend(wanted, product.run))


@app.command()
def arms(
    explore: Annotated[
        bool, typer.Option(help="All arms, eight tasks, a seed.")
    ] = False,
    longer: Annotated[
        bool, typer.Option(help="Four times as long, six tasks.")
    ] = False,
) -> None:
    """Train at the product's rates by other schedules, and by fastai's recipes."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.training_quality import arms as other
    from benchmarks.training_quality import shipped as product

    store, times = (other.LONGER, 4) if longer else (other.STORE, 1)
    which = {"explore": explore, "longer": longer}
    _tell(other.extend(store, product.STORE.read(), _cases(), times, **which))


@app.command()
def grid() -> None:
    """Train at 19 rates by each schedule: the ceilings, and what the guard would do."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.training_quality import arms as other

    wanted = [(*case, name) for case in _cases() for name in other.ON_GRID]
    _tell(other.GRID.extend(wanted, other.run_grid))


@app.command()
def report(
    write: Annotated[bool, typer.Option(help="Write RESULTS.md.")] = True,
) -> None:
    """Score every arm; print the tables, write RESULTS.md."""
    from benchmarks.training_quality import report as pages

    text = pages.markdown()
    print(text)
    if write:
        pages.RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    app()
