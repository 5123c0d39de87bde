"""Schedules: plain functions from a step to a learning rate. NumPy only."""

from __future__ import annotations

import numbers
from collections.abc import Callable

import numpy as np

from lr_finder.errors import InputError

Schedule = Callable[[int], float]

LARGEST = float(np.finfo(np.float32).max)  # that an optimizer's variable holds


def exponential(start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""A rate that is multiplied by the same factor at every step.

    $$ lr(i) = start \cdot (end / start)^{i / (steps - 1)} $$

    Args:
        start_lr: float > 0, the rate of step 0.
        end_lr: float > start_lr, the rate of step `steps - 1`.
        steps: int >= 2, number of steps.

    Returns:
        Schedule, step in [0, steps) -> learning rate; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = exponential(1e-3, 1e-1, 3)
    >>> [round(rate(step), 6) for step in range(3)]
    [0.001, 0.01, 0.1]

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3, has the linear test; the
        exponential one is fast.ai's.
    """
    check_range(start_lr, end_lr, steps)
    rates = np.geomspace(start_lr, end_lr, steps)
    return lambda step: float(rates[step])


def linear(start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""A rate that grows by the same amount at every step.

    $$ lr(i) = start + (end - start) \cdot i / (steps - 1) $$

    Args:
        start_lr: float > 0, the rate of step 0.
        end_lr: float > start_lr, the rate of step `steps - 1`.
        steps: int >= 2, number of steps.

    Returns:
        Schedule, step in [0, steps) -> learning rate; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = linear(0.1, 0.5, 3)
    >>> [round(rate(step), 6) for step in range(3)]
    [0.1, 0.3, 0.5]

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3.
    """
    check_range(start_lr, end_lr, steps)
    rates = np.linspace(start_lr, end_lr, steps)
    return lambda step: float(rates[step])


SWEEPS = {"exponential": exponential, "linear": linear}


def check_range(start_lr: float, end_lr: float, steps: int) -> None:
    """Raise `InputError` unless 0 < start_lr < end_lr < inf and steps >= 2.

    Args:
        start_lr: float, the lowest rate.
        end_lr: float, the highest rate.
        steps: int, the number of rates.

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
    check_count("steps", steps, least=2)


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
