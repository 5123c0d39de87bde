"""Trainings and gains of `benchmarks.schedule_gain`."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.schedule_gain import gains, report, trainings
from benchmarks.schedule_gain.arms import (
    ARMS,
    AVERAGED,
    average_of,
    schedule_of,
    shape_of,
)
from benchmarks.schedule_gain.trainings import BUDGETS, NAMES, OPTIMIZERS, SEEDS, Case
from benchmarks.suggestion_quality.tasks import TASKS
from lr_finder.schedules import cosine, linear, one_cycle, wsd

CASE = Case("friedman_deep", "adam", 0.25)
BASES = {("a", "adam"): 2.0, ("b", "adam"): 2.0}


def rows_of(losses, task="a", **columns):
    """Rows of schedule -> peak -> losses of the seeds 1, 2, …, all of them alike."""
    rows = [
        dict.fromkeys([*trainings.AFTER, "best"], loss)
        | {"task": task, "optimizer": "adam", "budget": 1.0, "schedule": schedule}
        | {"seed": seed, "lr": peak}
        | columns
        for schedule, peaks in losses.items()
        for peak, own in peaks.items()
        for seed, loss in enumerate(own, start=1)
    ]
    return pd.DataFrame(rows)[trainings.COLUMNS]


def test_shapes_are_those_of_the_schedules_with_a_peak_of_one():
    at = np.arange(200)
    expected = {
        "constant": np.ones(200),
        "warmup": np.minimum(at / 10, 1),
        "cooldown_10": np.minimum((200 - at) / 20, 1),
        "cooldown_20": np.minimum((200 - at) / 40, 1),
        "wsd": wsd(1.0, 200)(at),
        "linear": linear(1.0, 0.0, 200)(at),
        "cosine": cosine(1.0, 0.0, 200)(at),
        "warmup_cosine": np.where(
            at < 10, at / 10, (1 + np.cos(np.pi * (at - 10) / 190)) / 2
        ),
        "one_cycle": one_cycle(1.0, 200)(at),
        AVERAGED: np.ones(200),
    }
    assert set(expected) == set(ARMS)
    for arm, shape in expected.items():
        np.testing.assert_allclose(shape_of(arm, 200), shape, atol=1e-12, err_msg=arm)
        assert shape_of(arm, 200).max() == 1
        assert average_of(arm, 200) == (0.95 if arm == AVERAGED else None)


def test_the_stored_cosine_is_that_of_a_person():
    assert str(schedule_of("cosine", 200)) == "cosine(1, 0, 200)"


def test_budgets_hold_whole_evaluations_and_rates_lie_around_the_best_constant():
    for case in trainings.cases():
        task = trainings.task_of(case)
        assert task.budget % 20 == 0
        assert task.budget == pytest.approx(
            TASKS[case.task].budget * case.budget, abs=10
        )
        rates = np.array(trainings.rates_of(case))
        np.testing.assert_allclose(rates[1:] / rates[:-1], 10 ** (1 / 3), rtol=0.01)
    short, usual, long = (
        trainings.rates_of(CASE._replace(budget=budget)) for budget in BUDGETS
    )
    assert usual[3] == 0.00215  # see truth.csv
    assert short[:-1] == usual[1:] and usual[:-2] == long


class Trainer:
    """Counts in place of training: a loss that tells schedule, rate and seed."""

    def __init__(self):
        self.cases = []

    def __call__(self, task, optimizer, rates, seeds, shape, average):
        if average is None:
            self.cases.append((task.name, optimizer, task.budget))
            assert shape.shape == (len(rates), task.budget)
            sums = shape.sum(1)
        else:
            assert shape is None and average == 1 - 10 / task.budget
            sums = np.full(len(rates), -1.0)
        start = np.add.outer(1e3 * np.array(seeds), np.log10(rates) + 0.01 * sums)
        losses = start[..., None] - np.arange(20)
        losses[:, 0, 12:] = np.nan  # the lowest rate of the first schedule is lost
        return losses


def test_each_row_is_of_its_own_training(tmp_path):
    path, trainer = tmp_path / "rows.csv", Trainer()
    assert list(trainings.extend([CASE], trainer, path)) == [CASE]
    rows, rates = trainings.read_rows(path), trainings.rates_of(CASE)
    assert list(rows) == trainings.COLUMNS
    assert len(rows) == len(ARMS) * len(SEEDS) * len(rates)
    steps = trainings.task_of(CASE).budget
    for row in rows.to_dict("records"):
        arm, total = row["schedule"], -1.0
        if arm != AVERAGED:
            total = shape_of(arm, steps).sum()
        first = 1e3 * row["seed"] + np.log10(row["lr"]) + 0.01 * total
        found = [row[name] for name in trainings.COLUMNS[6:]]
        expected = first - np.array([4, 9, 14, 19, 19])
        if arm in ("constant", AVERAGED) and row["lr"] == rates[0]:
            expected[2:] = np.inf, np.inf, first - 11
        np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_what_is_in_the_file_is_not_trained_again(tmp_path):
    path, trainer = tmp_path / "rows.csv", Trainer()
    other = CASE._replace(optimizer="momentum")
    list(trainings.extend([CASE], trainer, path))
    before = path.read_text()
    assert list(trainings.extend([CASE, other], trainer, path)) == [other]
    assert trainer.cases == [("friedman_deep", o, 240) for o in ("adam", "momentum")]
    assert path.read_text().startswith(before)


def test_a_table_holds_each_loss_at_its_seed_and_peak():
    losses = {"wsd": {1.0: [0.3, 0.4], 0.1: [0.1, 0.2]}, "cosine": {0.5: [0.6, 9.0]}}
    rows = rows_of(losses)
    found = gains.tables(rows.iloc[::-1], "last", BASES)
    assert [key[3] for key in found] == ["cosine", "wsd"]  # as in the rows
    expected = rows[rows["schedule"] == "wsd"].pivot(
        index="seed", columns="lr", values="last"
    )
    table = found["a", "adam", 1.0, "wsd"]
    assert table.to_dict() == expected.to_dict() and table.columns.tolist() == [0.1, 1]
    assert found["a", "adam", 1.0, "cosine"].to_numpy().tolist() == [[0.6], [2.0]]


def test_a_peak_is_chosen_by_the_other_seeds():
    """Seed 3 alone prefers 0.1; it may not choose what it is judged at."""
    losses = {
        "constant": {0.1: [1.0, 1.0, 1.0]},
        "cosine": {0.1: [0.9, 0.9, 0.2], 1.0: [0.6, 0.6, 0.8]},
    }
    found = gains.gains(rows_of(losses), bases=BASES)
    # Means of the others: seeds 1 and 2 see .55 and .7, so 0.1; seed 3 sees .9 and .6.
    # Judged are .9, .9 and .8.
    assert found["gain"].tolist() == pytest.approx([0, 10])
    assert found["schedule"].tolist() == ["constant", "cosine"]


def test_of_equal_schedules_none_gains():
    own = {0.1: [1.0, 1.2, 1.4], 1.0: [1.3, 1.1, 1.2]}
    rows = rows_of({"constant": own, "cosine": own, "wsd": own})
    for options in ({}, {"own_peak": False}, {"chosen_by": "half"}):
        assert gains.gains(rows, bases=BASES, **options)["gain"].tolist() == [0, 0, 0]


def test_without_a_peak_of_its_own_a_schedule_has_the_best_constant_rate():
    losses = {
        "constant": {0.1: [1.0, 1.0], 1.0: [1.5, 1.5]},
        "cosine": {0.1: [1.2, 1.2], 1.0: [0.5, 0.5]},
    }
    rows = rows_of(losses)
    assert gains.gains(rows, bases=BASES)["gain"].tolist() == [0, 50]
    alike = gains.gains(rows, bases=BASES, own_peak=False)["gain"]
    assert alike.tolist() == pytest.approx([0, -20])


def test_a_training_stopped_halfway_has_the_peak_of_the_whole():
    losses = {
        "constant": {0.1: [1.0, 1.0], 1.0: [1.5, 1.5]},
        "cosine": {0.1: [1.2, 1.2], 1.0: [0.5, 0.5]},
    }
    rows = rows_of(losses)
    at_half = {("constant", 0.1): 1.6, ("constant", 1.0): 1.2,
               ("cosine", 0.1): 0.9, ("cosine", 1.0): 1.5}  # fmt: skip
    keys = rows[["schedule", "lr"]].itertuples(index=False, name=None)
    rows["half"] = [at_half[key] for key in keys]
    found = gains.gains(rows, "half", chosen_by="last", bases=BASES)["gain"]
    assert found.tolist() == pytest.approx([0, -25])  # 1.5 at 1.0; the constant 1.2
    assert gains.gains(rows, "half", bases=BASES)["gain"].tolist() == [0, 25]


@pytest.mark.parametrize("lost", [np.nan, np.inf, 99.0])
def test_a_lost_training_counts_as_a_constant_prediction(lost):
    losses = {"constant": {0.1: [1.0] * 3}, "cosine": {0.1: [1.0, lost, lost]}}
    found = gains.gains(rows_of(losses), bases=BASES)
    assert found["gain"].tolist() == [0, -100]  # the median is the 2 of the guess
    assert found["lost"].tolist() == pytest.approx([0, 2 / 3])


def test_a_peak_at_which_one_of_the_other_seeds_is_lost_is_not_chosen():
    losses = {
        "constant": {0.1: [1.0] * 4},
        "cosine": {0.1: [0.9] * 4, 1.0: [0.8, 0.8, 0.8, np.nan]},
    }
    found = gains.gains(rows_of(losses), bases=BASES)
    # Seeds 1 to 3 stay at 0.1; seed 4, which sees none lost, goes to 1.0 and is lost.
    assert found["gain"].tolist() == pytest.approx([0, 10])
    assert found["lost"].tolist() == [0, 0.25]


def test_a_mean_over_tasks_has_an_interval_clustered_by_task():
    found = pd.DataFrame(
        [["a", 4.0, 0.0], ["a", 6.0, 1.0], ["b", 1.0, 0.0], ["b", -1.0, 0.0]],
        columns=["task", "cosine", "wsd"],
    ).assign(optimizer=["adam", "momentum"] * 2, budget=1.0)
    long = found.melt([*gains.CASE], var_name="schedule", value_name="gain")
    table = gains.summarize(long, ["schedule", "budget"])
    # Means 5 and 0 of two tasks: error 2.5, t(1) = 12.706.
    row = table.loc[("cosine", 1.0)]
    assert row["mean"] == 2.5 and row["median"] == 2.5 and row["better"] == 0.75
    assert row["high"] - row["mean"] == pytest.approx(12.7062 * 2.5)
    # Differences 4, 5 | 1, -1: means 4.5 and 0.
    mean, low, high = gains.difference(long, "cosine", "wsd")
    assert (mean, high - low) == pytest.approx((2.25, 2 * 12.7062 * 2.25))


def test_peaks_beside_the_best_constant_rate():
    losses = {
        "constant": {0.1: [1.0], 1.0: [1.1], 10.0: [3.0]},
        "cosine": {0.1: [1.0], 1.0: [0.8], 10.0: [0.7]},
    }
    found = gains.best_peaks(rows_of(losses), bases=BASES).set_index("schedule")
    assert found["peak"].to_dict() == {"constant": 0.1, "cosine": 10.0}
    assert found["ratio"].to_dict() == pytest.approx({"constant": 1, "cosine": 100})
    assert found["edge"].to_dict() == {"constant": True, "cosine": True}


def test_lost_shares_by_distance_to_the_best_constant_rate():
    """Of 2 at the guess and 1 at best, a loss above 1.5 has lost."""
    losses = {
        "constant": {0.0464: [1.2, 1.2], 0.1: [1.0, 1.0], 0.215: [1.6, 1.2]},
        "warmup": {0.0464: [1.2, 1.2], 0.1: [1.0, 1.0], 0.215: [1.4, np.nan]},
    }
    table = gains.lost_shares(rows_of(losses), bases=BASES)
    assert table.index.tolist() == [-1, 0, 1]
    assert table["constant"].tolist() == [0, 0, 0.5]
    assert table["warmup"].tolist() == [0, 0, 0.5]


def test_the_committed_rows_are_whole():
    rows = trainings.read_rows()
    assert len(NAMES) == 6 and len(OPTIMIZERS) == 2 and len(BUDGETS) == 3
    assert not rows.duplicated(trainings.KEYS).any()
    for key, part in rows.groupby(trainings.KEYS[:3]):
        assert len(part) == len(ARMS) * len(SEEDS) * len(trainings.rates_of(Case(*key)))
    assert rows.groupby(trainings.KEYS[:3]).ngroups == len(trainings.cases())
    assert set(rows["schedule"]) == set(ARMS)


def test_the_report_prints_the_gains_of_the_rows():
    own = {0.1: [1.0, 1.0]}
    shapes = {arm: own for arm in ARMS} | {"cosine": {0.1: [0.5, 0.5]}}
    rows = pd.concat(
        rows_of(shapes, task=task, budget=budget)
        for task in NAMES[:2]
        for budget in BUDGETS
    )
    text = "\n".join(report.lines(rows))
    assert text.count("+50.0 (+50.0 to +50.0)") == 10  # 3 budgets, 3 ways; 1 difference
    assert "cosine - wsd            +50.0 (+50.0 to +50.0)" in text
