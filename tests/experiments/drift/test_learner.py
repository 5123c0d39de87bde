"""The model of a deployment: its errors, its trainings, and what they leave alone."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.drift.learner import Learner, LearnerSettings
from lr_finder.experiments.drift.policies import RetrainingPolicy
from lr_finder.experiments.drift.streams import DriftStream, make_stream

pytestmark = pytest.mark.training
SETTINGS = LearnerSettings(epochs=3, learning_rate=0.03)


def line_stream(n=600, scale=1.0):
    """A linear function of two numbers."""
    x = np.random.default_rng(0).normal(size=(n, 2)).astype("float32")
    y = (x @ [1.0, -2.0]).astype("float32")
    return DriftStream(x, y, n // 2, "regression", (), target_scale=scale)


def linear(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def values(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v).copy() for v in variables]


def test_errors_are_absolute_and_in_the_targets_unit():
    stream, model = line_stream(scale=10.0), linear()
    learner = Learner(model, stream, SETTINGS)
    x, y = stream.x[300:320], stream.y[300:320]
    weights, bias = model.get_weights()
    expected = 10 * np.abs(x @ weights[:, 0] + bias - y)
    np.testing.assert_allclose(learner.errors(300, 320), expected, rtol=1e-4)


def test_errors_of_classes_are_wrong_or_right():
    x = np.random.default_rng(1).normal(size=(200, 2)).astype("float32")
    stream = make_stream(x, (x[:, 0] > 0).astype(int), shape="none")
    layer = keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    layer.set_weights([np.array([[5.0], [0.0]]), np.zeros(1)])
    assert Learner(model, stream, SETTINGS).errors(0, 200).sum() == 0
    layer.set_weights([np.array([[-5.0], [0.0]]), np.zeros(1)])
    assert Learner(model, stream, SETTINGS).errors(0, 200).mean() == 1


def test_a_model_that_is_given_stays_bit_identical():
    stream, model = line_stream(), linear()
    model.fit(stream.x[:240], stream.y[:240], verbose=0)
    before = values(model)
    learner = Learner(model, stream, SETTINGS)
    for start, rate in (("warm", "kept"), ("scratch", "found")):
        learner.train(300, 400, RetrainingPolicy("alarm", start, rate))
    for one, other in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert learner.rate == pytest.approx(0.03)


def test_training_helps_costs_and_can_be_put_back():
    learner = Learner(linear(), line_stream(), SETTINGS)
    untrained = learner.errors(400, 600)
    row = learner.train(200, 400, RetrainingPolicy("alarm"))
    assert learner.errors(400, 600).mean() < 0.7 * untrained.mean()
    assert (row["rows"], row["sweep_steps"], row["message"]) == (200, 0, "")
    assert row["steps"] == 3 * 7 and learner.training_steps == 3 * 8
    learner.put_back()
    np.testing.assert_array_equal(learner.errors(400, 600), untrained)


def test_a_sweep_costs_steps_and_gives_the_rate():
    learner = Learner(linear(), line_stream(), SETTINGS)
    row = learner.train(100, 300, RetrainingPolicy("alarm", rate="found"))
    assert 10 < row["sweep_steps"] <= 200 and 1e-7 < row["learning_rate"] < 10


def test_from_scratch_forgets_what_was_deployed():
    stream, good = line_stream(), linear()
    good.set_weights([np.array([[1.0], [-2.0]]), np.zeros(1)])
    learner = Learner(good, stream, SETTINGS)
    warm = learner.train(300, 332, RetrainingPolicy("alarm", "warm"))
    after_warm = learner.errors(400, 600).mean()
    learner.put_back()
    scratch = learner.train(300, 332, RetrainingPolicy("alarm", "scratch"))
    assert warm["steps"] == scratch["steps"] == 3
    assert after_warm < 0.01 < 0.1 < learner.errors(400, 600).mean()


def test_a_training_that_diverges_leaves_the_old_model():
    learner = Learner(linear(), line_stream(), SETTINGS)
    before = learner.errors(300, 400)
    learner.rate = 1e30
    row = learner.train(100, 300, RetrainingPolicy("alarm"))
    assert "stays deployed" in row["message"]
    np.testing.assert_array_equal(learner.errors(300, 400), before)


@pytest.mark.few(3)
@pytest.mark.parametrize("fault", ["not compiled", "three outputs", "four inputs"])
def test_a_model_that_does_not_fit_is_refused(fault):
    stream = line_stream()
    sizes = {"three outputs": (2, 3), "four inputs": (4, 1)}.get(fault, (2, 1))
    model = keras.Sequential([keras.Input(sizes[:1]), keras.layers.Dense(sizes[1])])
    if fault != "not compiled":
        model.compile("sgd", "mse")
    with pytest.raises((ModelError, InputError)):
        Learner(model, stream, SETTINGS)


def test_a_model_for_amounts_is_refused_for_classes():
    x = np.random.default_rng(1).normal(size=(200, 2))
    stream = make_stream(x, np.arange(200) % 3, shape="none")
    with pytest.raises(ModelError, match="output of shape"):
        Learner(linear(), stream, SETTINGS)
