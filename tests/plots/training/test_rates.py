"""Trainings at several rates drawn, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder._text import format_rate
from lr_finder.errors import InputError
from lr_finder.plots.training.losses import running_median
from lr_finder.plots.training.rates import plot_rates

from ..conftest import assert_legend_is_outside, labels, make_record

FALLING = {lr: np.linspace(2, 2 - lr, 60) for lr in (0.1, 0.2, 0.4, 0.8, 1.0)}


def records(curves):
    return {lr: make_record(losses) for lr, losses in curves.items()}


def test_each_rate_has_a_curve_of_its_own_in_their_order():
    ax = plot_rates(records(dict(reversed(FALLING.items()))))
    for drawn, (lr, losses) in zip(ax.lines, FALLING.items(), strict=True):
        np.testing.assert_allclose(drawn.get_ydata(), running_median(losses))
        assert drawn.get_label().startswith(f"{format_rate(lr)}, ends at ")
    looks = {(str(x._dash_pattern), x.get_marker()) for x in ax.lines}
    assert len(looks) == 5
    assert_legend_is_outside(ax)
    assert plt.get_fignums() == []


def test_an_explosion_leaves_the_axes_and_nan_is_named():
    exploding = np.append(np.geomspace(2, 1e8, 40), np.full(20, np.nan))
    ax = plot_rates(records({0.1: np.linspace(2, 1, 60), 9.0: exploding}))
    assert ax.get_ylim()[1] < 3 and ax.get_yscale() == "linear"
    assert labels(ax)[1] == "9, not finite"
    assert ax.lines[1].get_marker() == "x"
    assert len(ax.lines[1].get_xdata()) == 40


def test_the_title_says_which_rate_ends_lowest_and_how_many_are_lost():
    ax = plot_rates(records(FALLING))
    end = running_median(FALLING[1.0])[-1]
    assert ax.get_title() == f"The rate 1 ends lowest, at a loss of {end:.3g}"
    lost = np.append(np.linspace(2, 0, 40), np.full(20, np.nan))
    title = plot_rates(records({0.1: np.linspace(2, 1, 60), 9.0: lost})).get_title()
    assert title.startswith("The rate 0.1 ") and title.endswith("; 1 of 2 are lost")
    title = plot_rates(records({9.0: lost})).get_title()
    assert title == "At no rate does the loss stay a finite number"


def test_none_is_refused():
    with pytest.raises(InputError, match="at least one training"):
        plot_rates({})
