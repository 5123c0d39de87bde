"""Recorded sweeps: what is said of each agrees with itself."""

import collections

import pytest

from benchmarks.suggestion_quality.sweeps import load_sweeps
from lr_finder._text import format_rate
from lr_finder.analysis.sweep import suggestion
from lr_finder.analysis.sweep.explanation import DecidedBy
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import SweepResult


@pytest.fixture(scope="module")
def answers():
    """What is suggested after each recorded sweep of 200 steps."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suggestion, "RESAMPLES", 2)  # they make the interval only
        for (_, _, steps), seeds in load_sweeps().items():
            for sweep, *_ in seeds[:1] if steps == 200 else ():
                result = SweepResult([sweep.stopped()], sweep.metadata)
                try:
                    found.append(suggestion.suggest(result))
                except SuggestionError:
                    continue
    return found


def test_word_sentence_and_rate_agree(answers):
    for found in answers:
        usual, window = found.usual.rate, found.window
        rate = format_rate(found.lr)
        if found.decided_by == DecidedBy.CONFIRMED:
            assert found.lr == usual and window.low <= found.lr <= window.high
            assert "confirmed" in found.why and format_rate(usual) in found.why
        elif found.decided_by == DecidedBy.COULD_NOT_TELL:
            assert found.lr == usual and not window.has_descended
            assert any("never_descended" in text for text in found.warnings)
        elif found.decided_by == DecidedBy.MOVED_DOWN:
            assert found.lr == pytest.approx(window.high) and found.lr < usual
            assert f"moved down to {rate}" in found.why
        else:
            assert found.decided_by == DecidedBy.MOVED_UP
            assert usual < found.lr == pytest.approx(min(window.low, window.high))
            assert f"moved up to {rate}" in found.why


def test_recorded_sweeps_show_every_decision(answers):
    counts = collections.Counter(found.decided_by for found in answers)
    assert len(answers) >= 85
    assert min(counts[kind] for kind in ("confirmed", "moved_down", "moved_up")) >= 3
