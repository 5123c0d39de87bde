import math

import pytest

pd = pytest.importorskip("pandas")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.cells.number_styles import (  # noqa: E402
    SIMPLE,
    is_styled_alike,
    split_styles,
    styled_share,
    to_numbers,
)

NUMBERS = st.floats(-1e9, 1e9).map(lambda number: round(number, 4))
UNITS = ("", "$", "€", "US$", "CHF", "%", "°C", "m2", "kg", "km/h", "sq ft", "µg/m³")
AFTER = ("%", "°C", "m2", "kg", "km/h", "sq ft", "µg/m³")


def written(number, mark=".", group="", unit="", minus="-", gap=""):
    """A number as people write it: the oracle is the number itself."""
    text = f"{abs(number):,.4f}".rstrip("0").rstrip(".")
    text = text.translate({ord(","): group, ord("."): mark})
    text = f"{text}{gap}{unit}" if unit in AFTER else f"{unit}{gap}{text}"
    if math.copysign(1, number) > 0:
        return text
    return {"(": f"({text})", "-": f"-{text}", "−": f"−{text}", "$-": text}[minus]


@settings(deadline=None)
@given(
    number=NUMBERS,
    mark=st.sampled_from([".", ","]),
    group=st.sampled_from(["", "'", "’", " ", "\u00a0", "\u202f", "other"]),
    unit=st.sampled_from(UNITS),
    minus=st.sampled_from(["(", "-", "−"]),
    gap=st.sampled_from(["", " ", "\u00a0"]),
)
def test_what_is_written_is_read(number, mark, group, unit, minus, gap):
    group = {"other": "," if mark == "." else "."}.get(group, group)
    cell = written(number, mark, group, unit, minus, gap)
    split = split_styles(pd.Series([cell]))
    assert float(split.texts[mark].iloc[0]) == number
    assert split.units.iloc[0] == (unit if len(unit) <= 3 else unit.removesuffix("s"))


@settings(deadline=None)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read(number):
    split = split_styles(pd.Series([repr(number)]))
    assert float(split.texts["."].iloc[0]) == number


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1,234", 1234, 1.234), ("2.248", 2.248, 2248), ("0.123", 0.123, None),
        ("0,123", None, 0.123), ("1.234.567", None, 1234567),
        ("1234.567", 1234.567, None),
        ("1,234.5", 1234.5, None), ("1.234,5", None, 1234.5), ("12,34", None, 12.34),
        ("1,2,3", None, None), ("12,34,567", None, None), ("1 23", None, None),
        ("12 345", 12345, 12345), ("1'000.5", 1000.5, None), (".5", 0.5, None),
        (",5", None, 0.5), ("5.", 5, None), ("-$5", -5, -5), ("$-5", -5, -5),
        ("($5)", -5, -5), ("(120)", -120, -120), ("120-", -120, -120), ("+5 %", 5, 5),
        ("(-5)", None, None), ("--5", None, None), ("(5", None, None),
        ("5)", None, None),
        ("1.5e3 kg", 1500, None), ("€ 5,00/kg", None, 5), ("5 months", 5, 5),
    ],
)  # fmt: skip
def test_each_decimal_mark_reads_a_cell_or_not(cell, point, comma):
    split = split_styles(pd.Series([cell]))
    if point is comma is None:
        assert split is None
        return
    for mark, expected in ((".", point), (",", comma)):
        text = split.texts[mark].iloc[0]
        assert math.isnan(text) if expected is None else float(text) == expected


@pytest.mark.parametrize(
    "cell",
    ["A12", "Q1", "1990Q1", "v1.2", "2024-01-31", "31.01.2024", "12:30", "01-Jan-22",
     "10.0.0.1", "1/2", "3-4", "007B", "SKU123", "5 to 6", "10+", "<5", "~5", "1_000",
     "$", "%", "", "-", "five", "9am", "10 PM", "5 Jan", "1 May", "5 apples and pears",
     "12 Main Street 5", "٣"],
)  # fmt: skip
def test_codes_dates_and_ranges_are_no_numbers(cell):
    assert split_styles(pd.Series([cell])) is None


def test_plurals_and_ordinals_are_one_unit():
    units = split_styles(pd.Series(["1 month", "2 months", "1st", "2nd", "3rd"])).units
    assert units.tolist() == ["month", "month", "th", "th", "th"]


def test_evidence_counts_cells_of_one_mark():
    split = split_styles(pd.Series(["1,5", "2,5", "1.5", "2.248", "7"]))
    assert split.evidence() == {".": 1, ",": 2}
    assert split.is_ambiguous().tolist() == [False, False, False, True, False]


def test_alike_is_a_matter_of_the_unit():
    assert is_styled_alike("$5", pd.Series(["$6", "$7"]))
    assert not is_styled_alike("1h", pd.Series(["6", "7"]))
    assert not is_styled_alike("price", pd.Series(["$6"]))
    assert not is_styled_alike("$5", pd.Series([], dtype="str"))
    assert styled_share(pd.Series(["$6", "$7", "8 %", "free"])) == 0.5
    assert styled_share(pd.Series([], dtype="str")) == 0


def test_to_numbers_are_integers_where_all_are():
    assert to_numbers(pd.Series(["1", "2"])).dtype == "int64"
    assert to_numbers(pd.Series([], dtype="str")).dtype == "float64"


@settings(deadline=None)
@given(cell=st.from_regex(SIMPLE, fullmatch=True))
def test_the_short_way_says_what_the_long_way_says(cell):
    """A blank at the front is no part of the number, and no cell of the short way."""
    short, long = (split_styles(pd.Series([c])) for c in (cell, " " + cell))
    assert short.texts.equals(long.texts) and short.units.equals(long.units)
