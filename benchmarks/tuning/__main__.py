"""How is a tuning budget best spent? Prints what is stored, replays, or trains."""

import os
import time

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Print the mean regret by method and trainings paid, in seconds."""
    if context.invoked_subcommand is None:
        from benchmarks.tuning.report import lines

        print(*lines(), sep="\n")


@app.command()
def replay() -> None:
    """Replay what replays.csv lacks: no training; may be killed and started again."""
    from benchmarks.tuning.replaying import extend, load_stored

    start = time.perf_counter()
    for task in extend(load_stored()):
        print(f"{time.perf_counter() - start:7.1f} s", task, flush=True)


@app.command()
def curves() -> None:
    """Train what curves.npz lacks; may be killed and started again. Needs JAX."""
    os.environ["KERAS_BACKEND"] = "jax"
    from benchmarks.suggestion_quality import engine
    from benchmarks.tuning.curves import extend

    start = time.perf_counter()
    for case in extend(engine.train):
        print(f"{time.perf_counter() - start:7.1f} s", *case, flush=True)


@app.command()
def live() -> None:
    """Tune what live.jsonl lacks, by trainings; may be killed and started again."""
    from benchmarks.tuning.live import extend

    start = time.perf_counter()
    for task, method, seed in extend():
        print(f"{time.perf_counter() - start:7.1f} s", task, method, seed, flush=True)


if __name__ == "__main__":
    app()
