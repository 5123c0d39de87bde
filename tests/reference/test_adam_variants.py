"""AdamW, Adamax and Nadam where their answers are known."""

import numpy as np
import pytest

from lr_finder.reference import adam, adamax, adamw, decay_weights, l2_gradients, nadam


def run(rule, gradients, start=0.0, **hyperparameters):
    """One parameter after each step, the start first."""
    w, state, path = {"w": np.array(start)}, None, [start]
    for gradient in gradients:
        w, state = rule(w, {"w": np.array(gradient)}, state, **hyperparameters)
        path.append(float(w["w"]))
    return np.array(path)


def test_adamw_without_a_gradient_shrinks_by_a_share():
    path = run(adamw, [0.0] * 10, 2.0, learning_rate=0.1, weight_decay=0.5)
    np.testing.assert_allclose(path, 2 * 0.95 ** np.arange(11))


def test_adamw_without_decay_is_adam():
    gradients = np.random.default_rng(0).normal(size=30)
    np.testing.assert_array_equal(
        run(adamw, gradients, 1.0, weight_decay=0.0), run(adam, gradients, 1.0)
    )


def test_a_penalty_is_not_decoupled_decay_under_adam():
    """Of two weights with gradients 1 and 100 AdamW shrinks both by the same share."""
    noise = np.sign(np.random.default_rng(0).normal(size=4000))
    w = coupled = {"w": np.array([1.0, 1.0])}
    state = other = None
    for sign in noise:
        gradients = {"w": sign * np.array([1.0, 100.0])}
        w, state = adamw(w, gradients, state, learning_rate=1e-3, weight_decay=0.1)
        penalised = l2_gradients(gradients, coupled, weight_decay=0.1)
        coupled, other = adam(coupled, penalised, other, learning_rate=1e-3)
    assert w["w"][0] == pytest.approx(w["w"][1], abs=1e-6)
    assert coupled["w"][0] < coupled["w"][1] - 0.1


def test_adamax_divides_by_the_largest_recent_gradient():
    path = run(adamax, [4.0, 1.0], learning_rate=0.1, beta_2=0.5, epsilon=0.0)
    # m = 0.4, corrected 4, u = 4; then m = 0.46, corrected by 0.19, u = max(2, 1).
    assert -np.diff(path) == pytest.approx([0.1, 0.1 * 0.46 / 0.19 / 2])


@pytest.mark.parametrize("rule", [adamax, nadam])
@pytest.mark.parametrize("gradient", [1e-2, 1e3])
def test_under_a_constant_gradient_the_steps_become_as_long_as_the_rate(rule, gradient):
    path = run(rule, [gradient] * 400, learning_rate=0.01, epsilon=0.0)
    assert -np.diff(path)[-1] == pytest.approx(0.01, rel=1e-6)


def test_the_first_step_of_nadam_by_hand():
    path = run(nadam, [2.0], learning_rate=1.0, beta_1=0.8, epsilon=0.0)
    now, ahead = 0.8 * (1 - 0.5 * 0.96), 0.8 * (1 - 0.5 * 0.96**2)
    mean = ahead * 0.4 / (1 - now * ahead) + (1 - now) * 2 / (1 - now)
    assert -path[1] == pytest.approx(mean / 2)


def test_decay_comes_before_the_step():
    one = {"w": np.array([1.0])}
    decayed = decay_weights(one, learning_rate=0.1, weight_decay=0.5)
    expected, _ = adam(decayed, one, learning_rate=0.1)
    found, _ = adamw(one, one, learning_rate=0.1, weight_decay=0.5)
    assert found["w"] == expected["w"]
