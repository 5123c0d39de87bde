"""A sweep summarized: the answer first, every doubt with what to do."""

import numpy as np
import pytest

from lr_finder.reports.document import plain
from lr_finder.reports.kinds.sweep import doubts_of, summarize
from lr_finder.results.sweep import Curve, SweepResult


def test_the_answer_has_rate_interval_and_reason(sweep):
    suggestion, told = sweep.suggest(), summarize(sweep)
    numbers = [piece.value for piece in told.answer if not isinstance(piece, str)]
    assert numbers == [suggestion.lr, suggestion.low, suggestion.high]
    assert plain(told.answer).endswith(suggestion.why)
    assert told.also[0] == suggestion.against_compiled


@pytest.mark.parametrize("ending", [0.1, 1.0])
def test_each_warning_is_told_with_its_kind(ending):
    lrs = np.geomspace(1e-6, ending, 80)
    result = SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-2))])
    warnings = result.suggest().warnings
    assert warnings  # never diverged, at least
    rows = summarize(result).section("warnings").blocks[0].rows
    assert tuple(": ".join(row) for row in rows) == warnings


def test_doubts_about_the_data_are_warnings_and_notes_are_not():
    told = {"notes": ["4 numbers", "warning: column 'id' counts the rows; drop it"]}
    assert doubts_of(told) == [("data", "column 'id' counts the rows; drop it")]


def test_a_curve_from_elsewhere_touched_no_model():
    lrs = np.geomspace(1e-6, 1, 80)
    told = summarize(SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3))]))
    assert "no model was touched" in told.section("put-back").blocks[0].parts[0]
    assert told.section("made") is None
