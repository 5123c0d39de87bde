"""Backpropagation against finite differences, losses and first weights."""

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import Network
from lr_finder.reference.network import DEVIATIONS, sigmoid, softmax

TARGETS = {
    "mse": lambda rng: rng.normal(size=(7, 3)),
    "crossentropy": lambda rng: rng.integers(0, 3, 7),
    "binary_crossentropy": lambda rng: rng.integers(0, 2, (7, 1)),
}


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "linear"])
def test_gradients_are_those_of_finite_differences(activation, loss):
    rng = np.random.default_rng(0)
    y = TARGETS[loss](rng)
    network = Network((4, 6, 5, y.shape[1] if y.ndim == 2 else 3), activation, loss)
    parameters, x = network.initialize(seed=1), rng.normal(size=(7, 4))
    value, gradients = network.loss_and_gradients(parameters, x, y)
    assert value == network.loss_of(parameters, x, y)
    assert list(gradients) == list(parameters)
    for name, array in parameters.items():
        for at in np.ndindex(array.shape):
            up, down = (parameters | {name: array.copy()} for _ in range(2))
            up[name][at] += 1e-6
            down[name][at] -= 1e-6
            slope = network.loss_of(up, x, y) - network.loss_of(down, x, y)
            assert gradients[name][at] == pytest.approx(slope / 2e-6, abs=1e-8)


def test_a_linear_network_has_the_gradient_of_least_squares():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 1))
    network = Network([4, 1])
    parameters = network.initialize(seed=0)
    _, gradients = network.loss_and_gradients(parameters, x, y)
    error = x @ parameters["W1"] + parameters["b1"] - y
    np.testing.assert_allclose(gradients["W1"], 2 * x.T @ error / 9)
    np.testing.assert_allclose(gradients["b1"], 2 * error.mean(axis=0))


def test_losses_by_hand():
    parameters = {"W1": np.array([[1.0, 0.0]]), "b1": np.zeros(2)}
    x = np.array([[0.0], [np.log(3)]])  # probabilities (½, ½) and (¾, ¼)
    network = Network((1, 2), loss="crossentropy")
    classes, shares = np.array([0, 1]), np.eye(2)
    expected = -(np.log(1 / 2) + np.log(1 / 4)) / 2
    assert network.loss_of(parameters, x, classes) == pytest.approx(expected)
    assert network.loss_of(parameters, x, shares) == pytest.approx(expected)
    np.testing.assert_allclose(
        network.predict(parameters, x), [[0.5, 0.5], [0.75, 0.25]]
    )
    one = Network((1, 1), loss="binary_crossentropy")
    weights = {"W1": np.ones((1, 1)), "b1": np.zeros(1)}
    assert one.loss_of(weights, x, classes[:, None]) == pytest.approx(
        -(np.log(1 / 2) + np.log(3 / 4)) / 2
    )


def test_two_classes_by_softmax_are_one_by_sigmoid():
    scores = np.random.default_rng(0).normal(size=(6, 2))
    np.testing.assert_allclose(
        softmax(scores)[:, 1], sigmoid(scores[:, 1] - scores[:, 0])
    )


@pytest.mark.parametrize("loss", ["crossentropy", "binary_crossentropy"])
def test_large_scores_overflow_nowhere(loss):
    network = Network((1, 2 if loss == "crossentropy" else 1), loss=loss)
    parameters = {"W1": np.array([[1.0, -1.0]])[:, : network.sizes[-1]]}
    parameters["b1"] = np.zeros(network.sizes[-1])
    y = np.array([0]) if loss == "crossentropy" else np.array([[1]])
    value, gradients = network.loss_and_gradients(parameters, np.array([[5e4]]), y)
    assert value == pytest.approx(0) and not gradients["W1"].any()
    value, _ = network.loss_and_gradients(parameters, np.array([[-5e4]]), y)
    assert value == pytest.approx(1e5 if loss == "crossentropy" else 5e4)


@pytest.mark.parametrize("initializer", DEVIATIONS)
def test_first_weights_have_the_deviation_that_is_told(initializer):
    network = Network((300, 200, 1))
    parameters = network.initialize(initializer=initializer, seed=0)
    told = {"he": np.sqrt(2 / 300), "glorot": np.sqrt(2 / 500), "random": 0.05}
    expected = told.get(initializer.partition("_")[0], 0)
    assert parameters["W1"].std() == pytest.approx(expected, rel=0.01)
    assert abs(parameters["W1"]).max() <= (
        np.sqrt(3) * expected if "uniform" in initializer else 6 * expected
    )
    assert not parameters["b1"].any()
    again = network.initialize(initializer=initializer, seed=0)
    np.testing.assert_array_equal(parameters["W1"], again["W1"])
    if expected:
        other = network.initialize(initializer=initializer, seed=1)
        assert (parameters["W1"] != other["W1"]).all()


def test_he_keeps_the_size_of_values_through_many_layers_of_relu():
    network = Network((200, *[200] * 20, 1), "relu")
    x = np.random.default_rng(0).normal(size=(100, 200))
    sizes = {}
    for initializer in ("he_normal", "glorot_normal"):
        parameters = network.initialize(initializer=initializer, seed=0)
        values = network._forward(parameters, x)
        sizes[initializer] = np.mean(values[-2] ** 2) / np.mean(values[1] ** 2)
    assert 0.3 < sizes["he_normal"] < 3
    assert sizes["glorot_normal"] < 1e-4  # about 2 to the power −19


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Network((4,)), "at least two numbers"),
        (lambda: Network(2, "relu", "mse"), r"`sizes` must be a sequence.*sizes=2"),
        (lambda: Network((4, 0)), "`sizes` must be a whole number"),
        (lambda: Network((4, 1), "swish"), "`activation` must be one of relu, sigmoid"),
        (lambda: Network((4, 1), loss="mae"), "`loss` must be one of mse"),
        (lambda: Network((4, 2), loss="binary_crossentropy"), "must be 1"),
        (lambda: Network((4, 1)).initialize(initializer="he", seed=0), "`initializer`"),
        (lambda: Network((4, 1)).initialize(seed=-1), "`seed`"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((5, 3)), np.zeros(5), r"`x` must have shape \(samples, 4\).*\(5, 3\)"),
        (np.ones(4), np.zeros(5), "`x` must have shape"),
        (np.ones((5, 4)), np.zeros(4), r"`y` must have shape \(5, 2\).*\(4,\)"),
        (np.ones((5, 4)), np.full(5, 2), "classes from 0 to 1. Received: 2 to 2"),
        (np.ones((5, 4)), np.full(5, 0.5), "classes from 0 to 1"),
    ],
)
def test_data_of_another_shape_are_refused(x, y, words):
    network = Network((4, 2), loss="crossentropy")
    with pytest.raises(InputError, match=words):
        network.loss_and_gradients(network.initialize(seed=0), x, y)


def test_a_column_of_targets_is_proposed_for_a_vector():
    network = Network((4, 1))
    with pytest.raises(InputError, match=r"Received: \(32,\)\. Give y\[:, None\]"):
        network.loss_of(network.initialize(seed=0), np.ones((32, 4)), np.zeros(32))
