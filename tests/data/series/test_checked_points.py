import numpy as np
import pandas as pd
import pytest

from lr_finder.data.series.checked_points import check_points, numbers_of
from lr_finder.errors import InputError


def points(times, values):
    return pd.DataFrame({"a": np.arange(float(len(times))), "b": values}, times)


def test_points_in_order_and_known_pass():
    check_points(points([1, 2, 5], [0.0, 1.0, 2.0]), "t", way_out="--repair")
    days = pd.DatetimeIndex(["2024-01-01", "2024-01-02"])
    check_points(points(days, [0.0, 1.0]), "day", way_out="--repair")


def test_without_times_their_order_is_that_of_rows():
    check_points(points([3, 1, 1], [0.0, 1.0, 2.0]), None, way_out="--repair")


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [
        ([1, 3, 2], [0.0, 1.0, 2.0], "'t' must rise.*falls after row 2"),
        ([1, 1, 1], [0.0, 1.0, 2.0], "'t' must hold each time once.*2 that repeat"),
        ([1, 2, 3], [0.0, np.nan, np.nan], "'b' must be known.*2 blank.*in row 2"),
    ],
)
def test_each_fault_is_named_with_its_row_and_the_way_out(times, values, message):
    with pytest.raises(InputError, match=message) as caught:
        check_points(points(times, values), "t", way_out="mend=True")
    assert "mend=True" in str(caught.value)


def test_cells_are_numbers_or_blank():
    cells = pd.Series(["1.5", None, "inf", "-2"], name="v")
    np.testing.assert_array_equal(numbers_of(cells), [1.5, np.nan, np.nan, -2.0])
    with pytest.raises(InputError, match=r"'v' must hold.*'x' in row 2.*\('w'\)"):
        numbers_of(pd.Series(["1", "x"], name="v"), ["w"])
    with pytest.raises(InputError, match=r"another column \(there is none\)"):
        numbers_of(pd.Series(["x"], name="v"))
