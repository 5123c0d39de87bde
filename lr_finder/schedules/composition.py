"""Schedules made of others: joined, scaled, with a warm-up, in stages."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from lr_finder._arguments import check_count, check_fraction, check_rate
from lr_finder.errors import InputError
from lr_finder.schedules.decays import constant, linear
from lr_finder.schedules.schedule import (
    Schedule,
    call_text,
    check_boundaries,
    of_function,
    reaches_end,
)

# What a schedule may be given as: one, a function step -> rate, or a constant rate.
SchedulePart: TypeAlias = Schedule | Callable[[int], Any] | float


def as_schedule(given: Any, name: str = "schedule") -> Schedule:
    """A schedule from whatever may be given for one.

    Args:
        given: Schedule; function of an int that gives a rate (a schedule of Keras is
            one); or float > 0, a constant rate.
        name: str, the argument's name.

    Returns:
        Schedule.

    Raises:
        InputError: If it is none of these.

    Example:
    >>> as_schedule(0.1), as_schedule(lambda step: 0.1 / (1 + step))(1)
    (constant(0.1), 0.05)
    """
    if isinstance(given, Schedule):
        return given
    if isinstance(given, numbers.Real) and not isinstance(given, bool):
        check_rate(name, float(given))
        return constant(float(given))
    if callable(given) and not isinstance(given, type):
        _check_takes_step(given, name)
        return of_function(given)
    raise InputError(
        f"Argument `{name}` must be a schedule, a function step -> rate or a positive "
        f"rate. Received: {name}={given!r:.50}. lr_finder.schedules has schedules."
    )


def _check_takes_step(given: Callable[..., Any], name: str) -> None:
    """Refuse a function that is not one of a step, such as `cosine` itself."""
    try:
        signature = inspect.signature(given)
    except (TypeError, ValueError):  # of a compiled function: nobody knows
        return
    try:
        signature.bind(0)
    except TypeError:
        title = getattr(given, "__name__", type(given).__name__)
        raise InputError(
            f"Argument `{name}` must be a function of one argument, the step. "
            f"Received: {title}{signature}. If it makes a schedule, call it, e.g. "
            "cosine(0.1, 0.0, 1000)."
        ) from None


def join(schedules: Sequence[SchedulePart], boundaries: Sequence[int]) -> Schedule:
    r"""One schedule after another, each counting its steps from 0.

    $$ lr(i) = s_k(i - b_k) \quad \text{for} \quad b_k \leq i < b_{k+1}, \quad b_0 = 0
    $$

    Args:
        schedules: sequence of Schedule, at least one; a function or a rate will do.
        boundaries: rising sequence of int >= 1, one fewer than schedules: the step at
            which each schedule but the first begins. A schedule that ends before the
            next holds its last value.

    Returns:
        Schedule that ends when the last one does.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = join([linear(0.1, 0.2, 10), constant(0.2), linear(0.2, 0.0, 10)],
    ...             [10, 90])
    >>> [round(rate(i), 6) for i in (0, 5, 10, 90, 95, 100)]
    [0.1, 0.15, 0.2, 0.2, 0.1, 0.0]
    """
    if isinstance(schedules, str) or not isinstance(schedules, Sequence):
        raise InputError(
            "Argument `schedules` must be a list of schedules. Received: "
            f"schedules={schedules!r:.50}."
        )
    parts = [as_schedule(each, "schedules") for each in schedules]
    ends = check_boundaries("boundaries", boundaries)
    if not parts or len(ends) != len(parts) - 1:
        raise InputError(
            "Argument `boundaries` must have one step fewer than there are schedules, "
            f"which must be at least one. Received: {len(ends)} for {len(parts)}."
        )
    starts = [0, *ends.tolist()]
    last = parts[-1].steps

    def rates(at: np.ndarray) -> np.ndarray:
        places = np.searchsorted(ends, at, side="right")
        found = np.empty(at.shape)
        for k, (part, start) in enumerate(zip(parts, starts, strict=True)):
            mine = places == k
            found[mine] = part(at[mine] - start)
        return found

    steps = None if last is None else starts[-1] + last
    return Schedule(call_text(join, parts, starts[1:]), steps, rates)


def scale(schedule: SchedulePart, factor: float) -> Schedule:
    r"""A schedule whose rates are all multiplied by a number.

    $$ lr(i) = factor \cdot s(i) $$

    Args:
        schedule: Schedule; a function or a rate will do.
        factor: float > 0.

    Returns:
        Schedule of the same length.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> scale(linear(0.1, 0.0, 10), 0.5)(0)
    0.05
    """
    inner = as_schedule(schedule)
    check_rate("factor", factor, what="number")
    return Schedule(
        call_text(scale, inner, factor), inner.steps, lambda at: inner(at) * factor
    )


def warmup(schedule: SchedulePart, steps: int, start_lr: float = 0.0) -> Schedule:
    r"""A linear rise in front of a schedule, up to the rate where it begins.

    $$ lr(i) = \begin{cases} start + (s(0) - start) \cdot i / steps & i < steps \\
    s(i - steps) & i \geq steps \end{cases} $$

    Args:
        schedule: Schedule to follow; a function will do, or a rate, which then stays.
        steps: int >= 1, of the rise alone.
        start_lr: float in [0, s(0)), the rate of step 0. At 0, the first step changes
            no weight.

    Returns:
        Schedule that is longer by `steps`.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = warmup(linear(0.1, 0.0, 90), 10)
    >>> [round(rate(i), 6) for i in (0, 5, 10, 55, 100)]
    [0.0, 0.05, 0.1, 0.05, 0.0]

    References:
        Goyal et al., Accurate, Large Minibatch SGD, 2017
        (https://arxiv.org/abs/1706.02677), section 2.2.
    """
    inner = as_schedule(schedule)
    check_count("steps", steps, least=1)
    check_rate("start_lr", start_lr, zero=True)
    if not start_lr < inner(0):
        raise InputError(
            "Argument `start_lr` must be less than the rate at which the schedule "
            f"begins, {inner(0):g}. Received: start_lr={start_lr!r}."
        )
    whole = join([linear(start_lr, inner(0), steps), inner], [steps])
    name = call_text(warmup, inner, steps, start_lr=start_lr)
    return Schedule(name, whole.steps, whole.function)


def wsd(
    peak_lr: float,
    steps: int,
    cooldown_share: float = 0.3,
    warmup_steps: int = 0,
    end_lr: float = 0.0,
) -> Schedule:
    r"""Warm-up, stable, decay: a constant rate, then a line down to 0.

    With $w$ steps of warm-up and $c = round(cooldown \cdot steps)$ of cooldown,

    $$ lr(i) = \begin{cases} peak \cdot i / w & i < w \\ peak & w \leq i < steps - c \\
    end + (peak - end) \cdot (steps - i) / c & i \geq steps - c \end{cases} $$

    Args:
        peak_lr: float > 0, the rate between warm-up and cooldown.
        steps: int >= 2, of the whole training.
        cooldown_share: float in (0, 1), the share of the steps in which the rate falls.
        warmup_steps: int >= 0, in which the rate rises from 0; 0 begins at the peak.
        end_lr: float in [0, peak_lr], the rate of step `steps` and of all after it.

    Returns:
        Schedule of this length.

    Raises:
        InputError: If an argument breaks its rule, or warm-up and cooldown together
            are longer than `steps`.

    Example:
    >>> rate = wsd(0.1, 100)
    >>> [round(rate(i), 6) for i in (0, 70, 85, 100)]
    [0.1, 0.1, 0.05, 0.0]

    References:
        Hu et al., MiniCPM, 2024 (https://arxiv.org/abs/2404.06395), section 4;
        Hägele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training
        Durations, NeurIPS 2024 (https://arxiv.org/abs/2405.18392).
    """
    check_rate("peak_lr", peak_lr)
    check_rate("end_lr", end_lr, zero=True)
    check_count("steps", steps, least=2)
    check_fraction("cooldown_share", cooldown_share, usual=0.3)
    check_count("warmup_steps", warmup_steps, least=0)
    cooldown = max(1, round(cooldown_share * steps))
    if warmup_steps + cooldown > steps or end_lr > peak_lr:
        raise InputError(
            "Arguments `warmup_steps` and `cooldown_share` must leave room for each "
            "other, and `end_lr` must be at most `peak_lr`. Received: "
            f"{warmup_steps} + {cooldown} of {steps} steps, end_lr={end_lr!r}."
        )
    rise = [linear(0.0, peak_lr, warmup_steps)] if warmup_steps else []
    flat = [constant(peak_lr)] if warmup_steps + cooldown < steps else []
    parts = [*rise, *flat, linear(peak_lr, end_lr, cooldown)]
    starts = [warmup_steps] * bool(rise) + [steps - cooldown] * bool(flat)
    name = call_text(
        wsd, peak_lr, steps, cooldown_share=cooldown_share,
        warmup_steps=warmup_steps, end_lr=end_lr,
    )  # fmt: skip
    return Schedule(name, steps, join(parts, starts).function)


def multi_stage(
    stages: Sequence[Schedule | tuple[SchedulePart, int | None]],
) -> Schedule:
    r"""Any stages one after another, each for a number of steps.

    $$ lr(i) = s_k(i - b_k), \quad b_k = n_0 + … + n_{k-1} \leq i < b_{k+1} $$

    Args:
        stages: sequence, at least one: each is `(schedule, steps)`, where a function or
            a rate will do for the schedule, or a Schedule with a length, which is then
            kept. The last one may go on for ever: `(0.001, None)`.

    Returns:
        Schedule that ends with the last stage, if that has a length. A last stage that
        is cut short holds the rate of its last step from there on.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = multi_stage([linear(0.0, 0.1, 10), (0.1, 50), (0.01, None)])
    >>> [round(rate(i), 6) for i in (5, 10, 59, 60, 1000)]
    [0.05, 0.1, 0.1, 0.01, 0.01]
    """
    if isinstance(stages, str) or not isinstance(stages, Sequence) or not stages:
        raise InputError(
            "Argument `stages` must be a list of at least one stage. Received: "
            f"stages={stages!r:.50}."
        )
    pairs = [_stage(each) for each in stages]
    for part, steps in pairs[:-1]:
        if steps is None:
            raise InputError(
                "Argument `stages` must give every stage but the last a number of "
                f"steps. Received: {part} without an end. Write ({part}, steps)."
            )
    starts = np.cumsum([steps or 0 for _, steps in pairs]).tolist()
    whole = join([part for part, _ in pairs], starts[:-1])
    last, steps = pairs[-1]
    end = None if steps is None else starts[-1]
    name = call_text(
        multi_stage, [part if part.steps == n else (part, n) for part, n in pairs]
    )
    if steps is None or reaches_end(last, steps):
        return Schedule(name, end, whole.function)
    final = starts[-1] - 1
    return Schedule(name, end, lambda at: whole.function(np.minimum(at, final)))


def _stage(given: Any) -> tuple[Schedule, int | None]:
    """A stage as a schedule and its number of steps."""
    if isinstance(given, Schedule):
        return given, given.steps
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InputError(
            "Argument `stages` must hold pairs (schedule, steps). Received: "
            f"{given!r:.50}. A constant rate is a stage too: (0.01, 500)."
        )
    part, steps = as_schedule(given[0], "stages"), given[1]
    if steps is not None:
        check_count("stages", steps, least=1)
    return part, steps
