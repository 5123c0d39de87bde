"""Verifications replayed from records whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.suggestion_quality import replays
from benchmarks.suggestion_quality.methods import DEFAULT, NO_SWEEP
from benchmarks.suggestion_quality.sweeps import SEEDS
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES
from benchmarks.suggestion_quality.trials import RATES, Recorded
from benchmarks.suggestion_quality.truth import Truth, load_truth
from lr_finder.analysis.verification.effort import AFTER_SWEEP, ALONE

CASE, BUDGET = ("digits_linear", "adam"), 800
BEST = 0.01


@pytest.fixture
def recorded():
    """Trainings that descend the faster the nearer they are to the best rate."""
    rates = np.array(RATES)
    speed = 0.02 / (1 + np.abs(np.log10(rates / BEST)))
    return Recorded(rates, 1 + np.exp(-speed[:, None] * np.arange(320)))


@pytest.mark.parametrize("center", [BEST / 9, BEST, 9 * BEST])
def test_the_answer_moves_towards_the_best_rate_and_costs_what_was_planned(
    recorded, center
):
    found = replays.replay(recorded, center, BUDGET)
    before = abs(np.log10(center / BEST))
    assert abs(np.log10(found["lr"] / BEST)) < max(before, 0.1)
    assert found["low"] < BEST < found["high"]
    assert 0.5 * BUDGET < found["cost"] <= 0.6 * BUDGET


def test_settings_change_what_is_done(recorded):
    best = replays.replay(recorded, 8 * BEST, BUDGET, answer="best")
    assert np.log10(best["lr"]) == pytest.approx(np.log10(8 * BEST) - 1, abs=0.1)
    swept = (BEST, BEST / 3, 3 * BEST)
    cheap = replays.replay(recorded, BEST, BUDGET, swept=swept)
    assert cheap["cost"] <= 0.375 * BUDGET
    for setting in replays.SETTINGS.values():
        found = replays.replay(recorded, BEST, BUDGET, swept=swept, **setting)
        assert np.isfinite(found["lr"])


def test_a_center_beyond_the_record_is_taken_for_its_end(recorded):
    found = replays.replay(recorded, 1e3, BUDGET)
    assert 1e-3 < found["lr"] < 10


def test_where_every_candidate_diverges_there_is_no_answer():
    nothing = Recorded(np.array(RATES), np.full((len(RATES), 320), np.nan))
    found = replays.replay(nothing, 0.1, BUDGET)
    assert found == {"lr": None, "low": None, "high": None, "cost": 480}


@pytest.mark.slow
def test_every_center_is_verified_and_the_sweep_is_counted(recorded):
    truths, trials = load_truth(), {CASE: [recorded] * len(SEEDS)}
    answers = replays.replayed(truths, trials)
    assert set(answers["method"]) == {DEFAULT, replays.PEER, *NO_SWEEP}
    assert len(answers) == 4 * len(SEEDS)
    usual = answers[answers["method"] == NO_SWEEP[0]]
    alone = replays.replay(recorded, DEFAULT_RATES[CASE[1]], BUDGET)
    np.testing.assert_allclose(usual["lr"], alone["lr"])
    assert usual["cost"].unique() == alone["cost"]
    swept = answers[answers["method"] == DEFAULT]
    assert (swept["cost"] > 200 * 0.5 + 0.3 * BUDGET).all()
    assert (swept["cost"] <= 200 + 0.375 * BUDGET).all()
    np.testing.assert_allclose(answers["share"], answers["cost"] / BUDGET)
    summary = replays.summarize(answers, truths)
    assert summary["share"].between(0.4, 0.9).all()


def test_constants_are_chosen_on_the_other_tasks(monkeypatch):
    """Each of two tasks gets the effort that the other one wants."""
    truth = Truth(np.array([0.1, 1.0]), np.array([1.0, 2.0]), 2.0)
    regrets = {"a": {AFTER_SWEEP: 0.0, ALONE: 0.4}, "b": {AFTER_SWEEP: 0.5, ALONE: 0.1}}

    def replay(center, trials, effort):
        return {"lr": 0.1 * 10 ** regrets[center.case[0]][effort]}

    ours = [replays.Center(DEFAULT, (task, "sgd"), 0, 0.1, 0) for task in "ab"]
    monkeypatch.setattr(replays, "centers", lambda truths: ours)
    monkeypatch.setattr(replays.Center, "replay", replay)
    truths = {center.case: truth for center in ours}
    regret, chosen = replays.left_out(truths, truths, (AFTER_SWEEP, ALONE))
    assert chosen == {"a": ALONE, "b": AFTER_SWEEP}
    assert regret == pytest.approx((0.4 + 0.5) / 2)


@pytest.mark.slow
def test_each_setting_is_scored_on_the_same_suggestions(recorded):
    answers = replays.varied(load_truth(), {CASE: [recorded] * len(SEEDS)})
    counts = answers["method"].value_counts()
    assert set(counts.index) == set(replays.SETTINGS)
    assert (counts == len(SEEDS)).all()


def test_without_a_record_there_is_nothing():
    for table in (replays.replayed, replays.varied):
        found = table(load_truth(), {})
        assert isinstance(found, pd.DataFrame) and found.empty
