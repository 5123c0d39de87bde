import numpy as np
import pytest

from lr_finder.cli.sources import (
    BUILT_IN,
    WINDOW_SIZE,
    check_source,
    load_source,
    source_name,
)
from lr_finder.errors import InputError
from time_series import generate_time_series


def test_names():
    assert source_name(None) == BUILT_IN
    assert source_name("some/where/prices.csv") == "prices"


@pytest.mark.parametrize(
    ("source", "target", "task", "message"),
    [
        ("missing.csv", None, None, "missing.csv, which does not exist"),
        (".", None, None, "a folder"),
        (None, "price", None, "--target needs a SOURCE"),
        (None, None, "regression", "--task needs a SOURCE"),
    ],
)
def test_refuses_early(source, target, task, message):
    with pytest.raises(InputError, match=message):
        check_source(source, target, task)


def test_accepts_a_file_and_nothing(files):
    check_source(str(files.prices), "price", "regression")
    check_source(None, None, None)


def test_built_in_series_is_split_in_time_and_shares_no_day():
    source = load_source(None, target=None, task=None, seed=0)
    data, (_, series) = source.dataset, generate_time_series()
    n = len(data.x_train)
    np.testing.assert_array_equal(data.x_train[0], series[:WINDOW_SIZE])
    assert data.y_train[0, 0] == series[WINDOW_SIZE]
    assert data.y_train[-1, 0] == series[n + WINDOW_SIZE - 1]
    np.testing.assert_array_equal(
        data.x_validation[0], series[n + WINDOW_SIZE :][:WINDOW_SIZE]
    )
    assert data.y_validation[-1, 0] == series[-1]


def test_table_is_split_by_seed(files):
    def rows(seed):
        source = load_source(str(files.prices), target="price", task=None, seed=seed)
        return source.dataset.x_train

    np.testing.assert_array_equal(rows(1), rows(1))
    assert not np.array_equal(rows(1), rows(2))
