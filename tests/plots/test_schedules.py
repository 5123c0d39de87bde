"""Schedules drawn, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.plots.schedules import plot_schedules
from lr_finder.plots.style import new_figure
from lr_finder.schedules import (
    constant,
    cosine,
    exponential,
    linear,
    one_cycle,
    step,
    warmup,
    wsd,
)

from .conftest import assert_legend_is_outside, labels

SEVERAL = {
    "constant": constant(0.1),
    "wsd": wsd(0.1, 100),
    "cosine": warmup(cosine(0.1, 0.0, 90), 10),
    "one-cycle": one_cycle(0.15, 100),
    "own": lambda i: 0.1 / (1 + i),
}


def test_each_line_has_the_rates_of_its_schedule_at_each_step():
    ax = plot_schedules(SEVERAL, 100)
    assert len(ax.lines) == len(SEVERAL)
    for line, schedule in zip(ax.lines, SEVERAL.values(), strict=True):
        assert line.get_xdata().tolist() == list(range(100))
        expected = [schedule(i) for i in range(100)]
        np.testing.assert_array_equal(line.get_ydata(), expected)
    assert len({line.get_color() for line in ax.lines}) == len(SEVERAL)
    assert_legend_is_outside(ax)
    assert ax.get_ylim()[0] == 0 and ax.get_yscale() == "linear"
    assert plt.get_fignums() == []


def test_the_legend_names_each_and_its_end():
    texts = labels(plot_schedules({"up": linear(0.0, 0.3, 10), "flat": 0.2}, 11))
    assert texts == ["up, ends at 0.3", "flat, ends at 0.2"]


def test_the_title_says_which_is_high_for_the_longest_and_the_shortest_time():
    title = plot_schedules(SEVERAL, 100).get_title().replace("\n", " ")
    assert title == (
        "Above half of its peak: constant for 100 % of the steps, own for 1 %"
    )
    title = plot_schedules({"a": 0.1, "b": 0.2}, 9).get_title()
    assert title == "Each is above half of its peak for 100 % of the steps"
    title = plot_schedules({"x": warmup(linear(0.2, 0.05, 80), 20)}, 101).get_title()
    assert title == "The learning rate rises from 0 to 0.2, then falls to 5e-2"


def test_a_schedule_that_is_too_short_ends_with_its_marker_and_is_held_dotted():
    ax = plot_schedules({"short": linear(0.3, 0.1, 60)}, 200)
    held, line = ax.lines
    assert held.get_xdata().tolist() == [60, 199]
    assert held.get_ydata().tolist() == [0.1, 0.1]
    assert held.get_linestyle() == ":" and held.get_color() == line.get_color()
    assert line.get_xdata()[line.get_markevery()[0]] == 60
    assert labels(ax) == ["short, over at step 60, then 0.1"]


def test_long_trainings_are_drawn_by_fewer_points_from_first_to_last():
    line = plot_schedules({"a": step(0.1, 30_000)}, 100_000).lines[0]
    at = line.get_xdata()
    assert len(at) <= 2000 and (at[0], at[-1]) == (0, 99_999)
    np.testing.assert_array_equal(line.get_ydata(), step(0.1, 30_000)(at))


def test_rates_over_decades_have_a_log_axis_that_says_so():
    ax = plot_schedules({"sweep": exponential(1e-6, 1.0, 99)}, 100)
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "learning rate (log scale)"
    with_zero = {"sweep": exponential(1e-6, 1.0, 99), "off": linear(1.0, 0.0, 50)}
    assert plot_schedules(with_zero, 100).get_yscale() == "linear"


def test_it_is_drawn_on_the_axes_given():
    ax = new_figure().subplots()
    assert plot_schedules({"a": 0.1}, 1, ax=ax) is ax
    assert ax.lines[0].get_ydata().tolist() == [0.1]


@pytest.mark.parametrize("schedules", [{}, [constant(0.1)], constant(0.1), None])
def test_what_is_no_mapping_is_refused(schedules):
    with pytest.raises(InputError, match="`schedules` must map names.*schedules="):
        plot_schedules(schedules, 10)


def test_bad_steps_and_schedules_are_refused():
    with pytest.raises(InputError, match="`steps`.*at least 1.*steps=0"):
        plot_schedules({"a": 0.1}, 0)
    with pytest.raises(InputError, match="`schedules` must be a schedule.*'cosine'"):
        plot_schedules({"a": "cosine"}, 10)
