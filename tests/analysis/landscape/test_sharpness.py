"""Distances and barriers against closed forms."""

import numpy as np
import pytest

from lr_finder.analysis.landscape.sharpness import (
    barrier,
    distance_to_double,
    random_walk_share,
)

AXIS = np.linspace(-1, 1, 2001)


@pytest.mark.parametrize("curvature", [3.0, 20.0, 400.0])
def test_a_parabola_doubles_at_the_root_of_its_loss_over_its_curvature(curvature):
    found = distance_to_double(AXIS, 0.7 + curvature * AXIS**2)
    assert found == pytest.approx(np.sqrt(0.7 / curvature), rel=1e-3)


def test_the_nearer_side_counts():
    losses = np.where(AXIS > 0, 1 + 2 * AXIS, 1 - 4 * AXIS)
    assert distance_to_double(AXIS, losses) == pytest.approx(0.25)
    assert distance_to_double(AXIS, losses[::-1]) == pytest.approx(0.25)


@pytest.mark.parametrize("points", [9, 25, 51, 201])
@pytest.mark.parametrize("curvature", [3.0, 20.0, 400.0])
def test_the_distance_in_a_parabola_does_not_depend_on_the_points(points, curvature):
    axis = np.linspace(-1, 1, points)
    found = distance_to_double(axis, 0.7 + curvature * axis**2)
    assert found == pytest.approx(np.sqrt(0.7 / curvature))


@pytest.mark.parametrize("points", [9, 25, 51, 201])
@pytest.mark.parametrize("power", [1, 2, 4])
@pytest.mark.parametrize("far", [1.0, np.nan, np.inf])
def test_a_search_finds_the_distance_whatever_the_form(points, power, far):
    """L = 1 + |a / 0.073|^power + a little slope, not finite beyond 0.2 if `far`."""

    def loss_at(a):
        loss = 1 + np.abs(np.asarray(a) / 0.073) ** power - 0.5 * np.asarray(a)
        return np.where(np.abs(a) > 0.2, far * loss, loss)

    axis = np.linspace(-1, 1, points)
    calls = []

    def counting(a):
        calls.append(a)
        return float(loss_at(a))

    found = distance_to_double(axis, loss_at(axis), loss_at=counting)
    grid = np.linspace(0, 0.2, 200_001)
    truth = min(grid[np.argmax(loss_at(side * grid) >= 2)] for side in (1, -1))
    assert found == pytest.approx(truth, rel=0.02)
    assert len(calls) <= 40


@pytest.mark.parametrize("lowest", [0.0, -1.0])
def test_a_loss_that_is_not_positive_does_not_double(lowest):
    assert distance_to_double(AXIS, lowest + AXIS**2) is None


def test_a_flat_loss_does_not_double():
    assert distance_to_double(AXIS, np.ones_like(AXIS)) is None
    assert distance_to_double(AXIS, 1 - AXIS**2 / 2) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_above(bad):
    losses = np.array([bad, 1.2, 1.0, 1.3, bad])
    assert distance_to_double(np.linspace(-2, 2, 5), losses) == 2.0


def test_a_barrier_is_measured_from_the_line_between_the_ends():
    t = np.linspace(0, 1, 101)
    losses = 1 + 2 * t + 3 * np.sin(np.pi * t)
    assert barrier(t, losses) == (pytest.approx(3.0), pytest.approx(0.5))


def test_what_lies_outside_of_the_two_solutions_is_no_barrier():
    t = np.linspace(-0.5, 1.5, 201)
    assert barrier(t, (t * (1 - t)) ** 2 * (t < 0) + 1)[0] == pytest.approx(0)
    assert barrier(t, 1 - np.sin(np.pi * t))[0] == pytest.approx(0)


def test_a_loss_between_that_is_not_finite_is_a_barrier_without_height():
    assert barrier(np.linspace(0, 1, 3), np.array([1, np.nan, 1])) == (np.inf, 0.5)


@pytest.mark.parametrize("directions", [1, 2])
def test_the_share_of_a_random_walk(directions):
    """A walk of 1,000 steps in 5,000 dimensions, made and decomposed here."""
    rng = np.random.default_rng(0)
    walk = rng.normal(size=(1000, 5000)).cumsum(axis=0)
    walk -= walk.mean(axis=0)
    squares = np.linalg.eigvalsh(walk @ walk.T)[::-1]
    measured = squares[:directions].sum() / squares.sum()
    assert random_walk_share(directions) == pytest.approx(measured, abs=0.01)
