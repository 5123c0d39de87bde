"""Runs without a score, read back from the crosses drawn."""

import numpy as np
import pytest

from lr_finder.plots.comparison.lost_runs import lost_note, mark_lost
from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.plots.style import new_figure


@pytest.mark.parametrize("at_top", [False, True])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_lost_runs_are_marked_beyond_all_that_is_drawn(scale, at_top):
    ax = new_figure().subplots()
    ax.plot([1.0, 2.0], [3.0, 300.0])
    ax.set_yscale(scale)
    mark_lost(ax, {"sgd": [1.5, np.nan], "adam": []}, KNOWN, None, at_top=at_top)
    ax.figure.draw_without_rendering()
    ends = ax.transData.transform([(1.0, 3.0), (2.0, 300.0)])[:, 1]
    crosses = ax.lines[1:]
    assert len(crosses) == 2  # one at its place, one at the left end
    for cross in crosses:
        assert cross.get_marker() == "x" and cross.get_color() == KNOWN["sgd"].color
        height = cross.get_transform().transform(cross.get_xydata())[0, 1]
        if at_top:
            assert ends[1] + 5 < height < ax.bbox.y1
        else:
            assert ax.bbox.y0 < height < ends[0] - 5
    assert crosses[0].get_xdata().tolist() == [1.5]


def test_lost_runs_are_marked_at_chance_where_that_is_drawn():
    ax = new_figure().subplots()
    ax.plot([1.0, 2.0], [0.1, 0.9])
    limits = ax.get_ylim()
    mark_lost(ax, {"adam": [2.0, 3.0]}, KNOWN, 0.1)
    assert ax.lines[1].get_xydata().tolist() == [[2.0, 0.1], [3.0, 0.1]]
    mark_lost(ax, {"adam": []}, KNOWN, None)
    assert ax.get_ylim()[0] <= limits[0] and len(ax.lines) == 2


@pytest.mark.parametrize("level", [None, 0.1])
@pytest.mark.parametrize("at_top", [False, True])
def test_crosses_of_one_place_are_stacked_and_none_hides_another(level, at_top):
    ax = new_figure().subplots()
    ax.plot([1.0, 2.0], [0.1, 0.9])
    names = ("sgd", "adam", "lion")
    mark_lost(ax, dict.fromkeys(names, [1.0, 2.0, np.nan]), KNOWN, level, at_top=at_top)
    ax.figure.draw_without_rendering()
    crosses = [
        (line.get_color(), place)
        for line in ax.lines[1:]
        for place in line.get_transform().transform(line.get_xydata())
    ]
    assert len(crosses) == 9
    for i, (color, place) in enumerate(crosses):
        for other, another in crosses[:i]:
            assert np.hypot(*(place - another)) > 5
            if color != other and abs(place[0] - another[0]) < 1:
                assert (place[1] > another[1]) != at_top


def test_the_note_of_lost_runs_is_a_cross():
    assert lost_note().get_marker() == "x"
    assert lost_note("x").get_label() == "x"
