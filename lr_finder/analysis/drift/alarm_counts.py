"""What alarms are worth: how late they come, and how many are false."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence


@dataclasses.dataclass(frozen=True)
class DriftSpan:
    """A drift of known time.

    Args:
        start: int >= 0, the first point that is not as before.
        end: int > start, the point from which nothing changes any more; of a sudden
            drift the one after `start`.
    """

    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class AlarmCounts:
    """Alarms beside the drifts that there were.

    Args:
        delays: tuple of int, or None for a drift without an alarm: points from the
            start of each drift to its first alarm.
        false: int, alarms that no drift explains.
    """

    delays: tuple[int | None, ...]
    false: int


def count_alarms(
    alarms: Iterable[int], drifts: Sequence[DriftSpan], trained: Iterable[int] = ()
) -> AlarmCounts:
    """Compare alarms with drifts of known time.

    An alarm is right if there has been a drift since the model was last trained, so
    that the model is out of date; all others are false. A drift's delay counts to the
    first alarm before the next drift.

    Args:
        alarms: iterable of int, points at which there was an alarm.
        drifts: sequence of DriftSpan, in order of time.
        trained: iterable of int, points at which the model was trained anew.

    Returns:
        AlarmCounts.

    Example:
    >>> count_alarms([40, 130, 400], [DriftSpan(100, 101)], trained=[150])
    AlarmCounts(delays=(30,), false=2)
    """
    alarms, events = sorted(alarms), sorted(trained)
    false = 0
    for alarm in alarms:
        since = max((point for point in events if point <= alarm), default=0)
        false += not any(d.start <= alarm and d.end > since for d in drifts)
    delays: list[int | None] = []
    for place, drift in enumerate(drifts):
        last = drifts[place + 1].start if place + 1 < len(drifts) else None
        first = next(
            (a for a in alarms if a >= drift.start and (last is None or a < last)), None
        )
        delays.append(None if first is None else first - drift.start)
    return AlarmCounts(tuple(delays), false)
