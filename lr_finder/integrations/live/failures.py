"""A view that fails: told once, and never to the training that it shows."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any, Protocol

from lr_finder._text import short_reason


class Failing(Protocol):
    """What may fail, and goes on without."""

    _has_failed: bool

    def _fail(self, error: Exception) -> None: ...


def told_once(method: Callable[..., None]) -> Callable[..., None]:
    """Let a failure of the view never reach `fit`.

    Args:
        method: function of a `Failing`. After a failure it is not called any more.

    Returns:
        function that gives an error to `_fail` in place of raising it.
    """

    @functools.wraps(method)
    def safe(self: Failing, *given: Any, **options: Any) -> None:
        if self._has_failed:
            return
        try:
            method(self, *given, **options)
        except Exception as error:
            self._fail(error)

    return safe


def warn_of_failure(error: Exception) -> None:
    """Say why the view has failed, also if warnings are errors.

    Args:
        error: Exception.

    Warns:
        UserWarning: With the reason.
    """
    text = (
        f"The live view has failed: {type(error).__name__}: {short_reason(error)}. "
        "The training goes on without it."
    )
    try:
        warnings.warn(text, stacklevel=5)
    except Warning:
        print(text, file=sys.stderr)
