"""Which rows, in which batches, `fit` trains on: beside what Keras' callbacks see."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.training_rows import rows_of

from .conftest import (
    BACKEND,
    BATCHES,
    SIZE,
    Batches,
    X,
    Y,
    dataset,
    make_model,
    of_unknown_length,
    once,
)

pytestmark = pytest.mark.training
TF_ONLY = pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data is TensorFlow's")


def batches_of_keras(given):
    """What `params` say of an epoch."""
    seen = {}
    note = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: seen.update(note.params)
    )
    model = make_model(run_eagerly=True)
    model.fit(**given.changed(callbacks=[note], verbose=0, epochs=1))
    return seen["steps"]


@pytest.mark.filterwarnings("ignore:.*`shuffle=True` was passed")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.filterwarnings("ignore:Limiting")
@pytest.mark.parametrize(
    "options",
    [
        {}, {"batch_size": 7}, {"batch_size": 500}, {"steps_per_epoch": 5},
        {"steps_per_epoch": 5, "batch_size": 8}, {"validation_split": 0.3},
        {"validation_split": 0.3, "validation_data": (X, Y)}, {"x": Batches()},
        {"x": Batches(), "steps_per_epoch": 4}, {"x": once()},
        {"x": once(), "steps_per_epoch": 4}, {"limit": 2},
        {"x": once(), "limit": 2}, pytest.param({"x": "dataset"}, marks=TF_ONLY),
        pytest.param({"x": "unknown"}, marks=TF_ONLY),
    ],
)  # fmt: skip
def test_the_batches_of_an_epoch_are_those_of_keras(options):
    options = dict(options)
    limit = options.pop("limit", None)
    made = {"dataset": dataset, "unknown": of_unknown_length}
    if isinstance(options.get("x"), str):
        options["x"] = made[options["x"]]()
    given = FitArguments(**({} if "x" in options else {"x": X, "y": Y}) | options)
    keras.config.set_max_steps_per_epoch(limit)
    try:
        assert rows_of(given).batches == batches_of_keras(given)
    finally:
        keras.config.set_max_steps_per_epoch(None)


def test_rows_that_are_held_back_are_left_out_of_every_part():
    weights = np.arange(len(X), dtype="float32")
    given = FitArguments(
        {"a": X, "b": [X, X]}, Y, validation_split=0.25, sample_weight=weights
    )
    x, y, kept = rows_of(given).data
    for part, whole in ((x["a"], X), (x["b"][1], X), (y, Y), (kept, weights)):
        np.testing.assert_array_equal(part, whole[:72])


def test_data_that_is_not_split_is_handed_on_as_it_is():
    x, y, weight = rows_of(FitArguments(X, Y)).data
    assert x is X and y is Y and weight is None


@TF_ONLY
def test_an_unknown_length_is_counted_no_further_than_needed():
    rows = rows_of(FitArguments(of_unknown_length()))
    assert rows.batches is None
    assert [rows.batches_up_to(most) for most in (5, 50)] == [5, BATCHES]
    assert rows.batches_in_all() == BATCHES


def test_a_generator_is_kept_for_search_and_training():
    rows = rows_of(FitArguments(once()))
    assert rows.batches is None and rows.batches_in_all() is None
    assert rows.batches_up_to(50) == BATCHES
    assert len(rows.for_search(5)) == 5
    batches = list(rows.for_fit()["x"])
    np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), X)
    assert rows_of(FitArguments(X, Y)).for_fit() == {}


@pytest.mark.parametrize(
    "given, words",
    [
        ({"x": None}, "`x` must be an array"),
        ({"x": [[1.0, 2.0]]}, "`x` must be an array"),
        ({"x": X[:1], "y": Y[:1], "validation_split": 0.5}, "leave a row"),
        ({"x": once(), "class_weight": {0: 1.0}}, "`class_weight` must be None"),
        ({"x": Batches(), "sample_weight": Y}, "`y` must be None"),
        ({"x": once(), "validation_split": 0.5}, "Python generator.*validation_data"),
    ],
)
def test_what_fit_would_refuse_is_named(given, words):
    with pytest.raises(InputError, match=words):
        rows_of(FitArguments(**given))


@TF_ONLY
def test_an_epoch_without_an_end_is_refused():
    with pytest.raises(InputError, match="`x` must end, so that epochs can be counted"):
        rows_of(FitArguments(dataset().repeat()))
    given = FitArguments(dataset().repeat(), steps_per_epoch=SIZE)
    assert rows_of(given).batches == SIZE
