"""The summary that trackers are given: names, steps, values."""

import re

import numpy as np
import pytest

from lr_finder.integrations.logged import Names, Series, flat, numbers


def test_a_curve_is_told_over_steps_and_over_the_rate():
    rates = np.geomspace(1e-7, 10, 9)
    series = Series("sweep", range(9), {"lr": rates, "loss": np.arange(9.0)}, over="lr")
    tags = {tag: (steps.tolist(), list(values)) for tag, steps, values in series.tags()}
    assert tags["sweep/loss"] == (list(range(9)), list(np.arange(9.0)))
    assert tags["sweep/lr"] == (list(range(9)), list(rates))
    # 1000 log10(rate): one decade is a thousand.
    decades = list(range(-7000, 1001, 1000))
    assert tags["sweep_over_rate/loss"] == (decades, list(np.arange(9.0)))
    assert "sweep_over_rate/lr" not in tags


def test_flat_values_lose_nothing_but_what_is_not_there():
    given = {"a": {"b": {"c": 1}, "d": None}, "e": [], "f": (1, 2), "g": True}
    assert flat(given) == {"a.b.c": 1, "f": "1; 2", "g": True}
    assert flat({"path": re.compile("x")}) == {"path": "re.compile('x')"}


def test_numbers_are_finite_and_of_python():
    told = numbers({"a": np.float32(0.5), "b": np.inf, "c": "1", "d": np.int64(3)})
    assert told == {"a": 0.5, "d": 3.0}
    assert {type(value) for value in told.values()} == {float}


@pytest.mark.parametrize("given", [["a b", "a?b", "a*b"], ["", "?", "_"]])
def test_names_that_differ_stay_different(given):
    names = Names(re.compile(r"[^\w ]+"))
    accepted = [names[each] for each in given]
    assert len(set(accepted)) == len(given)
    assert all(re.fullmatch(r"[\w -]+", each) for each in accepted)
    assert [names[each] for each in given] == accepted


def test_long_names_are_cut_and_stay_different():
    names = Names(re.compile("!"), longest=10)
    first, second = names["x" * 20 + "a"], names["x" * 20 + "b"]
    assert first == "x" * 10
    assert first != second
