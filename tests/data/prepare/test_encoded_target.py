import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.prepare.encoded_target import encode_target  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

TRAIN, VALIDATION = np.arange(6), np.arange(6, 8)


def test_numbers_are_standardised_by_the_rows_to_train_on():
    values = np.array([3.0, 1, 4, 1, 5, 9, 100, -100])
    fields = encode_target(pd.Series(values), "regression", TRAIN, VALIDATION)
    mean, sd = values[:6].mean(), values[:6].std()
    assert (fields["target_mean"], fields["target_scale"]) == pytest.approx((mean, sd))
    for name, rows in (("y_train", TRAIN), ("y_validation", VALIDATION)):
        np.testing.assert_allclose(fields[name], (values[rows] - mean) / sd, rtol=1e-6)


def test_a_class_without_a_row_to_train_on_is_not_scored():
    answers = pd.Series(list("abcabc") + ["d", "b"])
    fields = encode_target(answers, "classification", TRAIN, VALIDATION)
    assert fields["classes"] == ("a", "b", "c")
    assert fields["is_scored"].tolist() == [False, True]
    assert fields["y_validation"].tolist() == [1]
    assert fields["notes"][0].startswith("1 row not validated")


def test_one_value_to_train_on_is_refused():
    answers = pd.Series([2.5] * 6 + [3.5] * 2, name="rent")
    with pytest.raises(InputError, match="'rent'.*one value in 6 rows"):
        encode_target(answers, "regression", TRAIN, VALIDATION)
