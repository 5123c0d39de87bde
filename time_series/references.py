"""Forecasts without a network, to hold the network's against."""

from __future__ import annotations

import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from time_series.splitting import ForecastData

PENALTIES = np.logspace(-4, 4, 17)  # of the ridge regression; the best is chosen


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
