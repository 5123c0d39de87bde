"""The stored searches: whole, in range, and what is made of them."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("optuna")
from benchmarks.tuning import report  # noqa: E402
from benchmarks.tuning.live import METHODS, TASKS, guess_loss, read_live  # noqa: E402
from benchmarks.tuning.replaying import (  # noqa: E402
    COLUMNS,
    KEYS,
    PAID,
    REPLAYS,
    at_rate,
    read_replays,
)


@pytest.fixture(scope="module")
def rows():
    return read_replays()


def test_each_method_was_replayed_as_often_on_each_task(rows):
    assert rows.columns.tolist() == COLUMNS and not rows[KEYS].duplicated().any()
    counts = rows.groupby(["method", "task"]).size()
    assert set(counts) == {REPLAYS}
    assert set(counts.groupby("method").size()) == {18, 7}  # Hyperband needs curves
    regrets = rows[[f"after_{paid}" for paid in PAID]].to_numpy()
    assert ((regrets >= 0) & (regrets <= 1)).all()


def test_the_mean_regret_is_that_of_the_rows(rows):
    found = report.mean_regret(rows).set_index(["method", "paid"])["mean"]
    own = rows[rows["method"] == "narrowed"]
    for paid in PAID:
        expected = 100 * own[f"after_{paid}"].mean()
        assert found["narrowed", paid] == pytest.approx(expected)
    same = report.same_cases(rows)
    assert set(same["task"]) == set(report.with_curves(rows))


def test_a_training_between_two_rates_is_between_their_losses():
    losses = np.linspace(2, 1, 19)
    assert losses[9] < at_rate(5e-3, losses) < losses[8]


def test_the_live_searches_paid_no_more_than_their_budget():
    live = read_live()
    assert set(live["task"]) == set(TASKS) and set(live["method"]) == set(METHODS)
    assert (live["paid"] <= live["budget"] * (1 + 1e-9)).all()
    assert report.live_regret(live).groupby("task")["regret"].min().eq(0).all()


def test_until_a_trial_has_ended_a_live_search_has_learnt_nothing():
    guess = guess_loss("friedman")
    known = {"method": "sweep", "task": "friedman", "paid": 1.5, "budget": 2}
    made = pd.DataFrame(known | {"seed": [0, 1], "loss": [guess / 2, 0.0]})
    found = report.live_regret(made).set_index(["seed", "paid"])["regret"]
    assert found.to_dict() == {(0, 1): 100, (0, 2): 50, (1, 1): 100, (1, 2): 0}
