import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data import sampling  # noqa: E402
from lr_finder.data.readers.csv_files import read_table  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.data.series import series_from_table  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
N = 100


def days(n=N):
    return pd.Series(pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d"))


def table(values=None, **columns):
    values = np.arange(float(N)) ** 2 if values is None else values
    return pd.DataFrame({"day": days(len(values)), "load": values} | columns)


def load(frame, **options):
    options = {"window": 5, "horizon": 2} | options
    return series_from_table.series_dataset(frame, Request("a.csv", **options))


def in_own_unit(dataset, part):
    return np.asarray(part, float) * dataset.target_scale + dataset.target_mean


def test_windows_hold_the_series_and_share_no_point_between_the_parts():
    dataset = load(table())
    series = np.arange(float(N)) ** 2
    assert (dataset.kind, dataset.task, dataset.target) == (
        "series",
        "regression",
        "load",
    )
    assert dataset.x_train.shape == (80 - 6, 5) and dataset.y_train.shape == (74, 2)
    assert dataset.x_validation.shape == (20 - 6, 5)
    x, y = (in_own_unit(dataset, p) for p in (dataset.x_train, dataset.y_train))
    np.testing.assert_allclose(x[0], series[:5], atol=1e-3)
    np.testing.assert_allclose(y[-1], series[78:80], rtol=1e-5)
    x = in_own_unit(dataset, dataset.x_validation)
    np.testing.assert_allclose(x[0], series[80:85], rtol=1e-5)
    assert dataset.x_train.dtype == dataset.y_train.dtype == np.float32


def test_mean_and_spread_are_those_of_the_training_part():
    values = np.arange(float(N)) ** 2
    changed = np.where(np.arange(N) < 80, values, -1e6)
    before, after = load(table(values)), load(table(changed))
    assert before.target_mean == pytest.approx(values[:80].mean())
    assert before.target_scale == pytest.approx(values[:80].std())
    np.testing.assert_array_equal(before.x_train, after.x_train)
    assert not np.array_equal(before.x_validation, after.x_validation)


def test_rows_are_sorted_by_time():
    ordered, shuffled = load(table()), load(table().sample(frac=1, random_state=0))
    np.testing.assert_array_equal(ordered.x_train, shuffled.x_train)
    assert not any("sorted" in note for note in ordered.notes)
    assert "sorted by 'day': rows were not in order of time" in shuffled.notes


def test_few_repeated_times_are_averaged():
    frame = pd.concat([table(), pd.DataFrame({"day": ["2024-01-03"], "load": [6.0]})])
    dataset = load(frame)
    assert "1 repeated time: values averaged" in dataset.notes
    x = in_own_unit(dataset, dataset.x_train[0])
    np.testing.assert_allclose(x, [0, 1, (4 + 6) / 2, 9, 16], atol=1e-3)


def test_blanks_are_cut_at_the_ends_and_interpolated_between():
    values = np.arange(float(N)) * 3
    values[[0, 1, 50, 51, 99]] = np.nan
    dataset = load(table(values))
    whole = np.arange(2, 99) * 3.0
    assert "3 blank points cut off at the ends of the series" in dataset.notes
    assert "2 blank points interpolated linearly" in dataset.notes
    expected = series_from_table.windows_dataset(
        whole, "load", Request("a", window=5, horizon=2)
    )
    np.testing.assert_allclose(dataset.x_train, expected.x_train, atol=1e-6)


def test_gaps_are_told():
    frame = table().drop(index=[40, 41, 42, 60])
    assert any(n.startswith("2 gaps longer than the usual") for n in load(frame).notes)


def test_limit_keeps_the_last_points():
    few, last = load(table(), limit=40), load(table().tail(40))
    np.testing.assert_array_equal(few.x_train, last.x_train)
    assert "the last 40 of 100 points" in few.notes


def test_the_time_column_may_be_numbers_or_missing():
    frame = table().assign(day=np.arange(N)[::-1])
    dataset = load(frame, time_column="day")
    assert in_own_unit(dataset, dataset.x_train[0, 0]) == pytest.approx(99**2)
    alone = load(table()[["load"]])
    assert any("the file's order" in note for note in alone.notes)
    np.testing.assert_array_equal(alone.x_train, load(table()).x_train)


def test_the_shortest_series_gives_each_part_a_window():
    dataset = load(table().head(14))
    assert len(dataset.x_train) == len(dataset.x_validation) == 1
    with pytest.raises(InputError, match=r"at least 2 × .* = 14 points.*Received: 13"):
        load(table().head(13))


def test_windows_that_do_not_fit_in_memory_are_thinned(monkeypatch):
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", 1000)
    dataset = load(table())  # 100 points of 7 numbers of 4 bytes
    assert "one in 3 windows: not all fit in memory" in dataset.notes
    assert len(dataset.x_train) == -(-74 // 3)


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (table(np.ones(N)), {}, "must vary. Received: 1 at all points"),
        (table(np.r_[np.ones(80), np.arange(20)]), {}, "in the training part"),
        (table().assign(day="2024-01-01"), {}, "each time once.*99 of 100 rows"),
        (table().assign(day=days(50).tolist() * 2), {}, "50 of 100.*one series"),
        (table(np.where(np.arange(N) % 9, np.nan, 1.5)), {}, "at half of its points"),
        (table(np.full(N, np.nan)), {"target": "load"}, "must hold numbers"),
        (table(word=["a"] * N), {"target": "word"}, "'word' must hold numbers"),
        (table(), {"target": "day", "time_column": "day"}, "another column"),
        (table(word=["a"] * N), {"time_column": "word"}, "dates or numbers.*'a'"),
        (table()[["day"]], {}, "must have a column of numbers to forecast"),
        (table(), {"task": "classification"}, "`task` must be regression"),
        (table(), {"window": 60}, "= 124 points.*Received: 100"),
        (table().assign(day=[None] * 20 + days(80).tolist()), {}, "20 of 100 blank"),
    ],
)  # fmt: skip
def test_bad_series_are_refused_in_one_line(frame, options, message):
    with pytest.raises(InputError, match=message) as caught:
        load(frame, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    ("name", "target", "points"),
    [
        ("AEP_hourly", "AEP_MW", 121_269),
        ("opsd_germany_daily", "Consumption", 4_383),
        ("household_power_consumption_days", "Global_active_power", 1_442),
        ("airline-passengers", "Passengers", 144),
    ],
)
def test_real_series(name, target, points):
    frame = read_table(Path(DATA, "series", f"{name}.csv"))
    dataset = series_from_table.series_dataset(frame, Request(name))
    assert dataset.target == target
    n_windows = len(dataset.x_train) + len(dataset.x_validation)
    assert n_windows == points - 2 * 20  # of each part its first 20 points have none
    assert np.isfinite(dataset.x_train).all()
