"""What a curvature says of the rates that SGD can bear."""

import math

import numpy as np
import pytest

from lr_finder.results.curvature import Curvature


def curvature(value):
    return Curvature(value, (np.ones(1),), 0.004, 9, 64)


def grows(rate, momentum, nesterov, steps=4000):
    """Whether SGD as Keras has it leaves the bottom of x²/2 · 3."""
    x, velocity = 1.0, 0.0
    for _ in range(steps):
        slope = 3.0 * x
        velocity = momentum * velocity - rate * slope
        x += momentum * velocity - rate * slope if nesterov else velocity
    return abs(x) > 1


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("nesterov", [False, True])
def test_the_stable_rate_is_where_a_parabola_begins_to_diverge(momentum, nesterov):
    rate = curvature(3.0).stable_rate(momentum, nesterov)
    assert not grows(0.99 * rate, momentum, nesterov)
    assert grows(1.01 * rate, momentum, nesterov)


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_where_nothing_bends_upwards_every_rate_is_borne(value):
    assert curvature(value).stable_rate() == math.inf
    assert str(curvature(value)).endswith(
        "no rate is too high for plain SGD by this measure"
    )


def test_it_is_told_in_a_line():
    told = "largest curvature 4 (to 0.4 %): plain SGD is stable at rates up to 0.5 here"
    assert str(curvature(4.0)) == told
