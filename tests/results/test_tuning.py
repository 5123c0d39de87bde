"""A tuning: its tables against loops over its trials, its file, its sentences."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.results.tuning.tuning import Tuning

SPACE = {
    "learning_rate": {"low": 1e-4, "high": 1.0},
    "units": {"low": 4, "high": 64},
    "layer": {"choices": ["a", None]},
}
STEPS = 50


def tuning(seed=0, methods=("random", "hyperband"), budget=4):
    rng, rows = np.random.default_rng(seed), []
    for method in methods:
        for search in (0, 1):
            for number in range(6):
                is_lost = rng.random() < 0.2
                rows.append({
                    "method": method, "seed": search, "trial": number,
                    "learning_rate": 10 ** rng.uniform(-4, 0),
                    "units": int(rng.integers(4, 64)),
                    "layer": [None, "a"][number % 2],
                    "status": "diverged" if is_lost else "finished",
                    "loss": math.inf if is_lost else rng.uniform(1, 2),
                    "test_loss": rng.uniform(1, 2), "best_epoch": 3,
                    "steps": float(rng.integers(10, 50)),
                    "search_steps": 20.0 * (number == 0), "seconds": 1.0,
                })  # fmt: skip
    return Tuning(pd.DataFrame(rows), SPACE, STEPS, budget, "points", {"task": "x"})


def test_costs_and_best_are_those_of_a_loop():
    made = tuning()
    for _, own in made.to_frame().groupby(["method", "seed"]):
        cost, best = 0.0, math.inf
        for row in own.to_dict("records"):
            cost += row["steps"] + row["search_steps"]
            best = min(best, row["loss"])
            assert row["cost"] == cost and row["paid"] == cost / STEPS
            assert row["best"] == best or (math.isnan(row["best"]) and best == math.inf)


def test_the_best_when_paid_is_that_of_each_seed():
    made = tuning(1)
    frame = made.to_frame()
    for row in made.best_when_paid([1, 2.5, 4]).to_dict("records"):
        found = [
            own.loc[own["paid"] <= row["paid"], "loss"].min()
            for _, own in frame[frame["method"] == row["method"]].groupby("seed")
        ]
        finite = [one for one in found if np.isfinite(one)]
        assert row["n"] == len(finite)
        assert row["mean"] == pytest.approx(np.mean(finite))
        assert (row["low"], row["high"]) == (min(finite), max(finite))
    assert set(made.best_when_paid()["paid"]) <= {1.0, 2.0, 3.0, 4.0}


def test_a_file_holds_all_of_it(tmp_path):
    made = tuning()
    read = Tuning.load(made.save(tmp_path / "tuning.json"))
    pd.testing.assert_frame_equal(read.to_frame(), made.to_frame(), check_dtype=False)
    assert read.to_dict() == made.to_dict()
    assert read.best == made.best and type(read.best["units"]) is int
    json.dumps(made.to_dict())
    (tmp_path / "other.json").write_text('{"trials": 3}')
    for name in ("other.json", "missing.json"):
        with pytest.raises(InputError, match="Tuning.save"):
            Tuning.load(tmp_path / name)


def test_the_answer_is_the_trial_that_validated_best():
    made = tuning(2)
    best = made.trials.loc[made.trials["loss"].idxmin()]
    assert made.best["learning_rate"] == best["learning_rate"]
    assert made.best_row()["test_loss"] == best["test_loss"]
    first, *further = made.sentences()
    assert first.startswith(f"{best['method']}: validation loss {best['loss']:.4g}")
    assert any("over 2 seeds" in text for text in further)
    assert made.summary()["loss"].is_monotonic_increasing
    with pytest.raises(InputError, match="one of random, hyperband"):
        made.best_row("tpe")


def test_what_only_looked_good_and_what_lies_at_an_edge_is_said():
    rows = [{"method": "tpe", "seed": 0, "trial": 0, "learning_rate": 0.99, "units": 8,
             "layer": "a", "status": "finished", "loss": 1.0, "test_loss": 1.5,
             "steps": 50.0}]  # fmt: skip
    text = " ".join(Tuning(pd.DataFrame(rows), SPACE, STEPS, 1).sentences())
    assert "50 % above the validation loss that chose it" in text
    assert "learning_rate lies at the high end of its range, 1:" in text


def test_without_a_finite_loss_there_is_no_answer():
    made = tuning()
    lost = Tuning(made.trials.assign(loss=math.inf), SPACE, STEPS, 4)
    assert lost.best_row() is None and set(lost.best.values()) == {None}
    assert "no answer" in str(lost) and len(lost.summary()) == 2
    json.dumps(lost.to_dict())


def test_a_table_that_lacks_something_is_refused():
    trials = tuning().trials
    for broken in (trials[:0], trials.drop(columns="units")):
        with pytest.raises(InputError, match="at least one trial"):
            Tuning(broken, SPACE, STEPS, 4)
