"""Why a suggestion is what it is: what decided it, in one word and in one sentence."""

from __future__ import annotations

import enum
import math

from lr_finder._text import format_rate, place_of_rate
from lr_finder.analysis.sweep.rate_window import RateWindow, UsualRate

DIVERGES = "expect the training to diverge"
UNSTABLE = "expect an unstable training"
SLOW = "expect a slower training"
NO_DESCENT = "the loss fell by no more than its noise"


class DecidedBy(enum.StrEnum):
    """What decided a suggestion; another rule than the default is named itself."""

    CONFIRMED = "confirmed"
    MOVED_UP = "moved_up"
    MOVED_DOWN = "moved_down"
    MIDDLE = "middle_of_window"
    COULD_NOT_TELL = "could_not_tell"
    VERIFICATION = "verification"


def decided_by(window: RateWindow, usual: UsualRate | None) -> DecidedBy:
    """What the default rule does with an optimizer's usual rate.

    A rate that reads the same afterwards is not moved.

    Args:
        window: RateWindow, what the sweep leaves open.
        usual: UsualRate, or None if no rate is usual.

    Returns:
        DecidedBy, never `VERIFICATION`.

    Example:
    >>> usual = UsualRate(3e-3, "Adam", "a benchmark")
    >>> str(decided_by(RateWindow(1e-4, 1e-3, falls_at=4e-5, climbs_at=8e-3), usual))
    'moved_down'
    """
    if usual is None:
        return DecidedBy.MIDDLE
    placed = window.place(usual.rate)
    if format_rate(placed) != format_rate(usual.rate):
        is_lower = placed < usual.rate
        return DecidedBy.MOVED_DOWN if is_lower else DecidedBy.MOVED_UP
    return DecidedBy.CONFIRMED if window.has_descended else DecidedBy.COULD_NOT_TELL


def explain(window: RateWindow, usual: UsualRate | None, optimizer: str | None) -> str:
    """One sentence: why the default rule suggests the rate that it does.

    Args:
        window: RateWindow, what the sweep leaves open.
        usual: UsualRate, or None if no rate is usual.
        optimizer: str, its name, or None if it is not known.

    Returns:
        str.

    Example:
    >>> usual = UsualRate(3e-3, "Adam", "a benchmark")
    >>> print(explain(RateWindow(8e-4, 9e-3, 3.2e-4, 7.1e-2), usual, "Adam"))
    Adam's usual rate 3e-3 lies inside the window 8e-4 to 9e-3 that the sweep leaves \
open: confirmed.
    >>> print(explain(RateWindow(5e-5, 4e-4, 2e-5, 3.2e-3), usual, "Adam"))
    Adam's usual rate 3e-3 lies above the window 5e-5 to 4e-4 that the sweep leaves \
open: moved down to 4e-4, because the loss climbs from 3.2e-3 on.
    """
    rate = format_rate(window.place(usual.rate if usual else None))
    if not window.is_open:
        return _explain_without_room(window, usual, rate)
    ends = f"{format_rate(window.low)} to {format_rate(window.high)}"
    opened = f"the window {ends} that the sweep leaves open"
    kind = decided_by(window, usual)
    if usual is None:
        known = f"No usual rate is known for {optimizer or 'the optimizer'}"
        return f"{known}: the middle of {opened}, {rate}."
    if kind == DecidedBy.COULD_NOT_TELL:
        return (
            f"The sweep could not tell: {NO_DESCENT}, so {usual} is all that is known."
        )
    if kind == DecidedBy.CONFIRMED:
        place = place_of_rate(usual.rate, window.low, window.high)
        return f"{usual} lies {place} {opened}: confirmed."
    if kind == DecidedBy.MOVED_DOWN:
        moved = f"moved down to {rate}, because {window.high_set_by}"
        return f"{usual} lies above {opened}: {moved}."
    moved = f"moved up to {rate}, because {window.low_set_by}"
    doubt = "" if window.has_descended else f"; but {NO_DESCENT}, so this may be chance"
    return f"{usual} lies below {opened}: {moved}{doubt}."


def _explain_without_room(
    window: RateWindow, usual: UsualRate | None, rate: str
) -> str:
    """Of a sweep whose loss climbs soon after it begins to fall."""
    seen = f"{window.low_set_by[0].upper()}{window.low_set_by[1:]}"
    taken = f"{rate}, where the sweep ends"
    if window.climbs_at is not None:
        below = math.log10(window.climbs_at / window.high)
        taken = f"{rate}, {below:.1f} decades below the climb"
    moved = f"the rate is {taken}"
    if usual is not None and format_rate(usual.rate) != rate:
        way = "down" if window.place(usual.rate) < usual.rate else "up"
        moved = f"{usual} is moved {way} to {taken}"
    return (
        f"{seen} and {window.high_set_by.removeprefix('the loss ')}, which leaves no "
        f"room: {moved}."
    )


def headline(
    lr: float, kind: str, window: RateWindow | None, optimizer: str | None = None
) -> str:
    """What was found, short enough for a title.

    Args:
        lr: float > 0, the rate suggested.
        kind: str, what decided it: a `DecidedBy`, or the name of a rule.
        window: RateWindow, or None if there was no sweep.
        optimizer: str, its name, or None if it is not known.

    Returns:
        str.

    Example:
    >>> window = RateWindow(8e-4, 9e-3, 3.2e-4, 7.1e-2)
    >>> headline(3e-3, "confirmed", window, "Adam")
    'Adam: 3e-3, inside the window 8e-4 to 9e-3'
    >>> headline(4e-4, "drop", window)
    '4e-4, by the rule drop'
    """
    rate, name = format_rate(lr), f"{optimizer}: " if optimizer else ""
    if kind == DecidedBy.VERIFICATION:
        return f"{name}{rate}, by short trainings"
    if kind not in list(DecidedBy) or window is None:
        return f"{name}{rate}" + (f", by the rule {kind}" if kind else "")
    if kind == DecidedBy.COULD_NOT_TELL:
        return f"The sweep could not tell; the usual rate is {rate}"
    if not window.is_open:
        return f"{name}{rate}, {window.high_set_by}"
    ends = f"window {format_rate(window.low)} to {format_rate(window.high)}"
    if kind == DecidedBy.MIDDLE:
        return f"{name}{rate}, the middle of the {ends}"
    if kind == DecidedBy.CONFIRMED:
        return f"{name}{rate}, {place_of_rate(lr, window.low, window.high)} the {ends}"
    moved = "down" if kind == DecidedBy.MOVED_DOWN else "up"
    reason = window.high_set_by if moved == "down" else window.low_set_by
    return f"{name}moved {moved} to {rate}, as {reason}"


def compare_compiled(
    compiled: float, low: float, high: float, window: RateWindow | None = None
) -> str:
    """One sentence: how the rate that a model was compiled with compares.

    Args:
        compiled: float > 0, that rate.
        low: float > 0, lower end of the interval of a suggestion.
        high: float > 0, its upper end.
        window: RateWindow of the sweep, or None if it is not known.

    Returns:
        str.

    Example:
    >>> print(compare_compiled(1e-3, 9e-4, 9e-3))
    The model was compiled with 1e-3, inside the interval: it can stay.
    >>> print(compare_compiled(1e-3, 1.001e-3, 1e-2))
    The model was compiled with 1e-3, at the lower end of the interval: it can stay.
    >>> print(compare_compiled(0.1, 1e-3, 2e-3, RateWindow(1e-3, 2e-3, 4e-4, None)))
    The model was compiled with 0.1, which was not swept: the sweep ends at 2e-3.
    >>> print(compare_compiled(1e-5, 9e-4, 9e-3))
    The model was compiled with 1e-5, below the interval: expect a slower training.
    """
    told = f"The model was compiled with {format_rate(compiled)}"
    place = place_of_rate(compiled, low, high)
    if place not in ("below", "above"):
        return f"{told}, {place} the interval: it can stay."
    if place == "below":
        return f"{told}, below the interval: {SLOW}."
    if window is not None and window.climbs_at is not None:
        if compiled >= window.climbs_at:
            return f"{told}, and {window.high_set_by}: {DIVERGES}."
    elif window is not None and compiled > window.high:
        return f"{told}, which was not swept: {window.high_set_by}."
    return f"{told}, above the interval: {UNSTABLE}."
