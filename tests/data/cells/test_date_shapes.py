"""Formats of single cells: what is written by a format is read back by it."""

import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.cells.date_shapes import formats_of, order_of, read_by, swapped  # noqa: E402

MOMENT = pd.Timestamp("2024-03-15 13:07:09")
DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%d.%m.%Y", "%d.%m.%y",
    "%d-%b-%y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y-%b-%d", "%d%b%Y",
    "%a %d %b %Y", "%A, %d %B %Y",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
MONTHS = ("%b %Y", "%B %Y", "%b-%y", "%Y-%m", "%Y/%m", "%m/%Y", "%YM%m", "%Y %b")


def precise(form):
    """The moment as far as a format tells it."""
    step = "s" if "%S" in form else "min" if "%M" in form else "D"
    return MOMENT.floor(step)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("day", DAYS)
def test_a_cell_is_read_by_one_of_its_formats(day, clock):
    form = day + clock
    cell = MOMENT.floor("s").strftime(form)
    readings = {read_by(pd.Series([cell]), each)[0] for each in formats_of(cell)}
    assert precise(form).tz_localize("UTC") in readings


@pytest.mark.parametrize("form", MONTHS)
def test_a_month_is_its_first_day(form):
    cell = MOMENT.strftime(form)
    readings = {read_by(pd.Series([cell]), each)[0] for each in formats_of(cell)}
    assert readings - {pd.NaT} == {pd.Timestamp("2024-03-01", tz="UTC")}


@pytest.mark.parametrize("cell", ["1990Q3", "1990-Q3", "1990 q3", "Q3 1990", "Q3-1990"])
def test_a_quarter_is_its_first_day(cell):
    (form,) = formats_of(cell)
    assert read_by(pd.Series([cell]), form)[0] == pd.Period(
        "1990Q3"
    ).start_time.tz_localize("UTC")


@pytest.mark.parametrize(
    "cell",
    ["", "north", "may", "12", "1.5", "12.2024", "2024.05", "1949", "5 apples",
     "Q5 1990", "Model 2024", "3-13", "A-01", "1/2", "1/2/3/2024", "10 of 12", "Sept.",
     "25:70:99"],
)  # fmt: skip
def test_other_cells_are_no_dates(cell):
    cells = pd.Series([cell])
    assert all(read_by(cells, form).isna().all() for form in formats_of(cell))


def test_zones_are_heeded():
    for cell in ("2024-03-15T13:00:00+02:00", "15/03/2024 13:00 +0200"):
        readings = {read_by(pd.Series([cell]), form)[0] for form in formats_of(cell)}
        assert pd.Timestamp("2024-03-15 11:00", tz="UTC") in readings


def test_numbers_are_read_by_their_digits():
    cells = pd.Series([20240131, None, 20240231.5, 20241301])
    read = read_by(cells, "%Y%m%d")
    assert read.isna().tolist() == [False, True, True, True]
    assert read[0] == pd.Timestamp("2024-01-31", tz="UTC")


def test_orders_are_swapped():
    assert swapped("%m-%d-%y %H:%M") == "%d-%m-%y %H:%M"
    assert order_of("%m-%d-%y %H:%M") == "month first"
    assert [order_of(form) for form in ("%Y/%m/%d", "%d.%m.%Y", "mixed")] == [None] * 3
