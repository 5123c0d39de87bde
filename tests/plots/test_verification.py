"""What is drawn of a verification, read back from the artists."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.candidates import Row
from lr_finder.plots.style import new_figure
from lr_finder.plots.verification import plot_verification
from lr_finder.results.verification import VerifiedSuggestion

FALLING = np.geomspace(5.0, 1.0, 60)


def verified(**curves):
    """Rates 0.1, 0.2, … with these curves, named by their ends."""
    losses = {0.1 * (i + 1): curve for i, curve in enumerate(curves.values())}
    rows = tuple(
        Row.of(lr, 1, curve, None, end.rstrip("_"))
        for (lr, curve), end in zip(losses.items(), curves, strict=True)
    )
    lr = next(row.lr for row in rows if row.status == "winner")
    suggestion = Suggestion(lr, lr / 2, lr * 2, "window, verified")
    return VerifiedSuggestion(suggestion, rows, losses, None, 1)


@pytest.fixture
def drawn():
    explosion = np.array([5.0, 50.0, 1e9, np.inf])
    return plot_verification(
        verified(dropped=FALLING[:20], winner=FALLING, kept=FALLING[:40] + 1,
                 diverged=explosion)
    )  # fmt: skip


def test_each_curve_is_drawn_over_its_steps_and_named(drawn):
    lengths = [len(line.get_xdata()) for line in drawn.lines]
    assert lengths == [20, 60, 40, 3]
    assert [text.get_text() for text in drawn.get_legend().get_texts()] == [
        "0.1  dropped after 20 steps",
        "0.2  best after 60 steps",
        "0.3  dropped after 40 steps",
        "0.4  diverged after 3 steps",
    ]


def marks(line):
    """Where a line has its markers."""
    at = line.get_markevery()
    return list(zip(line.get_xdata()[at], line.get_ydata()[at], strict=True))


def test_markers_stand_at_the_values_of_the_table(drawn):
    found = verified(dropped=FALLING[:20], winner=FALLING, kept=FALLING[:40] + 1)
    for line, row in zip(drawn.lines, found.table, strict=False):
        assert marks(line) == [(row.steps, pytest.approx(row.loss))]


def test_of_several_rungs_each_row_is_a_marker():
    rows = [Row.of(0.1, 1, FALLING[:25], None, "kept"),
            Row.of(0.1, 2, FALLING, None, "winner")]  # fmt: skip
    found = VerifiedSuggestion(Suggestion(0.1, 0.05, 0.2, "window"), tuple(rows),
                               {0.1: FALLING}, None, 60)  # fmt: skip
    (line,) = plot_verification(found).lines
    assert marks(line) == [(row.steps, pytest.approx(row.loss)) for row in rows]


def test_trainings_that_agree_are_drawn_over_each_other_whatever_their_lengths():
    """All curves are smoothed alike: none knows how long its training will be."""
    found = verified(answer=np.geomspace(500.0, 1.0, 400)[:60],
                     winner=np.geomspace(500.0, 1.0, 400))  # fmt: skip
    short, long = plot_verification(found).lines
    same, at, other = np.intersect1d(short.get_xdata(), long.get_xdata(),
                                     return_indices=True)  # fmt: skip
    assert len(same) > 20
    np.testing.assert_array_equal(short.get_ydata()[at], long.get_ydata()[other])
    assert len(long.get_xdata()) <= 201


def test_the_title_names_the_answer(drawn):
    assert "0.2 (0.1 to 0.4)" in drawn.get_title()


def test_curves_differ_without_color(drawn):
    looks = [(line.get_linestyle(), line.get_marker()) for line in drawn.lines]
    assert len(set(looks)) == len(looks)
    greys = [
        np.dot(to_rgb(line.get_color()), [0.3, 0.59, 0.11]) for line in drawn.lines
    ]
    assert np.min(np.diff(sorted(greys))) > 0.03
    widths = [line.get_linewidth() for line in drawn.lines]
    assert np.argmax(widths) == 1


@pytest.mark.parametrize("count", [6, 7, 12, 20])
def test_as_many_curves_as_there_are_rates_differ(count):
    ends = {"dropped" + "_" * i: FALLING for i in range(count - 1)}
    lines = plot_verification(verified(winner=FALLING, **ends)).lines
    for looks in (
        {line.get_color() for line in lines},
        {(line.get_marker(), str(line._dash_pattern)) for line in lines},
    ):
        assert len(looks) == count  # fmt: skip


def test_colors_are_in_the_order_of_the_rates():
    found = verified(winner=FALLING, **{"kept" + "_" * i: FALLING for i in range(9)})
    losses = dict(sorted(found.losses.items(), key=lambda each: str(each[0])[::-1]))
    ax = plot_verification(dataclasses.replace(found, losses=losses))
    greys = [np.dot(to_rgb(line.get_color()), [0.3, 0.59, 0.11]) for line in ax.lines]
    rates = [float(line.get_label().split()[0]) for line in ax.lines]
    assert rates == sorted(rates) and greys == sorted(greys)


def test_one_step_is_one_step():
    found = verified(dropped=np.array([5.0, np.nan]), winner=FALLING)
    told = [text.get_text() for text in plot_verification(found).get_legend().texts]
    assert told == ["0.1  dropped after 1 step", "0.2  best after 60 steps"]


def test_the_label_says_how_the_values_are_made(drawn):
    """What it says, computed a second time."""
    assert " ".join(drawn.get_ylabel().split()).startswith(
        "training losses so far: halfway between their mean and the median of the last "
        "third"
    )
    line = drawn.lines[1]
    for step, value in zip(line.get_xdata(), line.get_ydata(), strict=True):
        third = max(-(-int(step) // 3), 3)  # a median of fewer is of one batch
        told = (FALLING[:step].mean() + np.median(FALLING[:step][-third:])) / 2
        assert value == pytest.approx(told)


def test_an_explosion_leaves_the_axes_and_the_others_fill_them(drawn):
    low, high = drawn.get_ylim()
    least = verified(winner=FALLING).table[0].loss
    assert least / 1.3 < low < least and 5.0 < high < 20


def test_losses_over_decades_get_a_logarithmic_axis():
    ax = plot_verification(verified(winner=np.geomspace(1e3, 1.0, 30)))
    assert ax.get_yscale() == "log"
    ax = plot_verification(verified(winner=np.linspace(5, -5, 30)))
    assert ax.get_yscale() == "linear"


def test_draws_where_it_is_told_and_opens_no_window():
    ax = new_figure().subplots()
    assert plot_verification(verified(winner=FALLING), ax=ax) is ax
    assert verified(winner=np.ones(1)).plot().get_xlabel() == "step"
    assert plt.get_fignums() == []
