"""Forms of data, against the batches that Keras itself makes of them."""

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from keras.src.trainers.data_adapters import get_data_adapter

from lr_finder.errors import InputError
from lr_finder.training.feeding.array_forms import as_fit_reads
from lr_finder.training.feeding.batches import as_arrays
from lr_finder.training.feeding.indexed_batches import with_dense_rows
from lr_finder.training.sweep import sweep

pytestmark = pytest.mark.training

X = np.random.default_rng(0).normal(size=(6, 3)) * (np.arange(3) != 1)
Y = np.arange(6)


def in_jax(values):
    return pytest.importorskip("jax").numpy.asarray(values)


def in_torch(values, **options):
    return pytest.importorskip("torch").tensor(values, **options)


def bcoo():
    sparse = pytest.importorskip("jax.experimental.sparse")
    return sparse.BCOO.fromdense(X.astype("float32"))


def in_tensorflow(sparse=False):
    import tensorflow as tf

    x = tf.constant(X, "float32")
    return tf.sparse.from_dense(x) if sparse else x


FORMS = {
    "array": lambda: X,
    "frame": lambda: pd.DataFrame(X),
    "series": lambda: pd.Series(X[:, 0]),
    "bool series": lambda: pd.Series(X[:, 0] > 0),
    "series of integers": lambda: pd.Series(Y),
    "frame of integers": lambda: pd.DataFrame({"a": Y, "b": Y}),
    "mixed frame": lambda: pd.DataFrame({"a": X[:, 0], "b": Y > 2, "c": Y}),
    "narrow frame": lambda: pd.DataFrame({"a": X[:, 0].astype("float32"), "b": Y}),
    "csr": lambda: scipy.sparse.csr_array(X),
    "coo": lambda: scipy.sparse.coo_matrix(X),
    "tf": in_tensorflow,
    "tf sparse": lambda: in_tensorflow(sparse=True),
    "jax": lambda: in_jax(X),
    "jax sparse": bcoo,
    "torch": lambda: in_torch(X),
}


def dense(values):
    if hasattr(values, "todense"):
        values = values.todense()
    elif type(values).__name__ == "SparseTensor":
        import tensorflow as tf

        values = tf.sparse.to_dense(values)
    return keras.ops.convert_to_numpy(values)


def batch_of_fit(x):
    """The one batch that `fit` trains on."""
    adapter = get_data_adapter(x, batch_size=len(X), shuffle=False)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        batch = next(iter(adapter.get_tf_dataset()))
    elif backend == "jax":
        batch = next(iter(adapter.get_jax_iterator()))
    else:
        batch = next(iter(adapter.get_torch_dataloader()))
    return dense(batch[0] if isinstance(batch, tuple) else batch)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.few(5)
def test_a_form_is_read_as_fit_reads_it(name):
    expected = batch_of_fit(FORMS[name]())
    (actual,) = as_arrays(FORMS[name](), None, None)
    actual = dense(actual)
    assert actual.shape == expected.shape
    assert (actual.dtype.kind == "f") == (expected.dtype.kind == "f")
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_a_tensor_that_asks_for_gradients_is_read():
    x = in_torch(X, requires_grad=True)
    np.testing.assert_array_equal(as_fit_reads(x), X)
    assert x.requires_grad


def test_what_cannot_be_swept_is_named_with_a_way_out():
    import tensorflow as tf

    with pytest.raises(InputError, match="RaggedTensor.*from_tensor_slices"):
        as_arrays(tf.ragged.constant([[1.0], [1.0, 2.0]]), np.zeros(2), None)
    cube = tf.sparse.from_dense(np.ones((2, 2, 2), "float32"))
    with pytest.raises(InputError, match=r"SparseTensor of shape \(2, 2, 2\)"):
        as_arrays(cube, np.zeros(2), None)
    with pytest.raises(InputError, match="`x` must hold numbers"):
        as_arrays(pd.DataFrame({"a": ["b", "c"], "d": [1.0, 2.0]}), np.zeros(2), None)


class Sparse(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = slice(2 * index, 2 * index + 2)
        return scipy.sparse.csr_array(X[rows].astype("float32")), Y[rows]


@pytest.mark.parametrize(
    "source", [Sparse, lambda: (b for b in [Sparse()[0]] * 3)], ids=["PyDataset", "gen"]
)
def test_sparse_batches_of_a_source_are_swept(source):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    result = sweep(model, source(), steps=4, end_lr=1e-3, seed=0, verbose=0)
    assert len(result.losses) == 4
    x, y = with_dense_rows(Sparse()[0])
    np.testing.assert_array_equal(x, X[:2].astype("float32"))
    assert y.tolist() == [0, 1]
