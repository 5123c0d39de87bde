"""The window and the usual rate: closed forms, limits, invariants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.sweep.rate_window import (
    ABOVE,
    ADAPTIVE,
    BEGUN,
    BELOW,
    DECADE,
    PLAIN_SGD,
    WITH_MOMENTUM,
    is_at_top,
    usual_rate,
    window,
    window_of,
)
from lr_finder.errors import SuggestionError

SHARPNESS = 4.0  # of the sigmoid in conftest


def _log10(lrs, losses, usual=None):
    return math.log10(lrs[window(lrs, losses, usual)])


# --- the usual rate


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"optimizer": "Adam"}, ADAPTIVE),
        ({"optimizer": "AdamW", "momentum": None}, ADAPTIVE),
        ({"optimizer": "RMSprop", "momentum": 0.0}, ADAPTIVE),
        ({"optimizer": "RMSprop", "momentum": 0.9}, None),  # steps ten times as long
        ({"optimizer": "SGD", "momentum": 0.0}, PLAIN_SGD),
        ({"optimizer": "SGD", "momentum": 0.9}, WITH_MOMENTUM),
        ({"optimizer": "LossScaleOptimizer(Adam)", "momentum": None}, ADAPTIVE),
        ({"optimizer": "MultiOptimizer(SGD, Adam)"}, None),
        ({"optimizer": "Lion"}, None),
        ({}, None),
    ],
)
def test_the_usual_rate_is_that_of_measured_optimizers(metadata, expected):
    assert usual_rate(metadata) == expected


# --- the window


@pytest.mark.parametrize("centre", [-5.0, -3.0, -2.2])
@pytest.mark.parametrize("n", [100, 400])
def test_the_ends_follow_their_formulas(centre, n, sigmoid_curve):
    lrs, losses = sigmoid_curve(n, centre=centre)
    climb = 0.0
    losses = losses * np.exp(50 * np.maximum(0, np.log10(lrs) - climb))
    lower, upper = np.array(window_of(prepare(lrs, losses))) / DECADE
    begun = centre + math.log(BEGUN / (1 - BEGUN)) / SHARPNESS
    assert lower == pytest.approx(begun + ABOVE, abs=0.1)
    assert upper == pytest.approx(climb - BELOW, abs=0.25)


def test_without_a_climb_the_window_reaches_to_the_end_of_the_sweep(sigmoid_curve):
    lrs, losses = sigmoid_curve(100, high=0.0)
    assert window_of(prepare(lrs, losses))[1] / DECADE == pytest.approx(0.0)


def test_an_explosion_between_two_quiet_stretches_ends_the_window():
    """A dead network predicts the mean, and its loss is steady again."""
    lrs = np.logspace(-7, 1, 200)
    x = np.log10(lrs)
    corners = [-7, -3.4, -2.9, -2.4, -1.8, -1.2, 0.4, 1]
    values = np.interp(x, corners, [10, 10, 8.4, 8.4, 10.2, 8.7, 8.7, 30])
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 0.25, 200)
        _, upper = window_of(prepare(lrs, np.exp(values + noise)))
        assert -2.8 - BELOW < upper / DECADE < -1.8 - BELOW


@pytest.mark.parametrize("seed", range(20))
def test_a_dip_within_noise_is_no_valley(seed):
    """Flat, but for a dip of as much as noise can do, and its end."""
    lrs = np.logspace(-7, 1, 180)
    x = np.log10(lrs)
    values = np.random.default_rng(seed).normal(0, 0.06, 180)
    values -= 0.06 * ((x > -5.6) & (x < -4.6))
    values += 0.3 * np.maximum(0, x) ** 2 - 0.2 * (x > -2)
    _, upper = window_of(prepare(lrs, np.exp(values)))
    assert upper / DECADE > -2


# --- the rule


def test_the_usual_rate_is_taken_inside_and_moved_to_the_ends_outside(sweep_curve):
    lrs, losses = sweep_curve(noise=0.02)
    lower, upper = np.array(window_of(prepare(lrs, losses))) / DECADE
    step = 8 / 119
    inside = (2 * lower + upper) / 3
    for usual, expected in (
        (inside, inside), (lower - 2, lower), (upper + 2, upper),
    ):  # fmt: skip
        assert _log10(lrs, losses, 10**usual) == pytest.approx(expected, abs=step)
    assert _log10(lrs, losses) == pytest.approx((lower + upper) / 2, abs=step)


def test_where_there_is_no_room_the_climb_decides(sweep_curve):
    lrs, losses = sweep_curve(noise=0.02, boom=-2.3)
    lower, upper = np.array(window_of(prepare(lrs, losses))) / DECADE
    assert lower > upper
    for usual in (1e-5, 1e-2, 1.0):
        assert _log10(lrs, losses, usual) == pytest.approx(upper, abs=8 / 119)


def test_it_tells_whether_the_climb_has_decided(sweep_curve):
    lrs, losses = sweep_curve(noise=0.02)
    curve = prepare(lrs, losses)
    for usual, expected in ((1e-5, False), (3e-3, False), (10.0, True)):
        assert is_at_top(curve, math.log(lrs[window(lrs, losses, usual)])) == expected


@given(
    seed=st.integers(0, 1000),
    noise=st.floats(0.0, 0.5),
    usual=st.none() | st.floats(1e-6, 10),
)
def test_it_never_goes_above_the_window(seed, noise, usual):
    lrs = np.logspace(-7, 1, 80)
    x = np.log10(lrs)
    values = 1 - np.tanh(2 * (x + 3)) + 8 * np.maximum(0, x)
    values += np.random.default_rng(seed).normal(0, noise, 80)
    try:
        picked = _log10(lrs, np.exp(values), usual)
    except SuggestionError:
        return
    upper = window_of(prepare(lrs, np.exp(values)))[1] / DECADE
    assert picked <= max(upper, -7) + 8 / 79


@given(factor=st.floats(1e-2, 1e2), scale=st.floats(1e-3, 1e3))
def test_it_follows_the_scale_of_rates_and_not_that_of_losses(factor, scale):
    lrs = np.logspace(-7, 1, 100)
    x = np.log10(lrs)
    values = 1 - np.tanh(2 * (x + 3)) + 8 * np.maximum(0, x)
    index = window(lrs, np.exp(values), 3e-3)
    assert abs(window(lrs * factor, scale * np.exp(values), 3e-3 * factor) - index) <= 1


# --- no answer


def test_noise_alone_gives_the_usual_rate_or_none():
    lrs = np.logspace(-7, 1, 200)
    values = np.random.default_rng(1).normal(0, 0.2, 200)
    values += 20 * np.maximum(0, np.log10(lrs)) ** 2
    with pytest.raises(SuggestionError) as caught:
        window(lrs, np.exp(values))
    assert caught.value.reason == "never_descended"
    assert _log10(lrs, np.exp(values), 3e-3) <= 0.3 - BELOW
    with pytest.raises(SuggestionError):  # those rates tell nothing of a higher one
        window(lrs[:90], np.exp(values[:90]), 3e-3)


def test_a_constant_loss_gives_none():
    for usual in (None, 3e-3):
        with pytest.raises(SuggestionError) as caught:
            window(np.logspace(-7, 1, 100), np.full(100, 2.3), usual)
        assert caught.value.reason == "never_descended"
