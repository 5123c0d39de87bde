"""Found beside fixed rates, against means computed from the plain rows."""

import numpy as np
import pandas as pd
import pytest

from lr_finder._text import format_rate
from lr_finder.results.comparison import Comparison

from ..conftest import make_comparison_frames


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_each_optimizer_has_its_found_rate_and_the_fixed_one_that_validated_best(
    metric,
):
    runs, epochs = make_comparison_frames(seeds=3, diverged=())
    shown = Comparison(runs, epochs, metric=metric).found_summary()
    around = runs[(runs["batch_size"] == 64) & (runs["initializer"] == "he_normal")]
    score = f"test_{metric}"
    unit = " (%)" if metric == "accuracy" else ""
    assert shown["optimizer"].tolist() == list(runs["optimizer"].unique())
    for row in shown.to_dict("records"):
        own = around[around["optimizer"] == row["optimizer"]]
        means = own.groupby("rate")[[score, f"val_{metric}"]].mean()
        sign = 1 if metric == "accuracy" else -1
        best = (sign * means[f"val_{metric}"].drop("found")).idxmax()
        assert row["best fixed rate"] == best
        rates = own[own["rate"] == "found"]["learning_rate"]
        assert row["found rate"] == format_rate(np.median(rates))
        scale = 100 if metric == "accuracy" else 1
        for heading, rate in ((f"test {metric}{unit}, found", "found"),
                              (f"test {metric}{unit}, fixed", best)):  # fmt: skip
            told = float(row[heading])
            assert told == pytest.approx(scale * means[score][rate], rel=1e-3)
        gain = sign * (means[score]["found"] - means[score][best])
        word, _, size = row["the found rate is"].partition(" by ")
        assert word == ("better" if gain > 0 else "worse")
        assert float(size.split()[0]) == pytest.approx(scale * abs(gain), rel=0.02)


def test_without_found_or_fixed_rates_there_is_no_row():
    for rates in (("0.01", "0.001"), ("found",)):
        frames = make_comparison_frames(("sgd", "adam"), rates, seeds=2, diverged=())
        assert Comparison(*frames).found_summary().empty


def test_a_fixed_rate_whose_runs_diverged_says_so():
    lost = [("sgd", "0.01")]
    frames = make_comparison_frames(("sgd",), ("0.01", "found"), 2, diverged=lost)
    (row,) = Comparison(*frames).found_summary().to_dict("records")
    assert row["the found rate is"] == "fixed rate: 2 of 2 runs diverged"
    assert row["test accuracy (%), fixed"] == ""


def test_models_are_named_if_there_are_several():
    parts = [make_comparison_frames(("sgd",), ("0.01", "found"), 2, model=name)
             for name in ("cnn", "net")]  # fmt: skip
    frames = [pd.concat(each) for each in zip(*parts, strict=True)]
    assert Comparison(*frames).found_summary()["model"].tolist() == ["cnn", "net"]
