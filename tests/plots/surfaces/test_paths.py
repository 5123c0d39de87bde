"""Paths over surfaces, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.plots.style import new_figure
from lr_finder.plots.surfaces.paths import plot_paths
from lr_finder.reference import SURFACES, get_surface, quadratic

from ..conftest import assert_legend_is_outside, labels, line

NEAR = np.array([[3.0, 1.0], [1.0, 0.5], [0.5, 0.0]])
FAR = np.array([[3.0, 1.0], [3.0, -1.0], [9.0, 1.0]])


def test_each_path_is_drawn_and_named_with_its_end():
    ax = plot_paths(quadratic(4.0), {"sgd": NEAR, "mine": FAR})
    np.testing.assert_array_equal(line(ax, "sgd").get_xydata(), NEAR)
    assert labels(ax) == [
        "sgd: 0.125 after 2 steps",
        "mine: 42.5 after 2 steps, outside",
        "minimum, 0",
    ]
    assert ax.get_title() == (
        "Quadratic: sgd ends lowest, at 0.125; mine highest, at 42.5"
    )


def test_an_optimizer_looks_as_in_other_figures():
    ax = plot_paths(quadratic(), {"Adam": NEAR, "SGD": FAR})
    assert line(ax, "Adam").get_color() == KNOWN["adam"].color
    assert line(ax, "SGD").get_color() == KNOWN["sgd"].color


def test_starts_ends_and_minima_are_marked():
    surface = get_surface("himmelblau")
    ax = plot_paths(surface, {"sgd": NEAR})
    marked = [each.get_xydata().tolist() for each in ax.lines]
    assert NEAR[:1].tolist() in marked and NEAR[-1:].tolist() in marked
    np.testing.assert_array_equal(line(ax, "minima, 0").get_xydata(), surface.minima)


@pytest.mark.parametrize("name", SURFACES)
def test_the_window_is_the_surfaces(name):
    surface = get_surface(name)
    ax = plot_paths(surface, {"sgd": [surface.start]}, ax=new_figure().subplots())
    assert (*ax.get_xlim(), *ax.get_ylim()) == surface.window
    assert_legend_is_outside(ax)
    assert plt.get_fignums() == []


def test_a_path_that_is_not_finite_ends_where_it_was_last():
    lost = np.array([[3.0, 1.0], [9.0, 9.0], [np.inf, np.nan], [np.nan, np.nan]])
    ax = plot_paths(quadratic(), {"sgd": NEAR, "lost": lost})
    np.testing.assert_array_equal(line(ax, "lost").get_xydata(), lost[:2])
    assert labels(ax)[1] == "lost: not finite after 2 steps"
    assert ax.get_title().endswith("; lost is not finite")
    assert plot_paths(quadratic(), {"lost": lost}).get_title() == (
        "Quadratic: no path stays finite"
    )


def test_one_path_alone_is_not_the_lowest():
    title = plot_paths(quadratic(4.0), {"sgd": NEAR}).get_title()
    assert title == "Quadratic: sgd ends at 0.125"


def test_an_end_within_rounding_of_the_minimum_is_at_it():
    ax = plot_paths(quadratic(), {"sgd": [[3.0, 1.0], [1e-12, 0.0]]})
    assert labels(ax)[0] == "sgd: 0 after 1 step"


@pytest.mark.parametrize(
    "paths, message",
    [
        ({}, "map names to paths"),
        ([NEAR], "map names to paths"),
        ({"sgd": NEAR.T}, r"shape \(points, 2\). Received: shape \(2, 3\) for 'sgd'"),
        ({"sgd": np.zeros((0, 2))}, r"shape \(points, 2\)"),
    ],
)
def test_what_is_no_path_is_refused(paths, message):
    with pytest.raises(InputError, match=message):
        plot_paths(quadratic(), paths)


def test_the_name_of_a_surface_is_no_surface():
    with pytest.raises(InputError, match=r"`surface` must be.*get_surface\('rosen"):
        plot_paths("rosenbrock", {"sgd": NEAR})
