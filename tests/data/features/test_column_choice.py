"""Which columns are used: none dropped, no row counter; always target and time."""

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.features.column_choice import choose_columns  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

N = 40


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "Unnamed: 0": range(N),
            "instant": range(1, N + 1),
            "area": rng.normal(size=N),
            "Year": range(1900, 1900 + N),
            "rent": rng.normal(size=N),
        }
    )


def choose(table, **options):
    return choose_columns(table, Request("a.csv", **options))


def test_columns_that_count_rows_are_left_out_and_told(table):
    choice = choose(table)
    assert choice.names == ["area", "Year", "rent"]
    assert choice.left_out == ("Unnamed: 0", "instant")
    assert choice.notes == (
        "column 'Unnamed: 0' left out: it only counts rows",
        "column 'instant' left out: it only counts rows",
    )
    assert choice.of(table[["instant", "rent"]]).columns.tolist() == ["rent"]


def test_target_and_time_stay(table):
    assert "instant" in choose(table, target="instant").names
    assert "instant" in choose(table, target="1").names
    assert "instant" in choose(table, time_column="instant", kind="series").names
    assert choose(table, target="0", time_column=1).request.time_column == "instant"
    last = table[["area", "instant"]]
    assert choose(last).names == ["area", "instant"]


def test_the_only_feature_stays_unless_it_is_an_index_by_name(table):
    area = table[["rent"]].assign(area=range(N))[["area", "rent"]]
    assert choose(area).names == ["area", "rent"]
    assert choose(area.assign(same=1)[["area", "same", "rent"]]).names[0] == "area"
    assert choose(table[["Unnamed: 0", "rent"]]).names == ["rent"]


def test_columns_are_dropped_by_name_and_index(table):
    assert choose(table, drop=("area", 0)).names == ["Year", "rent"]
    choice = choose(table, drop=("rent",))
    assert choice.names == ["area", "Year"] and "rent" in choice.left_out
    assert choice.request.drop is None and not any("rent" in n for n in choice.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"drop": ("aera",)}, "`drop` must be the name.*'area'.*Columns: Unnamed: 0"),
        ({"drop": ("area", "x")}, "Received: drop='x'"),
        ({"drop": ("rent",), "target": "rent"}, "other columns than `target`.*'rent'"),
        ({"drop": ("Year",), "time_column": "Year"}, "than `time_column`"),
        ({"drop": (0, 1, 2, 3, 4)}, "`drop` must leave columns. Received: all 5"),
    ],
)  # fmt: skip
def test_what_cannot_be_dropped_is_refused(table, options, message):
    with pytest.raises(InputError, match=message):
        choose(table, **options)
