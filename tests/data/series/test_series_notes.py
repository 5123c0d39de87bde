import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.data.series.series_notes import notes_on_columns, notes_on_steps  # noqa: E402

N = 60
NOT_USED = "6 other columns not used: 'b', 'c', 'd', 'e', 'f', …; --kind tabular"
FORECASTS = "forecasts 'a', the first column of numbers; --target names another"


def table(names="abcdefg"):
    days = pd.date_range("2024-01-01", periods=N).strftime("%Y-%m-%d")
    columns = {name: np.arange(N) + i + 0.5 for i, name in enumerate(names)}
    return pd.DataFrame({"day": days} | columns)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("options", [{}, {"time_column": "day"}, {"window": 12}])
def test_the_target_and_the_columns_not_used_are_told(tmp_path, suffix, options):
    path = tmp_path / f"sales.{suffix}"
    if suffix == "csv":
        table().to_csv(path, index=False)
    else:
        pytest.importorskip("pyarrow")
        table().to_parquet(path)
    dataset = load_data(path, **options)
    assert dataset.kind == "series" and FORECASTS in dataset.notes
    assert any(note.startswith(NOT_USED) for note in dataset.notes)
    dataset = load_data(path, target="b", **options)
    assert not any(note.startswith("forecasts") for note in dataset.notes)
    assert any("not used: 'a', 'c'" in note for note in dataset.notes)


def test_a_series_alone_leaves_nothing_out():
    notes = notes_on_columns(table("a"), "day", "a", Request("a.csv"))
    assert notes == ("forecasts 'a', the only column of numbers",)
    notes = notes_on_columns(table("ab"), "day", "a", Request("a.csv", target="a"))
    assert notes == ("1 other column not used: 'b'; --kind tabular uses it",)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("30 days 10:29:06", "30 days"),
        ("1 day", "1 day"),
        ("00:10:00.000000001", "00:10:00"),
        ("01:00:02.5", "01:00:00"),
        ("0.25s", "00:00:00.250000"),
    ],
)
def test_the_usual_step_is_rounded(step, told):
    steps = [pd.Timedelta(step)] * 5 + [pd.Timedelta("900 days")]
    times = pd.Index(pd.Timestamp("2024-01-01") + pd.Series(steps).cumsum())
    (note,) = notes_on_steps(times)
    assert note == f"1 gap longer than the usual step ({told}): taken as one step"
