"""Schedules by name, each with the rate found as its highest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lr_finder._arguments import check_count, check_rate
from lr_finder.errors import InputError
from lr_finder.schedules.composition import as_schedule, scale, warmup, wsd
from lr_finder.schedules.cycles import one_cycle
from lr_finder.schedules.decays import constant, cosine, linear
from lr_finder.schedules.schedule import Schedule

WARMUP_SHARE = 0.05  # of the steps, of the warm-up before a cosine
FEWEST_STEPS = 2  # of a training in which a rate can change at all
DEFAULT = "wsd"  # what `"default"` stands for: its peak is the best constant rate
AS_DEFAULT, CONSTANT = "default", "constant"


def _warmup_cosine(lr: float, steps: int) -> Schedule:
    rise = max(1, round(WARMUP_SHARE * steps))
    return warmup(cosine(lr, 0.0, steps - rise), rise)


NAMED: dict[str, Callable[[float, int], Schedule]] = {
    CONSTANT: lambda lr, steps: constant(lr),
    "linear": lambda lr, steps: linear(lr, 0.0, steps),
    "cosine": lambda lr, steps: cosine(lr, 0.0, steps),
    "warmup_cosine": _warmup_cosine,
    "one_cycle": one_cycle,
    "wsd": wsd,
}
IN_WORDS = {
    CONSTANT: "the same rate in each step",
    "linear": "linear to 0",
    "cosine": "half a cosine to 0",
    "warmup_cosine": f"up over {100 * WARMUP_SHARE:.0f} %, then half a cosine to 0",
    "one_cycle": "up to the highest rate, then down to almost 0",
    "wsd": "constant, then linear to 0 over the last 30 %",
}


def spanning(given: Any, lr: float, steps: int, name: str = "schedule") -> Schedule:
    r"""A schedule over a whole training, whose highest rate is the one given.

    A schedule given by name or as a rate spans the training. A Schedule or a function
    keeps its own length and shape $s(i)$, and is scaled:

    $$ lr(i) = lr \cdot s(i) / \max_{j < steps} s(j) $$

    Args:
        given: str, a key of `NAMED` or `"default"`; or Schedule, or function
            step -> rate.
        lr: float > 0, the highest rate.
        steps: int >= 1, of the training.
        name: str, the argument's name.

    Returns:
        Schedule.

    Raises:
        InputError: If there is no schedule of that name, or it is never above 0.

    Example:
    >>> from lr_finder.schedules import cosine
    >>> spanning("wsd", 0.01, 500), spanning(cosine(0.01, 0.0, 500), 0.01, 500)
    (wsd(0.01, 500), cosine(0.01, 0, 500))
    >>> spanning(cosine(1.0, 0.0, 500), 0.01, 500)(250)
    0.005
    """
    check_rate("lr", lr)
    check_count("steps", steps, least=1)
    if isinstance(given, str):
        make = NAMED[check_name(given, name)]
        return make(lr, steps) if steps >= FEWEST_STEPS else constant(lr)
    schedule = as_schedule(given, name)
    highest = float(np.max(schedule(range(steps))))
    if highest <= 0:
        raise InputError(
            f"Argument `{name}` must be above 0 in some step. Received: {schedule}, "
            f"which is 0 in all {steps:,} steps of the training."
        )
    return schedule if highest == lr else scale(schedule, lr / highest)


def check_name(given: str, name: str = "schedule") -> str:
    """Check that there is a schedule of this name, and return the name.

    Args:
        given: str.
        name: str, the argument's name.

    Returns:
        str, a key of `NAMED`; for `"default"` the key that it stands for.

    Raises:
        InputError: If there is none.

    Example:
    >>> check_name("cosine"), check_name("default")
    ('cosine', 'wsd')
    """
    if given == AS_DEFAULT:
        return DEFAULT
    if given not in NAMED:
        names = ", ".join(map(repr, [AS_DEFAULT, *NAMED]))
        raise InputError(
            f"Argument `{name}` must be one of {names}, or a "
            f"schedule of lr_finder.schedules. Received: {name}={given!r:.50}."
        )
    return given


def explained(text: str) -> str:
    """A list in words, with what the schedule in it is, if it is one that has a name.

    Args:
        text: str, e.g. `"early stopping, schedule wsd"`.

    Returns:
        str.

    Example:
    >>> explained("early stopping, schedule linear")
    'early stopping, schedule linear (linear to 0)'
    """
    words = {f"schedule {name}": words for name, words in IN_WORDS.items()}
    parts = text.split(", ")
    return ", ".join(
        f"{part} ({words[part]})" if part in words else part for part in parts
    )


def schedule_label(given: Any, name: str = "schedule") -> str | None:
    """The name of a training's schedule in tables and reports.

    Args:
        given: what `spanning` takes, or None.
        name: str, the argument's name.

    Returns:
        str, a key of `NAMED` or the call that makes the schedule; None for a constant
        rate.

    Raises:
        InputError: If it is no schedule.

    Example:
    >>> from lr_finder.schedules import cosine
    >>> schedule_label("default"), schedule_label(cosine(0.01, 0.0, 500))
    ('wsd', 'cosine(0.01, 0, 500)')
    >>> schedule_label("constant") is schedule_label(None) is None
    True
    """
    if given is None:
        return None
    if not isinstance(given, str):
        return str(as_schedule(given, name))
    chosen = check_name(given, name)
    return None if chosen == CONSTANT else chosen
