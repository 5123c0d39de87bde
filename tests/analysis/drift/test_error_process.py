"""AR(1) processes against what is known of them."""

import numpy as np
import pytest

from lr_finder.analysis.drift.error_process import (
    HIGHEST_COEFFICIENT,
    autocorrelated_errors,
    block_means,
    fit_ar1,
)
from lr_finder.errors import InputError


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.9])
def test_drawn_errors_have_the_moments_of_the_process(coefficient):
    errors = autocorrelated_errors(100_000, coefficient, seed=3)
    assert errors.mean() == pytest.approx(0, abs=0.06)
    assert errors.std() == pytest.approx(1, abs=0.03)
    apart = errors - errors.mean()
    for lag in (1, 2, 3):  # the autocorrelation at a lag is a power of the coefficient
        found = (apart[lag:] @ apart[:-lag]) / (apart @ apart)
        assert found == pytest.approx(coefficient**lag, abs=0.02)


@pytest.mark.parametrize("coefficient", [0.2, 0.7])
def test_a_fit_finds_what_was_drawn(coefficient):
    errors = 5 + 2 * autocorrelated_errors(50_000, coefficient, seed=1)
    process = fit_ar1(errors)
    assert process.mean == pytest.approx(5, abs=0.1)
    assert process.coefficient == pytest.approx(coefficient, abs=0.02)
    assert process.sd == pytest.approx(2 * np.sqrt(1 - coefficient**2), rel=0.02)


def test_a_fit_is_least_squares_on_the_error_before():
    errors = autocorrelated_errors(4000, 0.6, seed=2)
    slope = np.polyfit(errors[:-1], errors[1:], 1)[0]  # an independent implementation
    assert fit_ar1(errors).coefficient == pytest.approx(slope, abs=0.01)


def test_residuals_of_the_fitted_process_are_not_correlated():
    errors = autocorrelated_errors(20_000, 0.9, seed=4)
    process = fit_ar1(errors)
    rest = [
        process.residual(one, before)
        for before, one in zip(errors[:-1], errors[1:], strict=True)
    ]
    assert np.corrcoef(rest[:-1], rest[1:])[0, 1] == pytest.approx(0, abs=0.02)
    assert np.std(rest) == pytest.approx(process.sd, rel=1e-6)


def test_the_coefficient_stays_within_bounds():
    assert fit_ar1([1.0, -1.0] * 20).coefficient == 0.0
    assert fit_ar1(np.arange(1000.0)).coefficient == HIGHEST_COEFFICIENT
    assert fit_ar1([2.0, 2.0, 2.0]).sd == 0.0


def test_block_means_keep_the_mean():
    errors = np.random.default_rng(0).normal(size=100)
    assert block_means(errors, 20).mean() == pytest.approx(errors.mean())
    assert block_means(errors, 1) == pytest.approx(errors)
    assert len(block_means(errors, 101)) == 0


@pytest.mark.parametrize("errors", [[1.0, 2.0], [1.0, np.nan, 2.0], np.zeros((4, 2))])
def test_errors_that_tell_nothing_are_refused(errors):
    with pytest.raises(InputError, match="at least 3 finite"):
        fit_ar1(errors)


def test_a_coefficient_outside_is_refused():
    with pytest.raises(InputError, match="below 1"):
        autocorrelated_errors(10, 1.0, seed=0)
