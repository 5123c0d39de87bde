"""A sketch: its lines lie where their values say."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lr_finder.reports.sketch import HEIGHT, MOST_POINTS, WIDTH, Line, Sketch, svg


def points(text, n=0):
    found = re.findall(r'points="([^"]+)"', text)[n]
    return np.array([each.split(",") for each in found.split()], dtype=float)


def test_a_straight_line_stays_straight_and_fills_the_width():
    x = np.arange(5.0)
    drawn = points(svg(Sketch((Line(x, 3 - x),))))
    assert drawn[0, 0] == 0 and drawn[-1, 0] == WIDTH
    np.testing.assert_allclose(np.diff(drawn, 2, axis=0), 0, atol=0.11)
    assert "log scale" not in svg(Sketch((Line(x, 9 - x),)))
    assert drawn[0, 1] < drawn[-1, 1]  # falls: pixels count downwards


def test_a_logarithmic_axis_and_the_marks_on_it():
    x = np.geomspace(1e-4, 1, 5)
    text = svg(Sketch((Line(x, x),), True, (1e-3, 1e-1), 1e-2, ("a", "<b>", "c")))
    drawn = points(text)
    np.testing.assert_allclose(drawn[:, 0], np.linspace(0, WIDTH, 5), atol=0.06)
    # Heights over decades are logarithmic too, and say so: a power law is straight.
    np.testing.assert_allclose(np.diff(drawn[:, 1], 2), 0, atol=0.21)
    assert ">log scale<" in text
    rect = ElementTree.fromstring(text)[0]
    assert float(rect.get("x")) == WIDTH / 4 and float(rect.get("width")) == WIDTH / 2
    assert f'd="M{WIDTH / 2:.1f} 0V{HEIGHT}"' in text and "&lt;b&gt;" in text


def test_a_faint_line_does_not_set_the_height():
    x = np.arange(3.0)
    main = Line(x, np.array([2.0, 1.0, 1.5]))
    wild = Line(x, np.array([2.0, 1e6, np.nan]), is_main=False)
    text = svg(Sketch((main, wild)))
    assert points(text, 1).tolist() == points(svg(Sketch((main,)))).tolist()
    assert points(text, 0)[:, 1].min() >= 0


def test_long_lines_are_thinned_and_short_ones_left_out():
    long = Line(np.arange(9999.0), np.arange(9999.0))
    assert len(points(svg(Sketch((long,))))) == MOST_POINTS
    assert svg(Sketch((Line(np.array([1.0]), np.array([1.0])),))) == ""
    assert svg(Sketch(())) == ""


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_level_line_is_drawn(level):
    drawn = points(svg(Sketch((Line(np.arange(3.0), np.full(3, level)),))))
    assert np.isfinite(drawn).all()
