"""Which monitor tells of drift, and what does retraining buy? Prints what is stored."""

import time

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Print the tables of monitors and of policies, in seconds."""
    if context.invoked_subcommand is None:
        from benchmarks.drift.report import lines

        print(*lines(), sep="\n")


@app.command()
def monitors() -> None:
    """Watch the errors that monitors.jsonl lacks; may be killed and started again."""
    from benchmarks.drift.processes import extend

    start = time.perf_counter()
    for row in extend():
        print(f"{time.perf_counter() - start:7.1f} s", *row, flush=True)


@app.command()
def policies() -> None:
    """Train what policies.jsonl lacks; needs LR_FINDER_DATA; goes on when killed."""
    from benchmarks.drift.policies import extend

    start = time.perf_counter()
    for row in extend():
        print(f"{time.perf_counter() - start:7.1f} s", *row, flush=True)


if __name__ == "__main__":
    app()
