import numpy as np
import pytest

from lr_finder.errors import InputError
from time_series import generate_time_series, time_series_components


def test_the_promise_four_years_of_daily_float32_points():
    time, series = generate_time_series()
    assert time.shape == series.shape == (1461,)
    assert time.dtype == series.dtype == np.float32
    assert np.array_equal(time, np.arange(1461))


def test_series_follows_the_closed_form_without_noise():
    time, series = generate_time_series(
        points=500, baseline=3, slope=0.5, period=100, amplitude=2, noise_sd=0
    )
    phase = 2 * np.pi * np.arange(500) / 100
    expected = 3 + 0.5 * time + 2 * np.cos(phase) + np.sin(2 * phase)
    assert np.allclose(series, expected, rtol=1e-6)


def test_components_add_up_and_trend_is_a_line():
    parts = time_series_components()
    total = parts.trend + parts.seasonality + parts.noise
    assert np.array_equal(parts.series, total.astype(np.float32))
    assert np.allclose(np.diff(parts.trend), 0.05)


def test_seasonality_repeats_and_has_mean_zero_over_a_period():
    wave = time_series_components(period=365).seasonality
    assert np.allclose(wave[365:], wave[:-365])
    assert np.isclose(wave[:365].mean(), 0, atol=1e-10)


def test_noise_variance_is_that_of_the_noise():
    parts = time_series_components(points=200_000, noise_sd=3.0)
    assert parts.noise_variance == 9.0
    # The variance of n Gaussian values has standard error 9 * sqrt(2 / n) = 0.03.
    assert abs(parts.noise.var() - 9.0) < 5 * 9.0 * np.sqrt(2 / 200_000)


def test_seed_decides_the_noise_and_nothing_else():
    one, same, other = (time_series_components(seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.series, same.series)
    assert not np.array_equal(one.noise, other.noise)
    assert np.array_equal(one.trend + one.seasonality, other.trend + other.seasonality)


@pytest.mark.parametrize(
    "argument, value",
    [("points", 0), ("points", 2.5), ("points", True), ("seed", -1), ("period", 0),
     ("period", np.nan), ("noise_sd", -1.0), ("slope", np.inf), ("amplitude", "big")],
)  # fmt: skip
def test_nonsense_is_refused_by_name(argument, value):
    with pytest.raises(InputError, match=rf"`{argument}`.*Received: {argument}="):
        generate_time_series(**{argument: value})
