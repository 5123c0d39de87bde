"""Rates as people read them: short, and read back as what they are; names, errors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder._text import (
    LONGEST_WORD,
    MAX_LENGTH,
    MOST_TOLD,
    format_rate,
    listed,
    name_characters,
    short_reason,
)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (3e-3, "3e-3"),
        (2.903e-3, "2.9e-3"),
        (9.96e-4, "1e-3"),
        (0.0996, "0.1"),
        (0.5, "0.5"),
        (1.0, "1"),
        (10.0, "10"),
        (99.9, "1e2"),
        (1.2345e4, "1.2e4"),
        (1e-10, "1e-10"),
        (0.0, "0"),
        (math.inf, "inf"),
    ],
)
def test_known_rates(rate, text):
    assert format_rate(rate) == text


@given(st.floats(1e-12, 1e6))
def test_it_reads_back_within_two_digits(rate):
    text = format_rate(rate)
    assert math.isclose(float(text), rate, rel_tol=0.0501)
    digits = text.split("e")[0].replace(".", "").strip("0")
    assert len(digits) <= 2
    assert format_rate(float(text)) == text


def test_more_digits_on_request():
    assert format_rate(0.00123456, digits=4) == "1.235e-3"


def test_one_short_line_of_printable_characters():
    assert short_reason(OSError("cannot\x1b[31m read.\nmore")) == "cannot?[31m read"
    assert short_reason(KeyError()) == "KeyError"
    assert len(short_reason(ValueError("x" * 1000))) == MAX_LENGTH


@given(st.lists(st.text("abc", min_size=1, max_size=LONGEST_WORD), max_size=40))
def test_a_long_reason_is_cut_between_words(words):
    told = short_reason(ValueError("x " + " ".join(words)))
    assert len(told) <= MAX_LENGTH
    whole = told.removesuffix("…").split(" ")
    assert whole == ["x", *words][: len(whole)]
    assert told.endswith("…") == (len(whole) <= len(words))


def test_characters_by_name_and_by_code_alone():
    assert name_characters("é\ue000") == (
        "U+00E9 (latin small letter e with acute), U+E000"
    )
    assert name_characters("a" * (MOST_TOLD + 3)).endswith(") and 3 others")


def test_more_names_than_are_shown_end_in_an_ellipsis():
    assert listed("abcde") == "'a', 'b', 'c', 'd', 'e'"
    assert listed("abcdef") == "'a', 'b', 'c', 'd', 'e', …"
