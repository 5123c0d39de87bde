"""Labels that a model has no outputs for are refused; what may be right passes."""

import keras
import numpy as np
import pandas as pd
import pytest

import lr_finder
from lr_finder.errors import InputError
from lr_finder.training.checking.labels import check_labels
from lr_finder.training.fitting import train

pytestmark = pytest.mark.training

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
WRONG = np.array([5, 6] * 32)
SPARSE = "sparse_categorical_crossentropy"


def classifier(loss=SPARSE, units=2):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, "softmax")])
    model.compile("sgd", loss)
    return model


CALLS = {
    "sweep": lambda model: lr_finder.sweep(model, X, WRONG, verbose=0),
    "verify": lambda model: lr_finder.verify(model, X, WRONG, 0.1, budget_steps=100),
    "find": lambda model: lr_finder.find((X, WRONG), model=model),
    "find, to validate with": lambda model: lr_finder.find(
        (X, WRONG - 5), model=model, validation_data=(X, WRONG)
    ),
    "sweep, to validate with": lambda model: lr_finder.sweep(
        model, X, WRONG - 5, validation_data=(X, WRONG), verbose=0
    ),
    "train": lambda model: train(model, (X, WRONG), learning_rate=0.1, epochs=1),
    "train, to validate with": lambda model: train(
        model, (X, WRONG - 5), (X, WRONG), learning_rate=0.1, epochs=1
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_refuses_them_before_anything_is_traced(call):
    model = classifier()
    with pytest.raises(InputError, match="labels from 0 to 1.*such as 5 and 6"):
        CALLS[call](model)
    assert model.train_function is None and model.test_function is None
    assert not model.optimizer.built


@pytest.mark.parametrize(
    "loss",
    [
        SPARSE,
        "SparseCategoricalCrossentropy",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        keras.losses.sparse_categorical_crossentropy,
        [SPARSE],
    ],
)
@pytest.mark.parametrize(
    "labels",
    [WRONG, WRONG.tolist(), WRONG[:, None], pd.Series(WRONG), WRONG.astype("float32")],
)
def test_by_every_name_of_the_loss_and_form_of_the_labels(loss, labels):
    with pytest.raises(InputError, match="labels from 0 to 1"):
        check_labels(classifier(loss), labels)
    check_labels(classifier(loss, units=7), labels)


def custom(y, forecast):
    return keras.ops.mean(forecast)


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("mse", WRONG),
        (custom, WRONG),
        (keras.losses.SparseCategoricalCrossentropy(ignore_class=5), WRONG // 6 + 4),
        (SPARSE, np.full(64, np.nan)),
        (SPARSE, [WRONG, WRONG]),
        (SPARSE, None),
    ],
)
def test_what_may_be_right_passes(loss, labels):
    if isinstance(labels, np.ndarray) and loss != "mse" and loss is not custom:
        labels = np.where(labels == 4, 0, labels)
    check_labels(classifier(loss), labels)


def test_a_step_of_ones_own_may_take_any_label():
    class Own(keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, **further):
            return keras.ops.mean(y_pred)

    inputs = keras.Input((3,))
    model = Own(inputs, keras.layers.Dense(2)(inputs))
    model.compile("sgd", SPARSE)
    check_labels(model, WRONG)


@pytest.mark.parametrize("dtype", [object, "str"])
def test_text_is_refused_for_every_loss(dtype):
    labels = pd.Series(["a", "b"] * 32, dtype=dtype)
    for loss in (SPARSE, "mse"):
        with pytest.raises(InputError, match="numbers. Received: text, such as 'a'"):
            check_labels(classifier(loss), labels)


ONE_HOT = "categorical_crossentropy"
CLASSES = np.array([0, 1, 2, 1])


@pytest.mark.parametrize(
    ("loss", "labels", "way_out"),
    [
        (SPARSE, np.eye(3)[CLASSES], "argmax"),
        (keras.losses.SparseCategoricalCrossentropy(), np.eye(3)[CLASSES], "argmax"),
        (ONE_HOT, CLASSES, "to_categorical"),
        ("CategoricalCrossentropy", CLASSES[:, None], "to_categorical"),
        (keras.losses.CategoricalCrossentropy(), list(CLASSES), "to_categorical"),
    ],
)
def test_numbers_and_rows_of_0_and_1_are_not_mistaken(loss, labels, way_out):
    with pytest.raises(InputError, match=way_out):
        check_labels(classifier(loss, units=3), labels)


def test_each_loss_takes_its_own_form_of_labels():
    check_labels(classifier(ONE_HOT, units=3), np.eye(3)[CLASSES])
    check_labels(classifier(SPARSE, units=3), CLASSES)
    check_labels(classifier(SPARSE, units=3), CLASSES[:, None])
    check_labels(classifier("mse", units=3), CLASSES)  # Keras broadcasts
