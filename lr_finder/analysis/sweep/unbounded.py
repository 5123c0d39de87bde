"""A loss that falls without bound: whatever raises the rate lowers it."""

from __future__ import annotations

import math

import numpy as np

UNBOUNDED = "unbounded"  # `reason` of the error, kind of the warning
FALL = 30.0  # times the loss at the start, or its noise: no bounded loss falls so far
HALF_WITHIN = 0.5  # decades: half of a fall in step with the rate takes 0.3


def falls_without_bound(
    x: np.ndarray, values: np.ndarray, start: float, noise: float
) -> bool:
    """Whether a loss falls ever faster as the rate rises, far below where it began.

    So does the loss of a critic, the negative mean of its outputs: the farther its
    weights move, the lower. With m the lowest point of the curve, both must hold:

        start - values[m] > 30 max(|start|, noise)
        half of that fall takes place in the last half decade before m

    A bounded loss (a cosine, a log-likelihood) falls less far, or levels off before.

    Args:
        x: float array (n,), ln(lr), rising.
        values: float array (n,), the smoothed loss itself, not its logarithm.
        start: float, the loss at the start.
        noise: float >= 0, its standard deviation.

    Returns:
        bool.

    Example:
    >>> x = np.log(np.logspace(-7, 1, 100))
    >>> falls_without_bound(x, 0.1 - 50 * np.exp(x), start=0.1, noise=0.05)
    True
    >>> falls_without_bound(x, -np.tanh(1e3 * np.exp(x)), start=0.0, noise=0.05)
    False
    """
    lowest = int(np.argmin(values))
    fall = start - float(values[lowest])
    if values[lowest] >= 0 or not fall > FALL * max(abs(start), noise):
        return False
    half = int(np.argmax(values[: lowest + 1] <= start - fall / 2))
    return bool(x[lowest] - x[half] < HALF_WITHIN * math.log(10))
