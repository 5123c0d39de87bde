"""Losses drawn, read back from the artists."""

import dataclasses

import numpy as np
import pytest

from lr_finder.plots.style import new_figure
from lr_finder.plots.training.losses import (
    limit_losses,
    median_name,
    plot_losses,
    running_median,
)

from ..conftest import assert_legend_is_outside, labels, line, make_record


def test_batches_are_drawn_as_measured_and_epochs_at_their_ends(record):
    ax = plot_losses(record)
    np.testing.assert_array_equal(line(ax, "batches").get_ydata(), record.losses)
    for label, name in (("training", "loss"), ("validation", "val_loss")):
        drawn = line(ax, label)
        assert drawn.get_xdata().tolist() == [20, 40, 60]
        assert list(drawn.get_ydata()) == record.epochs[name]
    assert labels(ax) == [
        "batches", "running median of 5 batches", "training, epoch",
        "validation, ends at 0.5",
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


@pytest.mark.parametrize("n", [12, 29, 30, 60, 300, 1000])
def test_the_name_of_a_median_says_of_how_many_batches_it_is(n):
    losses = np.random.default_rng(n).normal(size=n)
    name = median_name([losses])
    width = int(name.split()[2])
    middle = slice(n // 2 - width // 2, n // 2 + width // 2 + 1)
    assert running_median(losses)[n // 2] == np.median(losses[middle])
    assert len(losses[middle]) == width
    assert name == f"median of {width} batch{'es' * (width > 1)}"
    broken = np.append(losses, [np.nan] * 500)
    assert median_name([broken]) == name
    assert median_name([broken, np.ones(3000)]) == f"median of {width} to 201 batches"


def test_at_the_end_the_running_median_is_that_of_a_full_window():
    losses = np.random.default_rng(0).normal(size=300)
    np.testing.assert_array_equal(running_median(losses)[-11:], np.median(losses[-21:]))


def hints(ax):
    return [text.get_text() for text in ax.texts]


def exploded(end=1.0):
    losses = np.linspace(2, end, 60)
    losses[40:50] = np.geomspace(10, 1e9, 10)
    losses[50:] = np.nan
    return losses


def test_an_explosion_is_shown_up_to_a_factor_and_told_in_words():
    """The descent before it stays to be seen; after a nan nothing is drawn."""
    ax = plot_losses(make_record(exploded()))
    assert ax.get_yscale() == "log" and 1e3 < ax.get_ylim()[1] < 1e4
    assert len(line(ax, "running").get_ydata()) == 50
    assert hints(ax) == [
        "above the axis: up to 1e9 \u2191", "no finite loss from batch 51 on"
    ]  # fmt: skip
    ax.figure.draw_without_rendering()
    first, second = (text.get_window_extent() for text in ax.texts)
    assert not first.overlaps(second)


def test_of_losses_below_zero_too_an_explosion_is_told_in_words():
    ax = plot_losses(make_record(exploded(-4.0)))
    assert ax.get_yscale() == "linear" and ax.get_ylim()[1] < 3
    assert hints(ax)[0] == "above the axis: up to 1e9 \u2191"


def test_of_several_trainings_those_that_explode_leave_the_axes():
    ax = new_figure().subplots()
    curves = [np.linspace(2, 1, 60), np.append(2.0, np.full(59, 3e7))]
    for curve in curves:
        ax.plot(curve)
    limit_losses(ax, curves)
    assert ax.get_ylim()[1] < 3 and hints(ax) == ["\u2191 above the axis: up to 3e7"]


def test_a_spike_is_told_in_words_and_noise_is_not():
    losses = np.linspace(2, 1, 60) + 0.1 * np.random.default_rng(0).normal(size=60)
    assert hints(plot_losses(make_record(losses))) == []
    losses[20] = 400.0
    ax = plot_losses(make_record(losses))
    assert ax.get_ylim()[1] < 3 and hints(ax) == ["\u2191 above the axis: up to 400"]


def test_a_climb_within_a_factor_of_ten_is_shown_as_it_is():
    losses = np.concatenate([np.linspace(2, 1, 40), np.linspace(1, 4, 20)])
    ax = plot_losses(make_record(losses))
    assert ax.get_yscale() == "linear" and ax.get_ylim()[1] > 3.5 and hints(ax) == []


@pytest.mark.parametrize(
    ("losses", "scale"),
    [(np.geomspace(100, 1, 60), "log"), (np.linspace(2, -2, 60), "linear")],
)
def test_decades_get_a_logarithmic_axis_that_says_so(losses, scale):
    ax = plot_losses(make_record(losses))
    assert ax.get_yscale() == scale
    assert ("log scale" in ax.get_ylabel()) == (scale == "log")


@pytest.mark.parametrize(
    ("validation", "title"),
    [
        ([0.9, 0.6, 0.5], "Best validation loss 0.5 in epoch 3 of 3"),
        ([0.9, 0.31234, 0.5], "Best validation loss 0.312 in epoch 2 of 3"),
        ([0.9, np.nan, np.inf], "Best validation loss 0.9 in epoch 1 of 3"),
        ([0.9, 0.6, 0.5, 0.1], "Best validation loss 0.5 in epoch 3 of 3"),  # no batch
        ([], "Loss from 2 to 1 in 60 batches"),
    ],
)
def test_the_title_says_the_best_epoch_counted_from_one(validation, title):
    losses = np.append(np.linspace(2, 1, 55), np.ones(5))
    record = dataclasses.replace(make_record(losses), epochs={"val_loss": validation})
    ax = plot_losses(record)
    assert ax.get_title() == title
    (top,) = ax.child_axes  # whose numbers stand where the epochs are drawn
    assert [text.get_text() for text in top.get_xticklabels()] == ["1", "2", "3"]
    assert list(top.get_xticks()) == [20, 40, 60]


def test_the_title_says_that_a_loss_was_not_finite():
    broken = np.append(np.linspace(2, 1, 50), np.full(10, np.nan))
    title = plot_losses(make_record(broken)).get_title()
    assert title == "The loss is no finite number from batch 51 on"


@pytest.mark.parametrize("losses", [[], [1.0], [np.nan], [2.0, 2.0]])
def test_what_is_too_short_is_drawn_all_the_same(losses):
    ax = new_figure().subplots()
    assert plot_losses(make_record(losses, layers=0), ax) is ax


def test_a_training_that_stays_far_above_its_start_is_seen():
    losses = np.concatenate([[0.7], np.linspace(1000, 30, 99)])
    ax = plot_losses(make_record(losses))
    bottom, top = ax.get_ylim()
    assert bottom < 0.7 and top > 200 and ax.get_yscale() == "log"
