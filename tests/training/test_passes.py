"""How long a pass over the data is, counted by passing over it."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.passes import batches_of, parts_of

pytestmark = pytest.mark.training
tf = pytest.importorskip("tensorflow")


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return np.zeros((4, 2)), np.zeros(4)


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
        ((x for x in [1]), "must end.*Python generator"),
        (dataset(8).take(0), "must hold a batch.*empty"),
        ((np.zeros((0, 2)), np.zeros(0)), "must hold a batch.*empty"),
        (np.zeros((3, 2)), r"tuple \(x, y\).*ndarray"),
        ((np.zeros((3, 2)),), r"tuple \(x, y\).*tuple"),
        (None, "NoneType"),
    ],
)
def test_data_without_batches_or_without_end_is_refused(data, message):
    with pytest.raises(InputError, match=message):
        batches_of(data, 32)


def test_parts_are_those_of_sweep():
    x, y, weight = object(), object(), object()
    assert parts_of((x, y)) == (x, y, None)
    assert parts_of((x, y, weight)) == (x, y, weight)
    whole = dataset(8)
    assert parts_of(whole) == (whole, None, None)
