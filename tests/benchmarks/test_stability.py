"""The stored studies of notebook 07: their rules, and that they are whole."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.stability import small, tables
from lr_finder import reference


def test_one_weight_flips_above_two_over_the_curvature_of_its_minimum():
    """The published figures: settled at .707, between .629 and .813, wandering."""
    x, y = np.array([[4.0], [4.0], [4.0], [-1.0]]), np.ones(4)

    def last(rate):
        steps = reference.steps_of(
            lambda w: reference.logistic_loss_and_gradients(w, x, y),
            {"w": np.zeros(1)}, learning_rate=rate,
        )  # fmt: skip
        path = [next(steps).parameters["w"].item() for _ in range(400)]
        return {round(w, 3) for w in path[-50:]}

    assert last(2.8) == {0.707}
    assert last(3.0) == {0.629, 0.813}
    assert len(last(4.0)) > 20
    curvature = reference.logistic_curvature({"w": np.array([0.7071])}, x)
    assert 2 / curvature == pytest.approx(2.91, abs=0.005)


def test_the_curvature_by_differences_is_that_of_the_closed_form():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 3)), rng.integers(0, 2, 50).astype(float)
    weights = {"w": rng.normal(size=3)}
    found = small.curvature_at(
        lambda p: reference.logistic_loss_and_gradients(p, x, y), weights
    )
    assert found == pytest.approx(reference.logistic_curvature(weights, x), rel=1e-6)


@pytest.mark.parametrize("multiple", [0.9, 1.1])
def test_a_linear_model_flips_at_one(multiple):
    row = small.measure_convexity("linear", multiple, seed=0)
    assert row["outcome"] == ("diverged" if multiple > 1 else "converged")


def test_a_saddle_is_left_and_a_valley_is_not():
    assert small.measure_escape("saddle", "SGD", 0)["steps"] > 50
    assert small.measure_escape("saddle", "momentum", 0)["steps"] < 200
    assert small.measure_escape("valley", "Adam", 0)["steps"] is None


def test_a_journal_is_gone_on_with(tmp_path, monkeypatch):
    monkeypatch.setattr(small, "STORED", tmp_path)
    made = []

    def measure(a, b):
        made.append((a, b))
        if len(made) == 3:
            raise KeyboardInterrupt
        return {"sum": a + b}

    cells = small.cells_of(a=(1, 2), b=(10, 20))
    with pytest.raises(KeyboardInterrupt):
        small.kept("sums", cells, measure)
    rows = small.kept("sums", cells, measure)
    assert made == [(1, 10), (1, 20), (2, 10), (2, 10), (2, 20)]
    assert rows["sum"].tolist() == [11, 21, 12, 22]
    assert small.stored_rows("sums").equals(rows)


def test_the_best_rate_of_a_group_is_chosen_by_the_other_seeds():
    rows = pd.DataFrame(
        [{"arm": "a", "rate": rate, "seed": seed, "outcome": "converged",
          "loss": None if rate == 1.0 and seed == 0 else rate}
         for rate in (0.1, 0.5, 1.0) for seed in range(4)]
    )  # fmt: skip
    best = tables.best_by(rows, ["arm"]).iloc[0]
    assert best["best_rate"] == 0.1 and best["loss"] == pytest.approx(0.1)


def test_the_power_of_a_straight_line_is_its_slope():
    batches = np.array([8, 32, 128, 800])
    rates = 0.01 * batches[:, None] ** np.array([0.4, 0.5, 0.6])
    mean, low, high = tables.growth(batches, rates)
    assert mean == pytest.approx(0.5) and low < 0.5 < high


@pytest.mark.parametrize("name", small.SMALL)
def test_the_stored_rows_are_whole(name):
    """Every cell once, and the tables of the guide are made of them."""
    rows = small.stored_rows(name)
    told = [n for n in rows if n not in ("steps", "loss", "outcome")]
    assert not rows.duplicated(subset=told).any()
    assert len(tables.SMALL_TABLES[name]()) > 1
