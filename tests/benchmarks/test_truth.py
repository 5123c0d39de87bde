import doctest
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.suggestion_quality import truth as module
from benchmarks.suggestion_quality.tasks import CONSTANT_LOSSES, OPTIMIZERS, TASKS
from benchmarks.suggestion_quality.truth import COLUMNS, RATES, SEEDS, Truth

CASE = ("digits_linear", "sgd")


def rows_of(best, last, base=2.0):
    """Three seeds at one rate."""
    columns = {"task": "t", "optimizer": "sgd", "seed": [1, 2, 3], "lr": 0.1}
    values = {"best": best, "last": last, "evaluations": 20, "base": base}
    return pd.DataFrame(columns | values)


def test_there_are_enough_tasks_and_most_need_no_files():
    assert len(TASKS) >= 12
    assert sum(not task.needs_data for task in TASKS.values()) >= 8
    for task in TASKS.values():
        assert task.budget >= 700 and task.budget % 20 == 0


# Those that draw whole numbers at random from few possible inputs may share some.
DRAWN = {"counting_attention", "ratings_embedding"}


@pytest.mark.parametrize(
    "name", [n for n, t in TASKS.items() if not t.needs_data and n not in DRAWN]
)
def test_training_and_validation_share_no_sample(name):
    parts = TASKS[name].load()
    if name == "digits_autoencoder":
        np.testing.assert_array_equal(parts.x, parts.y)
    train = {sample.tobytes() for sample in parts.x}
    shared = sum(sample.tobytes() in train for sample in parts.x_validation)
    assert shared <= 1  # two flowers of iris are equal


def test_the_best_constant_prediction_is_found_by_search():
    y = np.array([[0.0], [1.0], [1.0], [5.0]])
    constants = np.linspace(-1, 6, 7001)
    assert CONSTANT_LOSSES["mse"](y) == pytest.approx(
        min(np.mean((y - c) ** 2) for c in constants), rel=1e-4
    )
    assert CONSTANT_LOSSES["mae"](y) == pytest.approx(
        min(np.mean(np.abs(y - c)) for c in constants), rel=1e-4
    )
    labels = np.array([0, 1, 1, 1])
    shares = np.linspace(0.001, 0.999, 999)
    assert CONSTANT_LOSSES["classes"](labels) == pytest.approx(
        min(-np.mean(np.where(labels, np.log(p), np.log(1 - p))) for p in shares)
    )


def test_regret_is_linear_in_log10_between_the_rates_of_the_grid(truth):
    assert truth.regret(0.1) == 0
    assert truth.regret(1.0) == 0.5
    assert truth.regret(10**-0.5) == pytest.approx(0.25)
    assert truth.regret(1e-9) == 0  # beyond the grid as at its end
    for nothing in (None, np.nan, np.inf, 0.0):
        assert truth.regret(nothing) == 1
    assert truth.excess(1.0) == 1 and truth.excess(None) == 2
    assert truth.distance(1.0) == 1 and np.isnan(truth.distance(None))


def test_the_examples_in_the_docstrings_hold():
    names = {"Truth": Truth, "np": np}
    assert doctest.testmod(module, extraglobs=names).failed == 0


@pytest.mark.parametrize(
    ("best", "last", "expected"),
    [
        ([1.0, 1.5, 1.9], [1.0, 1.5, 1.9], 1.5),  # the median
        ([1.0, 1.5, 1.9], [1.0, np.nan, np.inf], 2.0),  # two of three diverged
        ([1.0, 9.0, 9.0], [1.0, 9.0, 9.0], 2.0),  # never beat the constant
        ([1.0, 1.2, 1.4], [1.0, 99.0, 99.0], 1.2),  # grew worse, but had been there
    ],
)
def test_a_training_counts_as_the_constant_prediction_once_lost(best, last, expected):
    assert module.make_truth(rows_of(best, last)).losses == [expected]


class Trainer:
    """Counts trainings in place of making them."""

    def __init__(self):
        self.cases = []

    def __call__(self, task, optimizer, rates, seeds):
        self.cases.append((task.name, optimizer))
        return np.ones((len(seeds), len(rates), 20))


def extend(path, trainer, cases):
    return list(module.extend(cases, trainer, path))


def test_what_is_in_the_file_is_not_trained_again(tmp_path):
    path, cases = tmp_path / "truth.csv", [CASE, ("digits_linear", "adam")]
    trainer = Trainer()
    assert extend(path, trainer, cases[:1]) == cases[:1]
    assert extend(path, trainer, cases) == cases[1:]
    assert trainer.cases == cases
    rows = module.read_rows(path)
    assert list(rows) == COLUMNS and len(rows) == 2 * len(RATES) * len(SEEDS)


@pytest.mark.parametrize("torn", [1, 10, 70, 2000])
def test_a_kill_while_writing_loses_that_case_alone(tmp_path, torn):
    path, cases = tmp_path / "truth.csv", [CASE, ("digits_linear", "adam")]
    extend(path, Trainer(), cases)
    path.write_bytes(path.read_bytes()[:-torn])
    trainer = Trainer()
    assert extend(path, trainer, cases) == cases[1:]
    again = module.read_rows(path)
    assert len(again) == 2 * len(RATES) * len(SEEDS)
    assert not again.duplicated(module.KEYS).any()
    assert set(module.load_truth.__wrapped__(path)) == set(cases)


def test_the_committed_truth_is_whole_and_belongs_to_these_tasks():
    rows = module.read_rows()
    assert len(rows) == len(TASKS) * len(OPTIMIZERS) * len(RATES) * len(SEEDS)
    assert sorted(rows["lr"].unique()) == sorted(RATES)
    for name, base in rows.groupby("task")["base"].first().items():
        if not TASKS[name].needs_data:
            assert base == pytest.approx(TASKS[name].base_loss(), rel=1e-4)


@pytest.mark.slow
def test_the_engine_trains_as_fit_does():
    pytest.importorskip("jax")
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "benchmarks.suggestion_quality", "check"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    found = re.findall(r"differ by (\S+) early, (\S+) at most", run.stdout)
    early, overall = np.array(found, float).T
    assert len(early) >= 3 and early.max() < 1e-5 and overall.max() < 0.02


def test_a_full_search_by_hand():
    """Two rates; the third seed alone prefers the second one."""
    losses = {1: (1.0, 2.0), 2: (1.0, 2.0), 3: (2.0, 1.0)}
    rows = pd.DataFrame(
        {"task": "t", "optimizer": "o", "seed": seed, "lr": lr, "best": loss,
         "last": loss, "base": 3.0}
        for seed, pair in losses.items()
        for lr, loss in zip((0.1, 1.0), pair, strict=True)
    )  # fmt: skip
    # By all seeds: medians 1 and 2, so regrets 0, 0 and 1/2. By the other two: medians
    # 1.5 and 1.5 for the first two seeds, 1 and 2 for the third.
    assert module.grid_search_regrets(rows) == pytest.approx((1 / 6, 1 / 6))
