"""What `find` works on: arrays as a file's would be, or as they are given."""

import keras
import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.finding_data import FindingData, data_of, model_for

from .conftest import make_dataset

pytestmark = pytest.mark.training

X = np.random.default_rng(1).normal(size=(40, 3))


def read(source, model=None, validation=None, **given):
    return data_of(source, validation, model, 0, given)


def test_arrays_are_prepared_as_those_of_a_file(tmp_path):
    y = np.where(X[:, 0] > 0, "up", "down")
    np.savez(tmp_path / "a.npz", x=X, y=y)
    one, other = read((X, y)), read(tmp_path / "a.npz")
    assert one.dataset.classes == ("down", "up")
    for part in ("x_train", "y_train", "x_validation", "y_validation"):
        np.testing.assert_array_equal(
            getattr(one.dataset, part), getattr(other.dataset, part)
        )


def test_arrays_for_a_model_given_are_taken_as_they_are():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    source = (X, X[:, :1])
    data = read(source, model, source)
    assert data.train is source and data.validation is source
    assert data.dataset is None and data.about == {"source": "arrays"}


def test_a_frame_is_a_source_for_a_model_too_if_a_target_is_named():
    frame = pd.DataFrame(X, columns=["a", "b", "preis"])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = read(frame, model, target="preis")
    assert data.about["source"] == "DataFrame" and data.dataset.target == "preis"
    assert model_for(data, model, None, None, 0) is model
    assert read(frame).dataset.target == "preis"  # the last, as of a file


def test_a_series_alone_is_a_source():
    data = read((np.sin(np.arange(200.0)),), kind="series", window=8)
    assert data.dataset.kind == "series" and data.dataset.input_shape == (8,)


def test_a_model_is_made_by_its_seed_and_leaves_the_random_states():
    data = FindingData.of_dataset(make_dataset(), "made")
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - what Keras draws from
    one, same, other = (model_for(data, None, None, None, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    np.testing.assert_array_equal(one.get_weights()[0], same.get_weights()[0])
    assert not np.array_equal(one.get_weights()[0], other.get_weights()[0])


def test_a_model_that_does_not_fit_is_refused():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ModelError):
        model_for(FindingData.of_dataset(make_dataset(), ""), model, None, None, 0)


def test_data_taken_as_they_are_need_a_model_that_is_there():
    x = np.ones((8, 3))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    data = read((x, x[:, 0]), model)
    with pytest.raises(InputError, match="`model`.*keras.Model.*'default'"):
        model_for(data, "default", None, None, 0)


def test_sample_weights_need_a_model():
    with pytest.raises(InputError, match="sample weights"):
        read((X, X[:, 0], np.ones(40)))
