"""Logistic regression: its slopes, its curvature, and where descent on it ends."""

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import (
    Network,
    batches_of,
    logistic_curvature,
    logistic_loss_and_gradients,
    minimize,
)

# One weight; four samples of one class, of which one lies on the wrong side.
X, Y = np.array([4.0, 4.0, 4.0, -1.0])[:, None], np.ones(4)


def problem(with_bias=True):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 3)), rng.integers(0, 2, 30).astype(float)
    parameters = {"w": rng.normal(size=3), "b": np.array(0.3)}
    return {k: v for k, v in parameters.items() if with_bias or k == "w"}, x, y


@pytest.mark.parametrize("with_bias", [True, False])
def test_it_is_a_network_without_hidden_layers(with_bias):
    parameters, x, y = problem(with_bias)
    network = Network((3, 1), loss="binary_crossentropy")
    same = {"W1": parameters["w"][:, None]}
    same["b1"] = np.atleast_1d(parameters.get("b", 0.0))
    loss, gradients = logistic_loss_and_gradients(parameters, x, y)
    other, theirs = network.loss_and_gradients(same, x, y[:, None])
    assert loss == pytest.approx(other)
    assert list(gradients) == list(parameters)
    np.testing.assert_allclose(gradients["w"], theirs["W1"][:, 0])
    if with_bias:
        assert gradients["b"] == pytest.approx(theirs["b1"][0])


@pytest.mark.parametrize("with_bias", [True, False])
def test_curvature_is_that_of_finite_differences(with_bias):
    parameters, x, y = problem(with_bias)

    def slopes(vector):
        at = {"w": vector[:3], "b": vector[3:].sum()} if with_bias else {"w": vector}
        gradients = logistic_loss_and_gradients(at, x, y)[1]
        return np.append(gradients["w"], gradients.get("b", []))

    vector = np.append(parameters["w"], parameters.get("b", []))
    steps = 1e-6 * np.eye(len(vector))
    hessian = [(slopes(vector + s) - slopes(vector - s)) / 2e-6 for s in steps]
    largest = np.linalg.eigvalsh(np.array(hessian))[-1]
    assert logistic_curvature(parameters, x) == pytest.approx(largest, rel=1e-6)


def weights_at(rate, steps):
    """The last weights, and those after one step more."""
    last = [
        minimize(
            logistic_loss_and_gradients, {"w": np.zeros(1)},
            learning_rate=rate, steps=steps + more, batches=batches_of(X, Y),
        ).parameters["w"][0]
        for more in (0, 1)
    ]  # fmt: skip
    return sorted(last)


def test_a_convex_problem_may_not_converge():
    """Published in the course: 2.8 settles, 3.0 flips for ever; 2/h = 2.91."""
    assert weights_at(2.8, 1000) == pytest.approx([0.707, 0.707], abs=5e-4)
    assert weights_at(3.0, 1000) == pytest.approx([0.629, 0.813], abs=5e-4)
    limit = 2 / logistic_curvature({"w": np.array([0.70708])}, X)
    assert limit == pytest.approx(2.91, abs=0.005)
    wanders = {round(w, 6) for n in range(500, 516, 4) for w in weights_at(4.0, n)}
    assert len(wanders) == 8


def test_separable_data_have_no_minimum():
    x, y = np.array([[-1.0], [1.0]]), np.array([0.0, 1.0])
    descents = [
        minimize(
            logistic_loss_and_gradients, {"w": np.zeros(1)},
            learning_rate=1.0, steps=steps, batches=batches_of(x, y),
        )
        for steps in (100, 5000)
    ]  # fmt: skip
    weights = [float(each.parameters["w"][0]) for each in descents]
    # exp(-w) falls like 1 / steps: the weight grows by ln 50 for ever.
    assert weights[1] - weights[0] == pytest.approx(np.log(50), rel=0.02)
    assert (np.diff(descents[1].losses) < 0).all()


@pytest.mark.parametrize(
    ("parameters", "x", "y", "words"),
    [
        ({"w": np.zeros(2)}, X, Y, r"\(2,\) for 'w' and \(4, 1\) for x"),
        ({"w": np.zeros(1)}, X[:, 0], Y, r"\(4,\) for x"),
        ({"w": np.zeros(1)}, X, Y[:, None], r"`y` must have shape \(4,\).*\(4, 1\)"),
    ],
)
def test_other_shapes_are_refused(parameters, x, y, words):
    with pytest.raises(InputError, match=words):
        logistic_loss_and_gradients(parameters, x, y)
