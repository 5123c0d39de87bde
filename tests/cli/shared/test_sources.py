import numpy as np
import pytest

from lr_finder.cli.shared.sources import (
    BUILT_IN,
    LARGEST_WINDOW,
    WINDOW_SIZE,
    DataOptions,
    check_source,
    load_source,
    open_early,
)
from lr_finder.errors import InputError
from time_series import generate_time_series


def test_names():
    assert DataOptions().name == BUILT_IN
    assert DataOptions("some/where/prices.csv").name == "prices"
    assert DataOptions("cifar10").name == "cifar10"


def test_options_given_are_those_that_were_typed():
    wanted = DataOptions("a.csv", target="b", window=3)
    assert wanted.given() == {"target": "b", "window": 3}


@pytest.mark.parametrize(
    ("typed", "names"),
    [("id", ("id",)), ("id, day", ("id", "day")), ('"a,b",c', ("a,b", "c")), (",", ())],
)
def test_columns_to_drop_are_typed_with_commas_between(typed, names):
    assert DataOptions("a.csv", drop=typed).arguments() == {"drop": names}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (DataOptions("missing.csv"), "missing.csv"),
        (DataOptions(target="price"), "--target needs a SOURCE"),
        (DataOptions(task="regression"), "--task needs a SOURCE"),
        (DataOptions(drop="day"), "--drop needs a SOURCE"),
        (DataOptions(date_format="%d"), "--date-format needs a SOURCE"),
        (DataOptions(time_column="day"), "--time-column needs a SOURCE"),
        (DataOptions(window=0), "--window must be at least 1"),
        (DataOptions(window=LARGEST_WINDOW + 1), "--window must be at most 729"),
        (DataOptions("a", kind="images", window=3), "--window needs .* kind series"),
        (DataOptions("a", kind="text", time_column="t"), "--time-column t and --kind"),
    ],
)
def test_refuses_early(wanted, message):
    with pytest.raises(InputError, match=message):
        check_source(wanted)


def test_accepts_a_file_and_nothing(files):
    check_source(DataOptions(str(files.prices), target="price", task="regression"))
    check_source(DataOptions(str(files.prices), kind="series", window=3, horizon=2))
    check_source(DataOptions())
    check_source(DataOptions(window=LARGEST_WINDOW))


def test_a_table_is_opened_early_and_gives_the_same_data(files, tmp_path):
    source = tmp_path / "prices.txt"
    text = files.prices.read_text().replace(",", ";").replace(".", ",")
    source.write_bytes(text.encode("utf-16-le"))
    wanted = DataOptions(str(source), encoding="utf-16-le", sep=";", decimal=",")
    opened = open_early(wanted, seed=3)
    early = load_source(wanted, seed=3, opened=opened).dataset
    late = load_source(DataOptions(str(files.prices)), seed=3).dataset
    assert early is opened.dataset
    for name in ("x_train", "y_train", "x_validation", "y_validation"):
        np.testing.assert_array_equal(getattr(early, name), getattr(late, name))


def test_other_sources_are_not_opened_early(tmp_path):
    for source in (None, "mnist", str(tmp_path), "arrays.npz"):
        assert open_early(DataOptions(source), seed=0) is None


@pytest.mark.parametrize("window", [None, 1, 30, LARGEST_WINDOW])
def test_built_in_series_is_split_in_time_and_shares_no_day(window):
    source = load_source(DataOptions(window=window), seed=0)
    data, (_, series) = source.dataset, generate_time_series()
    n, size = len(data.x_train), window or WINDOW_SIZE
    assert data.kind == "series" and data.x_train.shape[1:] == (size,)

    def days(scaled):
        return scaled * data.target_scale + data.target_mean

    def assert_days(scaled, expected):
        np.testing.assert_allclose(days(scaled), expected, rtol=1e-5)

    assert_days(data.x_train[0], series[:size])
    assert_days(data.y_train[0, 0], series[size])
    assert_days(data.y_train[-1, 0], series[n + size - 1])
    assert_days(data.x_validation[0], series[n + size :][:size])
    assert_days(data.y_validation[-1, 0], series[-1])


def test_built_in_series_is_standardised_as_one_from_a_file_is():
    data = load_source(DataOptions(), seed=0).dataset
    _, series = generate_time_series()
    learnt = series[: len(data.x_train) + WINDOW_SIZE]
    assert data.target_mean == pytest.approx(learnt.mean())
    assert data.target_scale == pytest.approx(learnt.std())


def test_largest_window_is_the_largest_that_leaves_a_day_to_validate():
    data = load_source(DataOptions(window=LARGEST_WINDOW), seed=0).dataset
    assert 0 < len(data.x_validation) < 10


def test_table_is_split_by_seed(files):
    def rows(seed):
        wanted = DataOptions(str(files.prices), target="price")
        return load_source(wanted, seed=seed).dataset.x_train

    np.testing.assert_array_equal(rows(1), rows(1))
    assert not np.array_equal(rows(1), rows(2))
