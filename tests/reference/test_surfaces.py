"""Surfaces of two weights: slopes against values, minima that are minima."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.reference import SURFACES, get_surface, quadratic

ALL = [pytest.param(make(), id=name) for name, make in SURFACES.items()]
STEP = 1e-30  # of the complex step, exact to rounding


def points_of(surface, n=200, seed=0):
    left, right, low, high = surface.window
    return np.random.default_rng(seed).uniform((left, low), (right, high), (n, 2))


def scale_of(values):
    return 1 + np.abs(values).max()


@pytest.mark.parametrize("surface", ALL)
def test_slopes_are_those_of_the_value_by_complex_steps(surface):
    points = points_of(surface)
    x, y = points.T
    along_x = surface.formula(x + 1j * STEP, y).imag / STEP
    along_y = surface.formula(x, y + 1j * STEP).imag / STEP
    gradient = surface.gradient(points)
    np.testing.assert_allclose(
        gradient, np.stack([along_x, along_y], -1), atol=1e-13 * scale_of(gradient)
    )


@pytest.mark.parametrize("surface", ALL)
def test_slopes_are_those_of_the_value_by_finite_differences(surface):
    points, h = points_of(surface), 1e-6
    for axis in (0, 1):
        shift = np.eye(2)[axis] * h
        slope = (surface.value(points + shift) - surface.value(points - shift)) / 2 / h
        found = surface.gradient(points)[:, axis]
        np.testing.assert_allclose(found, slope, atol=1e-7 * scale_of(found))


@pytest.mark.parametrize("surface", ALL)
def test_minima_are_minima_inside_the_window(surface):
    left, right, low, high = surface.window
    assert surface.value(points_of(surface, 10_000)).min() > surface.lowest - 1e-12
    for x, y in [*surface.minima, surface.start]:
        assert left < x < right and low < y < high
    for x, y in surface.minima:
        assert surface.value([x, y]) == pytest.approx(surface.lowest, abs=1e-12)
        assert np.abs(surface.gradient([x, y])).max() < 1e-12
        angles = np.linspace(0, 2 * np.pi, 16)
        around = np.stack([x + 1e-3 * np.cos(angles), y + 1e-3 * np.sin(angles)], -1)
        assert (surface.value(around) > surface.value([x, y])).all()


@pytest.mark.parametrize(
    "name, point, value",
    [  # published starts and their values: Rosenbrock 1960; Moré et al. 1981, problem 5
        ("rosenbrock", (-1.2, 1.0), 24.2),
        ("beale", (1.0, 1.0), 14.203125),
        ("himmelblau", (0.0, 0.0), 170.0),
        ("quadratic", (2.0, 1.0), 12.0),
        ("saddle", (1.0, 1.0), 0.25),
        ("cliff", (0.0, 0.0), 0.54),
    ],
)
def test_values_are_the_published_ones(name, point, value):
    assert get_surface(name).value(point) == pytest.approx(value, rel=1e-15)


def test_shapes_are_those_of_the_points():
    surface = get_surface("himmelblau")
    assert isinstance(surface.value([1, 2]), float)
    assert surface.gradient([1, 2]).shape == (2,)
    assert surface.value(np.zeros((3, 4, 2))).shape == (3, 4)
    assert surface.gradient(np.zeros((3, 4, 2))).shape == (3, 4, 2)


def test_far_out_there_is_no_overflow():
    with np.errstate(all="raise"):
        assert get_surface("cliff").gradient([1e3, -1e3]).tolist() == [20.04, -20.0]


@pytest.mark.parametrize("condition", [1.0, 7.0, 300.0])
def test_the_quadratic_is_stable_up_to_two_over_its_condition(condition):
    surface = quadratic(condition)
    ends = []
    for rate in (1.99 / condition, 2.01 / condition):
        point = np.array([0.0, 1.0])
        for _ in range(200):
            point = point - rate * surface.gradient(point)
        ends.append(abs(point[1]))
    assert ends[0] == pytest.approx(0.99**200)
    assert ends[1] == pytest.approx(1.01**200)


@pytest.mark.parametrize("condition", [0, -1.0, np.nan, np.inf, "2", True, None])
def test_a_condition_that_is_none_is_refused(condition):
    with pytest.raises(InputError, match="`condition` must be a positive, finite"):
        quadratic(condition)


@pytest.mark.parametrize("name", ["rosenbrok", "", None, 3])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(
        InputError, match="one of 'quadratic', 'rosenbrock', .*Received"
    ):
        get_surface(name)


@pytest.mark.parametrize("points", [1.0, [1.0], [1.0, 2.0, 3.0], np.zeros((2, 3))])
def test_points_of_another_shape_are_refused(points):
    with pytest.raises(InputError, match=r"x and y, along its last axis. Received"):
        get_surface("beale").value(points)


@pytest.mark.parametrize("surface", ALL)
def test_a_point_of_a_diverged_path_warns_of_nothing(surface):
    far = np.array([[1e300, -1e300], [np.inf, np.inf], [np.nan, 0.0]])
    assert not np.isfinite(surface.value(far)).any()
    surface.gradient(far)
