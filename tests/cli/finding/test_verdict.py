import json

import numpy as np
import pytest
import typer

from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import DEFAULT_METHOD, suggest
from lr_finder.cli.finding.verdict import Verdict, checked_method, deliver
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.errors import InputError
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 120)
GOOD = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
FLAT = SweepResult([Curve(LRS, np.ones(120))])


def test_method_is_one_of_the_rules():
    assert checked_method(None) == DEFAULT_METHOD
    with pytest.raises(InputError, match="Did you mean steepest"):
        checked_method("steeper")


def test_report_of_a_suggestion():
    report = Verdict(GOOD, "valley").report()
    assert report["suggestion"] == suggest(GOOD, "valley").to_dict()
    assert "error" not in report
    assert set(report["other_rules"]) == set(RULES) - {"valley"}
    assert report["other_rules"]["steepest"] == suggest(GOOD, "steepest").lr
    assert (report["points"], report["repeats"]) == (120, 1)


def test_report_without_a_suggestion():
    verdict = Verdict(FLAT, DEFAULT_METHOD)
    report = verdict.report()
    assert verdict.suggestion is None
    assert "suggestion" not in report
    assert report["error"]["reason"] == verdict.error.reason
    assert report["error"]["counts"] == verdict.error.counts
    assert report["other_rules"]["valley"] is None


@pytest.mark.parametrize("result", [GOOD, FLAT], ids=["suggestion", "none"])
def test_writes_plot_and_report(result, tmp_path):
    output = OutputFolder(tmp_path / "out")
    verdict = Verdict(result, DEFAULT_METHOD)
    verdict.write(output, verdict.report())
    assert json.loads((tmp_path / "out/suggestion.json").read_text()) == (
        verdict.report()
    )
    assert (tmp_path / "out/sweep.png").read_bytes().startswith(b"\x89PNG")


def test_delivers_in_the_form_asked_for(capsys):
    report = {"source": "a.csv"} | Verdict(GOOD, DEFAULT_METHOD).report()
    deliver(report, None, as_json=True, quiet=True)
    assert json.loads(capsys.readouterr().out) == report
    deliver(report, None, as_json=False, quiet=True)
    assert float(capsys.readouterr().out) == pytest.approx(
        report["suggestion"]["lr"], rel=1e-5
    )
    doubtful = report | {"suggestion": report["suggestion"] | {"warnings": ["noisy"]}}
    deliver(doubtful, None, as_json=False, quiet=True)
    assert capsys.readouterr().err == "Warning: noisy\n"
    deliver(doubtful, None, as_json=True, quiet=True)
    assert capsys.readouterr().err == ""
    deliver(report, None, as_json=False, quiet=False)
    assert "Suggested learning rate" in capsys.readouterr().out


def test_ends_with_1_where_there_is_no_suggestion(capsys):
    verdict = Verdict(FLAT, DEFAULT_METHOD)
    with pytest.raises(typer.Exit) as end:
        deliver(verdict.report(), verdict.error, as_json=True, quiet=False)
    assert end.value.exit_code == 1
    out, err = capsys.readouterr()
    assert "error" in json.loads(out)
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
