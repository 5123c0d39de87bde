"""What is read off the losses of a training, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

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
