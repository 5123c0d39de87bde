"""A finding as a value: its rate, its report, its words."""

import numpy as np
import pytest

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
    assert "data:image/png" in finding._repr_html_()
    assert str(finding.suggestion) in str(finding)


def test_a_finding_that_was_ended_after_its_sweep_says_so():
    """A search that fails between sweep and suggestion leaves such a finding."""
    finding = Finding({"source": "a"}, GOOD, "window")
    with pytest.raises(SuggestionError, match="No rate has been read") as caught:
        finding.lr  # noqa: B018
    assert caught.value.counts == {"points": len(LRS)}
    assert finding.to_dict()["error"]["reason"] == "not_read"
    assert str(finding) == f"No suggestion. {caught.value}"
