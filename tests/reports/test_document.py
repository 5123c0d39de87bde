"""What a report says, as data."""

import pytest

from lr_finder.reports.document import (
    Number,
    Paragraph,
    Picture,
    Summary,
    number,
    pieces,
    plain,
    rate,
    section,
)


@pytest.mark.parametrize("value", [3.0967709969353507e-3, 1e-7, 0.1, 12])
def test_a_number_keeps_its_value_beside_its_digits(value):
    assert rate(value).value == value and number(value).value == value
    assert float(rate(value).text) == pytest.approx(value, rel=0.06)


def test_a_missing_number_has_no_value():
    assert rate(None) == Number(None, "none") and number(None) == Number(None, "")


def test_pieces_read_as_one_sentence():
    parts = pieces("a ", "", rate(0.1), "!")
    assert len(parts) == 3 and plain(parts) == "a 0.1!"


def test_empty_sections_are_left_out():
    full = section("b", "B", None, Picture("x", "alt"), Paragraph(("text",)))
    told = Summary("sweep", "t", ("a",), (section("a", "A", None), full), {})
    assert [each.name for each in told.sections] == ["b"]
    assert told.section("a") is None and told.section("b") is full
    assert told.pictures() == ["x"]
