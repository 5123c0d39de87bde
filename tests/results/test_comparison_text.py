"""A comparison in words: which sentence belongs to which numbers."""

import numpy as np
import pandas as pd
import pytest

from lr_finder._text import format_rate
from lr_finder.results import comparison_text as words
from lr_finder.results.comparison import Comparison
from lr_finder.results.comparison_runs import score_runs

from ..conftest import make_comparison_frames


def found_row(**changes):
    row = {
        "model": "cnn", "optimizer": "adam", "found_rate": 2e-3, "found_low": 1e-3,
        "found_high": 3e-3, "rate": "0.01", "difference": 0.02, "difference_low": 0.01,
        "difference_high": 0.03, "p_holm": 0.004, "n": 5, "reason": "",
    }  # fmt: skip
    return row | changes


def test_runs_are_counted_with_their_ends():
    runs = make_comparison_frames(seeds=2)[0]
    assert words.format_runs(runs) == (
        "48 runs of 4 optimizers and 1 model with 2 seeds; 2 diverged"
    )
    runs.loc[runs.index[:3], "status"] = "no_rate"
    assert words.format_runs(runs, "mine").startswith("mine: 48 runs")
    assert "3 found no rate, 2 diverged" in words.format_runs(runs)
    whole = runs[runs["status"] == "finished"][:1]
    assert words.format_runs(whole) == (
        "1 run of 1 optimizer and 1 model with 1 seed; all finished"
    )


def test_callbacks_are_told_where_they_are_known():
    runs = make_comparison_frames(seeds=2)[0]
    assert words.format_callbacks(runs) == ""  # of an earlier version
    told = runs.assign(callbacks="early stopping")
    assert words.format_runs(told).endswith("; 2 diverged; callbacks: early stopping")
    told.loc[told.index[0], "callbacks"] = "none"
    assert words.format_callbacks(told) == "early stopping or none"
    told["callbacks"] = np.nan
    assert words.format_callbacks(told) == ""


@pytest.mark.parametrize(
    "metric, row, text",
    [
        ("accuracy", found_row(),
         "is better than 0.01: 2.0 points more (1.0 to 3.0), p = 0.004"),
        ("loss", found_row(),
         "is worse than 0.01: 0.02 more (0.01 to 0.03), p = 0.004"),
        ("accuracy", found_row(p_holm=0.2),
         "and 0.01 cannot be told apart with 5 seeds"),
        ("accuracy", found_row(p_holm=np.nan, reason="found rate: 1 of 5 runs failed"),
         "is not compared with 0.01: found rate: 1 of 5 runs failed"),
    ],
)  # fmt: skip
def test_a_found_rate_is_better_worse_or_not_known(metric, row, text):
    (sentence,) = words.format_found(pd.DataFrame([row]), metric)
    assert sentence == f"adam: the found rate (2e-3, 1e-3 to 3e-3) {text}"


def test_fixed_rates_that_are_as_good_stand_together():
    rows = pd.DataFrame([found_row(p_holm=0.2), found_row(p_holm=1.0, rate="0.1")])
    (sentence,) = words.format_found(rows, "accuracy")
    assert sentence.endswith("cannot be told apart from 0.01 and 0.1 with 5 seeds")


def test_found_rates_that_read_the_same_are_no_range():
    row = found_row(found_rate=4.2e-3, found_low=4.199e-3, found_high=4.201e-3)
    (sentence,) = words.format_found(pd.DataFrame([row]), "accuracy")
    assert "(4.2e-3)" in sentence


def test_seconds_are_those_of_search_and_training():
    assert words.seconds_of({"seconds": 5.5, "search_seconds": 6.0}) == 11.5
    assert words.seconds_of({"seconds": 5.5, "search_seconds": np.nan}) == 5.5


def test_a_rate_that_was_not_found_has_no_number():
    row = found_row(found_rate=np.nan, p_holm=np.nan, reason="none")
    (sentence,) = words.format_found(pd.DataFrame([row]), "accuracy")
    assert sentence == "adam: the found rate is not compared with 0.01: none"


def test_the_first_is_told_with_setting_and_score():
    row = {
        "model": "cnn", "optimizer": "adam", "rate": "found", "batch_size": 32,
        "initializer": "default", "mean": 0.8123, "low": 0.80, "high": 0.8246,
        "n": 5, "lowest_rate": 1e-3, "highest_rate": 2e-3, "reason": "",
    }  # fmt: skip
    table = pd.DataFrame([row, row | {"mean": 0.1}])
    assert words.format_first(table, "optimizer", "accuracy") == [
        "adam comes first, at the rate found (1e-3 to 2e-3), batch size 32: "
        "test accuracy 81.2 % (80 to 82.5) over 5 seeds"
    ]
    other = row | {"model": "net", "rate": "0.1", "low": np.nan, "n": 1}
    said = "at adam, rate 0.1, batch size 32: test loss 0.812 over 1 seed"
    two = pd.DataFrame([other, row])
    assert words.format_first(two, "model", "loss") == [f"net comes first, {said}"]
    alone = pd.DataFrame([other])
    assert words.format_first(alone, "model", "loss") == [f"net, {said}"]
    assert words.format_first(pd.DataFrame([row | {"n": 0}]), "model", "loss") == []


def test_values_are_named_by_their_factor_and_single_ones_passed_over():
    scored = score_runs(make_comparison_frames(seeds=2)[0], "accuracy")
    own = scored[(scored["optimizer"] == "adam") & (scored["rate"] == "found")]
    starts = own[own["batch_size"] == 64]
    groups = [(("cnn", "adam"), starts), (("cnn", "adam"), starts[:1])]
    (sentence,) = words.format_groups(
        groups, "initializer", "accuracy", all_runs=scored
    )
    assert sentence.startswith("adam: initializer ")
    assert "he_normal" in sentence and "glorot_uniform" in sentence


def test_a_table_is_text_with_units(comparison):
    table, shown = comparison.table("rate"), comparison.summary("rate")
    assert shown.columns.tolist() == [
        "rank", "optimizer", "rate", "test accuracy (%)", "95 % interval", "p (Holm)",
        "seeds", "seconds", "without a score",
    ]  # fmt: skip
    for row, text in zip(table.to_dict("records"), shown.to_dict("records"),
                         strict=True):  # fmt: skip
        assert text["without a score"] == row["reason"]
        if row["reason"]:
            assert text["test accuracy (%)"] == text["95 % interval"] == ""
            continue
        mean, sd = map(float, text["test accuracy (%)"].split(" ± "))
        low, high = map(float, text["95 % interval"].split(" to "))
        assert (mean, sd, low, high) == pytest.approx(
            [100 * row[name] for name in ("mean", "sd", "low", "high")], abs=0.0051
        )
        assert (text["p (Holm)"] == "") == (row["rank"] == 1)
        assert float(text["seconds"]) == row["seconds"] + row["search_seconds"]
        if row["rate"] == "found":
            ends = [row["lowest_rate"], row["highest_rate"]]
            assert text["rate"] == "found ({} to {})".format(*map(format_rate, ends))


def test_a_table_of_two_seeds_says_that_they_are_too_few():
    shown = Comparison(*make_comparison_frames(seeds=2, diverged=())).summary()
    assert shown["p (Holm)"].tolist() == ["", *["3 seeds needed"] * 3]
    assert (shown["95 % interval"] == "").all()
    assert shown["test accuracy (%)"].str.contains(" ± ").all()


def test_a_table_of_one_seed_has_no_spreads():
    comparison = Comparison(*make_comparison_frames(seeds=1, diverged=()))
    shown = comparison.summary()
    assert "without a score" not in shown.columns
    assert (shown["95 % interval"] == "").all() and (shown["p (Holm)"] == "").all()
    assert float(shown["test accuracy (%)"][0]) > 60
