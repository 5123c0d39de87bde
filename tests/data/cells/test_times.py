"""The column of times, found and read, whatever it holds."""

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.cells.times import counts_time, find_times, read_times  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402


def test_times_sort_as_time_does_whatever_their_format():
    days = pd.date_range("2023-11-20", periods=90)
    for form in ("%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y"):
        times, _ = read_times(pd.Series(days.strftime(form)))
        assert times.is_monotonic_increasing and times.nunique() == 90
    times, _ = read_times(pd.Series(days.strftime("%Y%m%d").astype(int)))
    assert (times == pd.Series(days.tz_localize("UTC"))).all()


def test_numbers_stay_numbers():
    years, notes = read_times(pd.Series([*range(1970, 2000), np.inf]))
    assert years.isna().tolist() == [False] * 30 + [True] and notes == ()
    assert years[:30].tolist() == list(range(1970, 2000))


def test_what_was_decided_is_told():
    cells = pd.Series(["31/12/2024", None, "01/01/2025"], name="day")
    times, notes = read_times(cells)
    assert times.isna().tolist() == [False, True, False] and times.index.equals(
        cells.index
    )
    assert notes == (
        "dates of 'day' read day first: '31/12/2024' can be read no other way",
    )


def test_words_and_formats_that_do_not_fit_are_refused():
    words = pd.Series(["north", "south"], name="t")
    with pytest.raises(InputError, match="'t' must hold dates or numbers.*'north'"):
        read_times(words)
    with pytest.raises(InputError, match="--date-format"):
        read_times(words)
    for cells in (words, pd.Series(["2024-01-31"], name="t")):
        with pytest.raises(InputError, match="'%d/%m/%Y', and 't' holds cells such as"):
            read_times(cells, "%d/%m/%Y")


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("Year", range(1885, 1964), True),
        ("year", range(1964, 1885, -1), True),
        ("Month", range(1, 145), True),
        ("t", [0, 2, 5, 9], True),
        ("Time (s)", [0.0, 0.1, 0.3], True),
        ("Year", [1885, 1885, 1886], False),
        ("Year", [1885, 1887, 1886], False),
        ("Year", [1885, None, 1886], False),
        ("Year", ["one", "two", "three"], False),
        ("area", range(40), False),
        ("total", range(40), False),
    ],
)
def test_columns_that_count_time_have_its_name_and_its_order(name, values, found):
    assert counts_time(pd.Series(values, name=name)) is found


def test_dates_go_before_counts_of_time():
    table = pd.DataFrame(
        {"Year": [1, 2], "v": [3, 4], "at": ["2024-01-01", "2024-02-01"]}
    )
    assert find_times(table) == "at"
    assert find_times(table[["v", "Year"]]) == "Year"
    assert find_times(table[["v"]]) is None
