"""Lion, Muon and Schedule-Free SGD against what defines them."""

import numpy as np
import pytest

from lr_finder.reference import adamw, lion, muon, schedule_free_sgd, sgd
from lr_finder.reference.newer import NEWTON_SCHULZ, orthogonal


def test_every_step_of_lion_has_the_length_of_the_rate():
    rng = np.random.default_rng(0)
    w, state = {"w": rng.normal(size=20)}, None
    for _ in range(10):
        before = w["w"]
        gradients = {"w": rng.normal(size=20) * 10.0 ** rng.integers(-6, 6, 20)}
        w, state = lion(w, gradients, state, learning_rate=0.25)
        np.testing.assert_allclose(np.abs(w["w"] - before), 0.25)


def test_the_direction_of_lion_and_its_mean_have_weights_of_their_own():
    w, state = lion({"w": np.array(0.0)}, {"w": np.array(1.0)}, learning_rate=1.0)
    assert (w["w"], state["mean"]["w"]) == (-1, pytest.approx(0.01))
    # 0.9 · 0.01 − 0.1 · 0.05 > 0: still the old direction.
    w, _ = lion(w, {"w": np.array(-0.05)}, state, learning_rate=1.0)
    assert w["w"] == -2


@pytest.mark.parametrize("shape", [(5, 5), (9, 4), (3, 8), (1, 6)])
def test_orthogonal_moves_the_singular_values_alone(shape):
    """By the polynomial, applied to the singular values of an SVD."""
    matrix = np.random.default_rng(0).normal(size=shape)
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values = values / (np.linalg.norm(values) + 1e-7)
    a, b, c = NEWTON_SCHULZ
    for _ in range(5):
        values = a * values + b * values**3 + c * values**5
    np.testing.assert_allclose(
        orthogonal(matrix), left @ np.diag(values) @ right, atol=1e-12
    )


def test_singular_values_come_near_one():
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.normal(size=(6, 6)))[0] for _ in range(2))
    matrix = left @ np.diag(np.geomspace(1, 0.02, 6)) @ right
    values = np.linalg.svd(orthogonal(matrix))[1]
    assert 0.65 < values.min() and values.max() < 1.25


def test_muon_steps_are_as_wide_as_adams_and_biases_take_adamw():
    rng = np.random.default_rng(0)
    w = {"W": np.zeros((64, 16)), "b": np.ones(16), "kernel": np.ones((3, 3, 2))}
    gradients = {name: rng.normal(size=array.shape) for name, array in w.items()}
    moved, _ = muon(w, gradients, learning_rate=0.01)
    assert np.sqrt(np.mean(moved["W"] ** 2)) == pytest.approx(0.2 * 0.01, rel=0.2)
    by_adamw, _ = adamw(w, gradients, learning_rate=0.01)
    for name in ("b", "kernel"):
        np.testing.assert_array_equal(moved[name], by_adamw[name])


def test_muon_looks_ahead():
    w, one = {"W": np.zeros((2, 2))}, {"W": np.diag([1.0, 0.0])}
    _, state = muon(w, one)
    moved, _ = muon(w, {"W": np.diag([0.0, 0.3])}, state, weight_decay=0.0)
    # velocity (0.95, 0.3), and the step is towards gradient + 0.95 velocity.
    step = orthogonal(np.diag([0.95 * 0.95, 0.3 + 0.95 * 0.3]))
    np.testing.assert_allclose(moved["W"], -0.001 * 0.2 * np.sqrt(2) * step, rtol=1e-12)


def test_the_average_of_schedule_free_is_the_mean_of_plain_descent():
    rng = np.random.default_rng(0)
    gradients = [{"w": rng.normal(size=3)} for _ in range(25)]
    start = {"w": rng.normal(size=3)}
    w, state, point, points = start, None, start, []
    for each in gradients:
        w, state = schedule_free_sgd(w, each, state, learning_rate=0.1)
        point, _ = sgd(point, each, learning_rate=0.1)
        points.append(point["w"])
        np.testing.assert_allclose(state["average"]["w"], np.mean(points, axis=0))
        np.testing.assert_allclose(state["point"]["w"], point["w"])
        between = 0.1 * point["w"] + 0.9 * state["average"]["w"]
        np.testing.assert_allclose(w["w"], between)


def test_on_a_noisy_quadratic_the_average_ends_nearer_than_the_last_weights():
    rng = np.random.default_rng(0)
    w, plain, state = {"w": np.array(5.0)}, {"w": np.array(5.0)}, None
    last, mean = [], []
    for _ in range(2000):
        noise = rng.normal()
        w, state = schedule_free_sgd(w, {"w": w["w"] + noise}, state, learning_rate=0.5)
        plain, _ = sgd(plain, {"w": plain["w"] + noise}, learning_rate=0.5)
        last.append(float(plain["w"]))
        mean.append(float(state["average"]["w"]))
    assert np.abs(mean[-100:]).max() < 0.2 * np.std(last[-1000:])
