"""Rules with a rate for each parameter, under gradients whose answer is known."""

import numpy as np
import pytest

from lr_finder.reference import adadelta, adagrad, rmsprop


def lengths(rule, gradients, **hyperparameters):
    """The length of each step of one parameter."""
    w, state, found = {"w": np.array(0.0)}, None, []
    for gradient in gradients:
        before = w["w"]
        w, state = rule(w, {"w": np.array(gradient)}, state, **hyperparameters)
        found.append(float(before - w["w"]))
    return np.array(found)


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 1e4])
def test_adagrad_slows_down_like_the_root_of_time(gradient):
    steps = lengths(
        adagrad,
        [gradient] * 100,
        learning_rate=1.0,
        initial_accumulator_value=0,
        epsilon=0,
    )
    np.testing.assert_allclose(steps, 1 / np.sqrt(np.arange(1, 101)))


def test_adagrad_begins_with_what_it_was_given():
    step = lengths(adagrad, [0.3], learning_rate=1.0, epsilon=0)
    assert step == pytest.approx(0.3 / np.sqrt(0.1 + 0.09))


@pytest.mark.parametrize("gradient", [1e-1, 1.0, 1e4])
def test_rmsprop_begins_too_long_and_ends_at_the_rate(gradient):
    steps = lengths(rmsprop, [gradient] * 200, learning_rate=0.01, epsilon=0)
    expected = 0.01 / np.sqrt(1 - 0.9 ** np.arange(1, 201))
    np.testing.assert_allclose(steps, expected)


def test_centred_rmsprop_divides_by_the_deviation():
    """Gradients of 3 ± 1 by turns have the variance 1, for a long memory."""
    steps = lengths(
        rmsprop, [2.0, 4.0] * 1000,
        rho=0.99, learning_rate=0.01, centered=True, epsilon=0,
    )  # fmt: skip
    np.testing.assert_allclose(steps[-2:], [0.02, 0.04], rtol=0.05)


def test_a_variance_below_0_by_rounding_counts_as_0():
    w, state = {"w": np.zeros(50, "float32")}, None
    gradients = {"w": np.geomspace(0.1, 1e4, 50, dtype="float32")}
    for _ in range(300):
        w, state = rmsprop(w, gradients, state, centered=True)
    assert np.isfinite(w["w"]).all()


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_adadelta_does_not_care_for_the_gradients_scale(scale):
    gradients = np.random.default_rng(0).normal(size=50)
    ours = lengths(adadelta, scale * gradients, learning_rate=1.0, epsilon=1e-12)
    plain = lengths(adadelta, gradients, learning_rate=1.0, epsilon=1e-12)
    np.testing.assert_allclose(ours, plain, rtol=1e-6)


def test_the_second_step_of_adadelta_by_hand():
    steps = lengths(adadelta, [2.0, 1.0], rho=0.5, epsilon=0.25, learning_rate=1.0)
    first = np.sqrt(0.25 / (2 + 0.25)) * 2
    second = np.sqrt((0.5 * first**2 + 0.25) / (0.5 * 2 + 0.5 + 0.25))
    assert steps == pytest.approx([first, second])
