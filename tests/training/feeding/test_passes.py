"""How long a pass over the data is, counted by passing over it."""

import itertools

import keras
import numpy as np
import pytest
import scipy.sparse

from lr_finder.errors import InputError
from lr_finder.training.feeding import passes
from lr_finder.training.feeding.passes import batches_of, parts_of, passed_over_again

pytestmark = pytest.mark.training
tf = pytest.importorskip("tensorflow")


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return np.zeros((4, 2)), np.zeros(4)


class Endless(Batches):
    num_batches = None


def dataset(samples):
    x = np.zeros((samples, 2), "float32")
    return tf.data.Dataset.from_tensor_slices((x, x[:, 0])).batch(8)


@pytest.mark.parametrize("samples", [1, 7, 8, 9, 64])
def test_as_many_as_one_pass_gives(samples):
    counted = sum(1 for _ in dataset(samples))
    assert batches_of(dataset(samples), 8) == counted
    unknown = dataset(samples).filter(lambda x, y: True)
    assert unknown.cardinality() == tf.data.UNKNOWN_CARDINALITY
    assert batches_of(unknown, 8) == counted
    arrays = (np.zeros((samples, 2)), np.zeros(samples), np.ones(samples))
    assert batches_of(arrays, 8) == counted


def test_a_pydataset_says_it_itself():
    assert batches_of(Batches(), 32) == 5


def test_the_first_of_several_inputs_counts():
    x = {"a": np.zeros((9, 1)), "b": np.zeros((9, 2))}
    assert batches_of((x, np.zeros(9)), 4) == 3


@pytest.mark.parametrize(
    "data, message",
    [
        (dataset(8).repeat(), "must end.*endless tf.data.Dataset.*take"),
        (Endless(), "must end.*endless keras.utils.PyDataset.*num_batches"),
        (dataset(8).take(0), "must hold a batch.*empty"),
        ((np.zeros((0, 2)), np.zeros(0)), "must hold a batch.*empty"),
        (np.zeros((3, 2)).tolist() * 2, r"tuple \(x, y\).*list of 6"),
        ((), r"tuple \(x, y\).*tuple of 0"),
        ("text", r"tuple \(x, y\).*str"),
        (None, "NoneType"),
    ],
)
def test_data_without_batches_or_without_end_is_refused(data, message):
    with pytest.raises(InputError, match=message):
        batches_of(data, 32)


def test_parts_are_those_of_sweep():
    x, y, weight = object(), object(), object()
    for kind in (tuple, list):
        assert parts_of(kind((x,))) == (x, None, None)
        assert parts_of(kind((x, y))) == (x, y, None)
        assert parts_of(kind((x, y, weight))) == (x, y, weight)
    sparse = scipy.sparse.eye_array(3)
    for whole in (dataset(8), Batches(), {"a": x}, sparse, np.zeros(3)):
        assert parts_of(whole)[0] is whole
        assert parts_of(whole)[1:] == (None, None)


@pytest.mark.parametrize("data", [np.zeros((9, 1)), (np.zeros((9, 1)),)])
def test_inputs_alone_have_a_length_too(data):
    assert batches_of(data, 4) == 3


def test_a_generator_is_kept_to_be_passed_over_again():
    def filled_anew():
        x = np.empty((2, 1))
        for number in range(5):
            x[:] = number
            yield (x, None) if number else [x, None]

    kept = passed_over_again(filled_anew())
    assert batches_of(kept, 32) == kept.num_batches == 5
    for _ in range(2):
        assert [float(kept[i][0][0, 0]) for i in range(5)] == [0, 1, 2, 3, 4]
    assert all(kept[i][1] is None for i in range(5))
    for other in (kept, dataset(8), (1, 2), None):
        assert passed_over_again(other) is other


@pytest.mark.parametrize("limit, value", [("KEPT_BATCHES", 10), ("KEPT_BYTES", 1600)])
def test_a_generator_without_end_is_refused_with_a_way_out(monkeypatch, limit, value):
    monkeypatch.setattr(passes, limit, value)
    endless = (np.zeros(20) for _ in itertools.count())
    with pytest.raises(InputError, match="`mine` must end.*not at its end after 11"):
        passed_over_again(endless, "mine")
    # The way out that the message names:
    cut = (batch for batch in itertools.islice(endless, 4))
    assert len(passed_over_again(cut, "mine")) == 4


def test_a_generator_used_up_is_named():
    with pytest.raises(InputError, match="`mine` must hold a batch.*generator"):
        passed_over_again(iter_nothing(), "mine")


def iter_nothing():
    yield from ()
