"""Losses drawn, read back from the artists."""

import numpy as np
import pytest

from lr_finder.plots.figures import new_figure
from lr_finder.plots.losses import plot_losses, running_median

from .conftest import assert_legend_is_outside, labels, line, make_record


def test_batches_are_drawn_as_measured_and_epochs_at_their_ends(record):
    ax = plot_losses(record)
    np.testing.assert_array_equal(line(ax, "batches").get_ydata(), record.losses)
    for label, name in (("training", "loss"), ("validation", "val_loss")):
        drawn = line(ax, label)
        assert drawn.get_xdata().tolist() == [19, 39, 59]
        assert list(drawn.get_ydata()) == record.epochs[name]
    assert labels(ax) == [
        "batches", "running median", "training, epoch", "validation, ends at 0.5"
    ]  # fmt: skip
    assert_legend_is_outside(ax)


def test_lines_are_told_apart_without_color(record):
    looks = [(x._dash_pattern, x.get_linewidth()) for x in plot_losses(record).lines]
    assert len(set(map(str, looks))) == 4


def test_the_running_median_follows_a_line_and_takes_spikes_out():
    straight = np.linspace(3, 1, 300)
    np.testing.assert_allclose(running_median(straight)[:-10], straight[:-10])
    spiked = straight.copy()
    spiked[100] = 1e9
    np.testing.assert_allclose(running_median(spiked)[:-10], straight[:-10], atol=0.01)
    assert len(running_median(np.array([]))) == 0


def test_an_explosion_leaves_the_axes_and_what_comes_after_nan_is_left_out():
    losses = np.linspace(2, 1, 60)
    losses[40:50] = np.geomspace(10, 1e9, 10)
    losses[50:] = np.nan
    ax = plot_losses(make_record(losses))
    assert ax.get_ylim()[1] < 3
    assert len(line(ax, "running").get_ydata()) == 50


@pytest.mark.parametrize(
    ("losses", "scale"),
    [(np.geomspace(100, 1, 60), "log"), (np.linspace(2, -2, 60), "linear")],
)
def test_decades_get_a_logarithmic_axis_that_says_so(losses, scale):
    ax = plot_losses(make_record(losses))
    assert ax.get_yscale() == scale
    assert ("log scale" in ax.get_ylabel()) == (scale == "log")


@pytest.mark.parametrize("losses", [[], [1.0], [np.nan], [2.0, 2.0]])
def test_what_is_too_short_is_drawn_all_the_same(losses):
    ax = new_figure().subplots()
    assert plot_losses(make_record(losses, layers=0), ax) is ax


def test_a_training_that_stays_far_above_its_start_is_seen():
    losses = np.concatenate([[0.7], np.linspace(1000, 30, 99)])
    ax = plot_losses(make_record(losses))
    bottom, top = ax.get_ylim()
    assert bottom < 0.7 and top > 200 and ax.get_yscale() == "log"
