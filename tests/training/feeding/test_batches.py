"""The order of batches, and what `fit` is given."""

import hypothesis.strategies as st
import keras
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given

from lr_finder.errors import InputError
from lr_finder.training.feeding.batches import batch_order, make_batches
from lr_finder.training.sweep import sweep

from ..conftest import (
    SEED,
    make_data,
    still_model,
)

pytestmark = pytest.mark.training


@given(
    samples=st.integers(1, 60),
    part=st.floats(0, 1),
    steps=st.integers(1, 40),
    seed=st.integers(0, 100),
)
def test_each_pass_holds_each_sample_once(samples, part, steps, seed):
    batch_size = max(1, round(part * samples))
    order = batch_order(samples, batch_size, steps, seed)
    assert order.shape == (steps, batch_size)
    flat = order.ravel()
    for start in range(0, len(flat), samples):
        one_pass = flat[start : start + samples]
        assert len(set(one_pass)) == len(one_pass)
        assert set(one_pass) <= set(range(samples))


def test_the_order_depends_on_the_seed_and_changes_from_pass_to_pass():
    first, again, other = (batch_order(50, 10, 10, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[:5], first[5:])


def test_a_sweep_over_huge_data_draws_only_what_it_needs():
    order = batch_order(10**12, 8, 4, seed=0)
    assert order.shape == (4, 8)
    assert len(np.unique(order)) == 32


def batches_of(data, steps):
    """All batches of a source, as arrays."""
    if isinstance(data, keras.utils.PyDataset):
        return [data[step] for step in range(steps)]
    return [keras.tree.map_structure(np.asarray, batch) for batch in data.take(steps)]


def make(x, y=None, weights=None, **options):
    options = {"batch_size": 4, "steps": 5, "repeats": 2, "seed": 0} | options
    return make_batches(x, y, weights, **options)


def test_arrays_are_gathered_row_by_row_together():
    x = np.arange(10.0)[:, None]
    batches = make(x, np.arange(10), np.arange(10) / 10)
    found = batches_of(batches.data, 10)
    assert len(found) == 10
    assert batches.batch_size == 4
    for x_batch, y_batch, w_batch in found:
        assert len(y_batch) == 4
        np.testing.assert_array_equal(x_batch[:, 0], y_batch)
        np.testing.assert_allclose(w_batch, y_batch / 10)
    # Each repeat starts a pass of its own: its first batches hold all ten rows once.
    for repeat in (found[:2], found[5:7]):
        assert len({int(v) for _, y, _ in repeat for v in y}) == 8


def test_floats_are_cast_as_fit_casts_them_and_the_rest_is_kept():
    x = {"a": np.zeros((6, 2)), "b": np.zeros(6, "int32"), "c": np.zeros(6, "uint8")}
    batches = make(x, np.zeros(6, "int64"))
    (x_batch, y_batch), *_ = batches_of(batches.data, 1)
    assert {k: v.dtype.name for k, v in x_batch.items()} == {
        "a": "float32",
        "b": "int32",
        "c": "uint8",
    }
    assert y_batch.dtype == "int64"
    assert batches.symbolic[0]["a"].shape == (None, 2)
    assert batches.symbolic[1].dtype == "int64"


def test_a_batch_is_never_larger_than_the_data():
    batches = make(np.zeros((3, 1)), batch_size=32)
    assert batches.batch_size == 3
    # Inputs alone come in no tuple, as `fit` has them.
    assert batches_of(batches.data, 1)[0].shape == (3, 1)


def test_tables_and_tensors_are_arrays_too():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    batches = make(frame, pd.Series([0, 1]), batch_size=2)
    x, y = batches_of(batches.data, 1)[0]
    np.testing.assert_array_equal(frame.to_numpy()[y[:, 0]], x)
    tensors = make(keras.ops.ones((4, 3)), keras.ops.zeros((4,)))
    assert batches_of(tensors.data, 1)[0][0].shape == (4, 3)


def test_what_is_no_data_is_refused():
    with pytest.raises(InputError, match=r"'x': \[\]"):
        make([], [])
    with pytest.raises(InputError, match="`x`.*list"):
        make([[1.0], [2.0]], np.zeros(2))
    with pytest.raises(InputError, match="`sample_weight`.*float"):
        make(np.zeros(2), np.zeros(2), 1.0)
    with pytest.raises(InputError, match="`y`.*<U1.*Encode"):
        make(np.zeros(2), np.array(["a", "b"]))
    with pytest.raises(InputError, match="str"):
        make("x")
    with pytest.raises(InputError, match=r"'x': \[3\], 'y': \[4\]"):
        make(np.zeros(3), np.zeros(4))


# ---------------------------------------------------------------- through a sweep

STILL = {"steps": 7, "start_lr": 1e-12, "end_lr": 2e-12, "seed": 0, "verbose": 0}


def test_class_weights_are_the_sample_weights_they_stand_for():
    x, y = make_data()
    weights = {0: 1.0, 1: 5.0, 2: 0.5, 3: 2.0}
    by_class = sweep(still_model(), x, y, class_weight=weights, **STILL)
    by_sample = sweep(
        still_model(), x, y, sample_weight=np.vectorize(weights.get)(y), **STILL
    )
    plain = sweep(still_model(), x, y, **STILL)
    np.testing.assert_allclose(by_class.losses, by_sample.losses, rtol=1e-6)
    assert not np.allclose(by_class.losses, plain.losses)


@pytest.mark.parametrize("weights", [{0: 3.0}, {2: 3.0}, {0: 2.0, 9: 5.0}])
def test_a_class_without_a_weight_has_the_weight_one_as_in_fit(weights):
    x, y = make_data()
    by_class = sweep(still_model(), x, y, class_weight=weights, **STILL)
    given = np.array([weights.get(label, 1.0) for label in y])
    by_sample = sweep(still_model(), x, y, sample_weight=given, **STILL)
    np.testing.assert_allclose(by_class.losses, by_sample.losses, rtol=1e-6)


def test_class_weights_of_several_outputs_are_refused_as_by_fit():
    x, y = make_data()
    weights = {0: 1.0, 1: 5.0}
    with pytest.raises(InputError, match="`class_weight`.*single output"):
        sweep(still_model(), x, (y, y), class_weight=weights, **STILL)
    with pytest.raises(InputError, match="must not come together"):
        sweep(still_model(), x, y, class_weight=weights, sample_weight=x[:, 0], **STILL)


def test_sparse_matrices_are_swept_as_the_dense_ones_they_stand_for():
    x, y = make_data()
    x = np.where(x > 0.5, x, 0)
    sparse = sweep(still_model(), scipy.sparse.csr_matrix(x), y, **STILL)
    dense = sweep(still_model(), x, y, **STILL)
    np.testing.assert_array_equal(sparse.losses, dense.losses)
    columns = sweep(still_model(), scipy.sparse.coo_array(x), y, **STILL)
    np.testing.assert_array_equal(columns.losses, dense.losses)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="text in `fit` is TensorFlow's"
)
@pytest.mark.parametrize("dtype", ["U", "S", object])
def test_texts_are_swept_as_the_tokens_they_stand_for(dtype):
    texts = np.array(["good day", "bad day", "fine night"] * 20)
    split = keras.layers.TextVectorization(max_tokens=9, output_sequence_length=3)
    split.adapt(texts)

    def model(*first):
        keras.utils.set_random_seed(SEED)
        layers = [keras.layers.Embedding(9, 4), keras.layers.Flatten()]
        model = keras.Sequential([*first, *layers, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    y = np.arange(60.0)
    tokens = keras.ops.convert_to_numpy(split(texts))
    found = sweep(
        model(keras.Input((), dtype="string"), split), texts.astype(dtype), y, **STILL
    )
    expected = sweep(model(keras.Input((3,), dtype="int64")), tokens, y, **STILL)
    np.testing.assert_allclose(found.losses, expected.losses, rtol=1e-5)
