"""Schedules: plain functions from a step to a learning rate. NumPy only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lr_finder._arguments import check_range

Schedule = Callable[[int], float]


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
