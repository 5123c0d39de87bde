import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.prepare.kinds import (  # noqa: E402
    default_series_target,
    infer_kind,
    text_column,
    text_target,
)
from lr_finder.data.readers.csv_files import read_table  # noqa: E402
from lr_finder.data.readers.text_lines import read_labelled_lines  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
N = 120


def over_time(**columns):
    days = pd.date_range("2024-01-01", periods=N).strftime("%Y-%m-%d")
    rng = np.random.default_rng(0)
    return pd.DataFrame({"day": days, "load": rng.normal(size=N)} | columns)


def messages():
    return pd.DataFrame(
        {
            "said": [f"we saw {i} birds up there" for i in range(N)],
            "mood": ["up", "low"] * (N // 2),
        }
    )


def kind_of(table, **options):
    return infer_kind(table, Request("a.csv", **options))[0]


def test_dates_in_a_regular_step_make_a_series():
    table = over_time()
    assert kind_of(table) == "series"
    assert kind_of(table.sample(frac=1, random_state=0)) == "series"
    months = pd.date_range("1949-01", periods=N, freq="MS").strftime("%Y-%m")
    assert kind_of(table.assign(day=months)) == "series"
    weekdays = pd.bdate_range("2024-01-01", periods=N).strftime("%d.%m.%Y")
    assert kind_of(table.assign(day=weekdays)) == "series"


@pytest.mark.parametrize(
    "table",
    [
        over_time(day=["2024-01-01", "2024-01-02"] * (N // 2)),
        over_time(load=["on", "off"] * (N // 2)),
        over_time(load=np.arange(N) % 3),
        over_time(also=pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d")),
        over_time().head(8),
    ],
    ids=["repeated", "text", "classes", "two columns of dates", "too few"],
)
def test_other_tables_with_dates_stay_tabular(table):
    assert kind_of(table) == "tabular"


def test_times_in_order_beside_one_column_of_numbers_make_a_series():
    """Also without a regular step, and if the times are years."""
    rng = np.random.default_rng(0)
    years = pd.DataFrame({"Year": range(1885, 1885 + N), "Water": rng.normal(size=N)})
    assert kind_of(years) == "series"
    assert kind_of(years[::-1]) == "series"
    assert kind_of(years.rename(columns={"Year": "depth"})) == "tabular"
    assert kind_of(years.sample(frac=1, random_state=0)) == "tabular"
    assert kind_of(years.assign(price=rng.normal(size=N))) == "tabular"
    assert kind_of(years, target="Year") == "tabular"
    days = np.cumsum(rng.geometric(0.02, N))
    dates = (pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D")).strftime(
        "%Y-%m-%d"
    )
    irregular = years.assign(Year=dates)
    kind, why = infer_kind(irregular, Request("a.csv"))
    assert kind == "series" and "times in order in column 'Year'" in why
    assert kind_of(irregular.sample(frac=1, random_state=0)) == "tabular"
    assert kind_of(irregular.assign(price=rng.normal(size=N))) == "tabular"


def test_dates_at_random_stay_tabular():
    hours = np.random.default_rng(0).choice(24 * 365, N, replace=False)
    dates = pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, unit="h")
    table = over_time(day=dates.strftime("%Y-%m-%d %H:%M"))
    assert kind_of(table) == "tabular"


def test_sentences_and_labels_make_text():
    assert kind_of(messages()) == "text"
    assert kind_of(messages()[["mood", "said"]]) == "text"
    assert kind_of(messages(), target="mood") == "text"
    assert kind_of(messages().assign(blank=np.nan)) == "text"
    assert kind_of(messages().assign(n=np.arange(N))) == "tabular"
    assert kind_of(messages(), target="said") == "tabular"
    assert kind_of(messages().assign(said="the same each time")) == "tabular"
    assert kind_of(messages().assign(mood=np.arange(N) / 7)) == "tabular"


def test_what_is_asked_for_overrules():
    assert kind_of(over_time(), kind="tabular") == "tabular"
    assert kind_of(over_time(), task="classification") == "tabular"
    assert kind_of(messages(), kind="tabular") == "tabular"
    assert kind_of(messages(), window=5) == "series"
    with pytest.raises(InputError, match="images are a folder.*kind='images'"):
        kind_of(messages(), kind="images")


def test_defaults_of_series_and_text():
    table = over_time(town=["a"] * N, n=np.arange(N))
    assert default_series_target(table, "day") == "load"
    assert default_series_target(table[["n", "day", "town"]], "day") == "n"
    assert default_series_target(table[["day", "town"]], "day") is None
    assert text_column(messages(), "mood") == "said"
    assert text_column(messages(), "said") == "mood"
    assert text_target(messages(), "said") == "mood"
    assert text_target(messages().assign(n=np.arange(N)), "said") == "mood"


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("tabular/california_housing.csv", "tabular"),
        ("tabular/winequality-white.csv", "tabular"),
        ("tabular/adult-test.csv", "tabular"),
        ("tabular/bike_sharing_hour.csv", "tabular"),
        ("series/AEP_hourly.csv", "series"),
        ("series/opsd_germany_daily.csv", "series"),
        ("series/household_power_consumption_days.csv", "series"),
        ("series/airline-passengers.csv", "series"),
        ("text/SMSSpamCollection", "text"),
    ],
)
@pytest.mark.few(4)
def test_real_files(file, kind):
    path = Path(DATA, file)
    lines = read_labelled_lines(path)
    assert (lines is not None) == (kind == "text")
    assert kind_of(read_table(path) if lines is None else lines) == kind
