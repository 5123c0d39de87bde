"""Runs ranked and tested, computed once more from the plain rows."""

import math

import numpy as np
import pytest

from lr_finder.results import comparison_ranks as ranks
from lr_finder.results import comparison_runs as select


@pytest.fixture
def scored(comparison_frames):
    return select.score_runs(comparison_frames[0], "accuracy")


def test_columns_of_none_are_numbers_without_a_value(comparison_frames):
    runs = comparison_frames[0].astype({"learning_rate": object, "seconds": object})
    runs["learning_rate"], runs["seconds"] = None, None
    scored = select.score_runs(runs, "accuracy")
    table = ranks.rank_table(
        select.varied(scored[scored["optimizer"] == "sgd"], "rate", "accuracy"),
        "rate", "accuracy",
    )  # fmt: skip
    assert table[["lowest_rate", "highest_rate", "seconds"]].isna().all(axis=None)
    assert len(table) == 3


def test_a_table_holds_the_facts_of_each_way(scored):
    runs = select.varied(scored[scored["optimizer"] == "sgd"], "rate", "accuracy")
    table = ranks.rank_table(runs, "rate", "accuracy").set_index("rate")
    for rate, own in runs.groupby("rate"):
        row = table.loc[rate]
        assert row["mean"] == pytest.approx(math.fsum(own["test_accuracy"]) / 5)
        assert row["seconds"] == pytest.approx(math.fsum(own["seconds"]) / 5)
        rates = sorted(own["learning_rate"])
        assert (row["lowest_rate"], row["highest_rate"]) == (rates[0], rates[-1])
        assert (row["n"], row["diverged"], row["optimizer"]) == (5, 0, "sgd")
    assert (table["search_seconds"] > 0).tolist() == [
        rate == "found" for rate in table.index
    ]


def test_an_effect_is_the_mean_over_cells_seed_by_seed(scored):
    runs = select.varied(scored, "batch_size", "accuracy")
    table = ranks.effect_table(runs, "batch_size", "optimizer", "accuracy")
    pivot = runs.pivot(index="seed", columns=["batch_size", "optimizer"])["score"]
    for row in table.to_dict("records"):
        by_seed = [np.mean(values) for values in pivot[row["batch_size"]].to_numpy()]
        assert row["mean"] == pytest.approx(np.mean(by_seed))
        assert row["sd"] == pytest.approx(np.std(by_seed, ddof=1))
        assert row["n"] == 5
    assert set(table["over"]) == {"sgd, momentum, rmsprop, adam"}


def test_cells_without_all_levels_are_left_out_of_an_effect(scored):
    runs = select.varied(scored, "batch_size", "accuracy")
    fewer = runs[(runs["optimizer"] != "sgd") | (runs["batch_size"] != 128)]
    table = ranks.effect_table(fewer, "batch_size", "optimizer", "accuracy")
    assert set(table["over"]) == {"momentum, rmsprop, adam"}
    without = runs[runs["optimizer"] != "sgd"]
    other = ranks.effect_table(without, "batch_size", "optimizer", "accuracy")
    assert table["mean"].tolist() == other["mean"].tolist()
    alone = runs[(runs["optimizer"] == "sgd") == (runs["batch_size"] == 128)]
    assert ranks.effect_table(alone, "batch_size", "optimizer", "accuracy").empty
