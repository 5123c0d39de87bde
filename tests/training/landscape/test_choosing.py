"""Which directions, and at which points."""

import keras
import numpy as np
import pytest

from lr_finder.analysis.landscape.trajectory import Trajectory
from lr_finder.errors import InputError
from lr_finder.training.landscape.choosing import along_trajectory, around, between
from lr_finder.training.preserving.variables import host_copy

pytestmark = pytest.mark.training


def make_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def path_of(model, n=8):
    rng = np.random.default_rng(0)
    weights = [host_copy(each) for each in model.trainable_variables]
    ends = [rng.normal(size=(n, *each.shape)).cumsum(axis=0) for each in weights]
    parts = [w + e - e[-1] for w, e in zip(weights, ends, strict=True)]
    return Trajectory(range(n), tuple(parts))


def test_points_are_symmetric_with_the_model_in_the_middle():
    where = around(make_model(), 2, None, (2, 25, 0.3), seed=0)
    for axis in where.coordinates:
        assert axis[12] == 0.0 and len(axis) == 25
        np.testing.assert_array_equal(axis, -axis[::-1])
        np.testing.assert_allclose(axis, np.linspace(-0.3, 0.3, 25), atol=1e-15)


def test_a_path_may_be_put_on_directions_given():
    model = make_model()
    trajectory = path_of(model)
    kernel = [[np.eye(3, 2), np.zeros(2)], [np.zeros((3, 2)), np.ones(2)]]
    where = around(model, kernel, trajectory, (2, 5, 1.0), seed=0)
    moved = trajectory.weights[1] - host_copy(model.trainable_variables[1])
    assert where.kind == "given"
    np.testing.assert_allclose(where.path[:, 1], moved.mean(axis=1), rtol=1e-6)


def test_the_plane_of_a_trajectory_holds_all_of_its_path_and_the_model():
    model = make_model()
    where = along_trajectory(model, path_of(model), 2, 11)
    for axis, column in zip(where.coordinates, where.path.T, strict=True):
        ends = min(column.min(), 0.0), max(column.max(), 0.0)
        margin = 0.2 * (ends[1] - ends[0])
        assert axis[0] == pytest.approx(ends[0] - margin)
        assert axis[-1] == pytest.approx(ends[1] + margin)
    np.testing.assert_allclose(where.path[-1], 0, atol=1e-6)


def test_a_trajectory_of_another_model_is_refused():
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    for make in (
        lambda path: along_trajectory(make_model(), path, 2, 11),
        lambda path: around(
            make_model(), [[np.ones((3, 2)), np.ones(2)]], path, (1, 5, 1.0), 0
        ),
    ):
        with pytest.raises(InputError, match="must be of this model.*frozen"):
            make(path_of(other))


def test_between_is_from_0_to_1():
    model, other = make_model(), make_model()
    other.layers[0].kernel.assign(np.ones((3, 2)))
    (axis,) = between(model, other, 5).coordinates
    assert axis.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
