"""What a sweep tells of what was trained."""

import json

import keras
import pytest

import lr_finder
from lr_finder.training.checking.description import describe_training

from ..own_steps import make_autoencoder

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    "loss, name",
    [
        ("mse", "mse"),
        (keras.losses.Huber(name="my_huber"), "my_huber"),
        (keras.losses.mean_absolute_error, "mean_absolute_error"),
        (["mse", "mae"], "mse, mae"),
    ],
)
def test_it_names_what_is_trained_in_json(loss, name):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="line")
    if isinstance(loss, list):
        model = keras.Model(model.inputs, [model.outputs[0]] * 2, name="line")
    model.compile(keras.optimizers.Lion(), loss)
    described = describe_training(model)
    assert json.loads(json.dumps(described)) == described
    assert described["loss"] == name
    assert (described["model"], described["parameters"]) == ("line", 8)
    assert (described["optimizer"], described["device"]) == ("Lion", "CPU")
    assert described["backend"] == keras.backend.backend()
    assert described["lr_finder"] == lr_finder.__version__


def _groups(*optimizers):
    layers = {f"part_{i}/.*": each for i, each in enumerate(optimizers[1:])}
    groups = keras.optimizers.OptimizerMap(optimizers[0], layers)
    return keras.optimizers.MultiOptimizer(groups)


@pytest.mark.parametrize(
    "optimizer, momentum, beta_1",
    [
        (keras.optimizers.SGD(momentum=0.99), 0.99, None),
        (keras.optimizers.SGD(), 0.0, None),
        (keras.optimizers.RMSprop(momentum=0.5), 0.5, None),
        (keras.optimizers.Adam(beta_1=0.95), None, 0.95),
        (keras.optimizers.Adagrad(), None, None),
        (
            keras.optimizers.LossScaleOptimizer(keras.optimizers.AdamW(beta_1=0.8)),
            None,
            0.8,
        ),
        (
            _groups(keras.optimizers.SGD(momentum=0.5), keras.optimizers.Adam()),
            0.5,
            0.9,
        ),
    ],
    ids=["momentum", "plain", "rmsprop", "adam", "adagrad", "scaled", "groups"],
)
def test_it_tells_what_an_optimizer_remembers(optimizer, momentum, beta_1):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(optimizer, "mse")
    described = describe_training(model)
    assert (described["momentum"], described["beta_1"]) == (momentum, beta_1)


def test_weights_of_a_model_that_is_not_called_itself_are_counted():
    """Keras' own `count_params` asks for a model that is built."""
    model = make_autoencoder()
    model.built = False
    parts = model.encoder.count_params() + model.decoder.count_params()
    assert describe_training(model)["parameters"] == parts
