"""Batches picked by index."""

import keras
import numpy as np
import pytest
import scipy.sparse

from lr_finder.training.feeding.indexed_batches import (
    GatheredBatches,
    KeptBatches,
    Reordered,
    gatherer,
    is_as_fit_takes_it,
    is_sparse,
)

pytestmark = pytest.mark.training

ORDER = np.array([[3, 1], [0, 2], [3, 3]])
X = np.arange(8.0, dtype="float32").reshape(4, 2)


def batches_of(data):
    if isinstance(data, keras.utils.PyDataset):
        data = [data[i] for i in range(data.num_batches)]
    return [keras.tree.map_structure(np.asarray, batch) for batch in data]


@pytest.mark.parametrize("convert", [np.asarray, scipy.sparse.csr_matrix])
def test_each_batch_holds_the_samples_named(convert):
    give = gatherer((convert(X), X[:, 0]), samples=4, batch_size=2)
    for order in (ORDER, ORDER[1:2]):
        given = batches_of(give(order))
        assert len(given) == len(order)
        for (x, y), index in zip(given, order, strict=True):
            np.testing.assert_array_equal(x, X[index])
            np.testing.assert_array_equal(y, X[index, 0])


@pytest.mark.parametrize("samples", [4, 3])
def test_all_that_is_given_is_of_one_type(samples):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("types of tf.data")
    give = gatherer((X[:samples],), samples=samples, batch_size=2)
    specs = [give(order).element_spec for order in (ORDER[1:2], ORDER[1:2] * 0)]
    assert specs[0] == specs[1]
    assert specs[0][0].shape[0] == (2 if samples == 4 else None)


class Three(keras.utils.PyDataset):
    ended = 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return (X[index : index + 1],)

    def on_epoch_end(self):
        self.ended += 1


def test_a_dataset_is_read_in_another_order_and_not_told_of_ends():
    dataset = Three()
    again = Reordered(dataset, np.array([2, 0, 2]))
    assert again.num_batches == 3
    assert [again[i][0][0, 0] for i in range(3)] == [4, 0, 4]
    again.on_epoch_end()
    assert dataset.ended == 0
    assert Reordered(dataset, None).num_batches is None


def test_sparse_matrices_are_found_within_structures():
    sparse = scipy.sparse.coo_matrix(X)
    assert is_sparse(sparse) and is_sparse({"a": (X, sparse)})
    assert not is_sparse((X, [X]))


def test_batches_kept_or_gathered_are_given_as_they_are():
    kept = KeptBatches([(X, None), (X + 1, None)])
    gathered = GatheredBatches((X, None), [np.array([1]), np.array([0, 1])])
    assert is_as_fit_takes_it(kept) and is_as_fit_takes_it(gathered)
    again = Reordered(kept, np.array([1, 0, 1]))
    assert is_as_fit_takes_it(again) and not is_as_fit_takes_it(Three())
    assert not is_as_fit_takes_it(Reordered(Three(), None))
    np.testing.assert_array_equal(again[0][0], X + 1)
    np.testing.assert_array_equal(gathered[1][0], X[:2])
    assert again[2][1] is None and gathered[0][1] is None
