"""Ranking, time, found against fixed: what is drawn against the tables."""

import numpy as np
import pytest

from lr_finder._text import format_rate
from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.plots.comparison.scores import (
    plot_found_against_fixed,
    plot_ranking,
    plot_score_against_time,
)
from lr_finder.results.comparison import Comparison

from ...conftest import make_comparison_frames
from ..conftest import assert_legend_is_outside, labels


def points(ax):
    """The points of a figure of rows: `place -> (value, is hollow)`."""
    return {
        line.get_ydata()[0]: (
            line.get_xdata()[0],
            line.get_markerfacecolor() == "white",
        )
        for line in ax.lines
        if len(line.get_xdata()) == 1
    }


def intervals(ax):
    return {
        segment[0][1]: tuple(segment[:, 0])
        for each in ax.collections
        for segment in each.get_segments()
    }


def test_scores_stand_against_the_whole_time(comparison):
    ax = plot_score_against_time(comparison)
    best = comparison.best_settings()
    for row in best.to_dict("records"):
        runs = comparison.runs
        for name in ("optimizer", "rate", "batch_size", "initializer"):
            runs = runs[runs[name] == row[name]]
        color = KNOWN[row["optimizer"]].color
        dots, mean = [line for line in ax.lines if line.get_color() == color]
        times = runs["seconds"] + runs["search_seconds"]
        np.testing.assert_allclose(dots.get_xdata(), times)
        np.testing.assert_allclose(dots.get_ydata(), runs["test_accuracy"])
        assert mean.get_xdata()[0] == pytest.approx(np.mean(times))
        assert mean.get_ydata()[0] == pytest.approx(np.mean(runs["test_accuracy"]))
        assert mean.get_markersize() > 2 * dots.get_markersize()
    assert_legend_is_outside(ax)


def test_a_lost_run_is_marked_at_its_time(comparison_frames):
    runs, epochs = comparison_frames
    runs = runs[runs["rate"] == "0.01"]
    runs = runs.assign(seconds=runs["seconds"].mask(runs["optimizer"] == "adam", 9e3))
    ax = plot_score_against_time(Comparison(runs, epochs, chance=0.1))
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [line.get_color() for line in crosses] == [KNOWN["rmsprop"].color]
    lost = runs[runs["optimizer"] == "rmsprop"]["seconds"]
    np.testing.assert_allclose(crosses[0].get_xdata(), lost)
    assert ax.get_xscale() == "log"


def test_the_ranking_is_that_of_the_table(comparison):
    ax = plot_ranking(comparison)
    table = comparison.table()
    drawn = points(ax)
    for place, row in enumerate(table.to_dict("records")):
        value, is_hollow = drawn[place]
        assert value == row["mean"]
        assert is_hollow == (row["rank"] > 1 and not row["p_holm"] < 0.05)
        assert intervals(ax)[place] == (row["low"], row["high"])
    ticks = [text.get_text() for text in ax.get_yticklabels()]
    assert ticks[0].startswith(f"1. {table['optimizer'][0]}, ")
    low, high = ax.get_ylim()
    assert low > high  # the best on top


def test_what_diverged_has_a_row_and_a_reason(comparison_frames):
    runs, epochs = comparison_frames
    comparison = Comparison(runs[runs["rate"] == "0.01"], epochs)
    ax = plot_ranking(comparison)
    assert [text.get_text() for text in ax.texts] == ["× 5 of 5 runs diverged"]
    assert sorted(points(ax)) == [0, 1, 2] and len(ax.get_yticklabels()) == 4
    assert ax.get_yticklabels()[3].get_text() == "4. rmsprop, 0.01"


def test_gains_of_found_rates_are_those_of_the_table(comparison):
    ax = plot_found_against_fixed(comparison)
    table = comparison.found_against_fixed()
    drawn = points(ax)
    for place, row in enumerate(table.to_dict("records")):
        if row["reason"]:
            assert place not in drawn
            assert [text.get_text() for text in ax.texts] == [f"× {row['reason']}"]
            continue
        assert drawn[place] == (row["difference"], not row["p_holm"] < 0.05)
        ends = (row["difference_low"], row["difference_high"])
        assert intervals(ax)[place] == ends
    assert ax.get_yticklabels()[0].get_text() == (
        f"sgd: {format_rate(table['found_rate'][0])} against 0.01"
    )
    assert "right is better" in ax.get_title()
    assert labels(ax)[0] == "differs: p < 0.05 (Holm)"


def test_of_one_seed_the_gain_is_drawn_hollow_and_without_interval():
    runs, epochs = make_comparison_frames(seeds=1)
    ax = plot_found_against_fixed(Comparison(runs, epochs))
    drawn = points(ax)
    assert len(drawn) == 7 and not intervals(ax)
    assert all(is_hollow for _, is_hollow in drawn.values())
    assert ax.get_title().endswith("right is better; one seed")
    for plot in (plot_ranking, plot_score_against_time):
        assert plot(Comparison(runs, epochs)).get_title().endswith(": one seed")
    score = runs.set_index("key")["test_accuracy"]
    gain = score["cnn-sgd-found-64-he_normal-0"] - score["cnn-sgd-0.01-64-he_normal-0"]
    assert drawn[0][0] == pytest.approx(gain)


@pytest.mark.parametrize("seeds", [2, 3])
def test_titles_promise_an_interval_if_one_is_drawn(seeds):
    comparison = Comparison(*make_comparison_frames(seeds=seeds))
    shown = {2: "mean of 2 seeds; a 95 % interval needs 3",
             3: "mean and 95 % interval"}[seeds]  # fmt: skip
    for plot in (plot_ranking, plot_found_against_fixed):
        ax = plot(comparison)
        title = " ".join(ax.get_title().split())
        assert title.endswith(shown) and bool(intervals(ax)) == (seeds > 2)


def test_of_seeds_that_agree_the_title_says_why_there_is_no_interval():
    runs, epochs = make_comparison_frames(seeds=4)
    same = runs.groupby(["optimizer", "rate", "batch_size", "initializer"])
    runs["test_accuracy"] = same["test_accuracy"].transform("first")
    ax = plot_ranking(Comparison(runs, epochs))
    assert ax.get_title().endswith("mean; no interval: the seeds do not differ")
    assert not intervals(ax)


def test_losses_are_better_on_the_left_and_without_percent():
    frames = make_comparison_frames(is_regression=True, seeds=2)
    comparison = Comparison(*frames, metric="loss")
    ax = plot_found_against_fixed(comparison)
    assert "left is better" in ax.get_title()
    assert ax.get_xlabel() == "test loss, found minus fixed rate"
    assert plot_ranking(comparison).get_xlabel() == "test loss"
    assert plot_score_against_time(comparison).get_ylabel() == "test loss"
