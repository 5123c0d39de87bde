"""The rates of a sweep or a grid: the first and the last exact."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lr_finder._arguments import check_range
from lr_finder.schedules.decays import exponential, linear
from lr_finder.schedules.schedule import Schedule

IN_DECADE = 2  # rates from one to its tenfold, in a grid
SWEEPS: dict[str, Callable[[float, float, int], Schedule]] = {
    "exponential": exponential,
    "linear": linear,
}


def sweep_rates(mode: str, start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""Rising rates, each the same factor, or amount, above the one before.

    $$ lr(i) = start \cdot (end / start)^{i / (steps - 1)} \quad \text{or} \quad
    lr(i) = start + (end - start) \cdot i / (steps - 1) $$

    Args:
        mode: str, a key of `SWEEPS`.
        start_lr: float > 0, the rate of step 0.
        end_lr: float > start_lr, the rate of step `steps - 1`, the last.
        steps: int >= 2, number of steps.

    Returns:
        Schedule of `steps - 1` steps from the one rate to the other.

    Raises:
        InputError: If a rate or the number of steps breaks its rule.

    Example:
    >>> rate = sweep_rates("exponential", 1e-3, 1e-1, 3)
    >>> [round(rate(step), 6) for step in range(3)]
    [0.001, 0.01, 0.1]

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3, has the linear test; the
        exponential one is fast.ai's.
    """
    check_range(start_lr, end_lr, steps)
    return SWEEPS[mode](start_lr, end_lr, steps - 1)


def rates_between(low: float, high: float, in_decade: int = IN_DECADE) -> list[float]:
    """Rates at equal ratios, both ends among them, in two digits.

    Args:
        low: float > 0.
        high: float > low.
        in_decade: int >= 1, how many to a decade, about.

    Returns:
        list of float, rising.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rates_between(0.01, 1.0)
    [0.01, 0.032, 0.1, 0.32, 1.0]
    """
    check_range(low, high, in_decade + 1)
    n = max(2, round(in_decade * math.log10(high / low)) + 1)
    rates = np.geomspace(low, high, n).tolist()
    return sorted({float(f"{rate:.1e}") for rate in rates[1:-1]} | {low, high})
