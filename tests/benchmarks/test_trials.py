"""Recorded trainings: what is stored comes back, and plays the part of a trainer."""

import doctest

import numpy as np
import pytest

from benchmarks.suggestion_quality import trials as module
from benchmarks.suggestion_quality.sweeps import SEEDS
from benchmarks.suggestion_quality.tasks import OPTIMIZERS, TASKS
from benchmarks.suggestion_quality.trials import EVALUATIONS, RATES, Recorded
from lr_finder.analysis.verification.halving import halve

CASES = [("digits_linear", "sgd"), ("digits_linear", "adam")]


class Engine:
    """Losses that are known, in place of trainings."""

    def __init__(self):
        self.cases = []

    def __call__(self, task, optimizer, rates, seeds, evaluations):
        self.cases.append((task.name, optimizer))
        assert evaluations == EVALUATIONS
        losses = 1e5 * np.geomspace(1, 1e-3, 40) * np.ones((len(seeds), len(rates), 1))
        losses[:, -1, 20:] = np.inf
        return losses, np.ones((len(seeds), len(rates), evaluations))


@pytest.fixture
def recorded():
    steps = np.arange(60)
    losses = [np.exp(-steps * rate) for rate in (0.01, 0.1)]
    losses.append(np.where(steps < 20, 1.0, 1e9))  # diverges
    return Recorded(np.array([0.01, 0.1, 1.0]), np.array(losses))


def test_what_is_in_the_file_is_not_trained_again(tmp_path):
    path, engine = tmp_path / "trials.npz", Engine()
    assert list(module.extend(CASES[:1], engine, path)) == CASES[:1]
    assert list(module.extend(CASES, engine, path)) == CASES[1:]
    assert engine.cases == CASES


def test_losses_of_any_size_come_back_to_three_digits(tmp_path):
    path = tmp_path / "trials.npz"
    list(module.extend(CASES[:1], Engine(), path))
    found = module.load_trials(path)[CASES[0]]
    assert len(found) == len(SEEDS)
    losses = found[0].run(RATES[0], 0, 40, is_kept=False).losses
    np.testing.assert_allclose(losses, 1e5 * np.geomspace(1, 1e-3, 40), rtol=1e-3)
    last = found[0].run(RATES[-1], 0, 40, is_kept=False)
    assert last.has_diverged and len(last.losses) == 21
    assert np.isinf(last.losses[-1])
    assert module.load_trials(tmp_path / "none.npz") == {}


def test_a_stretch_goes_on_where_the_last_one_ended(recorded):
    whole = recorded.run(0.1, 0, 40, is_kept=True)
    parts = [recorded.run(0.1, *ends, is_kept=True) for ends in ((0, 15), (15, 40))]
    joined = np.concatenate([part.losses for part in parts])
    np.testing.assert_array_equal(joined, whole.losses)
    np.testing.assert_array_equal(whole.losses, np.exp(-0.1 * np.arange(40)))
    assert not whole.has_diverged


def test_a_training_that_diverges_ends_there(recorded):
    assert not recorded.run(1.0, 0, 20, is_kept=True).has_diverged
    stretch = recorded.run(1.0, 20, 50, is_kept=True)
    assert stretch.has_diverged and 1 <= len(stretch.losses) < 10
    assert recorded.run(500.0, 0, 20, is_kept=True).has_diverged  # beyond the table
    with pytest.raises(ValueError, match="61 steps wanted of 60"):
        recorded.run(0.1, 0, 61, is_kept=True)


def test_the_nearest_rate_stands_for_another(recorded):
    near = {0.01: 0.012, 0.1: 0.3, 1.0: 0.4}
    assert {recorded.nearest(rate) for rate in near.values()} == set(near)
    assert all(recorded.nearest(rate) == known for known, rate in near.items())
    assert np.isnan(recorded.nearest(10.0)) and np.isnan(recorded.nearest(1e-3))


def test_halving_takes_it_for_a_trainer(recorded):
    found = halve(recorded, [0.01, 0.1, 1.0], 120)
    assert found.winner == 0.1


def test_the_committed_record_covers_every_case_for_a_verification():
    found = module.load_trials()
    assert set(found) == {(task, kind) for task in TASKS for kind in OPTIMIZERS}
    for (task, _), seeds in found.items():
        assert len(seeds) == len(SEEDS)
        steps = TASKS[task].budget * EVALUATIONS // 20
        assert all(one.losses.shape == (len(RATES), steps) for one in seeds)


def test_the_example_in_the_docstring_holds():
    names = {"Recorded": Recorded, "np": np}
    assert doctest.testmod(module, extraglobs=names).failed == 0
