"""The networks and data that the cost of a sweep is measured on."""

import keras
import numpy as np

SEED = 0
BATCH_SIZE = 32


def mlp():
    """A dense network: 20 - 128 - 64 - 10."""
    return _compiled(
        [
            keras.Input((20,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
        ]
    )


def cnn():
    """A small convolutional network with BatchNorm on 32 x 32 images."""
    return _compiled(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
        ]
    )


def wide():
    """A dense network whose variables outweigh everything else: 25 million."""
    return _compiled(
        [
            keras.Input((20,)),
            keras.layers.Dense(5000, activation="relu"),
            keras.layers.Dense(5000, activation="relu"),
        ]
    )


def linear(dataset):
    """One layer on any data, run step by step: nothing is traced."""
    classes = dataset.task == "classification"
    activation = (
        ("softmax" if dataset.n_outputs > 1 else "sigmoid") if classes else None
    )
    model = keras.Sequential(
        [
            keras.Input(dataset.input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(dataset.n_outputs, activation=activation),
        ]
    )
    loss = "mse"
    if classes:
        sparse = "sparse_categorical_crossentropy"
        loss = sparse if dataset.n_outputs > 1 else "binary_crossentropy"
    model.compile("adam", loss, run_eagerly=True)
    return model


def _compiled(layers):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def data_for(model, samples):
    """Random images or rows of the model's input shape, and random labels."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(samples, *model.input_shape[1:])).astype("float32")
    return x, rng.integers(0, 10, samples)
