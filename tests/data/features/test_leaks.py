"""Columns that give the target away are named; those that almost do are not."""

import os
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.features.leaks import leak_warnings, linear_equation  # noqa: E402
from lr_finder.data.loading import load_data  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
N = 400


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def rides(rng):
    """Features of no relation, and counts of two kinds of riders."""
    table = pd.DataFrame(rng.normal(size=(N, 5)), columns=list("abcde"))
    table["casual"] = rng.poisson(40, N)
    table["registered"] = rng.poisson(150 + 40 * (table["a"] > 0), N)
    return table


def warned(table, target, task="regression"):
    answers = pd.Series(np.asarray(target), name="y")
    return leak_warnings(table, answers, task)


def shares_of(table, y):
    """How well least squares explains the target: R²."""
    x = np.column_stack([table, np.ones(len(table))])
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - residual.var() / y.var()


def test_two_columns_that_add_up_are_named(rides):
    (warning,) = warned(rides, rides["casual"] + rides["registered"])
    assert warning == (
        "warning: y = casual + registered: these columns give the target away; --drop "
        "casual,registered leaves them out"
    )


@pytest.mark.parametrize(
    ("weights", "constant", "shown"),
    [
        ({"a": 1.0}, 0.0, "y = a:"),
        ({"a": -2.5}, 3.0, "y = 3 - 2.5 × a:"),
        ({"casual": 1, "registered": -1}, 0, "y = casual - registered:"),
        ({"a": 1, "b": 1, "c": 0.5}, -1, "y = a + b + 0.5 × c - 1:"),
    ],
)
def test_an_equation_is_found_with_its_weights(rides, weights, constant, shown):
    y = sum(rides[name] * weight for name, weight in weights.items()) + constant
    found, found_constant = linear_equation(rides, pd.Series(y))
    assert found == pytest.approx(weights) and found_constant == pytest.approx(constant)
    assert shown in warned(rides, y)[0]


def test_an_amount_rounded_to_cents_is_still_an_equation(rides):
    assert "1.19 × casual" in warned(rides, (1.19 * rides["casual"]).round(2))[0]
    tenths = (1_000 * rides["a"]).round(1)
    assert warned(rides, tenths)[0].startswith("warning: y = 1000 × a")
    digits = rides.assign(a=rides["a"].round(3))
    assert warned(digits, 1_000 * digits["a"])[0].startswith("warning: y = 1000 × a:")


def test_each_way_of_giving_it_away_is_named(rides):
    y = rides["casual"] + rides["registered"]
    both = warned(rides.assign(total=2 * y), y)
    assert len(both) == 2 and "0.5 × total" in both[0] and "casual" in both[1]


def test_a_smooth_function_of_a_column_is_named(rides, rng):
    x = pd.Series(rng.uniform(1, 9, N))
    assert "y follows from x:" in warned(rides.assign(x=x), np.log(x))[0]
    assert warned(rides.assign(x=x), np.log(x) + 1e-2 * rng.normal(size=N)) == ()
    levels = pd.Series(np.arange(N) % 7)
    code = levels.map(dict(enumerate("ACDBEFG")))
    assert "y follows from code:" in warned(rides.assign(code=code), levels**2)[0]


@pytest.mark.parametrize("noise", [0.3, 0.03, 0.003])
def test_nearly_all_is_not_all(rides, rng, noise):
    """R² of .9 to .99999 is a good feature, and no equation."""
    y = rides["a"] - 2 * rides["b"]
    y += noise * y.std() * rng.normal(size=N)
    assert shares_of(rides, y) > 0.89
    assert warned(rides, y) == ()


@pytest.mark.parametrize("decimals", [0, 1])
def test_a_coarse_target_proves_nothing(rides, decimals):
    y = (3 * rides["a"]).round(decimals)
    assert warned(rides, y) == () and warned(rides, y, "classification") == ()


def test_a_problem_that_is_linear_in_many_columns_is_no_leak(rides):
    assert warned(rides, rides[list("abcde")].sum(axis=1)) == ()


def test_few_rows_and_more_columns_than_rows_prove_nothing(rng):
    few = pd.DataFrame({"a": np.arange(20.0)})
    assert warned(few, few["a"]) == ()
    wide = pd.DataFrame(rng.normal(size=(50, 80))).rename(columns=str)
    assert warned(wide, rng.normal(size=50)) == ()


def test_blanks_and_text_do_not_hide_an_equation(rides, rng):
    y = rides["casual"] + rides["registered"]
    rides.loc[::20, "casual"] = np.nan
    rides["town"] = rng.choice(["Bern", "Basel"], N)
    assert "casual + registered" in warned(rides, y)[0]


def test_a_copy_of_the_classes_is_named(rides):
    classes = np.where(np.arange(N) % 3 == 0, "yes", "no")
    codes = pd.Series(np.arange(N) % 3 * 5)
    (warning,) = warned(rides.assign(code=codes), classes, "classification")
    assert "y follows from code: this column gives the target away" in warning
    codes[7] = 0  # a "no" among those that say "yes"
    assert warned(rides.assign(code=codes), classes, "classification") == ()


def test_classes_cut_from_a_number_are_named_and_natural_gaps_are_not(rides, rng):
    x = pd.Series(rng.normal(size=N))
    classes = np.where(x > 0.3, "high", "low")
    (warning,) = warned(rides.assign(x=x), classes, "classification")
    assert "y follows from x" in warning
    apart = x + 8 * (x > 0.3)
    assert warned(rides.assign(x=apart), classes, "classification") == ()


def test_few_rows_of_a_class_prove_nothing(rides):
    classes = np.where(np.arange(N) < 15, "rare", "usual")
    code = pd.Series(np.arange(N) // 5)
    assert warned(rides.assign(code=code), classes, "classification") == ()


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    ("file", "options", "expected"),
    [
        ("tabular/bike_sharing_hour.csv", {}, ["cnt = casual + registered"]),
        ("tabular/california_housing.csv", {}, []),
        ("tabular/california_housing.csv", {"target": "median_house_value"}, []),
        ("tabular/winequality-white.csv", {}, []),
        ("tabular/winequality-white.csv", {"task": "regression"}, []),
        ("tabular/adult-train.csv", {}, []),
        ("tabular/adult-test.csv", {}, []),
        ("series/AEP_hourly.csv", {}, []),
        ("series/opsd_germany_daily.csv", {}, []),
        ("series/household_power_consumption_days.csv", {}, []),
        ("series/airline-passengers.csv", {}, []),
        (
            "series/opsd_germany_daily.csv",
            {"kind": "tabular", "target": "Wind"},
            ["Wind = Wind+Solar - Solar"],
        ),
    ],
)
@pytest.mark.few(4)
def test_real_tables(file, options, expected):
    dataset = load_data(Path(DATA, file), **options)
    found = [note for note in dataset.notes if note.startswith("warning")]
    assert len(found) == len(expected)
    assert all(text in note for text, note in zip(expected, found, strict=True))
