"""What the benchmark of fine-tuning makes of rows whose losses are given."""

import keras
import numpy as np
import pytest

from benchmarks import fine_tuning
from lr_finder.training.optimizer_rates import Rates, current_rate


def row(way, seed, losses, body=1e-3, head=1e-3, accuracy=0.5):
    return {"way": way, "seed": seed, "body": body, "head": head, "steps": 10,
            "losses": losses, "accuracy": accuracy}  # fmt: skip


@pytest.fixture
def rows():
    return [
        row("grid 1e-05 0.001", 0, [1.2, 1.0, 1.1], body=1e-5),
        row("grid 1e-05 0.001", 1, [1.2, 0.8, 1.1], body=1e-5),
        row("grid 1e-06 0.001", 0, [0.9], body=1e-6),  # best once, not on the mean
        row("grid 1e-06 0.001", 1, [1.5], body=1e-6),
        row("swept", 0, [1.3, 1.1]),
        row("swept", 1, [np.nan, np.nan]),
    ]


def test_excess_is_over_the_pair_that_is_best_on_the_mean(rows):
    frame, best = fine_tuning.scored(rows)
    assert best == "grid 1e-05 0.001"
    found = frame.set_index(["way", "seed"])["excess"]
    assert found["swept", 0] == pytest.approx(10)  # 1.1 over 1.0
    assert found["grid 1e-06 0.001", 0] == pytest.approx(-10)


def test_a_training_that_diverged_is_a_guess(rows):
    frame, _ = fine_tuning.scored(rows)
    found = frame.set_index(["way", "seed"])["excess"]
    assert found["swept", 1] == pytest.approx(100 * (np.log(5) / 0.8 - 1))


def test_what_a_killed_run_lacks(rows):
    lacking = fine_tuning.missing(rows, 0)
    assert len(lacking) == len(fine_tuning.NAMES) - 1 + 25 - 2
    assert not {"swept", "grid 1e-05 0.001"} & set(lacking)


@pytest.mark.training
def test_each_group_has_its_own_variables_and_rate():
    model = fine_tuning.with_head(fine_tuning.make_body(), fine_tuning.both_rates())
    model.optimizer.build(model.trainable_variables)
    Rates(model.optimizer, "head").set(0.5)
    rates = {each.name: current_rate(each) for each in model.optimizer.optimizers}
    assert rates == {"body": 1e-3, "head": 0.5}
    before = model.get_weights()
    Rates(model.optimizer, "body").set(0.0)
    x = np.random.default_rng(0).normal(size=(8, 16, 16, 3))
    model.fit(x, np.arange(8) % 5, verbose=0)
    changed = [
        not np.array_equal(a, b)
        for a, b in zip(before, model.get_weights(), strict=True)
    ]
    assert changed == [False] * (len(before) - 2) + [True, True]


@pytest.mark.slow
@pytest.mark.training
def test_each_way_begins_where_the_head_left_it(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    data = rng.normal(size=(20, 16, 16, 3)), np.arange(20) % 5
    keras.utils.set_random_seed(0)
    model = fine_tuning.with_head(fine_tuning.make_body(), fine_tuning.both_rates())
    before = model.get_weights()
    monkeypatch.setattr(fine_tuning, "pretrained", lambda seed: (model, *[data] * 3))
    monkeypatch.setattr(fine_tuning, "SEEDS", (0,))
    monkeypatch.setattr(fine_tuning, "NAMES", {"none": "", "default": ""})
    monkeypatch.setattr(fine_tuning, "BODY", (1e-3,))
    monkeypatch.setattr(fine_tuning, "HEAD", (1e-3,))
    path = tmp_path / "rows.jsonl"
    fine_tuning.run(path, tell=lambda line: None)
    none, default, grid = fine_tuning.read_rows_about(path, fine_tuning.ABOUT)
    assert grid["losses"] == default["losses"] != none["losses"]  # the same rates
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    fine_tuning.run(path, tell=lambda line: pytest.fail("made again"))
