"""Schedules: functions from a step to a learning rate, and what joins them. NumPy only.

Each name below but `Schedule` is a function that makes one.
"""

from lr_finder.schedules.composition import (
    join,
    multi_stage,
    scale,
    warmup,
    wsd,
)
from lr_finder.schedules.cycles import cosine_restarts, one_cycle, triangular
from lr_finder.schedules.decays import (
    constant,
    cosine,
    exponential,
    inverse_time,
    linear,
    polynomial,
    step,
)
from lr_finder.schedules.schedule import Schedule

__all__ = [
    "Schedule",
    "constant",
    "cosine",
    "cosine_restarts",
    "exponential",
    "inverse_time",
    "join",
    "linear",
    "multi_stage",
    "one_cycle",
    "polynomial",
    "scale",
    "step",
    "triangular",
    "warmup",
    "wsd",
]
