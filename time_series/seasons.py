"""How many points a season of a series has, read off the steps of its times."""

from __future__ import annotations

import pandas as pd

DAY = pd.Timedelta(days=1)
# Days between two points, least and most; points of a season; what it is.
CALENDAR = (
    (1.0, 1.0, 7, "a week of days"),
    (7.0, 7.0, 52, "a year of weeks"),
    (28.0, 31.0, 12, "a year of months"),
    (89.0, 92.0, 4, "a year of quarters"),
)
WORKING_DAYS = 5
ROUNDING = 0.01  # of a day: times that are cut off to seconds, say
UNKNOWN = "the points have no dates that tell one"


def usual_season(times: pd.Index) -> tuple[int | None, str]:
    """The season that series of such times usually have.

    Points within a day repeat after a day, days after a week, weeks, months and
    quarters after a year: by the median step.

    Args:
        times: Index of rising timestamps; any other tells nothing.

    Returns:
        `(season, reason)`: int >= 2, points of a season, or None; str, what it is, or
        why there is none.

    Example:
    >>> usual_season(pd.date_range("2024-01-01", periods=30, freq="MS"))
    (12, 'a year of months')
    >>> usual_season(pd.RangeIndex(30))
    (None, 'the points have no dates that tell one')
    """
    if not isinstance(times, pd.DatetimeIndex) or len(times) < 2:
        return None, UNKNOWN
    days = float(pd.Series(times).diff().median() / DAY)
    for least, most, points, name in CALENDAR:
        if least - ROUNDING <= days <= most + ROUNDING:
            if points == 7 and times.day_of_week.max() < WORKING_DAYS:
                return WORKING_DAYS, "a week of working days"
            return points, name
    points = round(1 / days) if days > 0 else 0
    if points >= 2 and abs(points * days - 1) < ROUNDING:
        return points, f"a day of {points} points"
    return None, f"points {days:.3g} days apart have no usual one"
