from datetime import date

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from lr_finder.data.features.preprocessing import (  # noqa: E402
    MAX_CATEGORIES,
    column_kind,
    feature_names,
    fit_preprocessor,
)
from lr_finder.errors import InputError  # noqa: E402


def features(train, table=None):
    """Features of `table` as a frame, fitted on `train`."""
    preprocessor, _ = fit_preprocessor(train)
    values = preprocessor.transform(train if table is None else table)
    return pd.DataFrame(values, columns=feature_names(preprocessor))


def text(*cells):
    return pd.Series(cells, dtype="str")


@pytest.mark.parametrize(
    "column, kind",
    [
        (pd.Series([1, 2, 3]), "number"),
        (pd.Series([1.0, np.nan, 1.0]), "number"),
        (text(*["1.5"] * 97, "x", "y", "z"), "number"),
        (text(*["1.5"] * 9, "x"), "category"),
        (pd.Series([7, 7, 7]), "constant"),
        (text("a", "a"), "constant"),
        (text("a", None, "a"), "category"),
        (pd.Series([np.nan, np.nan]), "empty"),
        (text("2024-01-31", "2024-02-01"), "date"),
        (text("may", "june"), "category"),
        (text(*(f"id {i}" for i in range(MAX_CATEGORIES + 1))), "identifier"),
        (text(*(f"id {i}" for i in range(MAX_CATEGORIES))), "category"),
    ],
)
def test_column_kind(column, kind):
    assert column_kind(column) == kind


def test_numbers_are_filled_with_the_median_marked_and_standardised():
    train = pd.DataFrame({"x": [1.0, 2.0, np.nan, 9.0]})
    filled = np.array([1.0, 2.0, 2.0, 9.0])
    marked = np.array([0.0, 0.0, 1.0, 0.0])
    frame = features(train)
    assert frame.columns.tolist() == ["x", "missingindicator_x"]
    assert np.allclose(frame["x"], (filled - filled.mean()) / filled.std())
    assert np.allclose(frame.iloc[:, 1], (marked - marked.mean()) / marked.std())


def test_new_rows_use_what_was_fitted():
    train = pd.DataFrame({"x": [1.0, 2.0, 9.0], "c": text("a", "b", "a")})
    new = pd.DataFrame({"x": [100.0, np.nan, np.inf], "c": text("b", "new", None)})
    frame = features(train, new)
    values = np.array([1.0, 2.0, 9.0])
    expected = (np.array([100.0, 2.0, 2.0]) - values.mean()) / values.std()
    assert np.allclose(frame["x"], expected)
    assert frame[["c_a", "c_b"]].to_numpy().tolist() == [[0, 1], [0, 0], [0, 0]]


def test_missing_category_is_a_category():
    frame = features(pd.DataFrame({"c": text("a", None, "b", "a")}))
    assert frame.columns.tolist() == ["c_(missing)", "c_a", "c_b"]
    assert frame["c_(missing)"].tolist() == [0, 1, 0, 0]
    assert (frame.sum(axis=1) == 1).all()


def test_many_categories_share_a_column_for_the_rare_and_unknown():
    cells = [f"town {i % 500}" for i in range(600)] + ["big"] * 50
    train = pd.DataFrame({"c": text(*cells)})
    frame = features(train)
    assert frame.shape == (650, MAX_CATEGORIES)
    assert (frame.sum(axis=1) == 1).all() and frame["c_big"].sum() == 50
    unknown = features(train, pd.DataFrame({"c": text("elsewhere")}))
    assert unknown["c_(rare)"].tolist() == [1] and unknown.sum(axis=1).tolist() == [1]


def test_dates_become_parts():
    days = pd.date_range("2023-12-30 05:10", periods=5, freq="36h")
    train = pd.DataFrame({"t": text(*days.strftime("%d.%m.%Y %H:%M"))})
    frame = features(train)

    def scaled(values):
        return (values - values.mean()) / values.std(ddof=0)

    elapsed = pd.Series((days - days[0]).total_seconds())
    assert np.allclose(frame["t_day"], scaled(elapsed))
    for part, values in {
        "year": days.year, "month": days.month, "day_of_month": days.day,
        "weekday": days.day_of_week, "hour": days.hour,
    }.items():  # fmt: skip
        assert np.allclose(frame[f"t_{part}"], scaled(pd.Series(values, dtype=float)))
    assert "t_minute" not in frame  # always 10


def test_unreadable_and_missing_dates_are_filled():
    train = pd.DataFrame({"t": text("2024-01-01", "2024-01-03", None, "2024-01-05")})
    frame = features(train, pd.DataFrame({"t": text("2024-01-03", "soon", None)}))
    assert np.isfinite(frame).all(axis=None)
    assert np.allclose(frame.iloc[0], frame.iloc[1])  # 3 January is the median


def test_dates_far_away_are_dates():
    dates = [date(2024, 1, 1), date(8024, 2, 10), date(1066, 10, 14)]
    train = pd.DataFrame({"t": text(*map(str, dates))})
    days = pd.Series([day.toordinal() for day in dates])
    expected = (days - days.mean()) / days.std(ddof=0)
    assert np.allclose(features(train)["t_day"], expected)


def test_columns_without_information_are_left_out_and_noted():
    n = 30
    train = pd.DataFrame(
        {
            "x": np.arange(n, dtype=float),
            "same": [5.0] * n,
            "gone": [np.nan] * n,
            "id": text(*(f"r{i}" for i in range(n))),
            "wild": [np.inf, 1e300, *range(n - 2)],
        }
    )
    preprocessor, notes = fit_preprocessor(train)
    assert feature_names(preprocessor) == ("x", "wild", "missingindicator_wild")
    assert [note.split(" ", 2)[1].strip("':") for note in notes] == [
        "same", "gone", "id", "wild",
    ]  # fmt: skip
    assert "2 values" in notes[3]


def test_table_without_information_is_refused():
    train = pd.DataFrame({"same": [1, 1], "gone": [np.nan, np.nan]})
    with pytest.raises(InputError, match="1 constant column, 1 empty column"):
        fit_preprocessor(train)
    with pytest.raises(InputError, match="Received: no other column"):
        fit_preprocessor(pd.DataFrame(index=range(3)))


def days_in_two_forms():
    days = pd.date_range("2024-01-13", periods=90)
    forms = ("%d.%m.%Y", "%Y-%m-%d")
    cells = [day.strftime(forms[i % 2]) for i, day in enumerate(days)]
    return pd.DataFrame({"when": text(*cells), "x": np.arange(90) % 7})


def test_a_column_of_dates_in_several_forms_is_told():
    _, notes = fit_preprocessor(days_in_two_forms())
    assert (
        "column 'when' is text: 90 of 90 cells can be read as dates, in 2 forms; write "
        "all in one"
    ) in notes


def test_a_format_that_reads_a_half_says_so():
    told = "reads 45 of 90 cells of 'when' only; 95% are needed"
    with pytest.raises(InputError, match=told):
        fit_preprocessor(days_in_two_forms(), date_format="%d.%m.%Y")
    with pytest.raises(InputError, match="which reads none"):
        fit_preprocessor(days_in_two_forms(), date_format="%H:%M")
