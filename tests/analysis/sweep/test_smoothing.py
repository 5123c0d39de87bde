"""Smoothing: closed forms, a second implementation, the lag of the usual average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.sweep.smoothing import (
    GRID_POINTS,
    Grid,
    despike,
    ema,
    noise_level,
    smooth,
    to_grid,
    window_length,
)
from lr_finder.errors import InputError

FLOATS = st.floats(-100, 100, allow_nan=False)


# --- ema


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.98, 0.9999])
def test_ema_of_a_constant_is_that_constant_from_the_first_step(beta):
    # Lightning's exponent is one too large: it reads 0.505, 0.673, … for 1.0.
    np.testing.assert_allclose(ema(np.ones(50), beta), 1.0, rtol=1e-12)


@given(st.lists(FLOATS, max_size=30), st.floats(0, 0.99))
def test_ema_equals_the_weighted_mean_of_the_past(values, beta):
    values = np.array(values)
    expected = [
        np.average(values[: t + 1], weights=beta ** np.arange(t, -1.0, -1.0))
        for t in range(len(values))
    ]
    np.testing.assert_allclose(ema(values, beta), expected, atol=1e-8)


@pytest.mark.parametrize("beta", [-0.1, 1.0, 1.5, float("nan")])
def test_ema_refuses_weights_outside_the_unit_interval(beta):
    with pytest.raises(InputError, match=r"`beta`.*Received: beta="):
        ema(np.ones(3), beta)


def test_ema_refuses_values_that_would_poison_it():
    with pytest.raises(InputError, match="`values`"):
        ema(np.array([1.0, np.nan, 1.0]), 0.9)


# --- noise


@pytest.mark.parametrize("sd", [0.01, 0.3, 5.0])
def test_noise_level_recovers_a_known_standard_deviation(sd):
    rng = np.random.default_rng(0)
    trend = np.linspace(0, 40 * sd, 4000)
    assert noise_level(trend + rng.normal(0, sd, 4000)) == pytest.approx(sd, rel=0.08)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.5, 0.8])
def test_noise_level_of_values_that_are_mostly_0(share):
    """A share p of values of spread 1 and 0 else: variance p + p (1 - p) mean^2."""
    rng = np.random.default_rng(3)
    values = np.where(rng.random(20_000) < share, rng.normal(2.0, 1.0, 20_000), 0.0)
    expected = np.sqrt(share + share * (1 - share) * 4)
    assert 0.6 < noise_level(values) / expected < 1.7
    assert noise_level(7 * values + 3) == pytest.approx(7 * noise_level(values))


def test_noise_level_ignores_spikes_and_an_explosion():
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1, 1000)
    values[::50] += 1e3
    values[950:] += np.exp(np.arange(50.0))
    assert noise_level(values) == pytest.approx(1.0, rel=0.25)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_noise_level_of_too_few_points_is_zero(n):
    assert noise_level(np.ones(n)) == 0.0


# --- despike


def test_despike_removes_bursts_and_keeps_all_else():
    rng = np.random.default_rng(2)
    clean = rng.normal(0, 1, 300)
    dirty = clean.copy()
    dirty[[50, 51, 52, 200]] += 100
    repaired = despike(dirty)
    assert np.max(np.abs(repaired)) < 6
    assert np.mean(repaired != dirty) < 0.05


@given(st.lists(FLOATS, min_size=1, max_size=60))
def test_despike_leaves_monotone_curves_alone(values):
    values = np.sort(np.array(values))[::-1]
    np.testing.assert_array_equal(despike(values), values)


# --- smooth


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 6, 20, 2000])
def test_a_constant_stays_constant(n):
    np.testing.assert_allclose(smooth(np.logspace(-5, 0, n), np.full(n, 2.3)), 2.3)


@pytest.mark.parametrize("n", [20, 57, 100, 200, 1000, 5000])
def test_the_steepest_point_of_a_sigmoid_does_not_move(n, sigmoid_curve):
    lrs, losses = sigmoid_curve(n)
    x = np.log(lrs)
    steepest = x[np.argmin(np.gradient(smooth(lrs, np.log(losses)), x))]
    step = max((x[-1] - x[0]) / (n - 1), (x[-1] - x[0]) / (GRID_POINTS - 1))
    assert abs(steepest - np.log(1e-3)) <= step * 1.001


def test_an_ema_does_move_it(sigmoid_curve):
    lrs, losses = sigmoid_curve(100)
    lagged = ema(np.log(losses), 0.98)
    assert lrs[np.argmin(np.gradient(lagged, np.log(lrs)))] > 2e-3


def test_smooth_equals_local_parabolas_fitted_one_by_one():
    rng = np.random.default_rng(3)
    lrs = np.logspace(-6, 0, 80)
    values = -np.tanh(np.log10(lrs) + 3) + rng.normal(0, 0.05, 80)
    half = window_length(to_grid(lrs, despike(values))) // 2
    smoothed, clean = smooth(lrs, values), despike(values)
    for i in range(half, 80 - half):
        near = slice(i - half, i + half + 1)
        parabola = np.polyfit(np.arange(-half, half + 1), clean[near], 2)
        assert smoothed[i] == pytest.approx(parabola[-1], abs=1e-9)


@given(st.integers(0, 1000), st.floats(-50, 50), st.floats(0.01, 100))
def test_smooth_commutes_with_shift_and_scale(seed, shift, scale):
    rng = np.random.default_rng(seed)
    lrs = np.logspace(-7, 1, 60)
    values = rng.normal(0, 0.1, 60) - np.tanh(np.log10(lrs) + 3)
    np.testing.assert_allclose(
        smooth(lrs, scale * values + shift), scale * smooth(lrs, values) + shift,
        atol=1e-6 * (1 + scale),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["exponential", "linear", "irregular", "long"])
def test_smooth_is_near_the_truth_on_any_spacing(kind, sigmoid_curve):
    rng = np.random.default_rng(4)
    lrs = {
        "exponential": np.logspace(-5, 0, 200),
        "linear": np.linspace(1e-5, 1, 2000),
        "irregular": np.sort(10 ** rng.uniform(-5, 0, 300)),
        "long": np.logspace(-5, 0, 20_000),
    }[kind]
    truth = np.log(sigmoid_curve(lrs=lrs, centre=-2.0)[1])
    noisy = truth + rng.normal(0, 0.1, len(lrs))
    error = smooth(lrs, noisy) - truth
    assert np.sqrt(np.mean(error**2)) < 0.06
    assert np.sqrt(np.mean((noisy - truth) ** 2)) > 0.09


def test_spikes_do_not_reach_the_smoothed_curve(sigmoid_curve):
    lrs, losses = sigmoid_curve(200)
    values = np.log(losses)
    spiky = values.copy()
    spiky[[30, 90, 91, 150]] += [50, -50, 50, 50]
    np.testing.assert_allclose(smooth(lrs, spiky), smooth(lrs, values), atol=0.1)


def test_long_curves_are_binned_and_short_ones_are_not():
    lrs = np.logspace(-7, 1, 5000)
    grid = to_grid(lrs, np.log10(lrs))
    assert len(grid.x) == GRID_POINTS
    # The two bins at the ends are half filled: their mean is a quarter step inside.
    error = np.abs(grid.values - grid.x / np.log(10)) * np.log(10) / grid.step
    assert np.max(error[1:-1]) < 1e-9 and np.max(error) < 0.26
    short = np.logspace(-7, 1, GRID_POINTS)
    np.testing.assert_array_equal(to_grid(short, short).values, short)


def test_the_window_grows_with_the_noise_within_its_bounds():
    x = np.linspace(0, 18, 200)
    curve = -np.tanh(x - 9)
    windows = [window_length(Grid(x, curve, sd)) for sd in (0.0, 0.12, 0.14, 10.0)]
    assert windows == sorted(windows) and len(set(windows)) > 2
    assert windows[0] == 17 and windows[-1] == 41  # 8 % and 20 % of 200, made odd
    assert all(window % 2 == 1 for window in windows)
