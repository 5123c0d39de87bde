"""State that the backend holds in layers, unknown to Keras, is put back as well."""

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.untracked_variables import (
    hidden_metrics,
    raw_variables,
)
from lr_finder.training.sweep import sweep

pytestmark = pytest.mark.training

BACKEND = keras.backend.backend()
x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
y = x.sum(1)


def model_with(layer):
    model = keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.skipif(BACKEND != "tensorflow", reason="variables of TensorFlow")
@pytest.mark.parametrize("warm", [False, True])
def test_variables_and_generators_of_tensorflow_come_back(warm):
    import tensorflow as tf

    class Noise(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.calls = tf.Variable(0.0, trainable=False)
            self.others = [tf.Variable(1.0), "text"]
            self.named = {"x": tf.Variable(2.0)}
            self.generator = tf.random.Generator.from_seed(1)

        def call(self, inputs):
            self.calls.assign_add(1.0)
            self.others[0].assign_add(2.0)
            self.named["x"].assign_add(3.0)
            return inputs + self.generator.normal((3,)) * self.calls

        def values(self):
            return [float(v) for v in (self.calls, self.others[0], self.named["x"])]

    def outcome(swept):
        keras.utils.set_random_seed(3)
        layer = Noise()
        model = model_with(layer)
        if warm:
            model.fit(x, y, verbose=0)
        assert len(raw_variables(model)) == 4
        before = layer.values()
        if swept:
            sweep(model, x, y, steps=9, repeats=2, seed=0, verbose=0)
        assert layer.values() == before
        return model.fit(x, y, verbose=0).history, layer.values()

    assert outcome(True) == outcome(False)


@pytest.mark.skipif(BACKEND != "torch", reason="buffers of torch")
def test_buffers_of_torch_come_back():
    import torch

    def outcome(swept):
        keras.utils.set_random_seed(3)
        module = torch.nn.BatchNorm1d(3).to("cpu")
        model = model_with(keras.layers.TorchModuleWrapper(module))
        assert len(raw_variables(model)) == 3
        if swept:
            sweep(model, x, y, steps=9, repeats=2, seed=0, verbose=0)
        history = model.fit(x, y, verbose=0).history
        return history, [v.tolist() for v in module.buffers()]

    assert outcome(True) == outcome(False)


def test_layers_of_keras_have_none():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.GRU(3, return_sequences=True, dropout=0.1),
            layers.BatchNormalization(),
            layers.GaussianNoise(0.1),
            layers.SpectralNormalization(layers.Dense(2)),
            layers.Normalization(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((8, 4, 3)), np.ones(8), verbose=0)
    assert raw_variables(model) == []


def test_metrics_that_a_model_does_not_show_belong_to_its_state():
    class Shy(keras.Sequential):
        @property
        def metrics(self):
            return [self.shown]

    model = Shy([keras.Input((3,)), keras.layers.Dense(1)])
    model.shown, model.inner = keras.metrics.Mean(), [keras.metrics.Mean()]
    model.compile("sgd", "mse")
    hidden = hidden_metrics(model, keras_own=False)
    assert len(hidden) == 1 and hidden[0] is model.inner[0]
    assert len(hidden_metrics(model)) == 2  # with Keras' own mean of the loss
    known = {id(variable) for variable in raw_variables(model)}
    for metric in hidden_metrics(model):
        assert all(id(variable) in known for variable in metric.variables)
    assert not any(id(variable) in known for variable in model.shown.variables)


def test_keras_mean_of_the_loss_comes_back_though_it_is_not_shown():
    """A step of one's own that calls Keras' fills it."""

    class Shy(keras.Sequential):
        @property
        def metrics(self):
            return [self.shown]

        def train_step(self, *args):
            return super().train_step(*args)

    if BACKEND == "jax":
        pytest.skip("its steps reach no metric that is not shown")
    model = Shy([keras.Input((3,)), keras.layers.Dense(1)])
    model.shown = keras.metrics.Mean(name="loss")
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)
    mean = hidden_metrics(model)[0]
    before = float(mean.result())
    assert before > 0
    sweep(model, x, y, steps=4, start_lr=0.01, end_lr=0.1, verbose=0)
    assert float(mean.result()) == before
