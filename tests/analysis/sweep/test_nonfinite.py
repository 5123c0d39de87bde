"""Losses that are not finite: the rate is blamed only if the loss climbed before."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.nonfinite import (
    NOT_FINITE,
    is_sudden,
    not_finite_error,
    not_finite_trials,
)
from lr_finder.analysis.sweep.plain_lists import find_optimal_learning_rate
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.logspace(-7, 1, 200)
BLAMES_THE_RATE = ("start_lr", "lower start", "wider range")


def _level(n, seed=0):
    return 2.3 * np.exp(np.random.default_rng(seed).normal(0, 0.2, n))


def _refusal(losses, lrs=LRS, metadata=None):
    curve = Curve(lrs[: len(losses)], losses, "nonfinite")
    with pytest.raises(SuggestionError) as caught:
        suggest(SweepResult([curve], metadata or {}))
    return caught.value


@pytest.mark.parametrize("n", [0, 1, 2, 5, 9, 30])
@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_was_level_is_not_blamed_on_the_rate(n, seed):
    error = _refusal(_level(n, seed))
    assert error.reason == NOT_FINITE and error.counts["points"] == n
    assert not any(words in str(error) for words in BLAMES_THE_RATE)
    assert "isfinite" in str(error)
    assert ("before any step" in str(error)) == (n == 0)
    if n:
        assert f"{n} step{'s' * (n > 1)}," in str(error)
        assert format_rate(LRS[n - 1]) in str(error)


@pytest.mark.parametrize("n", [5, 9])
def test_a_loss_that_climbed_by_factors_is_blamed_on_the_rate(n):
    lrs = np.logspace(0, 3, 60)
    losses = np.exp(np.linspace(0, 40, n))
    error = _refusal(losses, lrs)
    assert error.reason == "too_few_points" and "start_lr" in str(error)


def test_at_rates_that_are_used_a_lower_one_is_the_last_resort():
    assert "lower rate" not in str(not_finite_error(5, 1e-7, 6))
    assert "lower rate than 1e-2" in str(not_finite_error(5, 1e-2, 6))


@given(st.integers(0, 100), st.floats(0.01, 100), st.integers(2, 60))
def test_the_scale_of_the_losses_does_not_matter(seed, scale, n):
    losses = np.cumsum(np.random.default_rng(seed).normal(0, 1, n))
    assert is_sudden(losses) == is_sudden(scale * losses)


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_a_descent_are_no_climb(seed):
    losses = _level(60, seed) * np.linspace(1, 0.3, 60)
    assert all(is_sudden(losses[:n]) for n in range(61))


def test_what_a_rate_does_is_a_climb():
    """The ends of the sweeps of the benchmark that were not finite at last."""
    for end in ([0.45, 21.9, 2.1e10], [1.02, 1.72, 6.5e5], [412.7, 1.9e9, 8.3e30]):
        assert not is_sudden(np.concatenate([_level(180), end]))


def test_a_descent_that_ends_at_once_is_a_warning(sigmoid_curve):
    lrs, losses = sigmoid_curve(200)
    cut = Curve(lrs[:130], losses[:130], "nonfinite")
    texts = [w for w in suggest(SweepResult([cut])).warnings if NOT_FINITE in w]
    assert len(texts) == 1 and "; " in texts[0]
    whole = SweepResult([Curve(lrs[:130], losses[:130], "diverged")])
    assert not any(NOT_FINITE in text for text in suggest(whole).warnings)


def test_a_climb_before_the_end_is_no_warning(sweep_curve):
    lrs, losses = sweep_curve(200)
    end = int(np.argmax(losses > 100))
    curve = Curve(lrs[:end], losses[:end], "nonfinite")
    found = suggest(SweepResult([curve]))
    assert not any(text.startswith(NOT_FINITE) for text in found.warnings)


def test_a_batch_that_spoilt_the_sweep_is_an_error_whatever_the_curve(sweep_curve):
    cause = "batch 3 (counted from 0): y holds NaN in 1 of 32 rows"
    result = SweepResult([Curve(*sweep_curve())], {NOT_FINITE: cause})
    with pytest.raises(SuggestionError, match="batch 3") as caught:
        suggest(result)
    assert caught.value.reason == NOT_FINITE


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_plain_lists_are_told_so_too(bad):
    losses = np.ones(50)
    losses[4] = bad
    with pytest.raises(SuggestionError) as caught:
        find_optimal_learning_rate(LRS[:50], losses)
    assert caught.value.reason == NOT_FINITE


def test_trials_that_end_at_once_at_the_lowest_rate_are_told():
    level = _level(6)
    ended = np.append(level, math.nan)
    error = not_finite_trials({1e-3: ended, 1e-2: ended, 1e-1: level[:3]})
    assert error.reason == NOT_FINITE and error.counts["points"] == 6
    assert not_finite_trials({1e-3: level, 1e-2: ended}) is None
    climbed = np.append(level * 10.0 ** np.arange(6), math.nan)
    assert not_finite_trials({1e-3: climbed}) is None
    assert not_finite_trials({1e-3: np.empty(0)}) is None
