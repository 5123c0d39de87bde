"""Numbers at the axes: plain, whole, and of epochs from 1."""

import re

import numpy as np
import pytest

from lr_finder.plots.style import new_figure
from lr_finder.plots.ticks import (
    epochs_on_top,
    format_plain,
    plain_log_ticks,
    whole_ticks,
)


def numbers(axis):
    """The labels inside the view, from low to high."""
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    inside = [tick for tick in ticks if low <= tick.get_loc() <= high]
    inside.sort(key=lambda tick: tick.get_loc())
    return {
        tick.get_loc(): tick.label1.get_text()
        for tick in inside
        if tick.label1.get_text()
    }


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((15, 80), ["20", "30", "40", "60"]),
        ((1.5e-3, 8e-3), ["0.002", "0.003", "0.004", "0.006"]),
        ((0.5, 2000), ["1", "10", "100", "1000"]),
        ((5e-6, 0.5), ["1e-5", "1e-4", "1e-3", "1e-2", "0.1"]),
        ((10, 1e7), ["10", "1e2", "1e3", "1e4", "1e5", "1e6", "1e7"]),
    ],
)
def test_logarithmic_axes_are_numbered_plainly(limits, expected):
    figure = new_figure()
    ax = figure.subplots()
    ax.set(xscale="log", xlim=limits, yscale="log", ylim=limits)
    plain_log_ticks(ax)
    figure.draw_without_rendering()
    for axis in (ax.xaxis, ax.yaxis):
        assert list(numbers(axis).values()) == expected


@pytest.mark.parametrize("seed", range(20))
def test_every_number_is_that_of_its_tick_and_there_are_two(seed):
    rng = np.random.default_rng(seed)
    low = 10 ** rng.uniform(-7, 3)
    ax = new_figure().subplots()
    ax.set(yscale="log", ylim=(low, low * 10 ** rng.uniform(0.5, 6)))
    plain_log_ticks(ax)
    ax.figure.draw_without_rendering()
    found = numbers(ax.yaxis)
    assert len(found) >= 2
    for place, text in found.items():
        assert float(text) == pytest.approx(place) and re.fullmatch(r"[\d.e-]+", text)


def test_linear_axes_are_left_as_they_are():
    ax = new_figure().subplots()
    before = ax.xaxis.get_major_formatter()
    plain_log_ticks(ax)
    assert ax.xaxis.get_major_formatter() is before


@pytest.mark.parametrize("value", [3.14159, 0.0123456, 98765.4, 1e-9, 7.7e12, -42.0])
def test_a_plain_number_is_read_back_as_what_it_was(value):
    assert float(format_plain(value)) == pytest.approx(value, rel=1e-5)
    assert float(format_plain(value, 2)) == pytest.approx(value, rel=0.05)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 60, 1234])
@pytest.mark.parametrize("first", [0, 1])
def test_counts_have_whole_ticks_in_round_steps(count, first):
    ax = new_figure().subplots()
    ax.plot(np.arange(1, count + 1), np.ones(count))
    whole_ticks(ax.xaxis, first)
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks and all(tick == round(tick) >= first for tick in ticks)
    steps = set(np.diff(ticks))
    assert len(steps) <= 1
    assert all(str(step)[0] in "125" for step in steps)


@pytest.mark.parametrize("epochs", [2, 3, 8, 9, 16, 100, 1000])
def test_epochs_are_numbered_from_one_at_their_last_batches(epochs):
    ends = 7 * np.arange(1, epochs + 1) - 1
    ax = new_figure().subplots()
    ax.plot(np.zeros(7 * epochs))
    limits = ax.get_xlim()
    epochs_on_top(ax, ends)
    (top,) = ax.child_axes
    told = [int(text.get_text()) for text in top.get_xticklabels()]
    np.testing.assert_array_equal(top.get_xticks(), ends[np.array(told) - 1])
    assert 2 <= len(told) <= 8 and told[0] >= 1 and told[-1] <= epochs
    assert epochs > 8 or told == list(range(1, epochs + 1))
    assert top.get_xlabel() == "epoch" and ax.get_xlim() == limits


def test_of_one_epoch_there_is_nothing_to_number():
    ax = new_figure().subplots()
    for ends in ([], [9]):
        epochs_on_top(ax, ends)
    assert not ax.child_axes
