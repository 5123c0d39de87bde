"""What a model is made of, taken back: against models of every kind, built after."""

import collections

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.structure import Structure, untouched_if_refused
from lr_finder.training.preserving.variables import host_copy

from ..conftest import assert_same_outcome, make_data, make_model, outcome_of_fit
from ..fingerprints import fingerprint, variables_of
from ..test_sweep import Subclassed

pytestmark = pytest.mark.training


def sequential():
    return make_model(inputs=False)


def built_but_for_its_optimizer():
    return make_model()


def in_groups():
    slow, fast = keras.optimizers.SGD(0.1, name="slow"), keras.optimizers.Adam(0.4)
    groups = keras.optimizers.OptimizerMap(slow, {"dense.*": fast})
    return make_model(optimizer=keras.optimizers.MultiOptimizer(groups))


def scaled():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())
    return make_model(inputs=False, optimizer=optimizer)


def containers():
    """A model of one's own, with layers in all that Keras follows."""
    keras.utils.set_random_seed(3)
    model = Subclassed()
    model.out = keras.layers.Dense(4, activation="softmax")
    model.listed = [keras.layers.Dense(2), [keras.layers.Dense(2)]]
    model.named = {"a": keras.layers.Dense(2)}
    model.ordered = collections.OrderedDict(b=keras.layers.Dense(2))
    model.numbers = {1, 2}
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def recurrent():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.layers.Reshape((3, 2)),
            keras.layers.Bidirectional(keras.layers.LSTM(3, dropout=0.2)),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    return model


KINDS = [sequential, built_but_for_its_optimizer, in_groups, scaled, containers,
         recurrent]  # fmt: skip


@pytest.mark.filterwarnings("ignore:`build..` was called on layer 'subclassed")
@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
@pytest.mark.few(1)
def test_a_model_trained_inside_is_cold_again(make):
    """And a fit of it is, to the last bit, the first fit of its twin."""
    twin = make()
    keras.utils.set_random_seed(5)
    expected = outcome_of_fit(twin)
    model = make()
    values = [(v, host_copy(v)) for v in variables_of(model)]
    layers = list(model._layers)
    before = fingerprint(model, values=False)
    with pytest.raises(RuntimeError), untouched_if_refused(model):
        if make is containers:  # before `fit`: a built model takes no more layers
            model.listed.append(keras.layers.Dense(2))
            model.named["c"] = model.ordered["c"] = keras.layers.Dense(2)
            model.numbers.add(3)
        model.fit(*make_data(), verbose=0)
        assert model.optimizer.built
        raise RuntimeError
    assert fingerprint(model, values=False) == before
    for variable, value in values:
        variable.assign(value)
    if make is containers:
        assert len(model.listed) == 2 and list(model.ordered) == ["b"]
        assert model.numbers == {1, 2} and model._layers == layers
    keras.utils.set_random_seed(5)
    assert_same_outcome(outcome_of_fit(model), expected)


def test_without_an_error_nothing_is_taken_back():
    model = sequential()
    with untouched_if_refused(model):
        model.build((None, 6))
    assert model.built and model.weights


def test_it_can_be_restored_more_than_once():
    model = sequential()
    structure = Structure(model)
    for _ in range(2):
        model.fit(*make_data(), verbose=0)
        structure.restore()
        assert not model.built and not model.weights and not model.optimizer.built


def test_what_is_kept_holds_no_copy_of_a_variable():
    model = make_model()
    model.fit(*make_data(), verbose=0)
    structure = Structure(model)
    value = np.full(4, 7.0)
    model.layers[-1].bias.assign(value)
    structure.restore()
    np.testing.assert_array_equal(host_copy(model.layers[-1].bias), value)
