"""Columns of dates: what was written is read back, or it is said that none can tell."""

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.cells.dates import (  # noqa: E402
    could_be_dates,
    count_read,
    date_reading,
    partial_dates,
)
from lr_finder.errors import InputError  # noqa: E402

STARTS = st.datetimes(pd.Timestamp("1970-01-01"), pd.Timestamp("2008-01-01"))
FREQUENCIES = ("h", "6h", "D", "B", "W", "MS", "ME", "QS", "QE", "YS", "YE")
IN_ORDER = ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%y", "%d/%m/%y"]


def index(start, n, frequency):
    return pd.date_range(start, periods=n, freq=frequency).floor("h").tz_localize("UTC")


def written(times, form):
    return pd.Series(times.strftime(form), name="day")


def agrees(cells, times):
    """Whether cells are read as the times that they were written from."""
    read = date_reading(cells).read(cells)
    return (read == pd.Series(times, index=cells.index)).all()


def clock_of(frequency):
    return " %H:%M" if frequency.endswith("h") else ""


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d-%b-%y", "%d %B %Y", "%B %d, %Y",
     "%a %b %d %Y", *IN_ORDER],
)  # fmt: skip
def test_regular_dates_come_back_from_every_format(frequency, form):
    times = index("2019-12-29 03:00", 40 if frequency != "h" else 400, frequency)
    form += clock_of(frequency) or ""
    if not clock_of(frequency):
        times = times.normalize()
    assert agrees(written(times, form), times)


@pytest.mark.parametrize("form", ["%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p"])
def test_halves_of_the_day_come_back(form):
    times = index("2023-03-15", 300, "h")
    assert agrees(written(times, form), times)


def test_quarters_and_counted_years_come_back():
    times = pd.date_range("1940-01-01", periods=300, freq="QS", tz="UTC")
    cells = pd.Series([f"{t.year}Q{t.quarter}" for t in times])
    assert agrees(cells, times)
    counted = pd.Series([f"{i // 12 + 1}-{i % 12 + 1:02}" for i in range(36)])
    months = date_reading(counted).read(counted)
    assert (12 * months.dt.year + months.dt.month).diff().dropna().eq(1).all()
    ranges = pd.Series(["1-02", "3-12", "5-10", "10-12"] * 10)
    assert date_reading(ranges) is None


@settings(deadline=None, max_examples=150)
@given(
    STARTS, st.sampled_from(FREQUENCIES), st.integers(2, 60), st.sampled_from(IN_ORDER)
)
def test_a_regular_column_is_read_right_or_refused(start, frequency, n, form):
    """Never read wrong: if both orders fit equally well, it is said."""
    times = index(start, n, frequency)
    form += clock_of(frequency)
    if not clock_of(frequency):
        times = times.normalize()
    cells = written(times, form)
    try:
        reading = date_reading(cells)
    except InputError as error:
        assert "--date-format" in str(error) and times.day.max() <= 12
        return
    assert (reading.read(cells) == pd.Series(times)).all()


@settings(deadline=None, max_examples=100)
@given(STARTS, st.integers(0, 2**32 - 1), st.sampled_from(IN_ORDER))
def test_rows_in_order_are_never_reordered(start, seed, form):
    """Irregular days, none above 12: rows in order under one reading only keep it."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(start, periods=3000).normalize()
    days = days[days.day <= 12]
    times = days[np.sort(rng.choice(len(days), 60, replace=False))].tz_localize("UTC")
    cells = written(times, form)
    assert date_reading(cells).read(cells).is_monotonic_increasing


@pytest.mark.parametrize("shuffled", [False, True])
def test_months_written_day_first_are_months(shuffled):
    months = pd.date_range("2000-01-01", periods=240, freq="MS", tz="UTC")
    cells = written(months, "%d/%m/%Y")
    if shuffled:
        cells = cells.sample(frac=1, random_state=0)
    reading = date_reading(cells)
    assert reading.order == "day first"
    assert "239 of 239 steps are equal, else 220" in reading.note("day")[0]
    assert reading.read(cells).sort_values().tolist() == months.tolist()


@pytest.mark.parametrize(
    "cells",
    [
        [f"{day:02}/01/2024" for day in range(1, 13)],  # days of January, or months
        ["03/05/2000", "03/05/2001", "03/05/2002"],  # each year, in March or in May
        ["01/02/2024", "05/03/2024", "02/01/2024", "06/05/2024", "01/04/2024"],
    ],
)
def test_dates_that_fit_both_ways_are_refused_with_the_way_out(cells):
    column = pd.Series(cells, name="sold")
    with pytest.raises(InputError, match="'sold' must tell day from month") as caught:
        date_reading(column)
    for form in ("%d/%m/%Y", "%m/%d/%Y"):
        assert f'--date-format "{form}"' in str(caught.value)
        read = date_reading(column, form).read(column)
        assert (read == pd.to_datetime(column, format=form, utc=True)).all()


def test_dates_equal_both_ways_are_no_question():
    assert date_reading(pd.Series(["01/01/2024", "02/02/2024"])).reason == ""


def test_one_day_above_twelve_decides_for_all():
    ambiguous = ["01/02/2024"] * 50 + ["02/01/2024"] * 50
    for last, order in (("31/01/2024", "day first"), ("01/31/2024", "month first")):
        reading = date_reading(pd.Series([*ambiguous, last]))
        assert reading.order == order
        assert reading.note("day") == (
            f"dates of 'day' read {order}: {last!r} can be read no other way",
        )


def test_the_whole_column_decides_for_some_of_its_rows():
    some = pd.Series(["01/02/2024", "03/04/2024"])
    for last, order in (("31/01/2024", "day first"), ("01/31/2024", "month first")):
        whole = pd.Series([*some, last, "some day"])
        assert date_reading(some, whole=whole).order == order


def test_a_format_asked_for_is_taken_where_it_reads():
    cells = pd.Series(["01/02/2024", "03/04/2024"])
    assert date_reading(cells, "%m/%d/%Y").form == "%m/%d/%Y"
    assert date_reading(pd.Series(["2024-05-01"]), "%m/%d/%Y").form == "ISO8601"
    assert date_reading(pd.Series(["20240501x"]), "%Y%m%dx").form == "%Y%m%dx"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["31.12.2024", "01.01.2025"], True),
        ([20240131, 20240201], True),
        ([20240131, 20241301], False),
        ([1990, 1991], False),
        ([12.2024, 11.2024], False),
        (["12", "north"], False),
        (["2024-01-01"] * 5 + ["a", "b"], False),
    ],
)
def test_dates_are_told_from_other_cells(cells, found):
    assert could_be_dates(pd.Series(cells)) is found


FORMS = ("%d.%m.%Y", "%Y-%m-%d", "%b %d, %Y")


@pytest.mark.parametrize("n_forms", [1, 2, 3])
@pytest.mark.parametrize("n_words", [0, 30, 90, 600])
def test_dates_in_several_forms_are_counted(n_forms, n_words):
    """Each form writes thirty days of its own; words are no dates."""
    days = pd.date_range("2024-01-13", periods=90)
    cells = [days[i].strftime(FORMS[i % n_forms]) for i in range(30 * n_forms)]
    cells += [f"word {chr(97 + i % 26)}{i}" for i in range(n_words)]
    cells = pd.Series(cells, name="when").sample(frac=1, random_state=0)
    count, forms = partial_dates(cells)
    is_whole = n_words == 0 and n_forms in (1, 3)  # letters: each cell by itself
    is_told = not is_whole and 30 * n_forms >= 0.2 * len(cells)
    assert (count, forms) == ((30 * n_forms, n_forms) if is_told else (0, 0))
    assert count_read(cells, FORMS[0]) == 30
    assert count_read(cells, "%Q") == 0


@pytest.mark.parametrize(
    "cells", [["5-10", "10-15"], ["a", "b"], ["1.5 kg", "2 kg"], [20240131, 20240201]]
)
def test_other_cells_are_no_partial_dates(cells):
    assert partial_dates(pd.Series(cells * 5)) == (0, 0)
