"""The rules: closed forms, second implementations, invariants, bugs of peers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import savgol_filter

from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.sweep.rules import (
    DROP_SHARE,
    FARTHEST,
    NEAREST,
    RULES,
    drop,
    longest_descent,
    minimum,
    slide,
    steepest,
    textbook,
    valley,
)
from lr_finder.errors import InputError, SuggestionError

REASONS = ("too_few_points", "diverged_at_start", "never_descended")
HONEST = [name for name in RULES if name != "textbook"]


def _decades(a, b):
    return abs(math.log10(a / b))


# --- the table


def test_the_table_names_its_rows():
    names = ["window", "drop", "steepest", "valley", "minimum", "slide", "textbook"]
    assert list(RULES) == names
    for name, rule in RULES.items():
        assert rule.name == name == rule.function.__name__
        assert rule.description and rule.source and "\n" not in rule.description


# --- closed forms


@pytest.mark.parametrize("n", [40, 100, 333, 2000])
@pytest.mark.parametrize("centre", [-4.5, -3.0, -1.2])
def test_steepest_is_the_centre_of_a_sigmoid(n, centre, sigmoid_curve):
    lrs, losses = sigmoid_curve(n, centre=centre)
    assert _decades(lrs[steepest(lrs, losses)], 10**centre) <= 8 / (min(n, 512) - 1)


@pytest.mark.parametrize("n", [40, 100, 333, 2000])
@pytest.mark.parametrize("centre", [-4.5, -3.0, -1.2])
def test_drop_is_the_named_share_of_a_sigmoid(n, centre, sigmoid_curve):
    lrs, losses = sigmoid_curve(n, centre=centre)
    expected = centre + math.log(DROP_SHARE / (1 - DROP_SHARE)) / 4.0
    step = 8 / (min(n, 512) - 1)
    assert abs(math.log10(lrs[drop(lrs, losses)]) - expected) <= 1.5 * step + 0.02


@pytest.mark.parametrize("bottom", [-4.0, -2.0, 0.5])
def test_minimum_is_a_decade_below_the_minimum(bottom):
    lrs = np.logspace(-7, 1, 161)
    losses = np.exp(0.1 * (np.log10(lrs) - bottom) ** 2)
    assert _decades(lrs[minimum(lrs, losses)], 10 ** (bottom - 1)) < 0.11


def test_valley_is_the_middle_of_a_straight_descent():
    lrs = np.logspace(-7, 1, 100)
    losses = np.exp(-np.linspace(0, 3, 100))
    assert valley(lrs, losses) == 100 // 3 + 100 // 6 - 1  # fastai: end - length + …


def test_slide_stops_where_both_ends_have_one_slope():
    lrs = np.logspace(-7, 1, 161)
    # Straight down for ever: the very first interval agrees, its lower end is taken.
    assert _decades(lrs[slide(lrs, lrs**-0.2)], 10**-0.2) < 0.06


def test_drop_stays_between_its_bounds_below_the_climb():
    lrs = np.logspace(-7, 1, 161)
    x = np.log10(lrs)
    for centre, expected in [(-1.2, -NEAREST), (-5.0, -FARTHEST)]:
        values = -2 / (1 + np.exp(-8 * (x - centre))) + 20 * np.maximum(0, x)
        assert x[drop(lrs, np.exp(values))] == pytest.approx(expected, abs=0.15)


# --- second implementations


def _longest_descent_by_pairs(values):
    """The O(n^2) programme of fastai's `valley`."""
    best, end = [1] * len(values), 0
    for i in range(len(values)):
        for j in range(i):
            if values[i] < values[j]:
                best[i] = max(best[i], best[j] + 1)
        if best[i] > best[end]:
            end = i
    return end, best[end]


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_longest_descent_equals_the_quadratic_programme(values):
    assert longest_descent(np.array(values)) == _longest_descent_by_pairs(values)


@pytest.mark.parametrize("seed", range(5))
def test_textbook_is_the_code_found_in_most_places(seed):
    losses = np.random.default_rng(seed).normal(size=80)
    lrs = np.logspace(-5, -1, 80)
    expected = np.argmin(np.gradient(savgol_filter(losses, 11, 2)))
    assert textbook(lrs, losses) == expected


# --- invariants


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("scale", [0.125, 3.0, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_rules_follow_the_scale_of_the_rates(name, scale, seed, sweep_curve):
    lrs, losses = sweep_curve(seed=seed)
    assert RULES[name](scale * lrs, losses) == RULES[name](lrs, losses)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("scale", [1e-6, 0.5, 40.0])
def test_rules_ignore_the_scale_of_the_losses(name, scale, sweep_curve):
    lrs, losses = sweep_curve(seed=1)
    assert RULES[name](lrs, scale * losses) == RULES[name](lrs, losses)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("shift", [-1.0, -37.0])
def test_rules_ignore_a_constant_added_to_losses_of_any_sign(name, shift, sweep_curve):
    lrs, losses = sweep_curve(seed=2, boom=0.8)
    signed = losses - np.median(losses)
    assert RULES[name](lrs, signed + shift) == RULES[name](lrs, signed)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_follows_a_loss_not_finite_is_not_read(name, bad, sweep_curve):
    lrs, losses = sweep_curve(seed=3)
    losses[100] = bad
    other = losses.copy()
    other[101:] = 1e9
    assert RULES[name](lrs, losses) == RULES[name](lrs, other)


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("seed", range(3))
def test_the_size_of_the_explosion_does_not_matter(name, seed, sweep_curve):
    lrs, losses = sweep_curve(seed=seed)
    tail = lrs > 10**0.3
    worse = losses.copy()
    worse[tail] *= np.exp(10 * np.arange(tail.sum()))
    assert _decades(lrs[RULES[name](lrs, worse)], lrs[RULES[name](lrs, losses)]) < 0.15


@pytest.mark.parametrize("name", ["drop", "minimum"])
@pytest.mark.parametrize("kind", ["linear", "irregular", "long"])
def test_rules_agree_on_any_spacing(name, kind):
    rng = np.random.default_rng(0)
    lrs = {
        "linear": np.linspace(1e-4, 10, 5000),
        "irregular": np.sort(10 ** rng.uniform(-4, 1, 150)),
        "long": np.logspace(-4, 1, 30_000),
    }[kind]

    def curve(lrs):
        x = np.log10(lrs)
        return np.exp(-2 / (1 + np.exp(-4 * (x + 1))) + 5 * np.maximum(0, x - 0.3))

    even = np.logspace(-4, 1, 100)
    expected = even[RULES[name](even, curve(even))]
    assert _decades(lrs[RULES[name](lrs, curve(lrs))], expected) < 0.12


@given(st.integers(0, 10_000), st.integers(12, 200), st.sampled_from(list(RULES)))
def test_an_answer_is_an_index_or_a_reason(seed, n, name):
    rng = np.random.default_rng(seed)
    lrs = np.cumsum(rng.exponential(1, n)) ** 3 + 1e-9
    losses = rng.normal(0, 1, n) * np.exp(rng.normal(0, 3)) + rng.normal(0, 3)
    losses[rng.random(n) < rng.choice([0, 0.02])] = rng.choice([np.nan, np.inf])
    try:
        index = RULES[name](lrs, losses)
    except SuggestionError as error:
        assert error.reason in (
            "too_few_points",
            "diverged_at_start",
            "never_descended",
            "not_finite",
            "unbounded",
        )
    else:
        assert type(index) is int and 0 <= index < n
        assert np.all(np.isfinite(losses[: index + 1]))


# --- robustness


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [0.05, 0.2, 0.4])
def test_drop_hardly_moves_under_noise(seed, noise, sweep_curve):
    lrs, clean = sweep_curve(noise=0.0)
    _, noisy = sweep_curve(noise=noise, seed=seed)
    moved = _decades(lrs[drop(lrs, noisy)], lrs[drop(lrs, clean)])
    assert moved < 0.1 + 2 * noise


def test_the_textbook_rule_is_at_the_mercy_of_noise(sweep_curve):
    def spread(rule):
        curves = [sweep_curve(noise=0.3, seed=seed) for seed in range(20)]
        return np.std([np.log10(lrs[rule(lrs, losses)]) for lrs, losses in curves])

    assert spread(textbook) > 5 * spread(drop)


def test_no_offset_is_lost():
    # ktrain takes argmin over losses[32:] and indexes all rates: 32 points too low.
    lrs = np.logspace(-7, 1, 100)
    losses = np.exp(-np.tanh(3 * (np.log10(lrs) + 2)))
    assert _decades(lrs[steepest(lrs, losses)], 1e-2) < 0.1


def test_the_slope_is_per_log_rate(sweep_curve):
    # Lightning divides by the distance of the rates: it always picks the low end.
    lrs, losses = sweep_curve(noise=0.002)
    assert lrs[np.argmin(np.gradient(losses, lrs))] < 1e-6
    assert _decades(lrs[steepest(lrs, losses)], 1e-3) < 0.15


def test_index_zero_is_an_answer():
    lrs = np.logspace(-2, 0, 50)
    losses = np.exp((np.log10(lrs) + 1.5) ** 2)
    assert minimum(lrs, losses) == 0


def test_a_dead_network_is_not_the_minimum():
    # Unscaled inputs: the loss falls by factors, explodes, and then predicts the mean.
    rng = np.random.default_rng(0)
    x = np.linspace(-7, 1, 200)
    log_loss = 5 - 4 / (1 + np.exp(-4 * (x + 3))) + 8 * np.exp(-(((x + 1) / 0.3) ** 2))
    log_loss[x > -0.5] = 0.2
    losses = np.exp(log_loss + rng.normal(0, 0.1, 200))
    assert -3.2 < np.log10(10 ** x[drop(10**x, losses)]) < -2.0


# --- no answer


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_too_few_points_are_refused_and_counted(name, n):
    with pytest.raises(SuggestionError, match="finite losses") as caught:
        RULES[name](np.logspace(-5, 0, n), np.linspace(1, 0.1, n))
    assert caught.value.reason == "too_few_points"
    assert caught.value.counts == {"points": n, "given": n}


@pytest.mark.parametrize("name", RULES)
def test_a_first_loss_not_finite_leaves_no_points(name):
    with pytest.raises(SuggestionError) as caught:
        RULES[name](np.logspace(-5, 0, 50), np.r_[np.nan, np.ones(49)])
    assert caught.value.counts == {"points": 0, "given": 50}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("level", [2.3, 1.0, 0.0, -5.0])
def test_a_constant_never_descended(name, level):
    with pytest.raises(SuggestionError, match="never descended") as caught:
        RULES[name](np.logspace(-5, 0, 50), np.full(50, level))
    assert caught.value.reason == "never_descended"


@pytest.mark.parametrize("name", HONEST)
def test_a_rise_alone_is_refused(name):
    lrs = np.logspace(-5, 0, 50)
    with pytest.raises(SuggestionError) as caught:
        RULES[name](lrs, np.exp(np.linspace(0, 5, 50)))
    assert caught.value.reason in ("diverged_at_start", "never_descended")


def test_unequal_lengths_are_refused():
    with pytest.raises(InputError, match="equal lengths"):
        drop(np.ones(3), np.ones(4))


# --- preparation


@pytest.mark.parametrize("seed", range(10))
def test_the_climb_is_found_near_where_it_begins(seed, sweep_curve):
    curve = prepare(*sweep_curve(seed=seed, boom=-0.5))
    assert abs(curve.divergence / math.log(10) + 0.5) < 0.35


def test_a_loss_not_finite_is_the_divergence_where_nothing_climbs(sigmoid_curve):
    lrs, losses = sigmoid_curve(100)
    losses[80] = np.nan
    curve = prepare(lrs, losses)
    assert curve.divergence == pytest.approx(math.log(lrs[80]))
    assert curve.points == 80


def test_a_curve_that_only_falls_has_no_divergence(sigmoid_curve):
    curve = prepare(*sigmoid_curve(100))
    assert curve.divergence is None and curve.points == 100 and curve.is_log


def test_noise_alone_rarely_counts_as_a_climb_or_a_descent():
    lrs, climbs, descents = np.logspace(-7, 1, 100), 0, []
    for seed in range(100):
        losses = np.exp(np.random.default_rng(seed).normal(0, 0.3, 100))
        curve = prepare(lrs, losses)
        climbs += curve.divergence is not None
        descents.append(curve.descent / curve.error)
    assert climbs <= 10
    assert np.quantile(descents, 0.95) < 6
