"""A finding as a value: its rate, its report, its words."""

import dataclasses
import types

import numpy as np
import pytest

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import SuggestionError
from lr_finder.results.finding import Finding, judgement
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 120)
GOOD = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
FLAT = SweepResult([Curve(LRS, np.ones(120))])


def test_report_of_a_suggestion():
    answer = suggest(GOOD, "valley")
    report = judgement(GOOD, "valley", answer)
    assert report["suggestion"] == answer.to_dict()
    assert "error" not in report
    assert set(report["other_rules"]) == set(RULES) - {"valley"}
    assert report["other_rules"]["steepest"] == suggest(GOOD, "steepest").lr
    assert (report["points"], report["repeats"]) == (120, 1)


def test_report_without_a_suggestion():
    with pytest.raises(SuggestionError) as caught:
        suggest(FLAT)
    report = judgement(FLAT, DEFAULT_METHOD, caught.value)
    assert "suggestion" not in report
    assert report["error"]["reason"] == caught.value.reason
    assert report["error"]["counts"] == caught.value.counts
    assert report["other_rules"]["valley"] is None
    finding = Finding({}, FLAT, DEFAULT_METHOD, error=caught.value)
    with pytest.raises(SuggestionError) as again:
        finding.lr  # noqa: B018
    assert again.value is caught.value


def test_a_finding_is_drawn_with_its_suggestion():
    finding = Finding({"source": "a"}, GOOD, "window", GOOD.suggest())
    assert finding.plot().get_title() == GOOD.plot().get_title()
    assert str(finding.suggestion) in str(finding)


def test_a_finding_that_was_ended_after_its_sweep_says_so():
    """A search that fails between sweep and suggestion leaves such a finding."""
    finding = Finding({"source": "a"}, GOOD, "window")
    with pytest.raises(SuggestionError, match="No rate has been read") as caught:
        finding.lr  # noqa: B018
    assert caught.value.counts == {"points": len(LRS)}
    assert finding.to_dict()["error"]["reason"] == "not_read"
    assert str(finding) == f"No suggestion. {caught.value}"


def test_its_picture_says_what_the_sweep_alone_said_if_trainings_moved_it():
    answer = GOOD.suggest()
    for factor in (1.0, 2.0):
        moved = dataclasses.replace(answer, lr=factor * answer.lr, high=1.0)
        verified = types.SimpleNamespace(suggestion=moved)
        finding = Finding({"source": "a"}, GOOD, "window", answer, None, verified)
        drawn = finding.plot().figure.findobj(lambda each: hasattr(each, "get_text"))
        texts = "\n".join(each.get_text() for each in drawn)
        told = f"the sweep alone {format_rate(answer.lr)}"
        assert (told in texts) == (factor > 1), texts
