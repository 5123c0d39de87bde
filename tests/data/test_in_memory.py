"""Arrays and DataFrames given in Python: each equals the file that it stands for."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.data.in_memory import arrays_dataset, frame_dataset, plain
from lr_finder.data.loading import load_data
from lr_finder.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = np.where(X[:, 0] > 0, "up", "down")
PARTS = ("x_train", "y_train", "x_validation", "y_validation")
FRAME = pd.DataFrame(X, columns=["area", "age", "a, b"]).assign(
    town=np.where(X[:, 1] > 0, 'Bern "West"', "Basel"), preis=X @ [1.0, 2.0, 3.0]
)


def assert_equal(one, other):
    for part in PARTS:
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
    for name in ("task", "kind", "kind_reason", "classes", "target", "feature_names"):
        assert getattr(one, name) == getattr(other, name), name


LABELLED = {
    "Series": pd.Series(LABELS),
    "objects": LABELS.astype(object),
    "categories": pd.Series(LABELS).astype("category"),
    "shuffled index": pd.Series(LABELS, index=range(60, 0, -1)),
    "one column": pd.DataFrame({"y": LABELS}),
    "list": LABELS.tolist(),
}


@pytest.mark.parametrize("form", LABELLED)
def test_labels_of_every_form_are_those_of_numpy(form):
    expected = arrays_dataset(X, LABELS, 0, {})
    assert expected.classes == ("down", "up")
    assert_equal(arrays_dataset(pd.DataFrame(X), LABELLED[form], 0, {}), expected)


@pytest.mark.parametrize("dtype", [object, "Float64", "float64"])
def test_numbers_of_every_form_are_those_of_numpy(dtype):
    y = pd.Series(X[:, 0], dtype=dtype)
    assert_equal(arrays_dataset(X, y, 0, {}), arrays_dataset(X, X[:, 0], 0, {}))


@pytest.mark.parametrize("given", [{}, {"target": "town"}, {"drop": ["age"]}])
def test_a_frame_is_the_csv_file_that_it_would_be(tmp_path, given):
    path = tmp_path / "homes.csv"
    FRAME.to_csv(path, index=False)
    one, other = frame_dataset(FRAME, 3, given), load_data(path, seed=3, **given)
    assert_equal(one, other)
    assert one.notes == other.notes
    assert one.preprocessing.to_document() == other.preprocessing.to_document()


def test_an_index_of_times_is_a_column_and_a_plain_one_is_none():
    days = pd.date_range("2024-01-01", periods=100)
    frame = pd.DataFrame({"sold": np.sin(np.arange(100) / 3)}, index=days)
    assert frame_dataset(frame, 0, {}).kind == "series"
    shuffled = FRAME.sample(frac=1.0, random_state=0)
    assert frame_dataset(shuffled, 0, {}).feature_names == (
        frame_dataset(FRAME, 0, {}).feature_names
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "bc"], np.array(["a", "bc"])),
        ([1, 2], np.array([1, 2])),
        ([1.5, None], np.array([1.5, np.nan])),
        ([True, False], np.array([True, False])),
    ],
)
def test_objects_that_are_all_alike_are_plain(values, expected):
    made = plain(np.array(values, dtype=object))
    assert made.dtype.kind == expected.dtype.kind
    np.testing.assert_array_equal(made, expected)


def test_objects_that_are_not_alike_stay_what_they_are():
    assert plain(np.array(["a", 1], dtype=object)).dtype == object


@pytest.mark.parametrize(
    ("x", "y", "given", "message"),
    [
        (X, LABELS, {"target": "z"}, "`target` does not go with arrays.*'z'"),
        (X, LABELS, {"drop": "z"}, "`drop` does not go with arrays"),
        (X, LABELS, {"sep": ";"}, "`sep` does not go with arrays"),
        (X, LABELS[:5], {}, "a target for each row.*\\(60, 3\\)"),
        (FRAME, X[:, 0], {}, "'town'.*find\\(frame, target="),
        (X, pd.Series(LABELS).where(X[:, 1] > -1), {}, "of 60 missing"),
        (X, np.array(["a", 1] * 30, dtype=object), {}, "labels or numbers.*object"),
    ],
)
def test_arrays_that_cannot_be_read_are_refused(x, y, given, message):
    with pytest.raises(InputError, match=message):
        arrays_dataset(x, y, 0, given)


@pytest.mark.parametrize(
    ("frame", "given", "message"),
    [
        (pd.DataFrame(), {}, "columns and rows.*\\(0, 0\\)"),
        (FRAME, {"encoding": "utf-8"}, "`encoding` does not go with a DataFrame"),
        (FRAME, {"target": "price"}, "'price'.*preis"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused(frame, given, message):
    with pytest.raises(InputError, match=message):
        frame_dataset(frame, 0, given)
