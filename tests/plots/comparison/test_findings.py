"""The finding in a title, against scores whose order is known."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.plots.comparison.findings import (
    NO_SCORE,
    best_level,
    what_found_gains,
    who_is_ahead,
    who_is_fast,
    who_scores_best,
)

NAN = float("nan")


def ranked(p, means=(0.9, 0.8, 0.7, 0.6), reasons=("",) * 4):
    """The first rows of a table of four optimizers, the best first."""
    n = 1 + len(p)
    return pd.DataFrame({
        "optimizer": ["adam", "lion", "sgd", "muon"][:n], "mean": means[:n],
        "reason": reasons[:n], "p_holm": [NAN, *p],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("p", "told"),
    [
        ([], "Only adam has a score"),
        ([0.01], "adam is better than lion"),
        ([0.01, 0.02], "adam is better than all others"),
        ([NAN, NAN], "adam scores best"),
        ([0.01, 0.3], "adam scores best, but cannot be told apart from sgd"),
        ([0.2, 0.3, 0.9], "adam scores best, but cannot be told apart from 3 others"),
    ],
)
def test_the_best_is_told_apart_as_far_as_the_tests_go(p, told):
    assert who_scores_best(ranked(p)) == told


def test_what_has_no_score_is_not_compared():
    reasons = ("", "", "5 of 5 runs diverged")
    table = ranked([0.01, NAN], (0.9, 0.8, NAN), reasons)
    assert who_scores_best(table) == "adam is better than lion"
    assert who_scores_best(table[2:]) == NO_SCORE


@pytest.mark.parametrize(("at_top", "told"), [(True, "b ends highest"),
                                              (False, "a ends lowest")])  # fmt: skip
def test_the_end_of_a_curve_counts(at_top, told):
    assert who_is_ahead({"a": 0.1, "b": 0.3, "c": NAN}, at_top=at_top) == told


def test_a_curve_alone_says_its_end():
    assert who_is_ahead({"a": 0.123456, "b": NAN}, at_top=True) == "a ends at 0.123"
    assert who_is_ahead({"a": NAN}, at_top=True) == "no run ends with a number"


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ({"a": 0.9, "b": 0.1}, "a scores best and is fastest"),
        ({"a": 0.1, "b": 0.9}, "b scores best, a is fastest"),
        ({"a": 0.1, "b": NAN}, "Only a has a score"),
        ({}, NO_SCORE),
    ],
)
def test_who_is_fast(scores, told):
    assert who_is_fast({"a": 1.0, "b": 2.0}, scores) == told


def test_of_many_optimizers_only_the_best_names_its_value():
    best = {"adam": "found", "sgd": "0.1", "lion": "1e-4"}
    assert best_level("rate", best) == "Best rate: the one found (adam)"
    assert best_level("rate", {}) == NO_SCORE


@pytest.mark.parametrize(
    ("differences", "p", "at_top", "told"),
    [
        ([0.1, -0.1], [NAN, NAN], True, " in 1 of 2 pairs"),
        ([-0.2, -0.1], [0.01, 0.3], False, " in 2 of 2 pairs, clearly in 1"),
        ([0.2, NAN, -0.1], [0.6, NAN, 0.01], True,
         " in 1 of 2 pairs, clearly in 0; clearly loses in 1"),
    ],
)  # fmt: skip
def test_what_a_found_rate_gains(differences, p, at_top, told):
    table = pd.DataFrame({"difference": differences, "p_holm": p})
    assert what_found_gains(table, at_top=at_top) == f"Found beats fixed rate{told}"


def test_without_a_pair_nothing_is_gained():
    table = pd.DataFrame({"difference": [np.nan], "p_holm": [np.nan]})
    assert "no pair has two scores" in what_found_gains(table, at_top=True)


def test_names_are_no_mathematics_and_not_too_long():
    names = pd.DataFrame({"optimizer": ["$x$" * 20], "mean": [1.0], "reason": "",
                          "p_holm": NAN})  # fmt: skip
    told = who_scores_best(names)
    assert "…" in told and "\\$" in told
