"""What a ranking says in words, against the numbers that it was made of."""

import math

import pytest
from scipy import stats

from lr_finder.analysis.comparison.ranking import rank_ways
from lr_finder.analysis.comparison.ranking_text import format_ranking
from lr_finder.errors import InputError

ADAM = {1: 0.80, 2: 0.81, 3: 0.82, 4: 0.79, 5: 0.84}
LION = {1: 0.79, 2: 0.83, 3: 0.80, 4: 0.80, 5: 0.82}
SGD = {1: 0.782, 2: 0.79, 3: 0.80, 4: 0.775, 5: 0.82}


def told(values, **options):
    in_points = options.pop("in_points", True)
    return format_ranking(rank_ways(values, **options), in_points=in_points)


def test_what_differs_and_what_does_not():
    expected = stats.ttest_rel(list(SGD.values()), list(ADAM.values()))
    interval = expected.confidence_interval(0.95)
    p = 2 * expected.pvalue  # of two comparisons the smaller
    assert p < 0.001
    assert told({"sgd": SGD, "adam": ADAM, "lion": LION}) == [
        "adam and lion cannot be told apart with 5 seeds",
        "sgd is worse than adam: 1.9 points less "
        f"({-100 * interval.high:.1f} to {-100 * interval.low:.1f}), p < 0.001",
    ]


def test_losses_are_more_and_in_no_points():
    low, high = {1: 1.0, 2: 1.1, 3: 1.2}, {1: 1.5, 2: 1.61, 3: 1.72}
    p = stats.ttest_rel(list(high.values()), list(low.values())).pvalue
    assert p < 0.001
    (sentence,) = told({"a": low, "b": high}, higher_is_better=False, in_points=False)
    assert sentence.startswith("b is worse than a: 0.51 more (0.485 to 0.535), p <")


def test_a_p_value_is_told_in_full():
    a, b = {1: 0.5, 2: 0.6, 3: 0.7}, {1: 0.4, 2: 0.52, 3: 0.58}
    p = stats.ttest_rel(list(b.values()), list(a.values())).pvalue
    assert told({"a": a, "b": b})[0].endswith(f"p = {p:.3f}")


def test_a_tiny_difference_keeps_its_digits():
    other = {seed: value - 0.0002 for seed, value in ADAM.items()}
    other[1] -= 0.00002
    assert "0.02 points less (0.019 to 0.022)" in told({"a": ADAM, "b": other})[0]


def test_several_that_are_as_good_stand_in_one_sentence():
    near = {seed: value - 0.001 * (-1) ** seed for seed, value in ADAM.items()}
    assert told({"a": ADAM, "lion": LION, "b": near}) == [
        "b cannot be told apart from a and lion with 5 seeds"
    ]


def test_other_numbers_of_seeds_are_told_apart():
    fewer = {seed: LION[seed] for seed in (1, 2, 3)}
    near = {seed: value - 0.001 * (-1) ** seed for seed, value in ADAM.items()}
    assert told({"adam": ADAM, "lion": fewer, "b": near}) == [
        "b and adam cannot be told apart with 5 seeds",
        "b and lion cannot be told apart with 3 seeds",
    ]


def test_one_seed_tells_nothing_of_chance():
    assert told({"adam": {1: 0.9}, "sgd": {1: 0.1}, "lion": {1: 0.2}}) == [
        "adam, lion and sgd are not compared: fewer than 2 seeds in common cannot "
        "tell; run at least 3"
    ]


def test_two_seeds_and_no_spread_are_told():
    a, b = {1: 0.9, 2: 0.8875}, {1: 0.8875, 2: 0.875}
    assert told({"a": a, "b": b}, resolution=1 / 80) == [
        "a and b are not compared: 2 seeds cannot tell; run at least 3"
    ]
    a, b = {1: 2.0, 2: 3.0, 3: 4.0}, {1: 2.5, 2: 3.5, 3: 4.5}
    assert told({"a": a, "b": b}) == [
        "b and a are not compared: all 3 seeds differ by the same amount: no spread to "
        "judge by"
    ]


def test_unscored_runs_are_named():
    assert told({"adam": ADAM, "lion": {1: math.nan, 2: 0.9}}) == [
        "adam has nothing to be compared with",
        "lion is not compared: 1 of 2 runs without a score",
    ]
    assert told({"a": {1: math.nan}}) == [
        "a is not compared: 1 of 1 run without a score"
    ]


def test_the_seeds_in_common_may_turn_the_order_round():
    first = {1: 0.5, 2: 0.51, 3: 0.52, 4: 0.99, 5: 0.99}
    second = {1: 0.6, 2: 0.612, 3: 0.621}
    (sentence,) = told({"first": first, "second": second})
    assert sentence.startswith(
        "second is better than first on the 3 seeds that both have: 10.1 points more"
    )


def test_nothing_cannot_be_told():
    with pytest.raises(InputError, match="`ranked` must hold at least one way"):
        format_ranking([])
