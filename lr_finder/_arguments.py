"""Checks of arguments, one of each: every message names the rule and the value."""

from __future__ import annotations

import numbers

from lr_finder.errors import InputError

LARGEST = (2 - 2**-23) * 2.0**127  # of float32: what an optimizer's variable holds
SEEDS = 2**32  # so many whole numbers from 0 are seeds


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
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not is_number or not 0 < value <= LARGEST:  # false for NaN as well
            raise InputError(
                f"Argument `{name}` must be a positive, finite learning rate. "
                f"Received: {name}={value!r}. The defaults are 1e-7 and 10."
            )
    if not start_lr < end_lr:
        raise InputError(
            "Argument `start_lr` must be less than `end_lr`. Received: "
            f"start_lr={start_lr}, end_lr={end_lr}. Exchange the two?"
        )
    check_count("steps", steps, least=least)


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
            f"{name}={value!r}."
        )


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
