import subprocess
import sys

import numpy as np
import pytest

from lr_finder.data import Dataset
from lr_finder.errors import InputError


def dataset(task="regression", rows=4, validation_rows=2, **fields):
    x, y = np.zeros((rows, 3), "float32"), np.zeros(rows, "float32")
    n = validation_rows
    return Dataset(x, y, np.zeros((n, 3), "float32"), np.zeros(n), task, **fields)


@pytest.mark.parametrize(
    "classes, outputs", [(("a", "b"), 1), (("a", "b", "c"), 3), (tuple(range(10)), 10)]
)
def test_outputs_of_a_classification(classes, outputs):
    data = dataset("classification", classes=classes)
    assert (data.n_classes, data.n_outputs) == (len(classes), outputs)


def test_outputs_of_a_regression_are_those_of_y():
    assert dataset().n_outputs == 1 and dataset().n_classes == 0
    x, y = np.zeros((4, 20), "float32"), np.zeros((4, 7), "float32")
    assert Dataset(x, y, x, y, "regression").n_outputs == 7


def test_description_is_one_line_with_rows_features_task_and_reason():
    data = dataset(rows=1234, target="rent", reason="it is a price", target_mean=1.0)
    assert data.description == (
        "1,234 rows to train, 2 to validate, 3 features; regression of 'rent': "
        "it is a price"
    )


@pytest.mark.parametrize(
    ("kind", "shape", "horizon", "told"),
    [
        ("images", (6, 8, 3), (), "4 images to train, 4 to validate, 6×8×3; regr"),
        ("text", (33,), (), "4 texts to train, 4 to validate, 33 tokens of 500; "),
        ("series", (20,), (1,), "4 windows of 20 to train, 4 to validate, 1 point "),
        ("series", (20,), (7,), "4 windows of 20 to train, 4 to validate, 7 points "),
    ],
)
def test_description_speaks_of_the_kind(kind, shape, horizon, told):
    x, y = np.zeros((4, *shape), "float32"), np.zeros((4, *horizon), "float32")
    data = Dataset(x, y, x, y, "regression", kind=kind, vocabulary_size=500)
    assert data.description.startswith(told)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("tabular", "1 row to train, 1 to validate, 1 feature; "),
        ("text", "1 text to train, 1 to validate, 1 token of 500; "),
        ("series", "1 window of 1 to train, 1 to validate, 1 point ahead; "),
    ],
)
def test_one_is_told_in_the_singular(kind, told):
    x = np.zeros((1, 1), "float32")
    data = Dataset(x, x[:, 0], x, x[:, 0], "regression", kind=kind, vocabulary_size=500)
    assert data.description.startswith(told)


def test_unknown_kind_is_refused():
    with pytest.raises(InputError, match="`kind` must be one of .*kind='audio'"):
        dataset(kind="audio")


def test_arrays_that_do_not_pair_are_refused():
    x = np.zeros((4, 3), "float32")
    with pytest.raises(InputError, match="`x_train` and `y_train`"):
        Dataset(x, np.zeros(3), x, np.zeros(4), "regression")
    with pytest.raises(InputError, match="`x_validation`"):
        Dataset(x, np.zeros(4), x[:, :2], np.zeros(4), "regression")


def test_unknown_task_and_too_few_classes_are_refused():
    with pytest.raises(InputError, match="`task`.*Received: task='ranking'"):
        dataset("ranking")
    with pytest.raises(InputError, match="at least two classes"):
        dataset("classification", classes=("a",))


def test_import_of_the_package_leaves_pandas_and_keras_out():
    code = (
        "import sys, lr_finder.data\n"
        "print([m for m in ('keras', 'pandas', 'sklearn') if m in sys.modules])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_every_public_name_is_there():
    pytest.importorskip("sklearn")
    import lr_finder.data

    for name in lr_finder.data.__all__:
        assert callable(getattr(lr_finder.data, name))
    with pytest.raises(AttributeError, match="no_such_name"):
        lr_finder.data.no_such_name  # noqa: B018
