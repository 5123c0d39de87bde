import json

import numpy as np
import pytest
import typer

from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.cli.shared.delivery import checked_method, deliver
from lr_finder.errors import InputError, SuggestionError
from lr_finder.results.finding import judgement
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 120)
GOOD = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
FLAT = SweepResult([Curve(LRS, np.ones(120))])


def test_method_is_one_of_the_rules():
    assert checked_method(None) == DEFAULT_METHOD
    with pytest.raises(InputError, match="Did you mean steepest"):
        checked_method("steeper")


def test_delivers_in_the_form_asked_for(capsys):
    report = {"source": "a.csv"} | judgement(GOOD, DEFAULT_METHOD, suggest(GOOD))
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
    with pytest.raises(SuggestionError) as caught:
        suggest(FLAT)
    report = judgement(FLAT, DEFAULT_METHOD, caught.value)
    with pytest.raises(typer.Exit) as end:
        deliver(report, caught.value, as_json=True, quiet=False)
    assert end.value.exit_code == 1
    out, err = capsys.readouterr()
    assert "error" in json.loads(out)
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
