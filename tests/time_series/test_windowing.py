"""Windows in tf.data form, against plain loops; the split, against what it forbids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.errors import InputError
from time_series.windowing import (
    Scaling,
    create_windowed_dataset,
    split_by_time,
    window_arrays,
)

SERIES = np.arange(50, dtype="float32")


def gathered(dataset):
    pairs = [(x.numpy(), y.numpy()) for x, y in dataset]
    return tuple(np.concatenate(parts) for parts in zip(*pairs, strict=True))


@pytest.mark.training
@pytest.mark.parametrize(
    "window, horizon, stride", [(20, 1, 1), (3, 2, 1), (5, 1, 4), (7, 3, 2)]
)
def test_every_window_comes_once_with_what_follows(window, horizon, stride):
    dataset = create_windowed_dataset(
        SERIES, window, 8, horizon=horizon, stride=stride, seed=0
    )
    x, y = gathered(dataset)
    starts = range(0, len(SERIES) - window - horizon + 1, stride)
    assert sorted(x[:, 0]) == list(starts)
    for window_of, target in zip(x, y, strict=True):
        first = int(window_of[0])
        np.testing.assert_array_equal(window_of, SERIES[first : first + window])
        end = first + window
        np.testing.assert_array_equal(target, SERIES[end : end + horizon])


@pytest.mark.training
def test_order_is_shuffled_anew_on_each_pass_and_set_by_the_seed():
    import keras

    def orders(seed, **options):
        keras.utils.set_random_seed(0)
        dataset = create_windowed_dataset(SERIES, 4, 8, seed=seed, **options)
        return [gathered(dataset)[0][:, 0].tolist() for _ in range(2)]

    first, second = orders(1)
    assert first != second and sorted(first) == sorted(second) != first
    assert orders(1) == [first, second]
    assert orders(2) != [first, second]
    kept = orders(1, is_shuffled=False)
    assert kept == [sorted(first)] * 2


@pytest.mark.training
def test_batches_are_of_the_size_asked_for():
    dataset = create_windowed_dataset(SERIES, 10, 16)
    assert [len(x) for x, _ in dataset] == [16, 16, 8]
    assert int(dataset.cardinality()) == 3


def test_of_several_columns_one_is_forecast():
    table = np.column_stack([SERIES, 10 * SERIES, -SERIES])
    x, y = window_arrays(table, 4, horizon=2, target=1)
    assert x.shape == (45, 4, 3) and y.shape == (45, 2)
    np.testing.assert_array_equal(x[7], table[7:11])
    np.testing.assert_array_equal(y[7], 10 * SERIES[11:13])


@pytest.mark.parametrize(
    "series, options, message",
    [
        (SERIES[:10], {}, r"at least window_size \+ horizon = 21 points.*10"),
        ([], {}, "21 points.*Received: 0"),
        (SERIES, {"window_size": 0}, "window_size=0"),
        (SERIES, {"horizon": 0}, "horizon=0"),
        (SERIES, {"stride": 1.5}, "stride=1.5"),
        (np.r_[SERIES, np.nan], {}, "must be finite.*at point 50"),
        (["a", "b"] * 20, {}, "must hold numbers"),
        (np.zeros((2, 30, 2)), {}, r"\(time,\) or \(time, columns\)"),
        (np.zeros((30, 2)), {"target": 2}, "one of 2 columns.*target=2"),
        (np.zeros((30, 2)), {"target": "b"}, "target='b'"),
    ],
)
def test_bad_series_and_sizes_are_refused(series, options, message):
    with pytest.raises(InputError, match=message):
        window_arrays(series, **options)


@pytest.mark.training
def test_a_batch_of_nothing_is_refused():
    with pytest.raises(InputError, match="batch_size=0"):
        create_windowed_dataset(SERIES, batch_size=0)


@given(
    points=st.integers(1, 200),
    fraction=st.floats(0.01, 0.99),
    window=st.integers(1, 30),
    horizon=st.integers(1, 5),
)
def test_no_training_window_reaches_into_validation(points, fraction, window, horizon):
    series = np.arange(points)
    sizes = {"window_size": window, "horizon": horizon}
    try:
        train, validation = split_by_time(series, fraction, **sizes)
    except InputError as error:
        border = points - round(points * fraction)
        assert min(border, points - border) < window + horizon
        assert str(border) in str(error)
        return
    np.testing.assert_array_equal(np.concatenate([train, validation]), series)
    assert len(validation) == round(points * fraction)
    x, y = window_arrays(train, window, horizon=horizon)
    later = window_arrays(validation, window, horizon=horizon)[0]
    assert max(x.max(), y.max()) < later.min()


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 1.2, np.nan, "a fifth"])
def test_a_fraction_outside_is_refused(fraction):
    with pytest.raises(InputError, match="validation_fraction.*between 0 and 1"):
        split_by_time(SERIES, fraction)


def test_scaling_knows_the_training_part_only():
    train, validation = split_by_time(SERIES, 0.5)
    scaling = Scaling.fitted(train)
    scaled = scaling.apply(train)
    assert scaled.mean() == pytest.approx(0) and scaled.std() == pytest.approx(1)
    # 0, …, 24: mean 12, variance (25^2 - 1) / 12 = 52
    np.testing.assert_allclose(scaling.apply(validation), (validation - 12) / 52**0.5)
    table = Scaling.fitted(np.column_stack([train, 3 * train + 1]))
    np.testing.assert_allclose(table.mean, [12, 37])


@pytest.mark.parametrize(
    "train, message",
    [
        (np.full(9, 7.0), "must vary.*7 throughout, in all of it"),
        (np.full(9, 1e9), "must vary.*1e"),
        (np.column_stack([np.arange(9), np.zeros(9)]), "0 throughout, in column 1"),
        ([1.0, np.inf], "finite.*1 values"),
        ([], r"a point. Received: shape \(0,\)"),
        (["x", "y"], "must hold numbers"),
    ],
)
def test_what_cannot_be_scaled_is_refused(train, message):
    with pytest.raises(InputError, match=message):
        Scaling.fitted(train)
