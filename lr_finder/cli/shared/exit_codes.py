"""The one place where an exception becomes a line on stderr and an exit code."""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
import traceback
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from lr_finder._own_lines import own_line
from lr_finder.cli.shared.typed_command import command_line
from lr_finder.cli.shared.wording import in_options, words_of
from lr_finder.errors import InputError, LRFinderError, ModelError, SuggestionError

if TYPE_CHECKING:
    from pathlib import Path

    from lr_finder._output import OutputFolder

FAILURE = 1  # it was tried and did not work
USAGE = 2  # the command line or the data must be changed first
INTERRUPTED = 130  # 128 + SIGINT, what shells report for Ctrl-C

LONGEST_MESSAGE = 600  # characters; some of TensorFlow's messages fill a screen


class Interrupted(LRFinderError):
    """Ctrl-C, with what had been written until then; Typer hands on no other."""


@contextlib.contextmanager
def interrupts_named(
    output: OutputFolder, report: Path | None = None
) -> Iterator[None]:
    """Let Ctrl-C say which folder holds what was already written, if any.

    Args:
        output: OutputFolder that is written to inside.
        report: Path, the option `--report`: it is written of what there is; or None.

    Raises:
        Interrupted: For a KeyboardInterrupt after the first file.
    """
    try:
        yield
    except KeyboardInterrupt:
        if not output.files:
            raise
        told = f"Stopped by Ctrl-C; the complete files in {output.path} are kept"
        if report is not None:
            from lr_finder.cli.shared.reporting import report_of_the_rest

            told += f", and {report_of_the_rest(report, output)}"
        raise Interrupted(f"{told}.") from None


@contextlib.contextmanager
def history_told() -> Iterator[None]:
    """Let what the history warns of be one line on stderr, as all that goes wrong."""
    with warnings.catch_warnings():
        warnings.filterwarnings("always", message="History:")
        show = warnings.showwarning

        def shown(message: Warning | str, *place: Any, **more: Any) -> None:
            if str(message).startswith("History:"):
                print_failure(str(message), kind="Warning")
            else:
                show(message, *place, **more)

        warnings.showwarning = shown
        yield


def run_app(
    app: typer.Typer, arguments: Sequence[str], name: str, *, as_json: bool = False
) -> NoReturn:
    """Run the command that was typed, and exit.

    Args:
        app: typer.Typer, with several commands or with one.
        arguments: sequence of str, what follows the program's name.
        name: str, the program, as its help calls it.
        as_json: bool, print an error as a JSON object on stdout too.

    Raises:
        SystemExit: With 0, 1 (failure), 2 (wrong usage or input) or 130 (Ctrl-C).

    Example:
    >>> app = typer.Typer()
    >>> _ = app.command()(lambda: 3)
    >>> run_app(app, [], "program")
    Traceback (most recent call last):
    SystemExit: 3
    """
    debug = "--debug" in arguments
    with (
        words_of(app, arguments),
        command_line(name, arguments),
        one_line_errors(debug=debug, as_json=as_json),
    ):
        code = app(arguments, prog_name=name, standalone_mode=False)
        if code == INTERRUPTED:  # how Typer hands Ctrl-C on
            raise KeyboardInterrupt
    sys.exit(code)


@contextlib.contextmanager
def one_line_errors(*, debug: bool = False, as_json: bool = False) -> Iterator[None]:
    """Turn what goes wrong inside into one `Error:` line and an exit code.

    Args:
        debug: bool, print the traceback too.
        as_json: bool, print the error as a JSON object on stdout too.

    Raises:
        SystemExit: 2 for wrong usage or input, 1 for a failure, 130 for Ctrl-C.

    Example:
    >>> with one_line_errors():
    ...     raise InputError("File a.csv does not exist: check the path.")
    Traceback (most recent call last):
    SystemExit: 2
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as caught:
        error: BaseException = caught
        if isinstance(error, typer.Abort) and error.__cause__ is not None:
            error = error.__cause__  # Typer takes an EOFError for the end of the input
        if debug:
            traceback.print_exception(error)
        if as_json:
            print(json.dumps({"error": describe_error(error)}))
        print_error(error)
        raise SystemExit(exit_code(error)) from None


def exit_code(error: BaseException) -> int:
    """The exit code that an exception ends the command with.

    Example:
    >>> exit_code(InputError("no such file")), exit_code(OSError("disk full"))
    (2, 1)
    """
    if isinstance(error, KeyboardInterrupt | typer.Abort | Interrupted):
        return INTERRUPTED
    if isinstance(error, InputError | ModelError) or _is_usage_error(error):
        return USAGE
    return FAILURE


def print_error(error: BaseException) -> None:
    """Print an exception as one line on stderr.

    Example:
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     print_error(InputError("Option --steps must be at least 10."))
    Error: Option --steps must be at least 10.
    """
    print_failure(_message(error))


def print_failure(text: str, *, kind: str = "Error") -> None:
    """Print what went wrong, or may have, as one line on stderr.

    Example:
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     print_failure("a curve full of noise", kind="Warning")
    Warning: a curve full of noise
    """
    print(f"{kind}: {' '.join(text.split())}", file=sys.stderr)


def describe_error(error: BaseException) -> dict[str, Any]:
    """An exception as a JSON object: type, message and what was counted.

    Example:
    >>> describe_error(SuggestionError("no points", reason="empty", counts={"n": 0}))
    {'type': 'SuggestionError', 'message': 'no points', 'reason': 'empty', \
'counts': {'n': 0}}
    """
    described: dict[str, Any] = {
        "type": type(error).__name__,
        "message": _message(error),
    }
    if isinstance(error, SuggestionError):
        described |= {"reason": error.reason, "counts": error.counts}
    return described


def _message(error: BaseException) -> str:
    """What to tell a person about an exception, on one line."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        text = "Stopped by Ctrl-C."
    elif _is_usage_error(error):
        text = f"{_usage_message(error)} (see --help)"
    elif isinstance(error, LRFinderError):
        text = in_options(str(error))
    elif isinstance(error, OSError) and error.strerror:
        name = f" {error.filename}" if error.filename else ""
        text = f"Cannot read or write{name}: {error.strerror}."
    else:
        text = _unexpected(error)
    return " ".join(text.split())


def _usage_message(error: Any) -> str:
    """What Typer says of a command line, without what pydantic puts before it."""
    return error.format_message().replace("Value error, ", "")


def _unexpected(error: BaseException) -> str:
    """An exception that nobody planned for, with the way to its traceback."""
    text = textwrap.shorten(f"{type(error).__name__}: {error}", LONGEST_MESSAGE)
    line = own_line(error)
    text += f" (at {line})" if line else ""
    return f"{text} (unexpected: run again with --debug for the traceback)"


def _is_usage_error(error: BaseException) -> bool:
    """Whether Typer could not parse the command line."""
    return hasattr(error, "format_message")
