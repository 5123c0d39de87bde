"""Columns that count rows are told from what was measured."""

import os
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.features.row_counters import counts_rows, is_named_as_counter  # noqa: E402
from lr_finder.data.readers.csv_files import read_table  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
RNG = np.random.default_rng(0)


@given(st.integers(-1000, 10**6), st.integers(10, 200), st.text(max_size=8))
def test_a_rise_by_one_from_row_to_row_is_a_count(start, n, name):
    column = pd.Series(range(start, start + n), name="x" + name)
    assert counts_rows(column)
    assert not counts_rows(column.sample(frac=1, random_state=0).rename("area"))
    assert not counts_rows(column * 2 + 1)


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("Unnamed: 0", np.r_[0:50, 60:90], True),  # rows were deleted
        ("customerID", RNG.permutation(9_000)[:80], True),
        ("id", np.r_[0:50, 49:79], False),  # one comes twice
        ("id", RNG.normal(size=80), False),
        ("store_id", np.arange(80) % 5, False),
        ("area", np.sort(RNG.permutation(900)[:80]), False),
        ("area", np.sort(RNG.normal(size=80)), False),
        ("area", np.r_[0:50, 60:90], False),
        ("paid", RNG.permutation(9_000)[:80], False),
        ("Year", np.arange(1900, 1980), False),
        ("instant", np.arange(1, 81), True),
        ("n", [*range(79), None], False),
        ("n", [str(i) for i in range(80)], False),
        ("n", range(9), False),
    ],
)
def test_sorted_measurements_and_groups_are_no_counts(name, values, found):
    assert counts_rows(pd.Series(values, name=name)) is found


def test_names():
    yes = ["", "Unnamed: 0", "No", "No.", "index", "id", "ID", "PassengerId", "user_id"]
    yes += ["id_user", "instant", "rownames", "Row ID", "S.No", "#", "RowNumber"]
    no = [
        "paid",
        "valid",
        "notes",
        "nobody",
        "rowing",
        "width",
        "idle",
        "humid",
        "grid",
    ]
    assert [name for name in yes if not is_named_as_counter(name)] == [""]
    assert [name for name in no if is_named_as_counter(name)] == []


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    ("file", "counters"),
    [
        ("tabular/bike_sharing_hour.csv", ["instant"]),
        ("tabular/california_housing.csv", []),
        ("tabular/winequality-white.csv", []),
        ("tabular/adult-test.csv", []),
        ("series/opsd_germany_daily.csv", []),
        ("series/household_power_consumption_days.csv", []),
    ],
)
def test_real_tables(file, counters):
    table = read_table(Path(DATA, file))
    assert [name for name in table if counts_rows(table[name])] == counters
