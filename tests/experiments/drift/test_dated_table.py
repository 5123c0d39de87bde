"""Dated tables as streams: in order of time, nothing learnt from later rows."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.drift.dated_table import read_stream


def table(n=200, freq="D"):
    """A day, a number, a category, and a target made of both."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=n, freq=freq)
    visits = rng.normal(10, 2, n).round(3)
    town = rng.choice(["Bern", "Basel"], n)
    sold = (2 * visits + (town == "Bern") + rng.normal(0, 0.1, n)).round(3)
    frame = pd.DataFrame({"day": days, "visits": visits, "town": town, "sold": sold})
    return frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d %H:%M"))


def written(frame, folder, name="sales.csv"):
    frame.to_csv(folder / name, index=False)
    return folder / name


@pytest.fixture
def path(tmp_path):
    return written(table(), tmp_path)


def test_rows_come_in_order_of_time_and_in_the_targets_unit(path):
    stream = read_stream(path, time_column="day", target="sold")
    frame = table()
    back = stream.y * stream.target_scale
    difference = back - back[0], frame["sold"].to_numpy() - frame["sold"][0]
    np.testing.assert_allclose(*difference, atol=1e-4)
    assert stream.n_before == 100 and stream.task == "regression"
    assert stream.times[0] == "2023-01-01" and stream.drifts is None


def test_everything_is_fitted_on_the_rows_to_train_on(tmp_path):
    frame = table()
    changed = frame.copy()
    changed.loc[100:, ["visits", "sold"]] *= 1000
    one, other = (
        read_stream(written(f, tmp_path, f"{n}.csv"), time_column="day", target="sold")
        for n, f in enumerate((frame, changed))
    )
    np.testing.assert_array_equal(one.x[:100], other.x[:100])
    np.testing.assert_array_equal(one.y[:100], other.y[:100])


def test_unsorted_times_are_sorted_and_said(tmp_path, path):
    frame = table()
    mixed = frame.sample(frac=1, random_state=1)
    stream = read_stream(written(mixed, tmp_path, "mixed.csv"), time_column="day")
    same = read_stream(path, time_column="day")
    np.testing.assert_allclose(stream.x, same.x, atol=1e-6)
    assert any("sorted by 'day'" in note for note in stream.notes)
    assert not any("sorted" in note for note in same.notes)


def test_rows_of_equal_time_keep_their_order(tmp_path):
    frame = table().assign(day=np.repeat(table()["day"][:50], 4).to_numpy())
    stream = read_stream(written(frame, tmp_path), time_column="day", target="sold")
    back = stream.y * stream.target_scale
    np.testing.assert_allclose(np.diff(back), np.diff(frame["sold"]), atol=1e-3)


def test_time_of_day_and_year_are_features_the_time_itself_is_not(tmp_path):
    hours = read_stream(written(table(freq="h"), tmp_path), time_column="day")
    days = read_stream(written(table(), tmp_path, "d.csv"), time_column="day")
    # A number, two towns, weekdays, a circle of the year; and one of the day.
    assert days.x.shape[1] == 1 + 2 + 7 + 2
    np.testing.assert_allclose(hours.x[:24, 3:5], hours.x[24:48, 3:5], atol=1e-5)
    year = read_stream(written(table(n=1000), tmp_path, "y.csv"), time_column="day")
    later = slice(365, 396), slice(731, 762)  # 2024 is a leap year
    for january in later:
        np.testing.assert_allclose(year.x[:31, 1:3], year.x[january, 1:3], atol=1e-5)


def test_numbers_may_be_times(tmp_path):
    frame = table().assign(day=np.arange(200) * 2.5)
    stream = read_stream(written(frame, tmp_path), time_column="day", target="sold")
    assert stream.time_of(3) == "7.5" and stream.x.shape[1] == 3


def test_the_last_rows_are_kept_by_a_limit(path):
    stream = read_stream(path, time_column="day", target="sold", limit=80)
    assert len(stream.x) == 80 and stream.times[-1] == "2023-07-19"
    assert any("the last 80 of 200 rows" in note for note in stream.notes)


def test_classes_are_told_by_their_labels(path):
    stream = read_stream(path, time_column="day", target="town")
    assert stream.task == "classification" and stream.classes == ("Basel", "Bern")


def test_parquet_is_read_too(tmp_path):
    pytest.importorskip("pyarrow")
    table().to_parquet(tmp_path / "sales.parquet")
    stream = read_stream(tmp_path / "sales.parquet", time_column="day", target="sold")
    assert stream.n_before == 100


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time_column": "week"}, "week"),
        ({"time_column": "town"}, "dates or numbers"),
        ({"time_column": "day", "target": "day"}, "another column"),
        ({"time_column": "day", "target": "price"}, "price"),
        ({"time_column": "day", "train_share": 1.5}, "train_share"),
        ({"time_column": "day", "train_share": 0.95}, "at least 20 rows"),
        ({"time_column": "day", "limit": 30}, "at least 20 rows"),
        ({"time_column": "day", "date_format": "%d/%m/%Y"}, "date_format"),
        ({"time_column": "day", "target": "town", "task": "regression"}, "numbers"),
    ],
)
def test_what_is_no_stream_is_refused(path, options, words):
    with pytest.raises(InputError, match=words):
        read_stream(path, **options)


def test_unreadable_times_are_refused_if_they_are_many(tmp_path):
    frame = table()
    frame.loc[::5, "day"] = "soon"
    with pytest.raises(InputError, match="dates or numbers|unreadable"):
        read_stream(written(frame, tmp_path), time_column="day", target="sold")


def test_a_few_unreadable_times_are_left_out_and_said(tmp_path):
    frame = table()
    frame.loc[7, "day"] = None
    stream = read_stream(written(frame, tmp_path), time_column="day", target="sold")
    assert len(stream.x) == 199
    assert any("1 row left out" in note for note in stream.notes)


def test_a_class_that_was_not_trained_on_is_refused(tmp_path):
    frame = table()
    frame.loc[150:, "town"] = "Chur"
    with pytest.raises(InputError, match="trained on. Received: Chur"):
        read_stream(written(frame, tmp_path), time_column="day", target="town")


@pytest.mark.parametrize("name", ["mnist", "."])
def test_what_is_no_table_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="a table in a file"):
        read_stream(name, time_column="day")
