"""The parts of a series: what each holds, and what it must not know."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from time_series.splitting import prepare_forecast

SERIES = np.sin(np.arange(500) / 5) * 3 + 7


def test_parts_follow_each_other_and_make_up_the_series():
    data = prepare_forecast(SERIES)
    assert [len(p) for p in (data.fit, data.watch, data.validation)] == [360, 40, 100]
    whole = np.concatenate([data.train, data.validation]) * data.sd + data.mean
    np.testing.assert_allclose(whole, SERIES)
    assert data.fit.mean() == pytest.approx(0) and data.fit.std() == pytest.approx(1)


def test_what_comes_later_changes_nothing_before():
    other = SERIES.copy()
    other[400:] += 1000
    one, two = prepare_forecast(SERIES), prepare_forecast(other)
    np.testing.assert_array_equal(one.train, two.train)
    other = SERIES.copy()
    other[360:] += 1000
    np.testing.assert_array_equal(one.fit, prepare_forecast(other).fit)


def test_indices_are_those_of_the_targets():
    data = prepare_forecast(SERIES, 7, horizon=3, is_scaled=False)
    _, y = data.windows(data.validation)
    np.testing.assert_allclose(SERIES[data.indices()], y, rtol=1e-6)
    assert data.indices()[-1, -1] == 499


def test_the_score_is_in_units_of_the_series():
    data = prepare_forecast(SERIES)
    _, y = data.windows(data.validation)
    assert data.score(y) == pytest.approx(0, abs=1e-9)
    assert data.score(y + 2 / data.sd) == pytest.approx(4, rel=1e-5)


def test_of_a_table_one_column_is_scored():
    table = np.column_stack([SERIES, np.arange(500)])
    data = prepare_forecast(table, target=1)
    assert data.columns == 2 and data.fit.shape == (360, 2)
    np.testing.assert_array_equal(data.series, np.arange(500))
    _, y = data.windows(data.validation)
    np.testing.assert_allclose(y * data.sd + data.mean, data.indices(), rtol=1e-5)


def test_a_table_of_one_column_is_a_series():
    data = prepare_forecast(SERIES[:, None])
    assert data.columns == 1 and data.fit.shape == (360,)


def test_values_can_be_left_as_they_are():
    data = prepare_forecast(SERIES, is_scaled=False)
    np.testing.assert_array_equal(data.fit, SERIES[:360])
    assert (data.mean, data.sd) == (0, 1)


@pytest.mark.parametrize(
    "series, options, message",
    [
        (SERIES[:20], {}, "21 points"),
        (SERIES[:60], {}, "21 points in each part"),
        (SERIES[:110], {"validation_fraction": 0.7}, "2 × .* 42 points.*33"),
        (np.full(500, 3.0), {}, "must vary"),
        (np.r_[np.full(400, 3.0), SERIES[:100]], {}, "must vary.*3 throughout"),
        (np.r_[SERIES, np.nan], {}, "finite"),
        (SERIES, {"window_size": 0}, "window_size=0"),
        (SERIES, {"horizon": -1}, "horizon=-1"),
        (SERIES, {"validation_fraction": 1.0}, "validation_fraction=1.0"),
        (SERIES, {"watch_fraction": 0.0}, "watch_fraction=0.0"),
        (np.zeros((500, 2)), {"target": 5}, "target=5"),
    ],
)
def test_bad_input_is_refused(series, options, message):
    with pytest.raises(InputError, match=message):
        prepare_forecast(series, **options)
