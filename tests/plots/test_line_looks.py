"""Lines are told apart, however many there are."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lr_finder.plots.line_looks import line_looks


@pytest.mark.parametrize("count", [1, 2, 5, 6, 10, 25])
def test_no_two_lines_look_alike_in_color_or_without(count):
    looks = line_looks(count)
    assert len(looks) == len({look["color"] for look in looks}) == count
    assert len({(str(look["linestyle"]), look["marker"]) for look in looks}) == count
    assert "x" not in {look["marker"] for look in looks}  # which means: diverged
    marks = [look["marker"] for look in looks]
    assert all(a != b for a, b in zip(marks, marks[1:], strict=False))


@pytest.mark.parametrize("count", [2, 5, 6, 10, 25])
def test_colors_run_from_dark_to_light_and_are_seen_on_white(count):
    greys = [np.dot(to_rgb(look["color"]), [0.299, 0.587, 0.114])
             for look in line_looks(count)]  # fmt: skip
    assert np.diff(greys).min() > min(0.05, 0.4 / count) and greys[-1] < 0.8


def test_of_none_there_is_no_look():
    assert line_looks(0) == []
