import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.data.series.windows import as_series, make_windows
from lr_finder.errors import InputError

SIZES = st.integers(1, 5)


def windows_by_loop(series, window_size, horizon, stride):
    """Second implementation: one slice at a time."""
    x, y, start = [], [], 0
    while start + window_size + horizon <= len(series):
        end = start + window_size
        x.append(series[start:end])
        y.append(series[end : end + horizon])
        start += stride
    return np.array(x), np.array(y)


@settings(deadline=None)
@given(st.integers(10, 40), SIZES, SIZES, SIZES, st.sampled_from([(), (1,), (3,)]))
def test_equals_the_loop(points, window_size, horizon, stride, columns):
    size = points * int(np.prod(columns, dtype=int))
    series = np.arange(size, dtype=np.float32).reshape(points, *columns)
    x, y = make_windows(series, window_size, horizon=horizon, stride=stride)
    expected_x, expected_y = windows_by_loop(series, window_size, horizon, stride)
    assert x.dtype == y.dtype == np.float32
    assert np.array_equal(x, expected_x) and np.array_equal(y, expected_y)
    assert len(x) == 1 + (points - window_size - horizon) // stride


def test_shortest_series_gives_one_window():
    x, y = make_windows(np.arange(21), window_size=20)
    assert x.shape == (1, 20) and y.tolist() == [[20.0]]


def test_windows_own_their_memory():
    series = np.zeros(10, dtype=np.float32)
    x, _ = make_windows(series, 3)
    x[:] = 1
    assert not series.any() and x.flags.c_contiguous


@pytest.mark.parametrize(
    "series, message",
    [
        (np.arange(20), r"at least window_size \+ horizon = 21 points. Received: 20"),
        (np.zeros((3, 3, 3)), r"shape \(time,\) or \(time, columns\)"),
        (3.0, r"Received: shape \(\)"),
        ([1.0] * 30 + [np.nan], "1 values that are not, the first at point 30"),
        ([0.0, np.inf] * 15, "15 values that are not, the first at point 1"),
        ([1e300] * 30, "30 values that are not"),
        (["a"] * 30, "must hold numbers"),
    ],
)
def test_bad_series_is_refused(series, message):
    with pytest.raises(InputError, match=message):
        make_windows(series, window_size=20)


@pytest.mark.parametrize("argument", ["window_size", "horizon", "stride"])
@pytest.mark.parametrize("value", [0, -1, 1.0, True])
def test_bad_size_is_refused(argument, value):
    with pytest.raises(
        InputError, match=f"`{argument}` must be a whole number, at least 1"
    ):
        make_windows(np.arange(30), **{argument: value})


def test_what_is_finite_depends_on_the_type():
    assert as_series([1e300, 1.0], np.float64).tolist() == [1e300, 1.0]
    with pytest.raises(InputError, match=r"must be finite \(float32\).*1 values"):
        as_series([1e300, 1.0])
    with pytest.raises(InputError, match=r"must be finite \(float64\).*point 1"):
        as_series([[1.0, 2.0], [np.inf, 1.0]], np.float64)
