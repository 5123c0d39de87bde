"""What a schedule is: a function from a step to a learning rate, with name and length.

`Schedule` is a small frozen record around a plain function, for three reasons. Its
length tells whether a schedule is shorter than the training it is to span. Its text is
the call that makes it, which reads well in messages and legends and can be pasted back.
And its value after the end is one rule for all: the last one holds. Wherever a schedule
is taken, any function `step -> lr` or a plain number will do as well.
"""

from __future__ import annotations

import dataclasses
import inspect
import numbers
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from lr_finder._arguments import LARGEST, check_count, check_rate
from lr_finder._text import counted, format_rate
from lr_finder.errors import InputError


@dataclasses.dataclass(frozen=True, repr=False)
class Schedule:
    r"""A learning rate for each step, counted from 0.

    $$ lr(i) = f(\min(i, steps)) $$

    A step is whatever the schedule is applied to: a batch or an epoch.

    Args:
        name: str, the call that makes it.
        steps: int >= 1, the step from which the rate stays as it is, or None if it has
            no end of its own.
        function: function of an array (steps,) of float, giving the array of the rates.

    Raises:
        InputError: If it is called with something that is not a step.

    Example:
    >>> from lr_finder.schedules import linear
    >>> schedule = linear(0.4, 0.1, 3)
    >>> schedule, schedule.steps
    (linear(0.4, 0.1, 3), 3)
    >>> round(schedule(1), 6), schedule(3), schedule(1000)
    (0.3, 0.1, 0.1)
    >>> schedule([0, 3, 4])
    array([0.4, 0.1, 0.1])
    """

    name: str
    steps: int | None
    function: Callable[[np.ndarray], np.ndarray] = dataclasses.field(compare=False)

    @overload
    def __call__(self, step: int | float) -> float: ...

    @overload
    def __call__(self, step: list[int] | range | np.ndarray) -> np.ndarray: ...

    def __call__(self, step: Any) -> Any:
        """The rate of a step, or those of an array of steps.

        Args:
            step: int >= 0, or array of such, any shape.

        Returns:
            float, or array of float64 of the shape of `step`.

        Raises:
            InputError: If a step is negative or no number.
        """
        try:
            at = np.asarray(step)
        except ValueError:  # lists of lists of different lengths
            at = np.asarray("")
        if at.dtype.kind not in "iuf" or not (at >= 0).all():  # false for NaN as well
            raise InputError(
                "Argument `step` must be a number, at least 0, or an array of such. "
                f"Received: step={step!r:.50}. Steps are counted from 0."
            )
        # A number goes the way of an array, so that both give the same bits.
        whole = np.atleast_1d(at).astype(float)
        if self.steps is not None:
            whole = np.minimum(whole, self.steps)
        rates = self.function(whole).reshape(at.shape)
        return rates if at.ndim else float(rates)

    def __repr__(self) -> str:
        return self.name


def call_text(maker: Callable[..., Any], *values: Any, **named: Any) -> str:
    """The call that makes a schedule, as a person writes it: defaults left out.

    Args:
        maker: function.
        values: its first arguments.
        named: those that have a default.

    Returns:
        str, which Python reads back.

    Example:
    >>> def wavy(high_lr, period, *, low_lr=0.0, phase=0): ...
    >>> call_text(wavy, 0.1, 20, low_lr=1e-05, phase=0)
    'wavy(0.1, 20, low_lr=1e-5)'
    """
    parameters = inspect.signature(maker).parameters
    told = [
        f"{name}={_text(value)}"
        for name, value in named.items()
        if value != parameters[name].default
    ]
    return f"{maker.__name__}({', '.join([*map(_text, values), *told])})"


def _text(value: Any) -> str:
    """A number without zeros that say nothing; anything else as it is."""
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return repr(float(value)).removesuffix(".0").replace("e-0", "e-")
    if isinstance(value, numbers.Integral):
        return str(int(value))
    return repr(value)


def of_function(function: Callable[[int], Any]) -> Schedule:
    """A schedule of any function from a step to a rate; its values are checked.

    Args:
        function: function of an int >= 0, giving a rate.

    Returns:
        Schedule without an end.

    Example:
    >>> of_function(lambda step: 0.1 / (step + 1))(3)
    0.025
    """
    name = getattr(function, "__name__", None) or type(function).__name__

    def rates(at: np.ndarray) -> np.ndarray:
        return np.array([_checked(function, name, step) for step in at.tolist()])

    return Schedule(name, None, rates)


def _checked(function: Callable[[int], Any], name: str, step: float) -> float:
    given = function(int(step) if step == int(step) else step)  # type: ignore[arg-type]
    try:
        rate = np.nan if isinstance(given, str) else float(given)
    except (TypeError, ValueError):
        rate = np.nan
    if not 0 <= rate <= LARGEST:
        raise InputError(
            "A schedule must give a finite learning rate, at least 0, for each step. "
            f"Received: {given!r:.50} from {name} for step {step:g}."
        )
    return rate


def reaches_end(schedule: Schedule, steps: int) -> bool:
    """Whether so many steps reach the end of a schedule; one without an end has none.

    Args:
        schedule: Schedule.
        steps: int >= 1.

    Returns:
        bool.

    Example:
    >>> from lr_finder.schedules import constant, linear
    >>> reaches_end(linear(0.1, 0.0, 10), 10), reaches_end(constant(0.1), 10)
    (True, False)
    """
    return schedule.steps is not None and schedule.steps <= steps


def told_if_shorter(schedule: Schedule, total: int, unit: str = "step") -> str:
    """What follows if a schedule ends before the training does.

    Args:
        schedule: Schedule.
        total: int, steps of the training.
        unit: str, what one of them is called.

    Returns:
        str, a sentence or two; empty if the schedule is long enough.

    Example:
    >>> from lr_finder.schedules import linear
    >>> told_if_shorter(linear(0.1, 0.01, 90), 91)
    ''
    >>> print(told_if_shorter(linear(0.1, 0.01, 60), 100))
    The schedule linear(0.1, 0.01, 60) ends after 60 steps, the training after 100: \
from there on the rate stays at 1e-2. Give the schedule 100 steps.
    """
    length = schedule.steps
    if length is None or length >= total - 1:  # the last step is `total - 1`
        return ""
    return (
        f"The schedule {schedule} ends after {counted(length, unit)}, the training "
        f"after {total:,}: from there on the rate stays at "
        f"{format_rate(schedule(length), 3)}. Give the schedule {counted(total, unit)}."
    )


def check_ends(
    start_lr: float, end_lr: float, steps: int, steps_name: str = "steps"
) -> None:
    """Raise `InputError` unless a rate may go from one to the other in these steps."""
    check_rate("start_lr", start_lr)
    check_rate("end_lr", end_lr, zero=True)
    check_count(steps_name, steps, least=1)


def check_boundaries(name: str, values: Sequence[int]) -> np.ndarray:
    """Steps at which something changes, as an array, or an error that says why not.

    Args:
        name: str, the argument's name.
        values: sequence of int >= 1, rising.

    Returns:
        array (n,) of int.

    Raises:
        InputError: If one is no such number, or they do not rise.

    Example:
    >>> check_boundaries("boundaries", [30, 80])
    array([30, 80])
    """
    for value in values:
        check_count(name, value, least=1)
    boundaries = np.array(values, dtype=int)
    if not (np.diff(boundaries) > 0).all():
        raise InputError(
            f"Argument `{name}` must rise, each step later than the one before. "
            f"Received: {name}={list(values)}. Sort them, each once."
        )
    return boundaries
