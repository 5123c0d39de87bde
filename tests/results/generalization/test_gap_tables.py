"""The tables against the numbers that the frames were made of."""

import numpy as np
import pytest

from lr_finder.analysis.comparison.ranking import mean_interval
from lr_finder.errors import InputError
from lr_finder.results.generalization import gap_tables as tables

from ...conftest import make_gap_frames


@pytest.fixture(scope="module")
def frames():
    return make_gap_frames()


def test_a_gap_is_the_mean_over_the_seeds_that_count(frames):
    table = tables.gap_table(frames[0])
    assert len(table) == 6
    first = table.iloc[0]
    expected = mean_interval([0.1, 0.101, 0.102])
    told = [first[name] for name in ("gap", "gap_low", "gap_high")]
    np.testing.assert_allclose(told, [expected[0], *expected[2:]])
    assert first["accuracy_gap"] == pytest.approx(0.9 - 0.79)
    lost = table[table["rate"] == "0.1"]
    assert lost["n"].tolist() == [2, 2] and lost["n_lost"].tolist() == [1, 1]
    assert lost["gap_low"].isna().all()  # two seeds have no interval


def test_intervals_of_accuracies_end_at_what_there_can_be(frames):
    runs = frames[0].assign(train_accuracy=np.tile([1.0, 1.0, 0.9], 6))
    table = tables.gap_table(runs)
    assert (table["train_accuracy_high"].dropna() <= 1.0).all()


def test_at_an_equal_loss_scores_are_read_between_epochs(frames):
    """From 1 to 0.5 in the second epoch: 0.75 in its middle, with the same gap."""
    runs = tables.runs_at_loss(*frames, 0.75)
    assert runs["epoch"].eq(1.5).all()
    assert runs["train_loss"].eq(0.75).all()
    gaps = runs["test_loss"] - runs["train_loss"]
    kept = ~tables.is_lost(frames[0])
    before = (frames[0]["test_loss"] - frames[0]["train_loss"])[kept]
    np.testing.assert_allclose(gaps[kept], before)


def test_a_level_that_is_not_reached_leaves_a_run_out(frames):
    table = tables.gap_table(tables.runs_at_loss(*frames, 0.3))
    assert table["n"].tolist() == [3, 3, 2] * 2
    assert not tables.gap_table(tables.runs_at_loss(*frames, 0.1))["n"].any()


def test_the_best_rate_is_that_of_the_lowest_validation_loss(frames):
    best = tables.best_table(frames[0])
    assert best["rate"].tolist() == ["0.001", "0.001"]
    runs = frames[0].copy()
    # A lower mean over fewer seeds does not go before one over all.
    runs.loc[runs["rate"] == "0.1", "val_loss"] = 0.0
    assert tables.best_table(runs)["rate"].tolist() == ["0.001", "0.001"]


def test_the_test_rows_choose_nothing(frames):
    runs = frames[0].copy()
    runs["test_loss"] = runs["test_loss"] - 10 * runs["learning_rate"]
    assert tables.best_table(runs)["rate"].tolist() == ["0.001", "0.001"]


def test_variants_are_compared_with_the_first_of_their_optimizer(frames):
    best = tables.best_table(frames[0])
    assert np.isnan(best["difference"][0]) and np.isnan(best["p_holm"][0])
    assert best["difference"][1] == pytest.approx(-0.04)
    both = frames[0].assign(optimizer="sgd", key="s" + frames[0]["key"])
    runs = tables.best_table(type(both)([*frames[0].to_dict("records"),
                                         *both.to_dict("records")]))  # fmt: skip
    assert runs["difference"].isna().tolist() == [True, False, True, False]


def test_speed_is_counted_in_steps(frames):
    table = tables.speed_table(*frames, 0.75)
    assert table["steps"].tolist() == [15.0, 15.0]  # 1.5 epochs of 10
    assert table["n_reached"].tolist() == [3, 3]
    unreached = tables.speed_table(*frames, 0.1)
    assert unreached["steps"].isna().all() and not unreached["n_reached"].any()


def test_the_width_of_good_rates_is_that_of_each_seed(frames):
    """Validation losses .35, .45, .55 and more: 10 % above the lowest is .385."""
    table = tables.speed_table(*frames, 0.75)
    low = 0.35 + 0.001 * np.arange(3)
    expected = 0.1 * low / 0.1  # the loss rises by .1 for each decade
    assert table["decades"][0] == pytest.approx(expected.mean())
    assert table["n_open"][0] == 3  # the lowest rate is the best


def test_names_say_what_differs(frames):
    assert list(tables.name_variants(frames[0]).unique()) == ["none", "L2 0.1"]
    runs = frames[0].assign(batch_size=np.tile([8, 32, 32], 6))
    assert "none, batch 8" in set(tables.name_variants(runs))
    assert set(tables.name_variants(frames[0].iloc[:3])) == {"adam"}


def test_tables_of_something_else_are_refused(frames):
    runs, epochs = frames
    with pytest.raises(InputError, match="without test_loss"):
        tables.check_runs(runs.drop(columns="test_loss"), epochs)
    with pytest.raises(InputError, match="`epochs`"):
        tables.check_runs(runs, epochs.drop(columns="epoch"))
    with pytest.raises(InputError, match="at least"):
        tables.check_runs(runs.iloc[:0], epochs)
