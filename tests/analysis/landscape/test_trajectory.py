"""Principal directions against numpy's SVD; projections against least squares."""

import numpy as np
import pytest

from lr_finder.analysis.landscape.trajectory import Trajectory, principal_directions
from lr_finder.errors import InputError

SHAPES = ((4, 3), (3,), (2, 2, 2))


def walk(n=12, seed=0, scale=(1.0, 5.0, 0.3)):
    rng = np.random.default_rng(seed)
    parts = [
        size * rng.normal(size=(n, *shape)).cumsum(axis=0)
        for size, shape in zip(scale, SHAPES, strict=True)
    ]
    return Trajectory(np.arange(n) * 10, tuple(parts))


def stacked(trajectory):
    return np.concatenate(
        [each.reshape(len(trajectory), -1) for each in trajectory.weights], axis=1
    )


def flat(direction):
    return np.concatenate([each.ravel() for each in direction])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [1, 2])
def test_principal_directions_are_the_singular_vectors_of_the_stacked_weights(
    seed, count
):
    trajectory = walk(seed=seed)
    matrix = stacked(trajectory)
    _, singular, vectors = np.linalg.svd(matrix - matrix.mean(axis=0))
    directions, shares = principal_directions(trajectory, count)
    assert len(directions) == count
    for place, direction in enumerate(directions):
        assert [each.shape for each in direction] == list(SHAPES)
        found = flat(direction)
        assert np.linalg.norm(found) == pytest.approx(1)
        assert abs(found @ vectors[place]) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(
        shares, (singular**2 / (singular**2).sum())[:count], rtol=1e-9
    )


def test_directions_lead_from_the_first_point_to_the_last():
    trajectory = walk()
    matrix = stacked(trajectory)
    for direction in principal_directions(trajectory, 2)[0]:
        assert flat(direction) @ (matrix[-1] - matrix[0]) >= 0


def test_weights_of_float32_give_the_directions_of_float64():
    trajectory = walk()
    narrow = Trajectory(
        trajectory.steps, tuple(each.astype("float32") for each in trajectory.weights)
    )
    ours, theirs = (principal_directions(each, 2) for each in (trajectory, narrow))
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-5)
    for one, other in zip(ours[0], theirs[0], strict=True):
        assert flat(one) @ flat(other) == pytest.approx(1, abs=1e-9)


def test_a_projection_is_the_least_squares_solution():
    trajectory, rng = walk(), np.random.default_rng(1)
    origin = [rng.normal(size=shape) for shape in SHAPES]
    directions = [[rng.normal(size=shape) for shape in SHAPES] for _ in range(2)]
    found = trajectory.project(origin, directions)
    basis = np.stack([flat(each) for each in directions], axis=1)
    expected = np.linalg.lstsq(basis, (stacked(trajectory) - flat(origin)).T)[0].T
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_trajectory_in_a_plane_is_found_again():
    t = np.linspace(0, 1, 9)
    points = np.stack([3 * t, np.sin(3 * t), np.zeros(9)], axis=1)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    trajectory = Trajectory(range(9), (points @ turn,))
    directions, shares = principal_directions(trajectory, 2)
    assert sum(shares) == pytest.approx(1)
    path = trajectory.project([trajectory.weights[0][-1]], directions)
    back = path @ np.stack([flat(each) for each in directions])
    expected = points @ turn
    np.testing.assert_allclose(back + expected[-1], expected, atol=1e-12)


@pytest.mark.parametrize(
    "points, count, message",
    [
        (np.zeros((2, 3)), 1, "at least 3 points. Received: 2"),
        (np.ones((5, 3)), 1, "move in 1 direction. Received: one that stays in one"),
        (np.outer(np.arange(5.0), [1, 2, 3]), 2, "moves along a line. Train at a"),
    ],
)
def test_a_trajectory_without_such_directions_is_refused(points, count, message):
    trajectory = Trajectory(range(len(points)), (points,))
    with pytest.raises(InputError, match=message):
        principal_directions(trajectory, count)


@pytest.mark.parametrize(
    "steps, weights, message",
    [
        ([0, 1], (np.zeros((3, 2)),), "equal lengths. Received: 2 steps"),
        ([], (), "equal lengths"),
        ([0], (np.array([[np.nan]]),), "finite numbers. Received: NaN"),
    ],
)
def test_bad_parts_are_refused(steps, weights, message):
    with pytest.raises(InputError, match=message):
        Trajectory(steps, weights)
