"""Where the series of the command comes from: built in, or a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from time_series.generator import DAYS_PER_YEAR, time_series_components
from time_series.references import seasonal_naive
from time_series.seasons import usual_season
from time_series.splitting import ForecastData, prepare_forecast
from time_series.tables import read_timed_series


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A series with all that is known of it.

    Args:
        name: str, for titles and files.
        series: float64 array (time,) or (time, columns), the target first.
        season: int or None, points of the season that such series usually have.
        reason: str, what that season is, or why there is none.
        noise_variance: float, the least mean squared error there is; None if unknown.
        notes: tuple of str, how its times were read, and whether they have gaps.
    """

    name: str
    series: np.ndarray
    season: int | None
    reason: str
    noise_variance: float | None = None
    notes: tuple[str, ...] = ()

    def prepare(
        self, window: int, horizon: int, *, is_scaled: bool, season: int | None = None
    ) -> tuple[ForecastData, int | None, str]:
        """Cut the series into its parts, and settle its season.

        Args:
            window: int >= 1, points to forecast from.
            horizon: int >= 1, points to forecast.
            is_scaled: bool, whether to standardise.
            season: int >= 1, that a person asked for; None for the usual one.

        Returns:
            `(data, season, reason)`: the season is None where none is known, or the
            usual one does not fit; the reason says so.

        Raises:
            InputError: If an argument breaks its rule, or the series is too short.
        """
        data = prepare_forecast(
            self.series, window, horizon=horizon, is_scaled=is_scaled,
            noise_variance=self.noise_variance,
        )  # fmt: skip
        if season is not None:
            seasonal_naive(data, season)  # an error before anything is trained
            return data, season, "as asked for"
        if self.season is None:
            return data, None, self.reason
        try:
            seasonal_naive(data, self.season)
        except InputError:
            return data, None, f"the series is shorter than {self.reason}"
        return data, self.season, self.reason


def built_in(limit: int | None = None) -> Source:
    """The synthetic series of four years.

    Args:
        limit: int >= 1, at most so many of the last points; None for all.

    Returns:
        Source.

    Raises:
        InputError: If the limit breaks its rule.

    Example:
    >>> source = built_in(limit=400)
    >>> len(source.series), source.season
    (400, 365)
    """
    parts = time_series_components()
    series = parts.series
    if limit is not None:
        check_count("limit", limit, least=1)
        series = series[-limit:]
    return Source(
        "built-in series", series, DAYS_PER_YEAR, "a year of days",
        parts.noise_variance,
    )  # fmt: skip


def from_file(
    path: Path,
    target: str | None = None,
    *,
    inputs: Sequence[str] = (),
    time_column: str | None = None,
    limit: int | None = None,
    is_repaired: bool = False,
    date_format: str | None = None,
    **form: str | None,
) -> Source:
    """The series of a CSV file.

    Args:
        path: Path of a CSV file with a header line.
        target: as of `read_series`, and so the others.
        inputs: sequence of str.
        time_column: str or None.
        limit: int or None.
        is_repaired: bool.
        date_format: str or None.
        form: `encoding`, `sep` and `decimal`, str or None.

    Returns:
        Source.

    Raises:
        InputError: If the file, its times or its values break a rule.
    """
    series, times, notes = read_timed_series(
        path, target, inputs=inputs, time_column=time_column, limit=limit,
        is_repaired=is_repaired, date_format=date_format, **form,
    )  # fmt: skip
    return Source(path.name, series, *usual_season(times), notes=notes)
