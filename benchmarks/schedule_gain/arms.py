"""What is compared: schedules of `lr_finder.schedules`, and averaged weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from lr_finder.schedules import Schedule, constant, warmup, wsd
from lr_finder.schedules.named import WARMUP_SHARE, spanning

AVERAGED = "averaged"  # a constant rate; the average of the late weights is judged
AVERAGED_SHARE = 0.1  # of the steps: how far back the moving average reaches, about
CONSTANT = "constant"


def _warmup(steps: int) -> Schedule:
    return warmup(constant(1.0), max(1, round(WARMUP_SHARE * steps)))


def _cooldown(share: float):
    return lambda steps: wsd(1.0, steps, cooldown_share=share)


# Name -> a name for `spanning`, or a function of the steps of the training.
ARMS: dict[str, Any] = {
    CONSTANT: "constant",
    "warmup": _warmup,
    "cooldown_10": _cooldown(0.1),
    "cooldown_20": _cooldown(0.2),
    "wsd": "wsd",  # a cooldown of 30 %
    "linear": "linear",
    "cosine": "cosine",
    "warmup_cosine": "warmup_cosine",
    "one_cycle": "one_cycle",
    AVERAGED: "constant",
}


def schedule_of(arm: str, steps: int) -> Schedule:
    """The schedule of an arm over a whole training, its highest rate 1.

    Args:
        arm: str, a key of `ARMS`.
        steps: int >= 20, of the training.

    Returns:
        Schedule.

    Example:
    >>> schedule_of("cooldown_10", 200)([0, 180, 190])
    array([1. , 1. , 0.5])
    """
    given = ARMS[arm]
    return spanning(given if isinstance(given, str) else given(steps), 1.0, steps)


def shape_of(arm: str, steps: int) -> np.ndarray:
    """What the highest rate is multiplied by in each step, (steps,)."""
    return schedule_of(arm, steps)(range(steps))


def average_of(arm: str, steps: int) -> float | None:
    """The momentum of the moving average of the weights; None if none is judged."""
    return 1 - 1 / (AVERAGED_SHARE * steps) if arm == AVERAGED else None
