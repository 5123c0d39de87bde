"""Times that follow: the rhythm of the calendar, or the median step."""

import pandas as pd
import pytest

from lr_finder.data.saved_preprocessing import Preprocessing, Target, TextSteps
from lr_finder.data.series.next_points import last_window, next_times
from lr_finder.errors import InputError


@pytest.mark.parametrize(
    "rhythm", ["D", "h", "MS", "ME", "QS", "YS", "B", "W", "15min"]
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_rhythm_goes_on(rhythm, zone):
    times = pd.date_range("2023-01-01", periods=40, freq=rhythm, tz=zone)
    found = next_times(times[:30], 10)
    assert list(found) == list(times[30:])


def test_without_a_rhythm_the_median_step_goes_on():
    times = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09"])
    assert next_times(times, 2).strftime("%m-%d").tolist() == ["01-10", "01-11"]
    assert next_times(pd.Index([1.0, 2.0, 3.0, 9.0]), 2).tolist() == [10.0, 11.0]


def test_the_preprocessing_of_another_kind_is_refused():
    target = Target("y", "classification", ("a", "b"), 0.0, 1.0)
    texts = Preprocessing("text", target, TextSteps("said", 3, ("so",)))
    with pytest.raises(
        InputError, match="that of a series. Received: one of kind text"
    ):
        last_window(pd.DataFrame({"y": [1.0]}), texts, "a.csv")
