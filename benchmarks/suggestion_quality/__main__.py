"""How good is a suggestion? Makes what is scored, and scores it."""

import os
import time
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
Part = Annotated[str, typer.Option(help="k/n: every n-th case, from k = 0.")]
Only = Annotated[str, typer.Option(help="Only tasks whose name holds this text.")]


@app.command()
def truth(
    part: Annotated[
        str, typer.Option(help="k/n: every n-th case, from k = 0.")
    ] = "0/1",
    only: Only = "",
) -> None:
    """Train every case at 19 rates with 3 seeds; go on where it was stopped."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.suggestion_quality import engine
    from benchmarks.suggestion_quality.truth import cases, extend

    first, step = map(int, part.split("/"))
    wanted = [case for case in cases()[first::step] if only in case[0]]
    start = time.perf_counter()
    for case in extend(wanted, engine.train):
        print(f"{time.perf_counter() - start:7.1f} s", *case, flush=True)


@app.command()
def check() -> None:
    """Compare the vectorized engine with `model.fit`."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.suggestion_quality.check import CASES, differences
    from benchmarks.suggestion_quality.tasks import TASKS

    for case in CASES:
        if TASKS[case[0]].needs_data and "LR_FINDER_DATA" not in os.environ:
            continue
        early, overall = differences(*case)
        print(*case, f"differ by {early:.1e} early, {overall:.1e} at most", flush=True)


@app.command()
def rescore(
    only: Only = "",
    again: Annotated[bool, typer.Option(help="Drop the stored sweeps first.")] = False,
) -> None:
    """Sweep every case with `lr_finder.sweep`; go on where it was stopped."""
    from benchmarks.suggestion_quality import sweeps
    from benchmarks.suggestion_quality.truth import cases

    if again:
        sweeps.FILE.unlink(missing_ok=True)
    start = time.perf_counter()
    for case in sweeps.extend([case for case in cases() if only in case[0]]):
        print(f"{time.perf_counter() - start:7.1f} s", *case, flush=True)


@app.command()
def trials(only: Only = "") -> None:
    """Record short trainings of every case at 37 rates; go on where it was stopped."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.suggestion_quality import engine
    from benchmarks.suggestion_quality import trials as recorded
    from benchmarks.suggestion_quality.truth import cases

    wanted = [case for case in cases() if only in case[0]]
    start = time.perf_counter()
    for case in recorded.extend(wanted, engine.record):
        print(f"{time.perf_counter() - start:7.1f} s", *case, flush=True)


@app.command()
def verify(
    only: Only = "",
    sweeps: Annotated[int, typer.Option(help="Sweeps of each case.", min=1, max=3)] = 1,
    again: Annotated[bool, typer.Option(help="Drop the stored rows first.")] = False,
) -> None:
    """Sweep, suggest and verify every case; go on where it was stopped."""
    from benchmarks.suggestion_quality import verified
    from benchmarks.suggestion_quality.sweeps import SEEDS
    from benchmarks.suggestion_quality.truth import cases

    if again:
        verified.FILE.unlink(missing_ok=True)
    wanted = [case for case in cases() if only in case[0]]
    start = time.perf_counter()
    for done in verified.extend(wanted, SEEDS[:sweeps]):
        print(f"{time.perf_counter() - start:7.1f} s", *done, flush=True)


@app.command()
def efforts() -> None:
    """Choose the constants of a verification on other tasks than it is scored on."""
    from benchmarks.suggestion_quality.replays import left_out
    from benchmarks.suggestion_quality.truth import load_truth

    regret, chosen = left_out(load_truth())
    for task, effort in chosen.items():
        print(f"{task}: {effort}")
    print(f"mean regret {regret:.4f}")


@app.command()
def report(
    write: Annotated[bool, typer.Option(help="Write Markdown and figure.")] = True,
) -> None:
    """Score every method; print the table, write RESULTS.md and regret.png."""
    import pandas as pd

    from benchmarks.suggestion_quality import figure, scores
    from benchmarks.suggestion_quality import report as pages
    from benchmarks.suggestion_quality.fitting import Fit, landmarks, left_out
    from benchmarks.suggestion_quality.methods import answers
    from benchmarks.suggestion_quality.sweeps import load_sweeps
    from benchmarks.suggestion_quality.truth import (
        grid_search_regrets,
        load_truth,
        read_rows,
    )

    truths = load_truth()
    fitted, constants = left_out(Fit(landmarks(load_sweeps()), truths))
    judged = scores.judge(pd.concat([answers(), fitted]), truths)
    summary = scores.summarize(judged)
    pages.print_tables(summary)
    if write:
        floor = grid_search_regrets(read_rows())
        page = pages.markdown(judged, summary, truths, constants, floor)
        pages.RESULTS.write_text(page, "utf-8")
        figure.draw(judged, summary).savefig(figure.FILE, dpi=120)


if __name__ == "__main__":
    app()
