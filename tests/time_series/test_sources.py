"""Series: right values and seasons, one clear error for each kind of bad file."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from time_series.generator import time_series_components
from time_series.sources import built_in, from_file, read_series, read_timed_series

GOOD = "day,sold,town,price\n2024-01-01,3,a,1.5\n2024-01-02,5,b,1.6\n2024-01-03,4,a,2\n"

ODD = "day,sold,same,blank,gaps\n1/1/24,3,5,,1\n1/2/24,5,5,,\n1/3/24,4,5,,2\n"


@pytest.fixture
def months(tmp_path):
    days = pd.date_range("2010-01-01", periods=120, freq="MS")
    table = pd.DataFrame({"month": days.strftime("%Y-%m"), "sold": np.arange(120) % 12})
    table.to_csv(tmp_path / "sold.csv", index=False)
    return tmp_path / "sold.csv"


def test_the_built_in_series_is_the_generators():
    parts, source = time_series_components(), built_in()
    np.testing.assert_array_equal(source.series, parts.series)
    assert source.noise_variance == parts.noise_variance
    data, season, reason = source.prepare(20, 1, is_scaled=False)
    assert (season, reason, data.sd) == (365, "a year of days", 1.0)
    np.testing.assert_array_equal(built_in(500).series, parts.series[-500:])


def test_months_of_a_file_have_a_season_of_twelve(months):
    source = from_file(months)
    data, season, reason = source.prepare(6, 1, is_scaled=True)
    assert (source.name, season, reason) == ("sold.csv", 12, "a year of months")
    assert data.noise_variance is None
    assert source.prepare(6, 1, is_scaled=True, season=4)[1:] == (4, "as asked for")


def test_a_season_that_does_not_fit_is_left_out_with_the_reason():
    _, season, reason = built_in(limit=300).prepare(20, 1, is_scaled=False)
    assert (season, reason) == (None, "the series is shorter than a year of days")


def test_no_dates_are_a_reason_too(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("v\n" + "\n".join(map(str, np.arange(200) % 7)))
    _, season, reason = from_file(path).prepare(20, 1, is_scaled=True)
    assert season is None and "no dates" in reason


def test_a_season_that_was_asked_for_must_fit(months):
    with pytest.raises(InputError, match="season=1000"):
        from_file(months).prepare(6, 1, is_scaled=True, season=1000)
    with pytest.raises(InputError, match="limit=0"):
        built_in(0)


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
    series, times, _ = read_timed_series(file(GOOD), "price", limit=2)
    assert series.tolist() == [1.6, 2.0]
    assert [str(day.date()) for day in times] == ["2024-01-02", "2024-01-03"]
    series, times, _ = read_timed_series(file("v\n3\n1\n2\n"))
    assert times.tolist() == [0, 1, 2]
    late = "day,v\n2024-01-04,9\n2024-01-01,\n2024-01-02,1\n2024-01-03,\n"
    series, times, _ = read_timed_series(file(late), is_repaired=True)
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


def test_what_was_repaired_is_told(file):
    path = file("day,v\n2024-01-02,1\n2024-01-01,\n2024-01-02,3\n2024-01-03,5\n")
    series, _, notes = read_timed_series(path, is_repaired=True)
    assert series.tolist() == [2.0, 5.0]
    assert notes[-3:] == (
        "sorted by 'day': rows were not in order of time",
        "1 repeated time: values averaged",
        "1 blank point cut off at the ends of the series",
    )


def test_times_that_are_unknown_are_refused_repaired_or_not(file):
    path = file("day,v\n2024-01-01,1\n,2\n2024-01-03,3\n")
    for is_repaired in (False, True):
        with pytest.raises(InputError, match="1 of 3 blank or unreadable.*in row 2"):
            read_series(path, "v", time_column="day", is_repaired=is_repaired)


@pytest.mark.parametrize(
    "text, options, message",
    [
        ("", {}, "must hold a table. Received: an empty file"),
        ("day,v\n", {}, "must hold rows.*only a header"),
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
        (GOOD, {"time_column": "town"}, "'town' must hold dates or numbers.*'a'"),
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


def times_of(file, cells, **options):
    text = "t,v\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells))
    return read_timed_series(file(text), **options)


def test_dates_are_read_by_the_reader_of_the_package(file):
    """Months day first, quarters, halves of the day; nothing is repaired."""
    months = pd.date_range("2000-01-01", periods=60, freq="MS")
    for is_repaired in (False, True):
        series, times, notes = times_of(
            file, months.strftime("%d/%m/%Y"), is_repaired=is_repaired
        )
        assert series.tolist() == list(range(60))
        assert times.tz_localize(None).tolist() == months.tolist()
        assert "read day first" in notes[0] and len(notes) == 1
    hours = pd.date_range("2023-03-15", periods=50, freq="h")
    _, times, _ = times_of(file, hours.strftime("%m/%d/%Y %I:%M:%S %p"))
    assert times.tz_localize(None).tolist() == hours.tolist()
    _, times, _ = times_of(file, [f"1990Q{q}" for q in (1, 2, 3, 4)])
    assert times.month.tolist() == [1, 4, 7, 10]


def test_repair_leaves_rows_that_are_in_order_day_first(file):
    days = pd.date_range("2024-01-01", periods=400)
    days = days[days.day <= 12][::3]
    series, times, _ = times_of(file, days.strftime("%d/%m/%Y"), is_repaired=True)
    assert series.tolist() == list(range(len(days)))
    assert times.tz_localize(None).tolist() == days.tolist()


def test_dates_that_fit_both_ways_need_a_format(file):
    cells = [f"{day:02}/01/2024" for day in range(1, 13)]
    with pytest.raises(InputError, match='--date-format "%d/%m/%Y"'):
        times_of(file, cells)
    for form, months in (("%d/%m/%Y", [1] * 12), ("%m/%d/%Y", list(range(1, 13)))):
        assert times_of(file, cells, date_format=form)[1].month.tolist() == months


def test_years_are_times_and_row_numbers_no_series(file):
    path = file("Year,Water\n" + "".join(f"{1885 + i},{i % 7}\n" for i in range(20)))
    series, times, _ = read_timed_series(path)
    assert series.tolist() == [i % 7 for i in range(20)] and times[0] == 1885
    path = file("No,v\n" + "".join(f"{i},{i % 7}\n" for i in range(20)))
    assert read_series(path).tolist() == [i % 7 for i in range(20)]


def test_gaps_are_told(file):
    days = pd.date_range("2024-01-01", periods=40).delete([5, 6, 20])
    notes = times_of(file, days.strftime("%Y-%m-%d"))[2]
    assert notes == ("2 gaps longer than the usual step (1 day): taken as one step",)


def test_bad_files_are_refused_before_keras_loads(tmp_path):
    (tmp_path / "a.csv").write_text("day,v\n01/01/24,1\n02/01/24,2\n")
    code = (
        "import sys\n"
        "from time_series.command import main\n"
        "try:\n    main(['--csv', sys.argv[1]])\n"
        "except SystemExit as end:\n    print(end.code)\n"
        "print(*({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.csv")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "--date-format" in run.stderr
    assert run.stdout.split() == ["2"]


def test_a_file_is_read_as_a_person_says(tmp_path):
    """Points and commas that could be either: told, they are thousands."""
    path = tmp_path / "sales.csv"
    path.write_bytes("Größe|t\n1.500|1\n2.250|2\n1.750|3\n".encode("cp850"))
    told = {"encoding": "cp850", "sep": "|", "decimal": ","}
    assert read_series(path, "Größe", **told).tolist() == [1500, 2250, 1750]
    told["decimal"] = "."
    assert read_series(path, "Größe", **told).tolist() == [1.5, 2.25, 1.75]
