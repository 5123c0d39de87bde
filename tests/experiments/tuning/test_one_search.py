"""Searches on a stand-in for trainings: what they pay, and that they go on."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.tuning.one_search import OneSearch
from lr_finder.experiments.tuning.search_space import as_space
from lr_finder.experiments.tuning.studies import (
    METHODS,
    open_study,
    opened_storage,
    trials_of,
)
from lr_finder.experiments.tuning.trial_training import Searched

STEPS, EPOCHS, SWEPT = 90, 9, 30
SPACE = as_space({"learning_rate": (1e-5, 1.0), "batch_size": [16, 32]})
BEST = 1e-2  # the loss is the distance to it, in decades


class StandIn:
    """What a Trainer would do, at once."""

    training_steps = STEPS
    settings = SimpleNamespace(epochs=EPOCHS, batch_size=32)

    def __init__(self, killed_after=math.inf, finds=True):
        self.made, self.killed_after, self.finds = 0, killed_after, finds
        self.spent = 0.0

    def model_for(self, values, seed):
        return None

    def search_cost(self, values, verified):
        return SWEPT

    def search(self, model, values, seed, verified):
        self.spent += SWEPT
        rate = BEST * 10 ** np.random.default_rng(seed).normal(scale=0.1)
        found = SimpleNamespace(lr=rate, low=rate / 5, high=rate * 5)
        return Searched(
            found if self.finds else None, SWEPT, "" if self.finds else "no"
        )

    def train(self, model, values, seed, stop):
        if self.made == self.killed_after:
            raise KeyboardInterrupt
        self.made += 1
        off = abs(math.log10(values["learning_rate"] / BEST))
        for epoch in range(1, EPOCHS + 1):
            if stop(epoch, off + 1 / epoch):
                break
        steps = STEPS * epoch / EPOCHS
        self.spent += steps
        status = "finished" if epoch == EPOCHS else "pruned"
        return {"status": status, "loss": off + 1 / epoch, "steps": steps,
                "test_loss": off, "best_epoch": epoch, "seconds": 0.0}  # fmt: skip


def search(method, trainer, out=None, budget=10, seed=0, about=None):
    with opened_storage(out) as storage:
        study = open_study(storage, method, seed, about=about or {}, epochs=EPOCHS)
        return OneSearch(
            trainer, SPACE, study, method=method, seed=seed, budget=budget
        ).run()


@pytest.mark.parametrize("method", METHODS)
def test_all_that_is_spent_is_counted_and_the_budget_holds(method):
    trainer = StandIn()
    rows = search(method, trainer)
    counted = sum(row["steps"] + row["search_steps"] for row in rows)
    assert counted == pytest.approx(trainer.spent)
    assert 9 * STEPS - SWEPT <= counted <= 10 * STEPS
    assert [row["trial"] for row in rows] == list(range(len(rows)))
    swept = [row["search_steps"] for row in rows]
    expected = {"sweep": [SWEPT] * len(rows), "narrowed": [SWEPT] + [0] * 8}
    assert swept == expected.get(method, [0] * len(rows))
    assert (method == "hyperband") == any(row["status"] == "pruned" for row in rows)


@pytest.mark.few(2)
@pytest.mark.parametrize("method", METHODS)
def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(method, tmp_path):
    whole = search(method, StandIn())
    with pytest.raises(KeyboardInterrupt):
        search(method, StandIn(killed_after=4), tmp_path)
    trainer = StandIn()
    rows = search(method, trainer, tmp_path)
    assert trainer.made == len(rows) - 4
    # Optuna draws a bracket, and a generation, with trials that failed counted too.
    if method in ("hyperband", "evolution"):
        assert rows[:4] == whole[:4]
    else:
        assert rows == whole
    nothing = StandIn()
    assert search(method, nothing, tmp_path) == rows and nothing.made == 0


def test_a_larger_budget_goes_on(tmp_path):
    few = search("tpe", StandIn(), tmp_path, budget=4)
    more = search("tpe", StandIn(), tmp_path, budget=8)
    assert more[:4] == few and len(more) == 8
    assert more == search("tpe", StandIn(), budget=8)


def test_the_narrowed_search_begins_with_the_suggestion_and_stays_inside():
    rows = search("narrowed", StandIn())
    low, high = rows[0]["low"], rows[0]["high"]
    assert rows[0]["learning_rate"] == pytest.approx(low * 5)
    assert all(low <= row["learning_rate"] <= high for row in rows)
    assert {row["batch_size"] for row in rows} == {16, 32}


def test_without_a_suggestion_the_whole_range_is_searched():
    rows = search("narrowed", StandIn(finds=False), budget=20)
    rates = [row["learning_rate"] for row in rows]
    assert max(rates) / min(rates) > 1000 and rows[0]["message"] == "no"
    none = search("sweep", StandIn(finds=False), budget=3)
    assert {row["status"] for row in none} == {"no_rate"}
    assert sum(row["search_steps"] for row in none) <= 3 * STEPS


def test_each_combination_of_a_grid_is_tried_once():
    rows = search("grid", StandIn(), budget=11)
    tried = {(row["learning_rate"], row["batch_size"]) for row in rows}
    assert len(rows) == len(tried) == 10


def test_bayesian_search_ends_nearer_than_random_search():
    """Over five seeds: as it should on a loss with one valley."""
    ends = {
        method: np.mean([
            min(row["loss"] for row in search(method, StandIn(), budget=25, seed=seed))
            for seed in range(5)
        ])
        for method in ("tpe", "random")
    }  # fmt: skip
    assert ends["tpe"] <= ends["random"]


def test_a_budget_without_room_for_a_sweep_is_refused():
    with pytest.raises(InputError, match="1.4 trainings of 90 steps"):
        search("sweep", StandIn(), budget=1.2)


def test_a_study_about_something_else_is_refused(tmp_path):
    search("random", StandIn(), tmp_path, budget=2, about={"space": {"a": [1, 2]}})
    with pytest.raises(InputError, match="same space.*'a': \\[1, 2\\]"):
        search("random", StandIn(), tmp_path, about={"space": {"b": [1]}})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tuning.sqlite").write_text("no database" * 100)
    with pytest.raises(InputError, match="no other tuning.sqlite"):
        search("random", StandIn(), tmp_path / "other")


def test_nothing_is_kept_of_a_trial_that_did_not_end(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        search("random", StandIn(killed_after=2), tmp_path)
    with opened_storage(tmp_path) as storage:
        study = open_study(storage, "random", 0, about={}, epochs=EPOCHS)
        assert len(trials_of(study)) == 2
