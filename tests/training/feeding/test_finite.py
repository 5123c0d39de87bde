"""Rows that are not finite: found as numpy.isfinite finds them one by one."""

import keras
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.errors import InputError
from lr_finder.training.feeding import finite
from lr_finder.training.feeding.batches import as_arrays, make_batches
from lr_finder.training.feeding.finite import (
    check_class_weight,
    find_bad_rows,
    is_finite,
)

pytestmark = pytest.mark.training

BAD = [np.nan, np.inf, -np.inf]


def _with_bad(seed, shape, count):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape).astype("float32")
    values.reshape(-1)[rng.integers(0, values.size, count)] = rng.choice(BAD, count)
    return values


@pytest.mark.parametrize("chunk", [1, 10, 2**22])
@pytest.mark.parametrize("shape", [(17,), (17, 3), (17, 2, 2, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_all_rows_are_told_whatever_the_shape(monkeypatch, seed, shape, chunk):
    monkeypatch.setattr(finite, "CHUNK", chunk)
    values = _with_bad(seed, shape, count=5)
    rows = [i for i in range(17) if not np.isfinite(values[i]).all()]
    found = find_bad_rows((np.zeros(17), values), count=8)
    text = found.told["y"]
    assert list(found.told) == ["y"]
    assert f"in {len(rows)} of 17 rows" in text and f"row {rows[0]}, " in text
    assert ("NaN" in text) == np.isnan(values).any()
    assert ("infinity" in text) == np.isinf(values).any()
    kept = found.arrays[1]
    assert kept.shape == (8, *shape[1:])
    assert not np.isfinite(kept).reshape(8, -1).all(axis=1).any()


@given(st.integers(0, 1000), st.integers(0, 2))
def test_a_sparse_array_is_told_as_the_dense_one(seed, count):
    dense = np.where(np.random.default_rng(seed).random((12, 4)) < 0.6, 0.0, 1.0)
    dense += np.where(_with_bad(seed, (12, 4), count) < np.inf, 0.0, np.nan)
    of_dense = find_bad_rows(as_arrays(dense, None, None))
    of_sparse = find_bad_rows(as_arrays(scipy.sparse.csr_array(dense), None, None))
    if of_dense is None:
        assert of_sparse is None
    else:
        assert of_sparse.told == of_dense.told
        np.testing.assert_array_equal(of_sparse.arrays[0].toarray(), of_dense.arrays[0])


def _frame(values):
    return pytest.importorskip("pandas").DataFrame(values)


@pytest.mark.parametrize(
    "form", [np.asarray, _frame, keras.ops.convert_to_tensor, scipy.sparse.csr_array]
)
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_every_form_of_array_is_looked_at(form, bad):
    x = np.ones((30, 2))
    x[[3, 20], 1] = bad
    if form is keras.ops.convert_to_tensor:
        x = np.where(np.abs(x) < 1e38, x, np.where(np.isnan(x), x, np.inf))
    kind = "NaN" if np.isnan(bad) else "infinity"
    found = find_bad_rows(as_arrays(form(x), np.zeros(30), None))
    assert found.told == {
        "x": f"{kind} in 2 of 30 rows (the first is row 3, counted from 0)"
    }


def test_parts_of_a_structure_and_weights_have_their_names():
    bad = np.array([0.0, np.nan])
    arrays = ({"a": np.zeros(2), "b": bad}, (np.zeros(2), bad), bad)
    assert list(find_bad_rows(arrays).told) == ["x['b']", "y[1]", "sample_weight"]
    found = find_bad_rows((np.zeros(2), bad), owner="validation_data")
    assert list(found.told) == ["validation_data (y)"]


def test_what_is_finite_passes():
    huge = np.full(8, 3e38, "float32")  # their sum is not finite
    assert not is_finite(huge)
    texts = np.array(["a", "b"] * 4, dtype=object)
    for values in (huge, np.arange(8), np.ones(8, bool), texts):
        assert find_bad_rows((values, np.zeros(8))) is None


def test_class_weights_are_finite():
    check_class_weight(None)
    check_class_weight({0: 0.0, 1: 2})
    with pytest.raises(InputError, match=r"`class_weight`.*nan for class 1"):
        make_batches(
            np.zeros((4, 1)), np.array([0, 1, 1, 0]), None, batch_size=2, steps=2,
            repeats=1, seed=0, class_weight={0: 1.0, 1: float("nan")},
        )  # fmt: skip
