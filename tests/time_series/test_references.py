"""References without a network, against closed forms; seasons, against calendars."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from time_series.references import (
    persistence,
    reference_errors,
    ridge_regression,
    seasonal_naive,
    usual_season,
)
from time_series.splitting import prepare_forecast


def test_of_a_straight_line():
    # slope 2: persistence errs by 2 h, of horizon 3: (4 + 16 + 36) / 3
    data = prepare_forecast(2.0 * np.arange(500), horizon=3)
    errors = reference_errors(data, season=10)
    assert errors["persistence"] == pytest.approx(56 / 3)
    assert errors["seasonal_naive"] == pytest.approx(400)
    assert errors["ridge"] == pytest.approx(0, abs=1e-3)


def test_of_a_random_walk_persistence_is_the_step():
    steps = np.random.default_rng(0).normal(size=4000)
    data = prepare_forecast(np.cumsum(steps))
    errors = reference_errors(data)
    assert errors["persistence"] == pytest.approx(np.mean(steps[-780:] ** 2))
    assert list(errors) == ["persistence", "ridge"]


@pytest.mark.parametrize("horizon", [1, 5, 9])
def test_a_series_that_repeats_is_known_by_its_season(horizon):
    data = prepare_forecast(np.arange(600.0) % 7, horizon=horizon)
    truth = data.series[data.indices()]
    np.testing.assert_array_equal(seasonal_naive(data, 7), truth)
    assert reference_errors(data, 14)["seasonal_naive"] == 0


def test_no_reference_knows_what_it_forecasts():
    rng = np.random.default_rng(0)
    series = rng.normal(size=300)
    data = prepare_forecast(series, horizon=4)
    series[-1] += 100  # the last target of the last window alone
    other = prepare_forecast(series, horizon=4)
    for forecast in (
        persistence,
        ridge_regression,
        lambda given: seasonal_naive(given, 3),
    ):
        np.testing.assert_allclose(forecast(data), forecast(other))


def test_ridge_is_near_least_squares_where_data_is_plenty():
    rng = np.random.default_rng(1)
    series = np.zeros(3000)
    for i in range(2, 3000):
        series[i] = 0.6 * series[i - 1] - 0.3 * series[i - 2] + rng.normal()
    data = prepare_forecast(series, window_size=4)
    x, y = data.windows(data.fit)
    design = np.column_stack([x, np.ones(len(x))])
    weights, *_ = np.linalg.lstsq(design, y, rcond=None)
    x, _ = data.windows(data.validation)
    expected = np.column_stack([x, np.ones(len(x))]) @ weights * data.sd + data.mean
    np.testing.assert_allclose(ridge_regression(data), expected, atol=0.02)


@pytest.mark.parametrize("season", [0, 1000, 2.5])
def test_a_season_that_cannot_be_is_refused(season):
    data = prepare_forecast(np.arange(500.0) % 7)
    with pytest.raises(InputError, match=f"season.*{season}"):
        seasonal_naive(data, season)


@pytest.mark.parametrize(
    ("frequency", "season", "reason"),
    [
        ("MS", 12, "a year of months"),
        ("ME", 12, "a year of months"),
        ("QS", 4, "a year of quarters"),
        ("W", 52, "a year of weeks"),
        ("D", 7, "a week of days"),
        ("B", 5, "a week of working days"),
        ("h", 24, "a day of 24 points"),
        ("30min", 48, "a day of 48 points"),
        ("10min", 144, "a day of 144 points"),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_each_calendar_has_its_season(frequency, season, reason, zone):
    times = pd.date_range("2023-01-01", periods=60, freq=frequency, tz=zone)
    assert usual_season(times) == (season, reason)


def test_a_few_gaps_change_nothing():
    times = pd.date_range("2023-01-01", periods=400, freq="h")
    kept = np.delete(np.arange(400), [3, 50, 51, 52, 300])
    assert usual_season(times[kept])[0] == 24


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (pd.RangeIndex(50), "no dates"),
        (pd.Index([1.0, 2.0, 3.0]), "no dates"),
        (pd.DatetimeIndex(["2024-01-01"]), "no dates"),
        (pd.date_range("1950", periods=50, freq="YS"), "365 days apart"),
        (pd.date_range("2024", periods=50, freq="7h"), "0.292 days apart"),
        (pd.date_range("2024", periods=50, freq="36h"), "1.5 days apart"),
        (pd.DatetimeIndex(["2024-01-01"] * 5), "0 days apart"),
    ],
)
def test_where_none_is_usual_the_reason_is_given(times, reason):
    season, text = usual_season(times)
    assert season is None and reason in text
