"""A small model, data for a training of 120 steps, and every form of that data."""

import keras
import numpy as np

from lr_finder.schedules.named import spanning
from lr_finder.training.one_call.fit import fit
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.scheduling.apply_schedule import ApplySchedule

BACKEND = keras.backend.backend()
BATCHES, SIZE, EPOCHS = 12, 8, 10
STEPS = BATCHES * EPOCHS
RNG = np.random.default_rng(0)
X = RNG.normal(size=(BATCHES * SIZE, 3)).astype("float32")
Y = (X @ [[1.0], [-0.5], [0.3]] + 0.1 * RNG.normal(size=(len(X), 1))).astype("float32")
CLASSES = (Y[:, 0] > 0).astype("int32")
OWN = 0.02  # the rate that models are compiled with


def make_model(optimizer=None, loss="mse", drop=0.1, **options):
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(4, "tanh", name="body"), keras.layers.Dropout(drop)]
    units = 1 if loss == "mse" else 2
    head = keras.layers.Dense(units, None if units == 1 else "softmax", name="head")
    model = keras.Sequential([keras.Input((3,)), *layers, head])
    model.compile(optimizer or keras.optimizers.SGD(OWN, 0.9), loss, **options)
    return model


def make_classifier(optimizer=None, **options):
    return make_model(optimizer, "sparse_categorical_crossentropy", **options)


def trained(model, data=None, **options):
    """`lr_finder.fit` without output: its History."""
    keras.utils.set_random_seed(7)  # Keras draws the order of batches from it
    return fit(model, **told(data, options))


def told(data, options):
    data = {"x": X, "y": Y, "batch_size": SIZE} if data is None else data
    return {"epochs": EPOCHS, "verbose": 0} | data | options


def by_keras(
    model, lr, data=None, schedule="wsd", steps=STEPS, callbacks=(), **options
):
    """What Keras' own `fit` makes of it at the rates of the schedule: its History."""
    rates = ApplySchedule(spanning(schedule, lr, steps))
    callbacks = [rates, *callbacks]
    keras.utils.set_random_seed(7)
    return model.fit(**told(data, options), callbacks=callbacks)


def outcome(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [host_copy(each) for each in variables]


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return BATCHES

    def __getitem__(self, index):
        rows = slice(index * SIZE, (index + 1) * SIZE)
        return X[rows], Y[rows]


def once(epochs=1):
    for _ in range(epochs):
        yield from (Batches()[i] for i in range(BATCHES))


def dataset():
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(SIZE)


def of_unknown_length():
    return dataset().filter(lambda *batch: True)


def endless():
    return {"x": once(EPOCHS), "steps_per_epoch": BATCHES}
