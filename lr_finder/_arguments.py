"""Checks of arguments, one of each: every message names the rule and the value."""

from __future__ import annotations

import difflib
import functools
import importlib.util
import inspect
import numbers
from collections.abc import Callable, Collection, Sequence
from typing import ParamSpec, TypeVar

from lr_finder.errors import InputError, LRFinderError

LARGEST = (2 - 2**-23) * 2.0**127  # of float32: what an optimizer's variable holds
SEEDS = 2**32  # so many whole numbers from 0 are seeds

P = ParamSpec("P")
R = TypeVar("R")


def names_checked(function: Callable[P, R]) -> Callable[P, R]:
    """Let a misspelt argument of a function name the one that was meant.

    Args:
        function: function of the public face, without `**`.

    Returns:
        function with the same signature, which raises a TypeError that says more.

    Example:
    >>> @names_checked
    ... def sweep(model, *, batch_size=32): ...
    >>> sweep(None, batchsize=8)
    Traceback (most recent call last):
    TypeError: sweep() has no argument `batchsize`. Did you mean `batch_size`?
    """
    known = inspect.signature(function).parameters

    @functools.wraps(function)
    def checked(*given: P.args, **named: P.kwargs) -> R:
        for name in named:
            if name not in known:
                raise unknown_argument(function.__name__, name, known)
        return function(*given, **named)

    return checked


def unknown_argument(function: str, name: str, known: Collection[str]) -> TypeError:
    """The error for an argument that a function does not have.

    Args:
        function: str, its name in `lr_finder`.
        name: str, the argument.
        known: collection of str, the arguments that there are.

    Returns:
        TypeError; it names the nearest, if one is near.
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    way_out = (
        f"Did you mean `{near[0]}`?" if near else f"See help(lr_finder.{function})."
    )
    return TypeError(f"{function}() has no argument `{name}`. {way_out}")


def check_range(start_lr: float, end_lr: float, steps: int, *, least: int = 2) -> None:
    """Raise `InputError` unless 0 < start_lr < end_lr < inf and steps >= least.

    Args:
        start_lr: float, the lowest rate.
        end_lr: float, the highest rate.
        steps: int, the number of rates.
        least: int, the smallest number allowed.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> check_range(1e-7, 10.0, 200)
    """
    for name, value in {"start_lr": start_lr, "end_lr": end_lr}.items():
        check_rate(name, value, way_out=" The defaults are 1e-7 and 10.")
    if not start_lr < end_lr:
        raise InputError(
            "Argument `start_lr` must be less than `end_lr`. Received: "
            f"start_lr={start_lr}, end_lr={end_lr}. Exchange the two?"
        )
    check_count("steps", steps, least=least)


def check_rate(
    name: str,
    value: float,
    *,
    zero: bool = False,
    what: str = "learning rate",
    way_out: str = "",
) -> None:
    """Raise `InputError` unless an argument is a positive, finite rate.

    Args:
        name: str, the argument's name.
        value: float, what was given for it.
        zero: bool, whether 0 is allowed too.
        what: str, what it is if it is no learning rate.
        way_out: str, a sentence after a space.

    Raises:
        InputError: If it is not.

    Example:
    >>> check_rate("end_lr", 0.0, zero=True)
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    is_right = is_number and 0 <= value <= LARGEST  # false for NaN as well
    if not is_right or (value == 0 and not zero):
        rule = f"a finite {what}, at least 0" if zero else f"a positive, finite {what}"
        raise InputError(
            f"Argument `{name}` must be {rule}. Received: {name}={value!r}.{way_out}"
        )


def check_count(name: str, value: int, *, least: int) -> None:
    """Raise `InputError` unless an argument is a whole number, large enough.

    Args:
        name: str, the argument's name.
        value: int, what was given for it.
        least: int, the smallest value allowed.

    Raises:
        InputError: If it is not.

    Example:
    >>> check_count("batch_size", 32, least=1)
    """
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise InputError(
            f"Argument `{name}` must be a whole number, at least {least}. Received: "
            f"{name}={value!r}.{_as_whole(name, value)}"
        )


def _as_whole(name: str, value: object) -> str:
    """The way out for a number that is not whole, such as 625.0."""
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        if abs(float(value)) < SEEDS:  # false for NaN as well
            return f" Give {name}={round(float(value))}."
    return ""


def check_fraction(name: str, value: float, *, usual: float) -> None:
    """Raise `InputError` unless an argument lies between 0 and 1, both excluded.

    Args:
        name: str, the argument's name.
        value: float, what was given for it.
        usual: float, its default.

    Raises:
        InputError: If it does not.

    Example:
    >>> check_fraction("validation_fraction", 0.25, usual=0.2)
    """
    if not isinstance(value, numbers.Real) or not 0 < value < 1:
        raise InputError(
            f"Argument `{name}` must lie between 0 and 1, both excluded. Received: "
            f"{name}={value!r}. The default is {usual}."
        )


def check_seed(seed: int) -> None:
    """Raise `InputError` unless a seed is one that NumPy and Keras take.

    Args:
        seed: int in [0, 2**32).

    Raises:
        InputError: If it is not.

    Example:
    >>> check_seed(42)
    """
    if not isinstance(seed, numbers.Integral) or not 0 <= seed < SEEDS:
        raise InputError(
            f"Argument `seed` must be a whole number from 0 to {SEEDS - 1}. Received: "
            f"seed={seed!r}."
        )


def check_extra(what: str, modules: Sequence[str], extra: str) -> None:
    """Refuse what needs a library that is not installed.

    Args:
        what: str, what needs it, as a sentence begins: `"Tracking by MLflow"`.
        modules: sequence of str, the modules that are imported.
        extra: str, the extra that brings them.

    Raises:
        LRFinderError: If one is missing; says how to install it.

    Example:
    >>> check_extra("This", ["json"], "track")
    >>> check_extra("This", ["json", "no_such_module"], "track")
    Traceback (most recent call last):
    lr_finder.errors.LRFinderError: This needs no_such_module, which is not installed. \
Install it with: pip install "lr_finder[track]"
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise LRFinderError(
            f"{what} needs {' and '.join(missing)}, which "
            f"{'is' if len(missing) == 1 else 'are'} not installed. Install "
            f"{'it' if len(missing) == 1 else 'them'} with: pip install "
            f'"lr_finder[{extra}]"'
        )
