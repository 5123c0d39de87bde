"""What was asked: the command line that was typed, and the data that it was about."""

from __future__ import annotations

import contextlib
import contextvars
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lr_finder.data.parts import ThreeParts

_TYPED: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "typed", default=None
)


@contextlib.contextmanager
def command_line(name: str, arguments: Sequence[str]) -> Iterator[None]:
    """Inside, `typed_command` tells this command line.

    Args:
        name: str, the program, as its help calls it.
        arguments: sequence of str, what follows it.
    """
    token = _TYPED.set(" ".join([name, shlex.join(arguments)]))
    try:
        yield
    finally:
        _TYPED.reset(token)


def typed_command() -> str | None:
    """The command line as a shell takes it; None if none was typed.

    Example:
    >>> with command_line("lr_finder", ["find", "my prices.csv"]):
    ...     typed_command()
    "lr_finder find 'my prices.csv'"
    """
    return _TYPED.get()


def facts_of(parts: ThreeParts) -> dict[str, Any]:
    """What the JSON of an experiment says of its data, and how to make it again.

    Args:
        parts: ThreeParts.

    Returns:
        dict of `source`, `kind`, `task`, `data`, `notes` and `command`.
    """
    return parts.facts() | {"command": typed_command()}
