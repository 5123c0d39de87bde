"""What several modules ask of their arguments."""

from __future__ import annotations

import numbers
from typing import Any

from lr_finder.errors import InputError


def check_whole(name: str, value: Any, *, minimum: int = 1) -> None:
    """Raise `InputError` unless an argument is a whole number, large enough.

    Args:
        name: str, the argument's name.
        value: what was given for it.
        minimum: int, the smallest value allowed.

    Raises:
        InputError: If it is not.

    Example:
    >>> check_whole("window_size", 20)
    """
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < minimum:
        raise InputError(
            f"Argument `{name}` must be a whole number >= {minimum}. "
            f"Received: {name}={value!r}."
        )


def check_fraction(name: str, value: Any, usual: float) -> None:
    """Raise `InputError` unless an argument lies between 0 and 1.

    Args:
        name: str, the argument's name.
        value: what was given for it.
        usual: float, its default.

    Raises:
        InputError: If it does not.

    Example:
    >>> check_fraction("validation_fraction", 0.25, usual=0.2)
    """
    if not isinstance(value, numbers.Real) or not 0 < value < 1:
        raise InputError(
            f"Argument `{name}` must lie between 0 and 1. Received: {name}={value!r}. "
            f"The default is {usual}."
        )
