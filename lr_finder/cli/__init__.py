"""The command `lr_finder`: options in, one call of the library, a report out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lr_finder._version import __version__
from lr_finder.cli import (
    compare,
    drift,
    find,
    history,
    landscape,
    playground,
    predict,
    report,
    serve,
    stability,
    suggest,
    tune,
)
from lr_finder.cli.shared.exit_codes import run_app

app = typer.Typer(
    name="lr_finder",
    help="Find a learning rate by measurement.",
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("find", epilog=find.EXAMPLES)(find.find)
app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("drift", epilog=drift.EXAMPLES)(drift.drift)
app.command("history", epilog=history.EXAMPLES)(history.history)
app.command("landscape", epilog=landscape.EXAMPLES)(landscape.landscape)
app.command("playground", epilog=playground.EXAMPLES)(playground.playground)
app.command("tune", epilog=tune.EXAMPLES)(tune.tune)
app.command("predict", epilog=predict.EXAMPLES)(predict.predict)
app.command("report", epilog=report.EXAMPLES)(report.report)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.command("stability", epilog=stability.EXAMPLES)(stability.stability)
app.command("suggest", epilog=suggest.EXAMPLES)(suggest.suggest)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit.

    Args:
        arguments: sequence of str, what follows the program's name; by default what
            was typed.

    Raises:
        SystemExit: With 0, 1 (failure), 2 (wrong usage or input) or 130 (Ctrl-C).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    run_app(app, arguments, "lr_finder", as_json="--json" in arguments)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"lr_finder {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Find a learning rate by measurement: sweep it, watch the loss, read it off."""
    if context.invoked_subcommand is None:
        print(context.get_help())
