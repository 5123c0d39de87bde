"""Gradient descent, momentum and Nesterov on quadratics, whose limits are known."""

import numpy as np
import pytest

from lr_finder.reference import momentum, nesterov, sgd

CURVATURE = 4.0


def distance_after(rule, rate, steps=3000, **hyperparameters):
    """|w| after some steps on CURVATURE w² / 2 from 1."""
    w, state = {"w": np.array(1.0)}, None
    for _ in range(steps):
        w, state = rule(
            w, {"w": CURVATURE * w["w"]}, state, learning_rate=rate, **hyperparameters
        )
        if abs(w["w"]) > 1e6:
            break
    return abs(float(w["w"]))


def test_descent_is_a_geometric_series():
    w, state = {"w": np.array([2.0])}, None
    for _ in range(7):
        w, state = sgd(w, {"w": CURVATURE * w["w"]}, state, learning_rate=0.1)
    assert w["w"] == pytest.approx(2 * (1 - 0.1 * CURVATURE) ** 7)
    assert state == {}


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        (momentum, lambda beta: 2 * (1 + beta) / CURVATURE),
        (nesterov, lambda beta: 2 * (1 + beta) / ((1 + 2 * beta) * CURVATURE)),
    ],
)
def test_a_rule_is_stable_up_to_its_limit(rule, limit, beta):
    assert distance_after(rule, 0.99 * limit(beta), momentum=beta) < 1e-6
    assert distance_after(rule, 1.01 * limit(beta), momentum=beta) > 1e6


def test_descent_is_stable_up_to_two_divided_by_the_curvature():
    assert distance_after(sgd, 0.99 * 2 / CURVATURE) < 1e-6
    assert distance_after(sgd, 1.01 * 2 / CURVATURE) > 1e6
    assert distance_after(sgd, 2 / CURVATURE) == pytest.approx(1)  # to and fro


def test_without_momentum_all_three_are_the_same():
    for rate in (0.1, 0.3):
        expected = distance_after(sgd, rate, steps=5)
        for rule in (momentum, nesterov):
            assert distance_after(rule, rate, 5, momentum=0.0) == pytest.approx(
                expected
            )


def test_under_a_constant_gradient_momentum_makes_the_steps_ten_times_as_long():
    w, state = {"w": np.array(0.0)}, None
    for _ in range(200):
        before = w["w"]
        w, state = momentum(w, {"w": np.array(1.0)}, state, learning_rate=0.1)
    assert before - w["w"] == pytest.approx(0.1 / (1 - 0.9))


def test_nesterov_is_the_classical_form_seen_one_look_ahead():
    """φ and v with the gradient at φ + β v; the parameters are that point."""
    beta, rate = 0.9, 0.05
    slopes = lambda w: np.array([1.0, 9.0]) * w  # noqa: E731
    at, v = np.array([1.0, -2.0]), np.zeros(2)
    w, state = {"w": at.copy()}, None
    for _ in range(20):
        v = beta * v - rate * slopes(at + beta * v)
        at = at + v
        w, state = nesterov(
            w, {"w": slopes(w["w"])}, state, learning_rate=rate, momentum=beta
        )
        np.testing.assert_allclose(w["w"], at + beta * v, rtol=1e-12)
