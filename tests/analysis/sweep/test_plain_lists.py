"""A rate from plain lists: agrees with the rules, refuses what is no curve."""

import warnings

import numpy as np
import pytest
from scipy.signal import savgol_filter

from lr_finder.analysis.sweep.plain_lists import find_optimal_learning_rate
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import InputError, SuggestionError
from lr_finder.results.sweep import Curve, SweepResult


def _kinds(lrs, losses):
    suggestion = suggest(SweepResult([Curve(lrs, losses)]))
    return {warning.split(":")[0] for warning in suggestion.warnings}


@pytest.mark.parametrize("method", RULES)
@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_plain_lists_give_a_rate_and_its_index(method, kind, sweep_curve):
    lrs, losses = sweep_curve()
    lr, index = find_optimal_learning_rate(kind(lrs), kind(losses), method=method)
    assert type(lr) is float and type(index) is int
    assert lr == lrs[index] and index == RULES[method](lrs, losses)


def test_the_textbook_method_is_the_textbook(sweep_curve):
    lrs, losses = sweep_curve(noise=0.4)
    expected = int(np.argmin(np.gradient(savgol_filter(losses, 11, 2))))
    assert find_optimal_learning_rate(lrs, losses, "textbook")[1] == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_losses_from_the_first_not_finite_on_are_cut(bad, sweep_curve):
    lrs, losses = sweep_curve()
    losses[95] = bad
    _, index = find_optimal_learning_rate(lrs, losses)
    assert 0 <= index < 95


@pytest.mark.parametrize(
    ("lrs", "losses", "message"),
    [
        ([1, 2, 3], [1, 2], "3 rates and 2 losses"),
        ([1, 3, 2], [1, 2, 3], "strictly increasing"),
        ([1, 1, 2], [1, 2, 3], "strictly increasing"),
        ([0, 1, 2], [1, 2, 3], "positive"),
        ([1, np.nan, 2], [1, 2, 3], "finite"),
        ([1, 2, np.inf], [1, 2, 3], "finite"),
        ([[1, 2]], [1, 2], "`learning_rates` must be a flat list"),
        ([1, 2], ["a", "b"], "`losses` must be a flat list"),
    ],
)
def test_bad_lists_are_refused_by_name(lrs, losses, message):
    with pytest.raises(InputError, match=message):
        find_optimal_learning_rate(lrs, losses)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_lists_of_hardly_any_points_are_refused(n):
    with pytest.raises(SuggestionError) as caught:
        find_optimal_learning_rate(np.arange(1.0, n + 1), np.ones(n))
    assert caught.value.counts == {"points": n, "given": n}


@pytest.mark.parametrize("first", [0.0, 1.0], ids=["from zero", "positive"])
def test_a_curve_that_only_rises_has_no_rate(first):
    lrs = np.logspace(-7, 1, 100)
    with pytest.raises(SuggestionError) as caught:
        find_optimal_learning_rate(lrs, first + np.arange(100.0))
    assert caught.value.reason in ("never_descended", "diverged_at_start")


def test_plain_lists_warn_where_the_loss_barely_descended():
    """On noise alone, which descends far enough for a rate now and then."""
    lrs = np.logspace(-7, 1, 100)
    warned = 0
    for seed in range(60):
        losses = np.exp(0.3 * np.random.default_rng(seed).normal(size=100))
        try:
            kinds = _kinds(lrs, losses)
        except SuggestionError:
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            find_optimal_learning_rate(lrs, losses)
        assert bool(caught) == ("barely_descended" in kinds)
        warned += bool(caught)
    assert warned


def test_plain_lists_are_told_which_function_takes_them():
    lrs = np.logspace(-7, 1, 100)
    with pytest.raises(InputError, match="find_optimal_learning_rate"):
        suggest(lrs, np.ones(100))
    with pytest.raises(InputError, match="0.01 at index 2"):
        find_optimal_learning_rate([1e-3, 1e-1, 1e-2], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("method", RULES)
def test_a_result_stands_for_its_lists(method, sweep_curve):
    lrs, losses = sweep_curve()
    result = SweepResult([Curve(lrs, losses)])
    told = find_optimal_learning_rate(lrs, losses, method=method)
    assert find_optimal_learning_rate(result, method=method) == told
    with pytest.raises(InputError, match="`losses` must come with"):
        find_optimal_learning_rate(lrs)
