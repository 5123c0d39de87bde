"""The page's small network: its gradient, its training, and early stopping."""

import numpy as np
import pytest

from lr_finder import reference

GRADIENTS = """
const n = modules["models/network.js"];
const points = modules["models/point_sets.js"].drawPoints("moons", 24, 0.1, 3);
const network = n.createNetwork(layers, units, activation);
const weights = n.initialWeights(network, 5);
for (let i = 0; i < weights.length; i++) weights[i] += 0.05 * Math.sin(i);
const gradient = new Float64Array(network.count);
const loss = n.lossGradient(network, weights, points, [...points.y.keys()], gradient);
const differences = [...weights.keys()].map((i) => {
  const kept = weights[i];
  const [high, low] = [1e-6, -1e-6].map((by) => {
    weights[i] = kept + by;
    return n.meanLoss(network, weights, points);
  });
  weights[i] = kept;
  return (high - low) / 2e-6;
});
return {loss, gradient: [...gradient], differences, weights: [...weights],
  x: [...points.x], y: [...points.y], sizes: network.sizes};
"""
NETWORKS = [(1, 3, "tanh"), (3, 6, "tanh"), (1, 4, "relu"), (2, 5, "relu")]


@pytest.fixture(scope="module", params=NETWORKS, ids=str)
def computed(engine, request):
    layers, units, activation = request.param
    made = engine(GRADIENTS, layers=layers, units=units, activation=activation)
    return made | {"activation": activation}


def test_the_gradient_is_that_of_finite_differences(computed):
    np.testing.assert_allclose(
        computed["gradient"], computed["differences"], rtol=1e-6, atol=1e-8
    )


def test_loss_and_gradient_are_those_of_the_reference(computed):
    sizes = tuple(computed["sizes"])
    network = reference.Network(sizes, computed["activation"], "binary_crossentropy")
    weights, parameters, at = np.array(computed["weights"]), {}, 0
    for k, (before, after) in enumerate(zip(sizes, sizes[1:], strict=False), 1):
        matrix = weights[at : at + before * after].reshape(after, before).T
        at += before * after
        parameters |= {f"W{k}": matrix, f"b{k}": weights[at : at + after]}
        at += after
    x = np.reshape(computed["x"], (-1, 2))
    y = np.reshape(computed["y"], (-1, 1))
    loss, gradients = network.loss_and_gradients(parameters, x, y)
    flat = []
    for k in range(1, len(sizes)):
        flat += [gradients[f"W{k}"].T.ravel(), gradients[f"b{k}"]]
    assert computed["loss"] == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(computed["gradient"], np.concatenate(flat), atol=1e-14)


TRAINING = """
const {createTraining, trainEpoch, scores} = modules["training/fitting.js"];
const {initialValues} = modules["page/address.js"];
const {networkFields, settingsOf} = modules["panels/network/fields.js"];
const values = {...initialValues(networkFields), ...patch};
const training = createTraining(settingsOf(values));
for (let k = 0; k < epochs && !training.hasDiverged; k++) trainEpoch(training);
const size = Math.hypot(...training.weights);
return {losses: training.losses, validations: training.validations, size,
  scores: scores(training), hasDiverged: training.hasDiverged};
"""


def train(engine, epochs, **patch):
    return engine(TRAINING, patch=patch, epochs=epochs)


def test_a_training_is_decided_by_its_settings(engine):
    first, again = (train(engine, 5, seed=3) for _ in range(2))
    assert first == again
    assert train(engine, 5, seed=4)["losses"] != first["losses"]


def test_it_learns_at_a_good_rate_and_not_at_others(engine):
    good = train(engine, 60)
    assert min(good["scores"]) > 0.93
    assert train(engine, 60, rate=1e-4)["losses"][-1] > 5 * good["losses"][-1]
    assert train(engine, 60, optimizer="sgd", rate=10.0)["losses"][-1] > 0.3


def test_noise_cannot_be_generalized(engine):
    made = train(engine, 150, data="noise", units=16, layers=3)
    assert made["losses"][-1] < 0.6
    assert made["validations"][-1] > 0.75 > made["validations"][0]


def test_l2_under_adam_is_not_decay(engine):
    """One strength: L2 goes through Adam's division, the decay does not."""
    sizes = [
        train(engine, 100, **{"penalty": penalty, "lambda": 0.01})["size"]
        for penalty in ("none", "decay", "l2")
    ]
    assert sizes[0] > sizes[1] > 1.5 * sizes[2]


def test_a_penalty_of_zero_is_none(engine):
    bare = train(engine, 3)
    for penalty in ("l2", "decay"):
        assert train(engine, 3, **{"penalty": penalty, "lambda": 0}) == bare


@pytest.mark.parametrize(
    "curve, patience, expected",
    [
        ([3, 2, 1, 2, 2, 0.5], 2, {"best": 2, "stop": 4}),
        ([3, 2, 1, 2, 2, 0.5], 3, {"best": 5, "stop": None}),
        ([3, 2, 1, 2, 2, 0.5], 0, {"best": 5, "stop": None}),
        ([1, 1, 1], 1, {"best": 0, "stop": 1}),
        ([1], 5, {"best": 0, "stop": None}),
    ],
)
def test_patience_reads_a_curve_as_keras_does(engine, curve, patience, expected):
    code = 'return modules["training/fitting.js"].readPatience(curve, patience)'
    assert engine(code, curve=curve, patience=patience) == expected


@pytest.mark.parametrize("penalty", [0, 1e-4, 0.1, 50])
def test_the_curve_is_that_of_ridge_regression(engine, penalty):
    code = """
    const p = modules["models/polynomial.js"];
    const points = p.wavePoints();
    const c = p.fitRidge(points, penalty);
    return [[...points.x], [...points.y], [-1, -0.3, 0.8].map((x) => p.valueAt(c, x))];
    """
    x, y, values = engine(code, penalty=penalty)
    basis = np.polynomial.legendre.legvander(np.array(x), 11)
    added = penalty * np.diag([0.0] + [1.0] * 11)
    found = np.linalg.solve(basis.T @ basis + added, basis.T @ np.array(y))
    expected = np.polynomial.legendre.legval([-1, -0.3, 0.8], found)
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-8)
