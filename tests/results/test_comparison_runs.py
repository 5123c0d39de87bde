"""How runs are scored and settings chosen, computed once more from the plain rows."""

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.results import comparison_runs as select

from ..conftest import make_comparison_frames


@pytest.fixture
def scored(comparison_frames):
    return select.score_runs(comparison_frames[0], "accuracy")


def means_by_setting(runs, column):
    """Mean of a column over the finished runs of each setting, in plain Python."""
    values = defaultdict(list)
    for row in runs.to_dict("records"):
        if row["status"] == "finished":
            values[tuple(row[name] for name in select.SETTING)].append(row[column])
    return {setting: math.fsum(each) / len(each) for setting, each in values.items()}


def test_a_run_that_did_not_finish_has_no_score(comparison_frames):
    runs = comparison_frames[0].copy()
    ends = ["no_rate", "failed", "died", "diverged"]
    runs.loc[runs.index[:4], "status"] = ends  # their scores are still there
    runs.loc[runs.index[4], "test_accuracy"] = np.nan
    scored = select.score_runs(runs, "accuracy")
    assert scored["score"][:5].isna().all() and scored["val_score"][:4].isna().all()
    assert scored["reason"][:5].tolist() == [
        "found no rate", "failed", "died", "diverged", "could not be scored",
    ]  # fmt: skip
    whole = scored.index[scored["reason"] == ""]
    assert set(runs.loc[whole, "status"]) == {"finished"}
    assert scored["score"][whole].equals(runs["test_accuracy"][whole])


def test_the_best_setting_is_that_of_the_best_validation_mean(scored):
    means = means_by_setting(scored, "val_accuracy")
    found = select.best_settings(scored, ["model", "optimizer"], "accuracy")
    for row in found.to_dict("records"):
        own = {k: v for k, v in means.items() if k[1] == row["optimizer"]}
        best = max(own, key=own.get)
        assert tuple(row[name] for name in select.SETTING) == best
        assert row["val_mean"] == pytest.approx(own[best])
        assert row["n"] == 5


def test_test_scores_choose_nothing(scored):
    wrong = scored.assign(score=-scored["score"], test_accuracy=0.0)
    for by in (["optimizer"], ["model", "rate"]):
        pd.testing.assert_frame_equal(
            select.best_settings(wrong, by, "accuracy"),
            select.best_settings(scored, by, "accuracy"),
        )


def test_a_setting_of_fewer_seeds_is_chosen_by_none(scored):
    best = select.best_settings(scored, ["optimizer"], "accuracy").iloc[0]
    is_best = (scored[select.SETTING] == best[select.SETTING]).all(axis=1)
    fewer = scored.drop(scored.index[is_best][:1])
    next_best = select.best_settings(fewer, ["optimizer"], "accuracy").iloc[0]
    own = {
        setting: mean
        for setting, mean in means_by_setting(scored, "val_accuracy").items()
        if setting[1] == best["optimizer"] and setting != tuple(best[select.SETTING])
    }
    assert tuple(next_best[select.SETTING]) == max(own, key=own.get)


def test_the_lowest_loss_is_the_best():
    runs = select.score_runs(make_comparison_frames(is_regression=True)[0], "loss")
    means = means_by_setting(runs, "val_loss")
    row = select.best_settings(runs, ["model"], "loss").iloc[0]
    assert tuple(row[select.SETTING]) == min(means, key=means.get)


def test_an_optimizer_that_always_diverges_keeps_a_row():
    runs = make_comparison_frames(
        ("adam", "lion"), ("0.1",), diverged=[("lion", "0.1")]
    )[0]
    scored = select.score_runs(runs, "accuracy")
    found = select.best_settings(scored, ["optimizer"], "accuracy")
    assert found["optimizer"].tolist() == ["adam", "lion"]
    assert found["n"].tolist() == [5, 0]


@pytest.mark.parametrize(
    "factor, levels",
    [
        ("rate", {"0.01", "0.001", "found"}),
        ("batch_size", {32, 64, 128}),
        ("initializer", {"he_normal", "glorot_uniform"}),
    ],
)
def test_one_factor_varies_and_nothing_else(scored, factor, levels):
    runs = select.varied(scored, factor, "accuracy")
    assert runs["optimizer"].nunique() == 4
    held = [name for name in select.SETTING if name != factor]
    for _, own in runs.groupby("optimizer"):
        assert set(own[factor]) == levels
        assert len(own[held].drop_duplicates()) == 1
        assert len(own) == 5 * len(levels)


def test_of_a_full_grid_the_place_that_validated_best_is_held(scored):
    grid = []
    for batch_size, bonus in ((16, 0.1), (64, 0.0)):
        base = scored[(scored["batch_size"] == 64) & (scored["rate"] != "found")]
        grid.append(base.assign(batch_size=batch_size,
                                val_score=base["val_score"] + bonus))  # fmt: skip
    runs = select.varied(pd.concat(grid), "rate", "accuracy")
    assert set(runs["batch_size"]) == {16}


def test_unscored_runs_are_counted_by_reason(scored):
    lost = scored[(scored["optimizer"] == "rmsprop") & (scored["rate"] != "found")]
    assert select.format_unscored(lost) == "5 of 10 runs diverged"
    assert select.format_unscored(lost[lost["score"].notna()]) == ""


def test_what_is_no_comparison_is_refused(comparison_frames):
    runs = comparison_frames[0]
    with pytest.raises(InputError, match="a table without seed, seconds"):
        select.check_frame("runs", runs.drop(columns=["seed", "seconds"]),
                           select.RUN_COLUMNS)  # fmt: skip
    with pytest.raises(InputError, match="two of cnn, sgd, 0.01, 64, he_normal, seed"):
        select.score_runs(pd.concat([runs, runs[:1]]), "accuracy")
    with pytest.raises(InputError, match="Give metric='loss'"):
        select.score_runs(runs.assign(test_accuracy=np.nan), "accuracy")
    with pytest.raises(InputError, match="Received: none"):
        select.score_runs(runs[:0], "accuracy")
