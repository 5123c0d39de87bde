"""What is told of lines that leave the axes: which count, from where on, and how."""

import numpy as np
import pytest

from lr_finder.plots.off_axis import FAR, mark_above, mark_below
from lr_finder.plots.style import new_figure


def drawn(*peaks, scale="linear", limits=(1.0, 3.0), place=5):
    ax = new_figure().subplots()
    for peak in peaks:
        values = np.full(10, 2.0)
        values[place] = peak
        ax.plot(values)
    ax.set(yscale=scale, ylim=limits)
    return ax


def told(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(
    ("scale", "limit"), [("linear", 3 + FAR * 2), ("log", 3 * 3**FAR)]
)
def test_what_lies_just_above_is_let_in_and_what_lies_far_above_is_told(scale, limit):
    below, above = (drawn(limit * x, scale=scale) for x in (0.999, 1.001))
    assert not mark_above(below) and not told(below)
    assert limit < below.get_ylim()[1] < 1.1 * limit
    top = above.get_ylim()[1]
    assert mark_above(above) and told(above) and above.get_ylim()[1] == top


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("value", np.geomspace(0.5, 500, 25))
def test_no_line_leaves_in_silence(scale, value):
    ax = drawn(value, scale=scale)
    top = ax.get_ylim()[1]
    assert mark_above(ax) == bool(told(ax)) == (value > ax.get_ylim()[1])
    assert ax.get_ylim()[1] >= top and ax.get_ylim()[0] == 1.0


def test_the_highest_of_all_lines_is_told_at_its_place():
    ax = drawn(50.0, 400.0, np.inf, np.nan, place=2)
    assert mark_above(ax)
    assert told(ax) == ["\u2191 above the axis: up to 400"]
    assert ax.texts[0].xy[0] == 2


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_words_stay_inside_at_either_side(scale):
    for place in (0, 9):
        ax = new_figure(5, 3).subplots()
        values = np.ones(10)
        values[place] = 1e9
        ax.plot(np.geomspace(1, 1e5, 10), values)
        ax.set(xscale=scale, ylim=(0, 2))
        mark_above(ax)
        ax.figure.draw_without_rendering()
        words, panel = ax.texts[0].get_window_extent(), ax.get_window_extent()
        assert panel.x0 < words.x0 and words.x1 < panel.x1


def test_lines_placed_in_fractions_of_the_axes_do_not_count():
    ax = drawn(2.0, limits=(0.0, 0.01))
    ax.lines[0].remove()
    ax.axvline(3)
    ax.plot([1], [1.0], transform=ax.get_xaxis_transform())
    assert not mark_above(ax)


@pytest.mark.parametrize("value", [-0.5, 0.5, 1.5, 3.5, 8.0, 800.0])
def test_the_bottom_is_the_mirror_image_of_the_top(value):
    """Upside down, one says what the other does."""
    upright, turned = drawn(value), drawn(-value, limits=(-3.0, -1.0))
    for line in turned.lines:
        line.set_ydata(-np.asarray(upright.lines[0].get_ydata()))
    assert mark_above(upright) == mark_below(turned)
    np.testing.assert_allclose(turned.get_ylim()[::-1], -np.array(upright.get_ylim()))
    words = [text.split("up to ")[1][:-2] for text in told(upright)]
    assert [text.split("down to ")[1][:-2] for text in told(turned)] == [
        f"-{word}" for word in words
    ]


def test_on_a_log_scale_what_is_far_below_is_told():
    ax = drawn(1e-6, scale="log")
    assert mark_below(ax) and told(ax) == ["below the axis: down to 1e-6 \u2193"]
    assert ax.get_ylim()[0] == 1.0
