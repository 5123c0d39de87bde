"""Points mended: against NumPy, and the same for one column as for several."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.data.series.ordered_points import (
    filled,
    in_order,
    known_times,
    mended,
    sorted_points,
)
from lr_finder.errors import InputError

NAN = np.nan


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-9, 9)), min_size=1))
def test_each_time_comes_once_with_the_mean_of_its_values(pairs):
    times, values = map(np.array, zip(*pairs, strict=True))
    expected = {t: values[times == t].mean() for t in np.unique(times)}
    series, notes = sorted_points(pd.Series(values, times), "t")
    assert series.index.tolist() == sorted(expected)
    np.testing.assert_allclose(series, list(expected.values()), atol=1e-12)
    n_repeated = len(pairs) - len(expected)
    assert any("repeated time" in note for note in notes) == bool(n_repeated)
    assert any("sorted by 't'" in note for note in notes) == any(np.diff(times) < 0)
    frame, _ = sorted_points(pd.DataFrame({"a": values, "b": -values}, times), "t")
    np.testing.assert_array_equal(frame["a"], series)
    np.testing.assert_array_equal(frame["b"], -series)


@given(st.lists(st.floats(-9, 9) | st.just(NAN), min_size=1))
def test_blanks_are_filled_as_by_numpy(values):
    values = np.array(values)
    places = np.arange(len(values))
    known = np.flatnonzero(~np.isnan(values))
    frame = pd.DataFrame({"v": values})
    if not len(known):
        with pytest.raises(InputError, match="no row in which all of 'v' are known"):
            mended(frame, None)
        return
    inner = places[known[0] : known[-1] + 1]
    points, notes = mended(frame, None)
    assert points.index.tolist() == inner.tolist()
    expected = np.interp(inner, known, values[known])
    np.testing.assert_allclose(points["v"], expected, atol=1e-9)
    n_cut, n_filled = len(values) - len(inner), len(inner) - len(known)
    told = [
        (n_cut, "cut off at the ends of the series"),
        (n_filled, "interpolated linearly"),
    ]
    assert notes == tuple(
        f"{n} blank point{'s' * (n > 1)} {what}" for n, what in told if n
    )
    if n_filled <= len(inner) / 2:
        array, same = filled(frame["v"])
        np.testing.assert_array_equal(array, points["v"])
        assert same == notes
    else:
        with pytest.raises(InputError, match="at half of its points or more"):
            filled(frame["v"])


def test_of_several_columns_the_ends_are_known_in_all():
    a, b = [NAN, 1.0, 2.0, NAN, 4.0], [0.0, NAN, 4.0, 6.0, 8.0]
    points, notes = mended(pd.DataFrame({"a": a, "b": b}), None)
    assert points["a"].tolist() == [2.0, 3.0, 4.0]
    assert points["b"].tolist() == [4.0, 6.0, 8.0]
    assert notes == (
        "2 blank points cut off at the ends of the series",
        "1 blank point interpolated linearly",
    )


def test_points_that_need_nothing_are_as_they_were():
    frame = pd.DataFrame({"v": [1.0, 2.0]}, index=[1, 2])
    points, notes = mended(frame, "t")
    assert points.equals(frame) and notes == ()


def test_as_many_times_may_be_lost_as_is_said():
    column = pd.Series([1.0, NAN, 3.0, 4.0], name="t")
    times, notes = known_times(column, None, most_lost=0.25)
    assert times.to_dict() == {0: 1.0, 2: 3.0, 3: 4.0}
    assert notes == ("1 row left out: 't' is blank or unreadable there",)
    with pytest.raises(InputError, match="1 of 4 blank or unreadable.*in row 2"):
        known_times(column, None, most_lost=0.24)


def test_values_follow_their_times():
    table = pd.DataFrame({"t": [3, 1, 2], "v": ["30", "10", "20"]})
    series, notes = in_order(table, "t", "v", None, "a.csv")
    assert series.to_dict() == {1: 10.0, 2: 20.0, 3: 30.0}
    assert notes == ("sorted by 't': rows were not in order of time",)
    series, _ = in_order(table, None, "v", None, "a.csv")
    assert series.tolist() == [30.0, 10.0, 20.0]
