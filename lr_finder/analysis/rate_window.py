"""The default rule: an optimizer's usual rate, inside the window a sweep leaves open.

A sweep sees a few hundred steps at rates that keep rising; the training to come has
one rate and many more steps. So the sweep is asked only for what it shows well: below
which rate hardly anything is learnt, and above which the loss climbs. Where between
the two is best, other trainings with the same optimizer tell better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import isotonic_regression

from lr_finder.analysis.preparation import (
    Prepared,
    has_descended,
    never_descended,
    prepare,
)

DECADE = math.log(10)  # in ln(lr)
BEGUN = 0.3  # of the descent: there the loss has begun to fall
ABOVE = 0.4  # decades above that rate begins the window; below, training is slow
BELOW = 0.9  # decades below the climb it ends; a training is longer than a sweep
# All five are the best of benchmarks/suggestion_quality, the rates to one digit.
PLAIN_SGD = 1.0  # nearly always above the window: the climb decides
WITH_MOMENTUM = 5e-3
ADAPTIVE = 3e-3
ADAPTIVE_OPTIMIZERS = ("Adam", "AdamW", "Nadam", "RMSprop")


def usual_rate(metadata: Mapping[str, Any]) -> float | None:
    """The rate that is most often good for the optimizer of a sweep.

    Args:
        metadata: mapping, as of `SweepResult`: the name of the `optimizer`, and its
            `momentum` where it has one.

    Returns:
        float, or None where the optimizer is unknown or was not measured.

    Example:
    >>> usual_rate({"optimizer": "AdamW"}), usual_rate({"optimizer": "Lion"})
    (0.003, None)
    >>> usual_rate({"optimizer": "SGD", "momentum": 0.9})
    0.005
    """
    name = str(metadata.get("optimizer"))
    name = name.removeprefix("LossScaleOptimizer(").removesuffix(")")
    momentum = metadata.get("momentum") or 0.0
    if name == "SGD":
        return WITH_MOMENTUM if momentum else PLAIN_SGD
    return ADAPTIVE if name in ADAPTIVE_OPTIMIZERS and not momentum else None


def window_of(curve: Prepared) -> tuple[float, float]:
    """The window that a sweep leaves open for the rate.

    With f the best non-increasing fit to the smoothed curve down to its minimum:

        lower = 0.4 decades above the first lr with f(lr) <= start - 0.3 (start - min f)
        upper = 0.9 decades below the rate at which the loss begins to climb; the end
                of the sweep where it does not

    Args:
        curve: Prepared.

    Returns:
        (lower, upper): float, ln(lr); `lower > upper` where both leave no room.

    References:
        Barlow et al., "Statistical Inference under Order Restrictions" (1972).
    """
    falling = curve.smoothed[: curve.lowest + 1]
    fitted = isotonic_regression(falling, increasing=False).x
    level = curve.start - BEGUN * (curve.start - fitted[-1])
    begun = curve.grid.x[np.argmax(fitted <= level)]
    upper = curve.grid.x[-1]
    if curve.divergence is not None:
        upper -= BELOW * DECADE
    return float(begun + ABOVE * DECADE), float(upper)


def is_at_top(curve: Prepared, log_rate: float) -> bool:
    """Whether ln(lr) is the upper end of the window: the climb alone has decided."""
    return log_rate > window_of(curve)[1] - curve.grid.step


def window(lrs: np.ndarray, losses: np.ndarray, usual: float | None = None) -> int:
    """The optimizer's usual rate, moved into the window that the sweep leaves open.

        lr = min(max(usual, lower), upper)

    with the window of `window_of`; its middle (in log lr), where no rate is usual.
    Of a curve that did not descend beyond its noise, the usual rate is most of what is
    known, if it was swept; the suggestion then carries a warning.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.
        usual: float > 0, the usual rate of the optimizer (`usual_rate`), or None.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points; or if the loss never descended
            and is constant, or no usual rate is known, or that was not swept.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> [float(lrs[window(lrs, losses, u)].round(4)) for u in (1e-4, 5e-3, None, 1)]
    [0.0016, 0.005, 0.0398, 1.0]
    """
    curve = prepare(lrs, losses)
    if not has_descended(curve):
        is_constant = curve.grid.noise == 0 and curve.divergence is None
        if is_constant or usual is None or not lrs[0] <= usual <= lrs[-1]:
            raise never_descended(curve, len(losses))
    lower, upper = window_of(curve)
    x = (lower + upper) / 2 if usual is None else max(math.log(usual), lower)
    return curve.nearest(min(x, upper))
