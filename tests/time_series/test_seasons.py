"""The season that the steps of a series tell, against calendars."""

import numpy as np
import pandas as pd
import pytest

from time_series.seasons import usual_season


@pytest.mark.parametrize(
    ("frequency", "season", "reason"),
    [
        ("MS", 12, "a year of months"),
        ("ME", 12, "a year of months"),
        ("QS", 4, "a year of quarters"),
        ("W", 52, "a year of weeks"),
        ("D", 7, "a week of days"),
        ("B", 5, "a week of working days"),
        ("h", 24, "a day of 24 points"),
        ("30min", 48, "a day of 48 points"),
        ("10min", 144, "a day of 144 points"),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_each_calendar_has_its_season(frequency, season, reason, zone):
    times = pd.date_range("2023-01-01", periods=60, freq=frequency, tz=zone)
    assert usual_season(times) == (season, reason)


def test_a_few_gaps_change_nothing():
    times = pd.date_range("2023-01-01", periods=400, freq="h")
    kept = np.delete(np.arange(400), [3, 50, 51, 52, 300])
    assert usual_season(times[kept])[0] == 24


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (pd.RangeIndex(50), "no dates"),
        (pd.Index([1.0, 2.0, 3.0]), "no dates"),
        (pd.DatetimeIndex(["2024-01-01"]), "no dates"),
        (pd.date_range("1950", periods=50, freq="YS"), "365 days apart"),
        (pd.date_range("2024", periods=50, freq="7h"), "0.292 days apart"),
        (pd.date_range("2024", periods=50, freq="36h"), "1.5 days apart"),
        (pd.DatetimeIndex(["2024-01-01"] * 5), "0 days apart"),
    ],
)
def test_where_none_is_usual_the_reason_is_given(times, reason):
    season, text = usual_season(times)
    assert season is None and reason in text
