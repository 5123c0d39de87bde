"""Series from files: right values, and one clear error for each kind of bad file."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from time_series.tables import read_series, read_timed_series

GOOD = "day,sold,town,price\n2024-01-01,3,a,1.5\n2024-01-02,5,b,1.6\n2024-01-03,4,a,2\n"

ODD = "day,sold,same,blank,gaps\n1/1/24,3,5,,1\n1/2/24,5,5,,\n1/3/24,4,5,,2\n"


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "series.csv"
        path.write_text(text)
        return path

    return write


def test_columns_are_read_in_order_of_time(file):
    path = file(GOOD)
    np.testing.assert_array_equal(read_series(path), [3, 5, 4])
    np.testing.assert_array_equal(read_series(path, "price"), [1.5, 1.6, 2.0])
    both = read_series(path, "price", inputs=["sold"])
    np.testing.assert_array_equal(both, [[1.5, 3], [1.6, 5], [2, 4]])
    np.testing.assert_array_equal(read_series(path, "price", limit=2), [1.6, 2.0])


def test_times_come_with_the_series(file):
    series, times = read_timed_series(file(GOOD), "price", limit=2)
    assert series.tolist() == [1.6, 2.0]
    assert [str(day.date()) for day in times] == ["2024-01-02", "2024-01-03"]
    series, times = read_timed_series(file("v\n3\n1\n2\n"))
    assert times.tolist() == [0, 1, 2]
    late = "day,v\n2024-01-04,9\n2024-01-01,\n2024-01-02,1\n2024-01-03,\n"
    series, times = read_timed_series(file(late), is_repaired=True)
    assert series.tolist() == [1, 5, 9] and [day.day for day in times] == [2, 3, 4]


def test_the_first_column_of_numbers_that_vary_is_forecast(file):
    assert read_series(file("t,same,v\na,1,3\nb,1,4\n")).tolist() == [3, 4]
    assert read_series(file("t,same\na,1\nb,1\n")).tolist() == [1, 1]


def test_without_times_rows_are_in_order(file):
    np.testing.assert_array_equal(read_series(file("v\n3\n1\n2\n")), [3, 1, 2])


def test_a_column_of_numbers_can_be_the_times(file):
    path = file("t,v\n2,20\n1,10\n3,30\n")
    with pytest.raises(InputError, match="'t' must rise.*after row 1"):
        read_series(path, time_column="t")
    repaired = read_series(path, time_column="t", is_repaired=True)
    np.testing.assert_array_equal(repaired, [10, 20, 30])


def test_repair_sorts_averages_and_interpolates(file):
    path = file(
        "day,v\n2024-01-04,9\n2024-01-01,\n2024-01-02,1\n2024-01-02,3\n2024-01-03,\n"
    )
    np.testing.assert_allclose(read_series(path, is_repaired=True), [2.0, 5.5, 9.0])


@pytest.mark.parametrize(
    "text, options, message",
    [
        ("", {}, "must be a CSV table"),
        ("day,v\n", {}, "must hold rows"),
        (GOOD, {"target": "sales"}, "'sales' must be one of 'sold', 'price'."),
        (GOOD, {"inputs": ["x"]}, "'x' must be one of 'sold', 'price'\\."),
        (
            GOOD,
            {"time_column": "x"},
            "'x' must be one of 'day', 'sold'",
        ),
        (GOOD, {"target": "day"}, "'sold', 'price'\\. Received: the column of times"),
        (GOOD, {"target": "sold", "time_column": "sold"}, "one of 'price'\\."),
        (GOOD, {"target": "town"}, "'town' must hold numbers.*'a' in row 1"),
        (GOOD, {"target": "town"}, "another column \\('sold', 'price'\\)"),
        (
            "a,b\n1,x\n1,y\n",
            {"target": "c"},
            "one of a column of numbers: there is none",
        ),
        (ODD, {"target": "sales"}, "one of 'sold'\\."),
        (ODD, {"target": "x", "is_repaired": True}, "one of 'sold', 'gaps'\\."),
        (ODD, {"time_column": "at"}, "one of 'day', 'sold', 'same'\\."),
        (GOOD, {"time_column": "town"}, "'town' must be known in every row.*3 blank"),
        (GOOD, {"limit": 0}, "limit=0"),
        ("town\na\nb\n", {}, "must have a column of numbers.*'town'"),
        ("day,v\n2024-01-02,1\n2024-01-01,2\n", {}, "must rise.*falls after row 1"),
        ("day,v\n2024-01-01,1\n2024-01-01,2\n", {}, "each time once.*1 that repeat"),
        ("v\n1\n\n", {"target": "w"}, "'w'"),
        ("v,w\n1,1\n,2\n", {"target": "v"}, "'v' must be known.*1 blank.*in row 2"),
        ("v,w\ninf,1\n1,2\n", {"target": "v"}, "not finite, the first in row 1"),
    ],
)
def test_bad_files_are_refused(file, text, options, message):
    with pytest.raises(InputError, match=message):
        read_series(file(text), **options)


def test_nothing_but_blanks_cannot_be_repaired(file):
    with pytest.raises(InputError, match="no row in which all of 'v'"):
        read_series(file("v,w\n,1\n,2\n"), "v", is_repaired=True)


def test_no_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_series(tmp_path / "none.csv")
    with pytest.raises(InputError, match="a folder"):
        read_series(tmp_path)


def test_real_files(data_dir):
    folder = data_dir / "series"
    assert read_series(folder / "airline-passengers.csv")[:2].tolist() == [112, 118]
    with pytest.raises(InputError, match="must rise"):
        read_series(folder / "AEP_hourly.csv")
    hourly = read_series(folder / "AEP_hourly.csv", is_repaired=True)
    assert len(hourly) > 120_000 and np.isfinite(hourly).all()
