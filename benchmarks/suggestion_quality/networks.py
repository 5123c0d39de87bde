"""The networks of the tasks: each function builds one, not compiled.

Weights are drawn from Keras' global seed, so `keras.utils.set_random_seed` decides
them. Classifiers give logits.
"""

from __future__ import annotations

import functools
import warnings

import keras
from keras import layers
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.suggestion_quality import datasets


def linear(inputs: int, outputs: int) -> keras.Model:
    """No hidden layer: with these losses a convex problem."""
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(outputs)])


def dense(
    inputs: int, hidden: list[int], outputs: int, activation: str = "relu",
    dropout: float = 0.0,
) -> keras.Model:  # fmt: skip
    """Hidden layers, each with dropout after it where asked for."""
    model = keras.Sequential([keras.Input((inputs,))])
    for units in hidden:
        model.add(layers.Dense(units, activation))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(layers.Dense(outputs))
    return model


def convolution(shape: tuple[int, int, int], filters: list[int]) -> keras.Model:
    """Blocks of convolution, BatchNorm and ReLU; all but the first halve the image."""
    model = keras.Sequential([keras.Input(shape)])
    for number, count in enumerate(filters):
        stride = 1 if number == 0 and shape[0] < 16 else 2
        model.add(layers.Conv2D(count, 3, stride, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10))
    return model


def recurrent(steps: int, features: int, cell: str) -> keras.Model:
    """16 recurrent units and one number out; `cell` is `"GRU"` or `"LSTM"`."""
    return keras.Sequential(
        [
            keras.Input((steps, features)),
            getattr(layers, cell)(16),
            layers.Dense(1),
        ]
    )


def transformer() -> keras.Model:
    """One block of pre-norm attention over 12 tokens of 8 kinds; 5 classes."""
    tokens = keras.Input((12,), dtype="int32")
    x = layers.Embedding(8, 16)(tokens)
    places = layers.Embedding(12, 16)(keras.ops.arange(12))
    x = x + places
    normal = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, 8)(normal, normal)
    normal = layers.LayerNormalization()(x)
    x = x + layers.Dense(16)(layers.Dense(32, "gelu")(normal))
    return keras.Model(tokens, layers.Dense(5)(x[:, 0]))


def recommender() -> keras.Model:
    """Factors and biases of 120 users and 80 items."""
    pairs = keras.Input((2,), dtype="int32")
    user, item = pairs[:, 0], pairs[:, 1]
    product = layers.Embedding(120, 6)(user) * layers.Embedding(80, 6)(item)
    biases = layers.Embedding(120, 1)(user) + layers.Embedding(80, 1)(item)
    return keras.Model(pairs, keras.ops.sum(product, -1, keepdims=True) + biases)


def bag_of_words() -> keras.Model:
    """The mean of word vectors, one number out."""
    return keras.Sequential(
        [
            keras.Input((30,), dtype="int32"),
            layers.Embedding(1000, 16, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1),
        ]
    )


@functools.cache
def _pretrained() -> MLPClassifier:
    """A network that knows the digits 0 to 4; the same on every machine."""
    model = MLPClassifier((48, 24), max_iter=60, batch_size=32, random_state=0)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return model.fit(*datasets.early_digits())


def fine_tuned() -> keras.Model:
    """The first layer frozen, the second pretrained, the last one new."""
    model = dense(64, [48, 24], 5)
    weights = zip(_pretrained().coefs_, _pretrained().intercepts_, strict=True)
    for layer, pretrained in zip(model.layers[:2], weights, strict=False):
        layer.set_weights(pretrained)
    model.layers[0].trainable = False
    return model
