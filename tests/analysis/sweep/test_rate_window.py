"""The window and the usual rate: closed forms, limits, invariants."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder._text import format_rate
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
    lag_of,
    open_window,
    usual_rate,
    window,
    window_of,
)
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

RECORDED = Path(__file__).parents[3] / "benchmarks/suggestion_quality/sweeps.npz"
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
        ({"optimizer": "SGD", "momentum": 0.99}, WITH_MOMENTUM / 10),
        ({"optimizer": "SGD", "momentum": 0.5}, WITH_MOMENTUM * 5),
        ({"optimizer": "SGD", "momentum": 1.0}, None),
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


# --- what is told of it


def recorded_sweeps(every=29):
    """Sweeps of the benchmark, each before its first loss that is not finite."""
    with np.load(RECORDED) as stored:
        losses, steps = stored["losses"][::every], stored["steps"][::every]
    for row, n in zip(losses, steps, strict=True):
        kept = np.argmin(np.isfinite([*row[:n], np.nan]))
        yield np.geomspace(1e-7, 10.0, n)[:kept], row[:kept].astype(float)


def suggested(*curves):
    try:
        return suggest(
            SweepResult([Curve(*curve) for curve in curves], {"optimizer": "Adam"})
        )
    except SuggestionError:
        return None


def assert_figures_agree(found):
    """High, climb and rate in the sentence are one another's, to the last digit."""
    window, why = found.window, found.why
    assert window.falls_at * 10**ABOVE == pytest.approx(window.low)
    if window.climbs_at is not None:
        assert window.high * 10**BELOW == pytest.approx(window.climbs_at)
    climbs = re.search(r"climbs from (\S+) on", why)
    if climbs:
        assert climbs[1] == format_rate(window.high * 10**BELOW)
    moved = re.search(r"moved (?:up|down) to ([^\s,]+)", why)
    if moved:
        assert moved[1] == format_rate(window.place(found.usual.rate))
    return climbs is not None


def test_the_figures_of_a_sentence_are_those_of_the_window():
    """The climb that is told is the rate from which the upper end was counted."""
    found = [suggested(curve) for curve in recorded_sweeps()]
    told = [assert_figures_agree(each) for each in found if each is not None]
    assert len(told) > 20 and sum(told) > 4


@pytest.mark.parametrize("boom", [-2.3, -1.0, 0.0])
@pytest.mark.parametrize("n", [60, 120])
def test_they_agree_for_repeats_that_end_at_different_rates(boom, n, sweep_curve):
    curves = [
        sweep_curve(n, 0.05, seed, boom + shift)
        for seed, shift in enumerate((0.0, 0.2, 3.0))
    ]
    assert_figures_agree(suggested(*curves))
    assert_figures_agree(suggested(*curves[:2]))
    ends = [prepare(*curve).grid.x[-1] for curve in curves[:2]]
    window = open_window([prepare(*curve) for curve in curves[:2]])
    assert math.log(window.climbs_at) == pytest.approx(np.mean(ends))


# --- a long momentum


def decades_moved_less(momentum, rates):
    """By how much the velocity lags behind that of a constant rate: by simulation."""
    velocity = 0.0
    for rate in rates:
        velocity = momentum * velocity + rate  # a steady gradient of 1
    return math.log10(rates[-1] / (1 - momentum) / velocity)


@pytest.mark.parametrize("momentum", [0.95, 0.99, 0.998])
@pytest.mark.parametrize("steps", [100, 200, 1000])
def test_the_lag_is_that_of_a_velocity_beside_one_with_momentum_09(momentum, steps):
    rates = np.logspace(-7, 1, steps)
    long = np.logspace(-7 - 80, 1, 11 * steps - 10)  # the velocity has settled
    expected = decades_moved_less(momentum, long) - decades_moved_less(0.9, long)
    found = lag_of({"optimizer": "SGD", "momentum": momentum}, rates)
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "metadata",
    [
        {"optimizer": "SGD", "momentum": 0.9},
        {"optimizer": "SGD", "momentum": 0.0},
        {"optimizer": "Adam", "beta_1": 0.99},  # averages gradients, not steps
        {"optimizer": "Muon", "momentum": 0.99},
        {},
    ],
)
def test_what_does_not_lag_more_is_read_as_it_was_measured(metadata):
    assert lag_of(metadata, np.logspace(-7, 1, 200)) == 0


def test_a_lag_moves_the_window_down_and_not_what_was_seen(sweep_curve):
    curves = [prepare(*sweep_curve(120, 0.05, seed)) for seed in range(3)]
    assert all(curve.divergence is not None for curve in curves)
    plain, moved = open_window(curves), open_window(curves, 0.7)
    assert np.log10(plain.low / moved.low) == pytest.approx(0.7)
    assert np.log10(plain.high / moved.high) == pytest.approx(0.7)
    assert (moved.falls_at, moved.climbs_at) == (plain.falls_at, plain.climbs_at)


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
