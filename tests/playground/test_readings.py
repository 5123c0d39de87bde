"""The recorded sweeps, and what is read from them: equal to Python's."""

import json
import sys

import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError, SuggestionError
from lr_finder.playground.built_page import build_page
from lr_finder.playground.readings import (
    CASES_FILE,
    MOST_POINTS,
    own_case,
    reading_of,
    recorded_cases,
    sweep_of,
)
from lr_finder.results.sweep import Curve, SweepResult
from tests.docs.conftest import ROOT

CASES = recorded_cases()
NAMES = [f"{case['name']}, {case['optimizer']}" for case in CASES]


@pytest.fixture(scope="module")
def truths():
    sys.path.insert(0, str(ROOT))
    from benchmarks.suggestion_quality.truth import load_truth

    return load_truth()


def truth_of(case, truths):
    momentum = case["metadata"].get("momentum")
    name = "momentum" if momentum else case["metadata"]["optimizer"].lower()
    return truths[case["name"], name]


def test_there_are_enough_and_failures_among_them():
    assert len(CASES) >= 12
    assert any(case["regret_lr"] > 0.5 for case in CASES)
    assert any(case["regret_textbook"] < 0.05 for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_the_page_says_is_what_python_says(case):
    result = sweep_of(case)
    suggestion = result.suggest()
    assert (case["lr"], case["low"], case["high"]) == (
        suggestion.lr,
        suggestion.low,
        suggestion.high,
    )
    assert case["window"] == [suggestion.window.low, suggestion.window.high]
    assert case["why"] == suggestion.why
    lr, _ = lr_finder.find_optimal_learning_rate(
        result.lrs, result.losses, method="textbook"
    )
    assert case["textbook"] == lr


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_truth_and_regret_are_those_of_the_benchmark(case, truths):
    truth = truth_of(case, truths)
    np.testing.assert_allclose(case["truth"]["losses"], truth.losses, rtol=1e-4)
    assert case["truth"]["best"] == truth.best_rate
    for name in ("lr", "textbook"):
        regret = truth.regret(case[name])
        assert case[f"regret_{name}"] == pytest.approx(regret, abs=1e-6)


def test_the_page_computes_the_same_regret(engine, truths):
    code = """
    const {regretAt} = modules["training/sweep.js"];
    return cases.map(({truth}) => rates.map((rate) => regretAt(truth, rate)));
    """
    rates = np.geomspace(1e-8, 50, 23).tolist()
    kept = [{"truth": case["truth"]} for case in CASES]
    for case, regrets in zip(CASES, engine(code, cases=kept, rates=rates), strict=True):
        truth = truth_of(case, truths)
        expected = [truth.regret(rate) for rate in rates]
        np.testing.assert_allclose(regrets, expected, atol=2e-3)


def test_the_page_has_the_rates_of_the_sweep(engine):
    code = """
    const {lrsOf, lowestOf} = modules["panels/range_test/cases.js"];
    return cases.map((each) => [lrsOf(each), lowestOf(lrsOf(each), each.losses)]);
    """
    for case, (lrs, lowest) in zip(CASES, engine(code, cases=CASES), strict=True):
        result = sweep_of(case)
        np.testing.assert_allclose(lrs, result.lrs, rtol=1e-12)
        logs = np.convolve(np.log(result.losses), np.ones(9) / 9, "valid")
        assert lowest == pytest.approx(result.lrs[4 + np.argmin(logs)], rel=1e-12)


def test_a_score_counts_ten_cases(engine):
    code = """
    const {scoreOf} = modules["panels/range_test/score.js"];
    return scoreOf(cases.map((each, k) => [k, each.truth.best]), cases);
    """
    score = engine(code, cases=CASES)
    assert score["count"] == 10
    assert score["you"] == {"good": 10, "mean": 0}
    ours = [case["regret_lr"] for case in CASES[:10]]
    assert score["lr_finder"]["mean"] == pytest.approx(np.mean(ours))


@pytest.mark.slow
def test_the_file_is_what_the_benchmark_makes():
    sys.path.insert(0, str(ROOT))
    from benchmarks.playground_cases import make_cases

    assert json.loads(json.dumps(make_cases())) == CASES
    assert CASES_FILE.stat().st_size < 60_000


LRS = np.geomspace(1e-6, 1, 80)


def test_an_own_sweep_has_suggestion_and_no_truth():
    result = SweepResult(
        [Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)], {"optimizer": "Adam"}
    )
    case = own_case("mine.csv", result)
    assert case["optimizer"] == "Adam" and "truth" not in case
    assert case["lr"] == result.suggest().lr
    np.testing.assert_allclose(case["lrs"], LRS, rtol=1e-5)


def test_a_sweep_without_a_suggestion_says_why():
    result = SweepResult([Curve(LRS[:5], np.ones(5))])
    found = reading_of(result)
    with pytest.raises(SuggestionError) as raised:
        result.suggest()
    assert found["lr"] is None and found["refusal"] == str(raised.value)
    assert found["textbook"] is None


def test_a_very_long_sweep_is_thinned():
    lrs = np.geomspace(1e-6, 1, 4501)
    case = own_case("long", SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3))]))
    assert len(case["lrs"]) == len(case["losses"]) <= MOST_POINTS


def test_more_than_twenty_sweeps_are_refused():
    result = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3))])
    with pytest.raises(InputError, match="at most 20 times. Received: 21"):
        build_page({f"{k}.npz": result for k in range(21)})
