"""The benchmark of trained models: rows that grow, judgements, tables, by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.suggestion_quality.truth import Truth
from benchmarks.training_quality import arms, report
from benchmarks.training_quality.rows import Store, case_seeds, outcome
from lr_finder.schedules import one_cycle, wsd

TRUTHS = {
    (task, "adam"): Truth(np.array([0.1, 1.0]), np.array([lowest, 2.0]), 3.0)
    for task, lowest in (("one", 1.0), ("two", 2.0))
}


def frame(**columns):
    return pd.DataFrame({"optimizer": "adam"} | columns)


def test_what_is_there_is_not_run_again(tmp_path):
    store = Store(tmp_path / "rows.csv", ("task", "seed"), ("task", "seed", "best"))
    ran = []

    def run(task, seed):
        ran.append((task, seed))
        return [{"task": task, "seed": seed, "best": 0.5 * seed}]

    wanted = [("a", 1), ("b", 1), ("a", 2)]
    assert list(store.extend(wanted[:2], run)) == wanted[:2]
    assert list(store.extend(wanted, run)) == wanted[2:]
    assert ran == wanted
    assert store.read().values.tolist() == [["a", 1, 0.5], ["b", 1, 0.5], ["a", 2, 1.0]]


def test_all_cases_come_with_one_seed_before_the_next():
    cases = [("a", "adam"), ("b", "sgd")]
    assert list(case_seeds(cases, (7, 8))) == [
        ("a", "adam", 7), ("b", "sgd", 7), ("a", "adam", 8), ("b", "sgd", 8)
    ]  # fmt: skip


def test_an_outcome_is_the_best_finite_loss_and_how_long_losses_were_finite():
    found = outcome(np.array([[3.0, 1.0, np.nan, 0.5], [np.nan] * 4]))
    assert found["best"].tolist() == [0.5, np.inf]
    assert found["evaluations"].tolist() == [2, 0]
    np.testing.assert_array_equal(found["last"], [0.5, np.nan])


def test_excess_and_regret_are_against_the_best_constant_rate():
    judged = report.judge(
        frame(task=["one", "two", "one"], best=[1.1, 2.5, 9.0]), TRUTHS
    )
    assert judged["excess"].tolist() == pytest.approx([0.1, 0.25, 2.0])
    assert judged["regret"].tolist() == pytest.approx([0.05, 0.5, 1.0])


def test_an_arm_is_summed_up():
    runs = frame(
        task=["one", "one", "two", "two"], arm="a", excess=[-0.1, 0.0, 0.1, 0.4],
        regret=[0.0, 0.0, 0.1, 0.6], cost=[1.0, 1.2, 1.4, 1.6],
    )  # fmt: skip
    row = report.table(runs).loc["a"]
    assert (row["median"], row["mean"], row["≤ 0"]) == pytest.approx((5, 10, 0.5))
    assert (row["catastrophes"], row["cost"]) == pytest.approx((0.25, 1.3))


def test_differences_are_of_the_same_case_and_seed():
    runs = pd.concat(
        frame(task=["one", "two", "three"], seed=1, arm=arm, excess=excess)
        for arm, excess in (("a", [0.1, 0.2, 0.3]), ("b", [0.0, 0.2, 0.1]))
    )
    mean, low, high = report.paired(runs, "a", "b")
    # 10, 0 and 20 points: their mean, and t(2) of 4.3027 standard errors of 5.7735
    assert (mean, high - mean, mean - low) == pytest.approx(
        (10, 24.84, 24.84), rel=1e-3
    )


def test_a_ceiling_is_the_best_rate_by_the_median_of_its_seeds():
    grid = frame(
        task="one", schedule="wsd", seed=[1, 2, 3] * 2, lr=[0.1] * 3 + [1.0] * 3,
        best=[0.9, 0.9, 2.0, 0.5, 1.2, 1.2],
    )  # fmt: skip
    row = report.ceilings(grid, TRUTHS).loc["wsd"]
    assert (row["median"], row["peak"]) == pytest.approx((-10, 1))


def test_an_alarm_is_false_if_the_training_would_have_ended_well():
    grid = frame(
        task="one", best=[1.0, 1.0, 1.0, 2.0], last=[1.05, 1.05, 3.0, np.nan],
        fires=[-1, 50, 50, -1], fires_knowing=[-1, -1, 50, 70],
    )  # fmt: skip
    told = report.alarms(grid, TRUTHS)
    assert told.loc["nothing"].tolist() == [2, 1, 2, 1]
    assert told.loc["the constant guess"].tolist() == [2, 0, 2, 2]


def test_the_guard_is_asked_as_in_a_training():
    rng = np.random.default_rng(0)
    falling = np.exp(-np.arange(400) / 50) + 0.01 * rng.normal(size=400)
    assert arms.first_drift(falling) == -1
    back = np.append(falling[:300], np.ones(100))
    assert 300 < arms.first_drift(back) < 340  # in the first stretch of 20, or the next
    lost = np.append(falling[:300], [np.nan] * 100)
    assert arms.first_drift(lost) == 300


def test_schedules_are_shapes_whose_highest_is_1():
    at = np.arange(200)
    np.testing.assert_allclose(arms.shape_of("wsd", 200), wsd(1.0, 200)(at))
    np.testing.assert_allclose(arms.shape_of("one_cycle", 200), one_cycle(1.0, 200)(at))


def test_arms_take_their_rates_from_the_product_and_only_missing_seeds(
    tmp_path, monkeypatch
):
    asked = []

    def engine_train(task, optimizer, lrs, seeds, shape=None):
        asked.append((np.array(lrs), seeds, shape))
        return np.broadcast_to(np.array(lrs)[..., None], (*np.shape(lrs), 20))

    monkeypatch.setattr(arms.engine, "train", engine_train)
    store = Store(tmp_path / "arms.csv", arms.STORE.keys, arms.STORE.columns)
    case = ("iris_tiny", "sgd")
    rates = pd.DataFrame(
        {"task": case[0], "optimizer": case[1], "seed": [201, 202], "suggested": 0.1,
         "verified": [0.2, 0.3], "winner": 0.4, "valley": 0.5, "tenth": 0.6}
    )  # fmt: skip
    assert list(arms.extend(store, rates[:1], [case])) == [case]
    assert list(arms.extend(store, rates, [case])) == [case]
    assert list(arms.extend(store, rates, [case])) == []
    rows = store.read()
    assert len(rows) == 2 * len(arms.FINAL)
    assert not rows.duplicated(["arm", "seed"]).any()
    twice = rows.query("arm == 'verified x 2, one_cycle'").set_index("seed")
    assert twice["lr"].to_dict() == pytest.approx({201: 0.4, 202: 0.6})
    assert (rows["best"] == rows["lr"]).all()
    assert {tuple(seeds) for _, seeds, _ in asked} == {(201,), (202,)}


def test_more_arms_are_tried_on_few_cases():
    assert arms.arms_of(("cifar_convolution", "adam"), explore=True) == ()
    assert arms.arms_of(("digits_linear", "adam"), explore=True) == arms.EXPLORED
    assert arms.FREE in arms.arms_of(("cifar_convolution", "adam"))
    assert arms.FREE not in arms.arms_of(("cifar_convolution", "sgd"))
    longer = {case for case in arms.FEW if arms.arms_of(case, longer=True)}
    assert len(longer) == 12
