"""When does a schedule beat a constant rate? Prints the stored gains, or trains."""

import os
import time

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Print what each schedule gains over the best constant rate, in seconds."""
    if context.invoked_subcommand is None:
        from benchmarks.schedule_gain.report import lines
        from benchmarks.schedule_gain.trainings import read_rows

        print(*lines(read_rows()), sep="\n")


@app.command()
def train() -> None:
    """Train what rows.csv lacks; may be killed and started again. Needs JAX."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.schedule_gain.trainings import cases, extend
    from benchmarks.suggestion_quality import engine

    start = time.perf_counter()
    for case in extend(cases(), engine.train):
        print(f"{time.perf_counter() - start:7.1f} s", *case, flush=True)


if __name__ == "__main__":
    app()
