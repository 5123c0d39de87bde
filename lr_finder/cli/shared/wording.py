"""Messages of the command in the words of the command: options, not arguments.

The library speaks of arguments, in backquotes or with their value: "Argument `end_lr`
must be positive. Received: end_lr=-1". A person who typed a command knows `--end-lr`.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import typer

if TYPE_CHECKING:
    from lr_finder.analysis.sweep.suggestion import Suggestion

# Arguments of functions that a command calls -> its own name for the same thing.
OTHER_NAMES = {
    "batch_sizes": "batch_size",
    "initializers": "initializer",
    "rates": "lr",
    "models": "model",
    "optimizer": "optimizers",
    "window_size": "window",
}
_OPTIONS: contextvars.ContextVar[Mapping[str, str] | None] = contextvars.ContextVar(
    "options", default=None
)
_RULE = re.compile(r"\b([Aa])rgument(s?)(?= `(\w+)`)")
_QUOTED = re.compile(r"`(\w+)`")
# A value in quotes, a number or a word; not an argument of a call that is quoted.
_VALUE = re.compile(r"(?<![\w(.`-])(\w+)=('[^']*'|[^\s,;()\[\]{}=]*[^\s,;.()\[\]{}=])")


@contextlib.contextmanager
def words_of(app: typer.Typer, arguments: Sequence[str]) -> Iterator[None]:
    """Inside, `in_options` speaks of the options of the command that was typed.

    Args:
        app: typer.Typer.
        arguments: sequence of str, what follows the program's name.
    """
    token = _OPTIONS.set(options_of(app, arguments))
    try:
        yield
    finally:
        _OPTIONS.reset(token)


def options_of(app: typer.Typer, arguments: Sequence[str]) -> dict[str, str]:
    """The options of the command that was typed, by the argument that each sets.

    Args:
        app: typer.Typer, with several commands or with one.
        arguments: sequence of str, what follows the program's name.

    Returns:
        dict of argument -> option; empty if no command was typed.

    Example:
    >>> from lr_finder.cli import app
    >>> options_of(app, ["compare", "a.csv"])["batch_sizes"]
    '--batch-size'
    """
    command = typer.main.get_command(app)
    if (commands := getattr(command, "commands", None)) is not None:
        command = commands.get(next(filter(commands.__contains__, arguments), None))
    parameters = command.params if command is not None else []
    options = {
        each.name: max(each.opts, key=len)
        for each in parameters
        if any(option.startswith("--") for option in each.opts)
    }
    others = {
        argument: options[own]
        for argument, own in OTHER_NAMES.items()
        if own in options and argument not in options
    }
    return options | others


def in_options(text: str) -> str:
    """A message of the library as the command says it.

    Args:
        text: str; arguments that are no option of the command stay as they are.

    Returns:
        str.

    Example:
    >>> from lr_finder.cli import app
    >>> with words_of(app, ["find"]):
    ...     in_options("Argument `end_lr` must be positive. Received: end_lr=-1.")
    ...     in_options("never_diverged: raise `end_lr` to 1e+02")
    'Option --end-lr must be positive. Received: --end-lr -1.'
    'never_diverged: raise --end-lr to 1e+02'
    """
    options = _OPTIONS.get() or {}

    def rule(match: re.Match) -> str:
        if match[3] not in options:
            return match[0]
        return f"{'O' if match[1] == 'A' else 'o'}ption{match[2]}"

    def quoted(match: re.Match) -> str:
        return options.get(match[1], match[0])

    def given(match: re.Match) -> str:
        if match[1] not in options:
            return match[0]
        if match[2] == "None":
            return f"no {options[match[1]]}"
        value = match[2]
        bare = value[1:-1] if value.startswith("'") else value
        is_one_word = bare and not re.search(r"\s", bare)
        return f"{options[match[1]]} {bare if is_one_word else value}"

    return _VALUE.sub(given, _QUOTED.sub(quoted, _RULE.sub(rule, text)))


@overload
def warnings_in_options(told: dict[str, Any]) -> dict[str, Any]: ...
@overload
def warnings_in_options(told: Suggestion) -> Suggestion: ...
def warnings_in_options(
    told: dict[str, Any] | Suggestion,
) -> dict[str, Any] | Suggestion:
    """A suggestion, or a report, with its warnings as the command says them.

    Args:
        told: Suggestion; or dict of JSON values that may hold `warnings`, a list of
            str, at any depth.

    Returns:
        The same kind; what is given is not changed.

    Example:
    >>> warnings_in_options({"warnings": ["raise `end_lr`"]})
    {'warnings': ['raise `end_lr`']}
    """
    if isinstance(told, dict):
        return {name: _walked(name, value) for name, value in told.items()}
    return dataclasses.replace(told, warnings=tuple(map(in_options, told.warnings)))


def report_in_options(told: Any) -> Any:
    """A suggestion or a report as the command says it, its error included.

    Args:
        told: as `warnings_in_options` takes it; a report may hold `error`.

    Returns:
        The same kind; what is given is not changed.

    Example:
    >>> report_in_options({"error": {"message": "Argument `x`  is small."}})
    {'error': {'message': 'Argument `x` is small.'}}
    """
    told = warnings_in_options(told)
    if isinstance(told, dict) and "error" in told:
        message = " ".join(in_options(told["error"]["message"]).split())
        told["error"] = told["error"] | {"message": message}
    return told


def _walked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return warnings_in_options(value)
    if name == "warnings" and isinstance(value, list | tuple):
        return [in_options(each) for each in value]
    return value
