"""Effects of rate, batch size and start: the artists against means of the rows."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.plots.comparison.effects import (
    plot_batch_size_effect,
    plot_initializer_effect,
    plot_rate_effect,
)
from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.results.comparison import Comparison

from ...conftest import make_comparison_frames
from ..conftest import assert_legend_is_outside, labels

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")


def lines_of(ax, optimizer, marker):
    color = KNOWN[optimizer].color
    return [line for line in ax.lines
            if color in (line.get_color(), line.get_markeredgecolor())
            and line.get_marker() == marker]  # fmt: skip


def mean_line(ax, optimizer):
    return lines_of(ax, optimizer, KNOWN[optimizer].marker)[0]


def ranges(ax, optimizer):
    """The vertical bars of an optimizer: `(x, low, high)`."""
    segments = [
        segment for each in ax.collections for segment in each.get_segments()
        if matches(each, optimizer)
    ]  # fmt: skip
    return sorted((s[0][0], *sorted(s[:, 1])) for s in segments if s[0][0] == s[1][0])


def matches(collection, optimizer):
    from matplotlib.colors import to_rgba

    return np.allclose(collection.get_color()[0], to_rgba(KNOWN[optimizer].color))


def scores(runs, **setting):
    for name, value in setting.items():
        runs = runs[runs[name] == value]
    return runs["test_accuracy"].to_numpy()


def held(comparison, factor):
    """The setting around which a factor was varied, read from the table."""
    table = comparison.table(factor)
    names = [each for each in ("rate", "batch_size", "initializer") if each != factor]
    return {
        optimizer: dict(rows[names].iloc[0])
        for optimizer, rows in table.groupby("optimizer")
    }


@pytest.mark.parametrize(
    "plot, factor, levels",
    [
        (plot_batch_size_effect, "batch_size", [32, 64, 128]),
        (plot_initializer_effect, "initializer", ["glorot_uniform", "he_normal"]),
    ],
)
def test_points_are_means_and_bars_the_range_of_the_seeds(
    comparison, plot, factor, levels
):
    ax = plot(comparison)
    rest = held(comparison, factor)
    for name in OPTIMIZERS:
        own = [
            scores(comparison.runs, optimizer=name, **rest[name], **{factor: level})
            for level in levels
        ]
        line = mean_line(ax, name)
        np.testing.assert_allclose(line.get_ydata(), [each.mean() for each in own])
        np.testing.assert_array_equal(np.round(line.get_xdata()), range(len(levels)))
        drawn = [(low, high) for _, low, high in ranges(ax, name)]
        np.testing.assert_allclose(drawn, [(each.min(), each.max()) for each in own])
    assert [text.get_text() for text in ax.get_xticklabels()] == list(map(str, levels))
    places = [mean_line(ax, name).get_xdata()[0] for name in OPTIMIZERS]
    assert len(set(places)) == 4


TEN = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam",
       "lion", "muon")  # fmt: skip


@pytest.mark.parametrize("optimizers", [("sgd", "adam"), OPTIMIZERS, TEN])
def test_side_by_side_is_close_to_the_own_tick(optimizers):
    """Read as a number, 32 stays between 29 and 35, and 128 between 118 and 139."""
    ax = plot_batch_size_effect(Comparison(*make_comparison_frames(optimizers)))
    for name in optimizers:
        shifts = mean_line(ax, name).get_xdata() - np.arange(3)
        assert np.all(np.abs(shifts) <= 0.12 + 1e-9)
        read = 32 * 2 ** mean_line(ax, name).get_xdata()
        np.testing.assert_allclose(read, [32, 64, 128], rtol=0.09)


@pytest.mark.parametrize(
    "rates", [("0.01", "0.001"), ("0.01", "0.012", "0.0125"), ("0.002", "0.0021")]
)
@pytest.mark.parametrize("optimizers", [("sgd", "adam"), TEN])
def test_every_point_stands_at_its_own_rate(optimizers, rates):
    frames = make_comparison_frames(optimizers, rates, seeds=2, diverged=())
    ax = plot_rate_effect(Comparison(*frames))
    for name in optimizers:
        drawn = mean_line(ax, name).get_xdata()
        np.testing.assert_array_equal(drawn, sorted(map(float, rates)))


def numbers_of_rates(ax):
    ax.figure.draw_without_rendering()
    low, high = ax.get_xlim()
    labels = [*ax.get_xticklabels(), *ax.get_xticklabels(minor=True)]
    return [
        text.get_text() for text in labels
        if text.get_text() and low <= text.get_position()[0] <= high
    ]  # fmt: skip


@pytest.mark.parametrize("rates", [("0.013",), ("0.01",), ("0.002", "0.0021"),
                                   ("0.003", "0.08"), ("1e-5", "0.1")])  # fmt: skip
def test_an_axis_of_rates_has_numbers(rates):
    frames = make_comparison_frames(("sgd", "adam"), rates, seeds=2, diverged=())
    ax = plot_rate_effect(Comparison(*frames))
    assert len(numbers_of_rates(ax)) >= 2
    assert ax.get_xlabel() == "learning rate (log scale)"


def test_where_no_rate_is_known_there_is_no_axis_of_rates(comparison_frames):
    runs, epochs = comparison_frames
    runs = runs[(runs["optimizer"] == "sgd") & (runs["rate"] == "found")].copy()
    runs["status"], runs["learning_rate"] = "no_rate", np.nan
    ax = plot_rate_effect(Comparison(runs, epochs))
    assert numbers_of_rates(ax) == []
    assert ax.get_xlabel() == "no learning rate was found"


def test_of_one_score_each_the_title_speaks_of_no_range(comparison_frames):
    runs, epochs = comparison_frames
    runs = runs[runs["seed"] < 2]
    runs = runs.assign(status=runs["status"].mask(runs["seed"] == 1, "diverged"))
    ax = plot_batch_size_effect(Comparison(runs, epochs))
    assert ax.get_title().endswith(": one seed with a score each")
    assert all(low == high for name in OPTIMIZERS for _, low, high in ranges(ax, name))


@pytest.mark.parametrize("seeds", [1, 3])
def test_of_one_seed_the_title_speaks_of_no_range(seeds):
    comparison = Comparison(*make_comparison_frames(seeds=seeds))
    shown = "one seed" if seeds == 1 else "mean and range of the seeds"
    for plot in (plot_rate_effect, plot_batch_size_effect, plot_initializer_effect):
        assert plot(comparison).get_title().endswith(f": {shown}")


def test_rates_stand_at_their_places(comparison):
    ax = plot_rate_effect(comparison)
    assert ax.get_xscale() == "log"
    base = {"batch_size": 64, "initializer": "he_normal"}
    for name in ("sgd", "adam"):
        found = comparison.runs[
            comparison.runs["key"].str.startswith(f"cnn-{name}-found-64-he_normal")
        ]["learning_rate"]
        places = {0.001: "0.001", 0.01: "0.01", np.median(found): "found"}
        expected = [
            scores(comparison.runs, optimizer=name, rate=places[place], **base).mean()
            for place in sorted(places)
        ]
        line = mean_line(ax, name)
        np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_array_equal(line.get_xdata(), sorted(places))
        (ring,) = [each for each in lines_of(ax, name, "o")
                   if each.get_markersize() > 10]  # fmt: skip
        assert ring.get_xdata().tolist() == [np.median(found)]
        across = [
            s for each in ax.collections if matches(each, name)
            for s in each.get_segments() if s[0][0] != s[1][0]
        ]  # fmt: skip
        assert sorted(across[0][:, 0]) == [found.min(), found.max()]


def test_a_rate_at_which_all_diverged_is_a_cross_and_no_point(comparison):
    ax = plot_rate_effect(comparison)
    (cross,) = lines_of(ax, "rmsprop", "x")
    assert cross.get_xdata() == [0.01]
    assert len(mean_line(ax, "rmsprop").get_xdata()) == 2
    assert labels(ax) == [*OPTIMIZERS, "found rate", "no score: diverged or failed"]
    assert_legend_is_outside(ax)


def test_a_mean_of_fewer_runs_has_a_cross_as_well(comparison_frames):
    runs, epochs = comparison_frames
    is_lost = (runs["optimizer"] == "adam") & (runs["seed"] == 0)
    runs = runs.assign(status=runs["status"].mask(is_lost, "failed"))
    comparison = Comparison(runs, epochs)
    ax = plot_batch_size_effect(comparison)
    rest = held(comparison, "batch_size")["adam"]
    kept = scores(runs[~is_lost], optimizer="adam", batch_size=32, **rest)
    assert mean_line(ax, "adam").get_ydata()[0] == pytest.approx(kept.mean())
    (cross,) = lines_of(ax, "adam", "x")
    np.testing.assert_allclose(cross.get_xdata(), mean_line(ax, "adam").get_xdata())


def test_found_rates_that_were_not_found_are_marked_at_the_left(comparison_frames):
    runs, epochs = comparison_frames
    runs = runs[(runs["optimizer"] == "sgd")].copy()
    is_lost = runs["rate"] == "found"
    runs.loc[is_lost, "status"] = "no_rate"
    runs.loc[is_lost, "learning_rate"] = np.nan
    ax = plot_rate_effect(Comparison(runs, epochs))
    (cross,) = lines_of(ax, "sgd", "x")
    assert cross.get_transform() == ax.transAxes
    assert len(mean_line(ax, "sgd").get_xdata()) == 2


def test_incomplete_and_single_seeded_comparisons_are_drawn(comparison_frames):
    runs, epochs = comparison_frames
    for comparison in (
        Comparison(runs[:33], epochs),
        Comparison(*make_comparison_frames(seeds=1)),
        Comparison(*make_comparison_frames(is_regression=True), metric="loss"),
    ):
        for plot in (plot_rate_effect, plot_batch_size_effect, plot_initializer_effect):
            ax = plot(comparison)
            assert ax.get_ylabel().startswith(f"test {comparison.metric}")
            names = pd.unique(comparison.runs["optimizer"])
            assert labels(ax)[: len(names)] == list(names)
