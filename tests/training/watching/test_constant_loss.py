"""The loss of a constant guess, beside what `evaluate` says of such a model."""

import keras
import numpy as np
import pandas as pd
import pytest

from lr_finder.training.watching.constant_loss import constant_loss

pytestmark = pytest.mark.training

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)).astype("float32")
NUMBERS = RNG.normal(3.0, 2.0, size=60).astype("float32")
LABELS = np.arange(60) % 3
SHARES = np.full(3, 1 / 3, "float32")
losses = keras.losses


def constant_model(loss, guess, **options):
    """A model that guesses the same for each row."""
    guess = np.atleast_1d(np.asarray(guess, "float32"))
    bias = keras.initializers.Constant(guess)
    layer = keras.layers.Dense(
        len(guess), kernel_initializer="zeros", bias_initializer=bias, **options
    )
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", loss)
    return model


CASES = [
    ("mse", NUMBERS, NUMBERS.mean()),
    ("MSE", NUMBERS, NUMBERS.mean()),
    ("mean_squared_error", NUMBERS[:, None], NUMBERS.mean()),
    (losses.MeanSquaredError(name="mine"), pd.Series(NUMBERS), NUMBERS.mean()),
    (losses.mean_squared_error, NUMBERS, NUMBERS.mean()),
    (["mae"], NUMBERS, np.median(NUMBERS)),
    ("binary_crossentropy", (LABELS == 0) * 1.0, 1 / 3),
    (
        losses.BinaryCrossentropy(from_logits=True),
        (LABELS == 0).astype("float32"),
        np.log(0.5),
    ),
    ("categorical_crossentropy", np.eye(3, dtype="float32")[LABELS], SHARES),
    ("sparse_categorical_crossentropy", LABELS, SHARES),
    (losses.SparseCategoricalCrossentropy(from_logits=True), LABELS, SHARES),
]


@pytest.mark.parametrize("loss, y, guess", CASES)
def test_it_is_the_loss_of_the_best_constant_model(loss, y, guess):
    model = constant_model(loss, guess)
    expected = model.evaluate(X, np.asarray(y), verbose=0)
    assert constant_loss(model, (X, y)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        losses.Huber(),
        lambda y, forecast: keras.ops.mean(keras.ops.abs(y - forecast)),
        losses.MeanSquaredError(reduction="sum"),
        losses.BinaryCrossentropy(label_smoothing=0.1),
        losses.SparseCategoricalCrossentropy(ignore_class=0),
    ],
)
def test_other_losses_are_not_known(loss):
    assert constant_loss(constant_model(loss, 0.0), (X, NUMBERS)) is None


def test_what_adds_to_the_loss_or_scales_it_is_not_known():
    known = constant_model("mse", 0.0)
    assert constant_loss(known, (X, NUMBERS)) is not None
    assert constant_loss(known, (X, NUMBERS, np.ones(60))) is None
    assert constant_loss(known, X) is None
    assert constant_loss(known, (X, NUMBERS.tolist())) is None
    regularized = constant_model("mse", 0.0, kernel_regularizer="l2")
    assert constant_loss(regularized, (X, NUMBERS)) is None
    known.compile("sgd", "mse", loss_weights=[10.0])
    assert constant_loss(known, (X, NUMBERS)) is None


def test_a_source_of_batches_is_not_read():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            raise RuntimeError("read")

    assert constant_loss(constant_model("mse", 0.0), Batches()) is None
