"""The running mean that a reported loss was read from."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lr_finder.training.stepping.steps import TOTALS

ROUNDING = 1e-6  # between a mean taken by the backend in float32 and one taken here


def metric_behind(reported: float, results: Mapping[str, float]) -> str | None:
    """Which running mean a reported loss was read from.

    Args:
        reported: float, as `loss_of` has it.
        results: mapping of str to float, the present result of each mean.

    Returns:
        str, the name of the mean, first of all `loss`; None if the step reports what is
        no result of any of them, and so the loss of the batch alone.

    Example:
    >>> metric_behind(0.5, {"accuracy": 0.9, "total_loss": 0.5})
    'total_loss'
    """
    equal = [
        name
        for name, result in results.items()
        if math.isclose(result, reported, rel_tol=ROUNDING)
        or (math.isnan(result) and math.isnan(reported))
    ]
    named = [name for name in TOTALS if name in equal]
    return next(iter(named or equal), None)
