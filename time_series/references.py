"""Forecasts without a network, to hold the network's against, and their season."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from time_series.splitting import ForecastData

PENALTIES = np.logspace(-4, 4, 17)  # of the ridge regression; the best is chosen
DAY = pd.Timedelta(days=1)
# Days between two points, least and most; points of a season; what it is.
CALENDAR = (
    (1.0, 1.0, 7, "a week of days"),
    (7.0, 7.0, 52, "a year of weeks"),
    (28.0, 31.0, 12, "a year of months"),
    (89.0, 92.0, 4, "a year of quarters"),
)
WORKING_DAYS = 5
ROUNDING = 0.01  # of a day: times that are cut off to seconds, say
UNKNOWN = "the points have no dates that tell one"


def persistence(data: ForecastData) -> np.ndarray:
    """Every coming point as the last known one.

    Args:
        data: ForecastData.

    Returns:
        float64 array (n, horizon), in units of the series; one row for each window of
        the validation part.

    Example:
    >>> data = ForecastData(*[np.zeros(0)] * 2, np.zeros(5), np.arange(9.0), 0, 1, 2, 2)
    >>> persistence(data).tolist()
    [[5.0, 5.0], [6.0, 6.0]]
    """
    last = data.indices()[:, :1] - 1
    return np.repeat(data.series[last], data.horizon, axis=1)


def seasonal_naive(data: ForecastData, season: int) -> np.ndarray:
    """Every coming point as the one a season, or several, before it.

    Args:
        data: ForecastData.
        season: int >= 1, points after which the series repeats.

    Returns:
        float64 array (n, horizon), as `persistence`.

    Raises:
        InputError: If the season is longer than what is known.

    Example:
    >>> data = ForecastData(*[np.zeros(0)] * 2, np.zeros(5), np.arange(9.0), 0, 1, 2, 2)
    >>> seasonal_naive(data, season=4).tolist()
    [[2.0, 3.0], [3.0, 4.0]]
    """
    check_count("season", season, least=1)
    wanted = data.indices()
    # Of a horizon longer than the season, the first points tell the later ones.
    seasons_back = 1 + np.arange(data.horizon) // season
    before = wanted - season * seasons_back
    if before.min() < 0:
        raise InputError(
            "Argument `season` must lie within the series before its validation part. "
            f"Received: season={season}, with {wanted.min()} points known. Give a "
            "longer series or a shorter season."
        )
    return data.series[before]


def ridge_regression(data: ForecastData) -> np.ndarray:
    """Linear regression on the same windows, its penalty chosen on the training part.

    Args:
        data: ForecastData.

    Returns:
        float64 array (n, horizon), as `persistence`.

    Example:
    >>> from time_series.splitting import prepare_forecast
    >>> forecasts = ridge_regression(prepare_forecast(2.0 * np.arange(500)))
    >>> forecasts[-1].round(2).tolist()
    [998.0]
    """
    from sklearn.linear_model import RidgeCV

    x, y = data.windows(data.fit)
    model = RidgeCV(PENALTIES).fit(x.reshape(len(x), -1), y)
    x, y = data.windows(data.validation)
    forecasts = model.predict(x.reshape(len(x), -1)).reshape(y.shape)
    return forecasts * data.sd + data.mean


def reference_errors(data: ForecastData, season: int | None = None) -> dict[str, float]:
    """The mean squared error of each reference on the validation part.

    Args:
        data: ForecastData.
        season: int >= 1, points after which the series repeats; None if it does not.

    Returns:
        dict of name -> float, in units of the series squared: `persistence`,
        `seasonal_naive` (with a season) and `ridge`.

    Raises:
        InputError: If the season is longer than what is known.

    Example:
    >>> from time_series.splitting import prepare_forecast
    >>> data = prepare_forecast(np.arange(1000.0) % 7)
    >>> {name: round(mse, 3) for name, mse in reference_errors(data, 7).items()}
    {'persistence': 5.861, 'seasonal_naive': 0.0, 'ridge': 0.0}
    """
    forecasts = {"persistence": persistence(data)}
    if season is not None:
        forecasts["seasonal_naive"] = seasonal_naive(data, season)
    forecasts["ridge"] = ridge_regression(data)
    truth = data.series[data.indices()]
    return {
        name: float(np.mean((values - truth) ** 2))
        for name, values in forecasts.items()
    }


def usual_season(times: pd.Index) -> tuple[int | None, str]:
    """The season that series of such times usually have.

    Points within a day repeat after a day, days after a week, weeks, months and
    quarters after a year: by the median step.

    Args:
        times: Index of rising timestamps; any other tells nothing.

    Returns:
        `(season, reason)`: int >= 2, points of a season, or None; str, what it is, or
        why there is none.

    Example:
    >>> usual_season(pd.date_range("2024-01-01", periods=30, freq="MS"))
    (12, 'a year of months')
    >>> usual_season(pd.RangeIndex(30))
    (None, 'the points have no dates that tell one')
    """
    if not isinstance(times, pd.DatetimeIndex) or len(times) < 2:
        return None, UNKNOWN
    days = float(pd.Series(times).diff().median() / DAY)
    for least, most, points, name in CALENDAR:
        if least - ROUNDING <= days <= most + ROUNDING:
            if points == 7 and times.day_of_week.max() < WORKING_DAYS:
                return WORKING_DAYS, "a week of working days"
            return points, name
    points = round(1 / days) if days > 0 else 0
    if points >= 2 and abs(points * days - 1) < ROUNDING:
        return points, f"a day of {points} points"
    return None, f"points {days:.3g} days apart have no usual one"
