"""What is read off the losses of a training, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from time_series.settings import SAME_STOPPING

LATE_EPOCHS = 10  # at the end of a training, over which the loss should be calm


def epochs_to(losses: Sequence[float], target: float) -> int | None:
    """How many epochs a training took to a loss.

    Args:
        losses: sequence of float, one for each epoch.
        target: float, the loss to reach.

    Returns:
        int >= 1, the first epoch at or below it; None where none is.

    Example:
    >>> epochs_to([3.0, 2.0, 1.0], 2.0), epochs_to([3.0], 2.0)
    (2, None)
    """
    return next((i for i, loss in enumerate(losses, 1) if loss <= target), None)


def late_variance(losses: Sequence[float], epochs: int = LATE_EPOCHS) -> float:
    """The variance of the loss over the last epochs of a training.

    Args:
        losses: sequence of float, one for each epoch.
        epochs: int >= 1, how many of the last.

    Returns:
        float, of all there are where they are fewer; nan where there are none.

    Example:
    >>> late_variance([9.0, 1.0, 3.0], epochs=2)
    1.0
    """
    return float(np.var(losses[-epochs:])) if len(losses) else math.nan


def gains(errors: Mapping[str, float]) -> dict[str, float | None]:
    """What the stopping gained, and what the rate that was found, as shares.

    With the errors B of the baseline, S of Keras' rate with the same stopping, and O of
    the optimized way:

        stopping = 1 - S / B,    rate = 1 - O / S,    both = 1 - O / B

    so that `1 - both` is the product of `1 - stopping` and `1 - rate`.

    Args:
        errors: mapping of arm -> float >= 0: `baseline`, `stopping_plateau`,
            `optimized`.

    Returns:
        dict of float <= 1, negative for a loss; None for a share of 0.

    Example:
    >>> gains({"baseline": 4.0, "stopping_plateau": 2.0, "optimized": 1.0})
    {'stopping': 0.5, 'rate': 0.5, 'both': 0.75}
    """
    steps = {
        "stopping": ("baseline", SAME_STOPPING),
        "rate": (SAME_STOPPING, "optimized"),
        "both": ("baseline", "optimized"),
    }
    return {
        name: 1 - errors[after] / errors[before] if errors[before] else None
        for name, (before, after) in steps.items()
    }
