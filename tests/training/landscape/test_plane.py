"""Weights at points of a plane; what is refused of directions and other solutions."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.landscape.plane import Plane, checked_directions, way_between
from lr_finder.training.preserving.variables import host_copy

pytestmark = pytest.mark.training


def make_model(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()]
    )
    model.compile("sgd", "mse")
    return model


def test_a_point_is_the_origin_and_so_much_of_each_direction():
    rng = np.random.default_rng(0)
    variable = keras.Variable(rng.normal(size=(3, 2)).astype("float32"))
    origin = host_copy(variable)
    one, two = rng.normal(size=(2, 3, 2))
    plane = Plane([variable], [[one], [two]])
    for a, b in [(0.5, -2.0), (0.0, 1.0), (3.0, 0.0)]:
        plane.move_to((a, b))
        expected = (origin.astype(float) + a * one + b * two).astype("float32")
        np.testing.assert_array_equal(host_copy(variable), expected)
    plane.move_to((0.0, 0.0))
    np.testing.assert_array_equal(host_copy(variable), origin)


def test_both_ends_are_the_solutions_to_the_last_bit():
    model, other = make_model(), make_model(1)
    other.layers[1].moving_variance.assign([3.0, 0.1])
    variables, way = way_between(model, other)
    assert len(variables) == len(model.weights)
    plane = Plane(variables, [way])
    plane.move_to((1.0,))
    for one, two in zip(model.weights, other.weights, strict=True):
        np.testing.assert_array_equal(host_copy(one), host_copy(two))


def test_weights_may_be_given_as_arrays():
    model, other = make_model(), make_model(1)
    as_model = way_between(model, other)[1]
    as_arrays = way_between(model, other.get_weights())[1]
    for one, two in zip(as_model, as_arrays, strict=True):
        np.testing.assert_array_equal(one, two)


def smaller():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.mark.parametrize(
    "other, message",
    [
        (smaller, r"or a list as model.get_weights\(\) gives it, of arrays of shapes"),
        (make_model, "another solution than `model`. Received: equal"),
        (lambda: "weights.h5", "`to` must be a keras.Model"),
        (lambda: 3, "`to` must be a keras.Model"),
        (lambda: [w * np.nan for w in make_model().get_weights()], "finite weights"),
    ],
)
def test_what_is_no_other_solution_is_refused(other, message):
    with pytest.raises(InputError, match=message):
        way_between(make_model(), other())


@pytest.mark.parametrize(
    "directions, message",
    [
        ([[np.ones((3, 2))]], r"of shapes \[\(3, 2\), .*Received: shapes \[\(3, 2\)\]"),
        ([[np.ones(2)] * 4], "Received: shapes"),
        ([[np.full((3, 2), np.inf), *[np.ones(2)] * 3]], "finite numbers"),
        ([[np.zeros((3, 2)), *[np.zeros(2)] * 3]], "Received: zeros only"),
        (["north"], "Received: shapes"),
    ],
)
def test_directions_of_another_shape_are_refused(directions, message):
    with pytest.raises(InputError, match=message):
        checked_directions(make_model(), directions)
