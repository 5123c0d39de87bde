"""Validation curves: against means computed from the plain rows."""

from collections import defaultdict

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.plots.comparison.epochs import (
    plot_validation_accuracy,
    plot_validation_loss,
)
from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.plots.style import new_figure
from lr_finder.results.comparison import Comparison

from ...conftest import make_comparison_frames
from ..conftest import assert_legend_is_outside, labels


def curve_of(ax, optimizer):
    color = KNOWN[optimizer].color
    return next(line for line in ax.lines
                if line.get_color() == color and line.get_marker() != "x")  # fmt: skip


def crosses_of(ax, optimizer):
    color = KNOWN[optimizer].color
    return [line for line in ax.lines
            if line.get_color() == color and line.get_marker() == "x"]  # fmt: skip


def values_by_epoch(comparison, optimizer, column):
    """The values of each epoch at an optimizer's best setting, by plain loops."""
    best = comparison.best_settings(["optimizer"]).set_index("optimizer")
    values = defaultdict(list)
    for row in comparison.epochs.to_dict("records"):
        if row["optimizer"] == optimizer and all(
            row[name] == best.loc[optimizer, name]
            for name in ("rate", "batch_size", "initializer")
        ):
            values[row["epoch"]].append(row[column])
    return values


@pytest.mark.parametrize(
    "plot, column",
    [(plot_validation_accuracy, "val_accuracy"), (plot_validation_loss, "val_loss")],
)
def test_lines_are_means_and_bands_the_range_of_the_seeds(comparison, plot, column):
    ax = plot(comparison)
    assert len(ax.collections) == 4
    for name, band in zip(comparison.optimizers, ax.collections, strict=True):
        values = values_by_epoch(comparison, name, column)
        line = curve_of(ax, name)
        assert line.get_xdata().tolist() == sorted(values) == list(range(1, 9))
        np.testing.assert_allclose(
            line.get_ydata(), [np.mean(values[epoch]) for epoch in sorted(values)]
        )
        corners = band.get_paths()[0].vertices
        for epoch in values:
            heights = corners[corners[:, 0] == epoch, 1]
            assert (heights.min(), heights.max()) == pytest.approx(
                (min(values[epoch]), max(values[epoch]))
            )


def test_a_training_that_ended_early_counts_on(comparison_frames):
    runs, epochs = comparison_frames
    whole = Comparison(runs, epochs)
    best = whole.best_settings().set_index("optimizer").loc["adam"]
    key = f"cnn-adam-{best['rate']}-{best['batch_size']}-{best['initializer']}-0"
    ended = epochs[(epochs["key"] != key) | (epochs["epoch"] <= 5)]
    line = curve_of(plot_validation_accuracy(Comparison(runs, ended)), "adam")
    before = curve_of(plot_validation_accuracy(whole), "adam").get_ydata()
    own = epochs[epochs["key"] == key]["val_accuracy"].to_numpy()
    np.testing.assert_allclose(line.get_ydata()[:5], before[:5])
    np.testing.assert_allclose(
        line.get_ydata()[5:], before[5:] - (own[5:] - own[4]) / 5
    )


def test_one_seed_has_no_band():
    ax = plot_validation_accuracy(Comparison(*make_comparison_frames(seeds=1)))
    assert len(ax.lines) == 4 and not ax.collections
    assert ax.get_title() == "Validation accuracy: adam ends highest; one seed"
    assert labels(ax)[0].startswith("sgd, found ")


@pytest.fixture
def lost():
    """RMSprop always diverges, one seed of Adam's best setting as well."""
    lost = [("rmsprop", rate) for rate in ("0.01", "0.001", "found")]
    runs, epochs = make_comparison_frames(diverged=lost)
    runs.loc[(runs["optimizer"] == "adam") & (runs["seed"] == 3), "status"] = "diverged"
    return Comparison(runs, epochs, chance=0.1)


def test_what_diverged_is_marked_and_no_part_of_the_mean(lost):
    ax = plot_validation_accuracy(lost)
    for name, end in (("rmsprop", 3), ("adam", 8)):
        points = np.concatenate([line.get_xydata() for line in crosses_of(ax, name)])
        assert set(map(tuple, points)) == {(end, 0.1)}
    rows = lost.epochs[lost.epochs["status"] == "finished"]
    best = lost.best_settings().set_index("optimizer").loc["adam"]
    kept = rows[(rows["optimizer"] == "adam") & (rows["rate"] == best["rate"])
                & (rows["batch_size"] == best["batch_size"])
                & (rows["initializer"] == best["initializer"])
                & (rows["seed"] != 3)]  # fmt: skip
    expected = [np.mean(own["val_accuracy"]) for _, own in kept.groupby("epoch")]
    np.testing.assert_allclose(curve_of(ax, "adam").get_ydata(), expected)
    told = labels(ax)
    assert any(text.endswith("(1 of 5 lost)") for text in told)
    assert any(text.endswith("(5 of 5 lost)") for text in told)
    assert told[-1] == "no score: diverged or failed"


def test_where_all_diverged_the_line_is_what_came_before(lost):
    ax = plot_validation_loss(lost)
    # The third epoch of each has a loss that is no number.
    assert curve_of(ax, "rmsprop").get_xdata().tolist() == [1, 2]
    (cross,) = crosses_of(ax, "rmsprop")
    assert cross.get_ydata()[0] > 0.9  # of the axes: a lost loss is a high one


def test_a_run_without_any_epoch_is_marked_at_the_first(comparison_frames):
    runs, epochs = comparison_frames
    runs = runs[runs["optimizer"] == "sgd"].assign(status="no_rate")
    ax = plot_validation_accuracy(Comparison(runs, epochs[:0]))
    assert [line.get_marker() for line in ax.lines] == ["x"]
    assert set(ax.lines[0].get_xdata()) == {1.0}


def test_a_loss_that_climbs_leaves_at_the_top_and_decades_are_logarithmic():
    runs, epochs = make_comparison_frames(is_regression=True, epochs=12)
    comparison = Comparison(runs, epochs, metric="loss")
    ax = plot_validation_loss(comparison)
    assert ax.get_yscale() == "log"
    key = runs[(runs["optimizer"] == "sgd") & (runs["rate"] == "found")]["key"]
    is_sgd = epochs["key"].isin(key) & (epochs["epoch"] > 6)
    wild = epochs.assign(val_loss=epochs["val_loss"].where(~is_sgd, 1e6))
    ax = plot_validation_loss(Comparison(runs, wild, metric="loss"))
    start = max(line.get_ydata()[0] for line in ax.lines)
    low, high = ax.get_ylim()
    assert start < high < 2 * start
    (told,) = [text.get_text() for text in ax.texts]
    assert "above the axis: up to 1e6" in told
    assert 0 < low < min(line.get_ydata().min() for line in ax.lines)


@pytest.mark.parametrize("epochs", [1, 2, 8, 30])
def test_epochs_are_whole_numbers_from_one(epochs):
    frames = make_comparison_frames(epochs=epochs, seeds=1, diverged=())
    ax = plot_validation_loss(Comparison(*frames))
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks and all(tick == round(tick) and tick >= 1 for tick in ticks)
    assert ax.lines[0].get_xdata()[0] == 1


def test_legend_and_labels(comparison):
    ax = plot_validation_accuracy(comparison)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "validation accuracy (%)")
    assert_legend_is_outside(ax)
    given = new_figure().subplots()
    assert plot_validation_loss(comparison, given, legend=False) is given
    assert given.get_legend() is None and plt.get_fignums() == []
