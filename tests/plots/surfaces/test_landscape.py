"""What is drawn of a landscape, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.plots.style import new_figure
from lr_finder.plots.surfaces.landscape import contour_levels, plot_landscape
from lr_finder.results.landscape import LossLandscape

from ..conftest import assert_legend_is_outside, labels, line

AXIS = np.linspace(-1, 1, 21)
BOWL = 0.5 + 4 * AXIS**2 + 8 * AXIS[:, None] ** 2
PATH = np.array([[-0.9, 0.5], [-0.3, 0.4], [0.0, 0.0]])


def plane(**changes):
    given = {"kind": "random", "coordinates": (AXIS, AXIS), "losses": BOWL, "loss": 0.5}
    return LossLandscape(**given | changes)


def principal():
    return plane(kind="principal", path=PATH, steps=[0, 5, 10], shares=[0.8, 0.15])


def between():
    t = np.linspace(0, 1, 11)
    losses = 1 + t + np.sin(np.pi * t)
    return LossLandscape("between", (t,), losses, 1.0, end_loss=losses[-1])


def test_the_path_and_its_start_are_drawn_where_they_were():
    ax = plot_landscape(principal())
    np.testing.assert_array_equal(line(ax, "the training, 10").get_xydata(), PATH)
    np.testing.assert_array_equal(line(ax, "its start").get_xydata(), PATH[:1])
    np.testing.assert_array_equal(line(ax, "the model").get_xydata(), [[0, 0]])
    assert ax.get_xlabel() == "first principal direction (80 % of the movement)"
    assert ax.get_title().startswith("Two principal directions hold 95 %")


def test_the_line_of_twice_the_loss_is_where_the_loss_is_twice():
    ax = plot_landscape(plane())
    assert "twice the loss of the model, 1" in labels(ax)
    dashed = ax.collections[-1].get_paths()[0].vertices
    x, y = dashed.T
    np.testing.assert_allclose(4 * x**2 + 8 * y**2, 0.5, atol=0.06)


def test_levels_are_factors_if_the_losses_span_decades():
    levels = contour_levels(np.array([0.1, np.nan, 20.0, np.inf]), 5)
    np.testing.assert_allclose(levels[1:] / levels[:-1], 200**0.25)
    assert len(np.unique(contour_levels(np.ones(4)))) > 1


def test_losses_that_are_not_finite_are_left_out():
    losses = BOWL.copy()
    losses[0] = np.nan
    ax = plot_landscape(plane(losses=losses))
    ax.figure.draw_without_rendering()
    assert ax.get_facecolor()[:3] == (0.8, 0.8, 0.8)


def test_lines_are_the_cuts_through_the_model():
    ax = plot_landscape(plane(), style="lines")
    np.testing.assert_array_equal(
        line(ax, "second random").get_ydata(), 0.5 + 8 * AXIS**2
    )
    assert ax.get_yscale() == "log"  # 0.5 to 8.5
    assert ax.get_xlabel() == "distance (lengths of the weights)"


def test_a_barrier_stands_on_the_line_between_the_ends():
    ax = plot_landscape(between())
    (x, _), (low, high) = line(ax, "barrier").get_data()
    assert (x, low, high) == (0.5, pytest.approx(1.5), pytest.approx(2.5))
    np.testing.assert_array_equal(line(ax, "the two").get_xdata(), [0, 1])
    assert ax.get_title() == "A barrier of 1 between two solutions of loss 1 and 2"


def test_points_of_a_training_lie_on_the_line():
    found = LossLandscape(
        "principal", (AXIS,), 0.5 + AXIS**2, 0.5, path=PATH[:, :1], steps=[0, 5, 10],
        shares=[0.9],
    )  # fmt: skip
    drawn = line(plot_landscape(found), "points of the training").get_xydata()
    np.testing.assert_allclose(drawn[:, 1], 0.5 + PATH[:, 0] ** 2, atol=0.01)


def test_a_surface_carries_the_path():
    ax = plot_landscape(principal(), style="surface")
    assert ax.name == "3d"
    x, y, z = ax.lines[0].get_data_3d()
    expected = np.log10(0.5 + 4 * PATH[:, 0] ** 2 + 8 * PATH[:, 1] ** 2)
    np.testing.assert_allclose(z, expected, atol=0.02)
    ax.figure.draw_without_rendering()
    assert ax.get_zlabel() == "loss (log scale)"


@pytest.mark.parametrize("found", [plane(), principal(), between()])
def test_draws_where_it_is_told_and_opens_no_window(found):
    ax = new_figure(7, 6).subplots()
    assert plot_landscape(found, ax=ax) is ax
    assert_legend_is_outside(ax)
    assert found.plot().get_title() == ax.get_title()
    assert plt.get_fignums() == []


def test_the_ring_of_twice_the_loss_is_where_it_is_on_few_points():
    """It is a circle of radius 0.1, and the points are 0.25 apart."""
    axis = np.linspace(-1, 1, 9)
    losses = 1 + 100 * (axis**2 + axis[:, None] ** 2)
    ax = LossLandscape("random", (axis, axis), losses, 1.0).plot()
    ring = ax.collections[-1].get_paths()[0].vertices
    assert np.abs(ring).max() == pytest.approx(0.1, rel=0.01)


def test_the_numbers_of_contours_lie_above_path_and_marks():
    ax = plane().plot()
    highest = max(line.get_zorder() for line in ax.lines)
    assert ax.texts
    assert all(text.get_zorder() > highest for text in ax.texts)


def test_the_labels_of_a_surface_are_inside_the_picture():
    figure = plane().plot(style="surface").figure
    figure.draw_without_rendering()
    (ax,) = figure.axes
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        box = axis.label.get_window_extent()
        assert figure.bbox.containsx(box.x0) and figure.bbox.containsx(box.x1)
        assert figure.bbox.containsy(box.y0) and figure.bbox.containsy(box.y1)


@pytest.mark.parametrize(
    "found, style, message",
    [
        (plane(), "globe", "'contours' or 'surface' or 'lines' for a lands.* 2"),
        (between(), "surface", "must be 'lines' for a landscape of 1 direction"),
    ],
)
def test_a_style_that_does_not_fit_is_refused(found, style, message):
    with pytest.raises(InputError, match=message):
        plot_landscape(found, style=style)


def test_a_surface_needs_three_dimensions():
    with pytest.raises(InputError, match="projection='3d'"):
        plot_landscape(plane(), ax=new_figure().subplots(), style="surface")
