"""Why a suggestion is what it is: word, sentence and rate agree, and can be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.explanation import (
    DIVERGES,
    SLOW,
    UNSTABLE,
    DecidedBy,
    compare_compiled,
    decided_by,
    explain,
    headline,
)
from lr_finder.analysis.sweep.rate_window import RateWindow, UsualRate

USUAL = UsualRate(3e-3, "Adam", "a benchmark")
RATES = st.floats(1e-7, 10.0)
ENDS = st.one_of(st.none(), RATES)


@pytest.mark.parametrize(
    ("window", "usual", "kind", "sentence"),
    [
        (
            RateWindow(8e-4, 9e-3, 3.2e-4, 0.071), USUAL, DecidedBy.CONFIRMED,
            "Adam's usual rate 3e-3 lies inside the window 8e-4 to 9e-3 that the sweep "
            "leaves open: confirmed.",
        ),
        (
            RateWindow(5e-5, 4e-4, 2e-5, 3.2e-3), USUAL, DecidedBy.MOVED_DOWN,
            "Adam's usual rate 3e-3 lies above the window 5e-5 to 4e-4 that the sweep "
            "leaves open: moved down to 4e-4, because the loss climbs from 3.2e-3 on.",
        ),
        (
            RateWindow(8e-3, 0.5, 3.2e-3, None), USUAL, DecidedBy.MOVED_UP,
            "Adam's usual rate 3e-3 lies below the window 8e-3 to 0.5 that the sweep "
            "leaves open: moved up to 8e-3, because the loss falls clearly from 3.2e-3 "
            "on.",
        ),
        (
            RateWindow(1e-4, 1e-2, 4e-5, 0.08), None, DecidedBy.MIDDLE,
            "No usual rate is known for Lion: the middle of the window 1e-4 to 1e-2 "
            "that the sweep leaves open, 1e-3.",
        ),
        (
            RateWindow(1e-3, 10.0, 4e-4, None, False), USUAL, DecidedBy.COULD_NOT_TELL,
            "The sweep could not tell: the loss fell by no more than its noise, so "
            "Adam's usual rate 3e-3 is all that is known.",
        ),
        (
            RateWindow(2e-2, 10.0, 8e-3, None, False), USUAL, DecidedBy.MOVED_UP,
            "Adam's usual rate 3e-3 lies below the window 2e-2 to 10 that the sweep "
            "leaves open: moved up to 2e-2, because the loss falls clearly from 8e-3 on"
            "; but the loss fell by no more than its noise, so this may be chance.",
        ),
        (
            RateWindow(2.5e-3, 3.8e-4, 1e-3, 3e-3), USUAL, DecidedBy.MOVED_DOWN,
            "The loss falls clearly from 1e-3 on and climbs from 3e-3 on, which leaves "
            "no room: Adam's usual rate 3e-3 is moved down to 3.8e-4, 0.9 decades "
            "below the climb.",
        ),
    ],
)  # fmt: skip
def test_each_decision_has_its_word_and_its_sentence(window, usual, kind, sentence):
    assert decided_by(window, usual) == kind
    assert explain(window, usual, "Lion") == sentence


@given(low=RATES, high=RATES, climbs=ENDS, usual=ENDS, fell=st.booleans())
def test_word_sentence_and_rate_agree(low, high, climbs, usual, fell):
    window = RateWindow(low, high, low / 2.5, climbs, fell)
    known = None if usual is None else UsualRate(usual, "Adam", "a benchmark")
    rate, kind = window.place(usual), decided_by(window, known)
    if usual is not None and format_rate(rate) == format_rate(usual):
        rate = usual  # what reads the same is not moved
    sentence = explain(window, known, "Lion")
    assert sentence.endswith(".") and sentence.count(". ") == 0
    expected = {
        DecidedBy.MOVED_DOWN: usual is not None and rate < usual,
        DecidedBy.MOVED_UP: usual is not None and rate > usual,
        DecidedBy.MIDDLE: usual is None,
        DecidedBy.CONFIRMED: rate == usual and fell,
        DecidedBy.COULD_NOT_TELL: rate == usual and not fell,
    }
    assert [k for k, holds in expected.items() if holds] == [kind]
    if kind in (DecidedBy.MOVED_DOWN, DecidedBy.MOVED_UP) and window.is_open:
        way = "up" if rate > usual else "down"
        moved = re.search(r"moved (up|down) to (\S+),", sentence)
        assert moved.groups() == (way, format_rate(rate))
    assert ("confirmed" in sentence) == (kind == DecidedBy.CONFIRMED and window.is_open)


def test_equal_at_the_printed_digits_is_at_the_end_and_not_below():
    told = compare_compiled(1e-3, 1.00116e-3, 1e-2)
    assert "1e-3, at the lower end of the interval: it can stay" in told
    told = compare_compiled(1e-2, 1e-3, 9.99e-3)
    assert "1e-2, at the upper end of the interval: it can stay" in told
    window = RateWindow(3.001e-3, 0.5, 1.2e-3, None)
    assert decided_by(window, USUAL) == DecidedBy.CONFIRMED
    sentence = explain(window, USUAL, "Adam")
    assert "lies at the lower end of the window 3e-3 to 0.5" in sentence
    assert headline(3.001e-3, "confirmed", window).startswith("3e-3, at the lower end")


@pytest.mark.parametrize(
    ("compiled", "told"),
    [(9e-4, "can stay"), (9e-3, "can stay"), (8.9e-4, SLOW), (2e-2, UNSTABLE),
     (0.08, DIVERGES)],
)  # fmt: skip
def test_the_compiled_rate_is_compared_with_the_interval(compiled, told):
    window = RateWindow(8e-4, 9e-3, 3.2e-4, 0.071)
    sentence = compare_compiled(compiled, 9e-4, 9e-3, window)
    assert told in sentence and format_rate(compiled) in sentence
    assert DIVERGES not in compare_compiled(compiled, 9e-4, 9e-3)


def test_nothing_is_said_of_a_rate_that_was_not_swept():
    ended = RateWindow(1e-5, 1e-4, 4e-6, None)
    climbed = RateWindow(1e-5, 1e-4, 4e-6, 8e-4)
    told = compare_compiled(1e-3, 1e-5, 1e-4, ended)
    assert told.endswith("which was not swept: the sweep ends at 1e-4.")
    assert compare_compiled(1e-3, 1e-5, 1e-4, climbed).endswith("to diverge.")
    assert compare_compiled(5e-4, 1e-5, 1e-4, climbed).endswith("unstable training.")
