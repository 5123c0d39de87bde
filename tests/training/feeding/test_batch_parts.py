"""One batch: its parts, a copy of it, and what it is in Keras' symbols."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_parts import (
    as_batch,
    bytes_of,
    check_parts,
    copied,
    of_spec,
    told_by,
)

pytestmark = pytest.mark.training
X = np.zeros((4, 3), "float32")


def test_batches_are_made_tuples():
    assert as_batch([1, 2]) == (1, 2)
    assert as_batch(X)[0] is X
    assert as_batch({"a": 1}) == ({"a": 1},)
    assert as_batch((1, None, 3, 4)) == (1, None, 3, 4)


@pytest.mark.parametrize("count, refused", [(0, 1), (1, 0), (2, 0), (3, 0), (4, 1)])
def test_keras_own_step_unpacks_one_to_three_parts(count, refused):
    """The oracle is Keras' function that the step calls."""
    batch = (X,) * count
    try:
        keras.utils.unpack_x_y_sample_weight(batch)
        check_parts(batch)
    except InputError as error:
        raise AssertionError("stricter than Keras") from error
    except ValueError:
        with pytest.raises(InputError, match=f"tuple of {count}"):
            check_parts(batch)
        assert refused


def test_a_copy_shares_nothing_and_keeps_none():
    batch = ({"a": X.copy()}, None)
    copy = copied(batch)
    batch[0]["a"][:] = 7
    assert not copy[0]["a"].any() and copy[1] is None
    assert bytes_of(copy) == X.nbytes


def test_none_stays_none_among_symbols():
    element, size = told_by(((X, X[:, 0]), None))
    assert [leaf.shape for leaf in element[0]] == [(None, 3), (None,)]
    assert element[1] is None and size == 4


def test_every_spec_of_tensorflow_is_told_and_found_again():
    tf = pytest.importorskip("tensorflow")
    from keras.src.trainers.data_adapters.data_adapter_utils import (
        convert_to_tf_tensor_spec,
    )

    for spec in (
        tf.TensorSpec((None, 3), "float32"),
        tf.TensorSpec((8,), "int64"),
        tf.TensorSpec((None,), "string"),
        tf.SparseTensorSpec((None, 3), "float32"),
        tf.RaggedTensorSpec((None, None), "int32", ragged_rank=1),
    ):
        told = of_spec(spec)
        assert convert_to_tf_tensor_spec(told, batch_axis_to_none=False) == spec
    assert of_spec(tf.OptionalSpec(None)) is None
    dataset = tf.data.Dataset.from_tensor_slices(X).map(lambda x: (x, None))
    assert of_spec(dataset.element_spec[1]) is None
