"""Series for the command: what is known of them, and their seasons."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from time_series.generator import time_series_components
from time_series.sources import built_in, from_file


@pytest.fixture
def months(tmp_path):
    days = pd.date_range("2010-01-01", periods=120, freq="MS")
    table = pd.DataFrame({"month": days.strftime("%Y-%m"), "sold": np.arange(120) % 12})
    table.to_csv(tmp_path / "sold.csv", index=False)
    return tmp_path / "sold.csv"


def test_the_built_in_series_is_the_generators():
    parts, source = time_series_components(), built_in()
    np.testing.assert_array_equal(source.series, parts.series)
    assert source.noise_variance == parts.noise_variance
    data, season, reason = source.prepare(20, 1, is_scaled=False)
    assert (season, reason, data.sd) == (365, "a year of days", 1.0)
    np.testing.assert_array_equal(built_in(500).series, parts.series[-500:])


def test_months_of_a_file_have_a_season_of_twelve(months):
    source = from_file(months)
    data, season, reason = source.prepare(6, 1, is_scaled=True)
    assert (source.name, season, reason) == ("sold.csv", 12, "a year of months")
    assert data.noise_variance is None
    assert source.prepare(6, 1, is_scaled=True, season=4)[1:] == (4, "as asked for")


def test_a_season_that_does_not_fit_is_left_out_with_the_reason():
    _, season, reason = built_in(limit=300).prepare(20, 1, is_scaled=False)
    assert (season, reason) == (None, "the series is shorter than a year of days")


def test_no_dates_are_a_reason_too(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("v\n" + "\n".join(map(str, np.arange(200) % 7)))
    _, season, reason = from_file(path).prepare(20, 1, is_scaled=True)
    assert season is None and "no dates" in reason


def test_a_season_that_was_asked_for_must_fit(months):
    with pytest.raises(InputError, match="season=1000"):
        from_file(months).prepare(6, 1, is_scaled=True, season=1000)
    with pytest.raises(InputError, match="limit=0"):
        built_in(0)
