"""Distributions of batches, against NumPy over all samples at once."""

import numpy as np
import pytest

from lr_finder.analysis.training.distributions import (
    ENTRIES,
    QUANTILES,
    Distribution,
    summarise,
)


def batches_of(values, size=25, **options):
    parts = [values[i : i + size] for i in range(0, len(values), size)]
    return Distribution("x", [summarise(part, **options) for part in parts])


def test_means_sds_and_quantiles_are_those_of_the_batch():
    x = np.random.default_rng(0).normal([1, 5, -3], [1, 2, 0.5], size=(40, 3))
    summary = summarise(x)
    np.testing.assert_allclose(summary.means, x.mean(axis=0))
    np.testing.assert_allclose(summary.sds, x.std(axis=0))
    np.testing.assert_allclose(summary.quantiles, np.quantile(x, QUANTILES))
    assert summary.count == 40 and summary.class_counts is None


def test_images_are_taken_by_channels_and_wide_rows_as_one_column():
    images = np.random.default_rng(0).normal(size=(8, 50, 50, 3))
    summary = summarise(images)
    np.testing.assert_allclose(summary.means, images.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(summary.sds, images.mean(axis=(1, 2)).std(axis=0))
    assert images.size > ENTRIES  # quantiles are of a part
    np.testing.assert_allclose(
        summary.quantiles, np.quantile(images, QUANTILES), atol=0.06
    )
    assert summarise(np.ones((4, 500))).means.shape == (1,)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([0, 2, 2]), {0: 1, 2: 2}),
        (np.array([[0.0], [1.0]]), {0: 1, 1: 1}),
        (np.eye(3)[[1, 1, 0]], {0: 1, 1: 2}),
        (np.array([True, False]), {0: 1, 1: 1}),
        (np.array([0.5, 1.0]), None),
        (np.arange(200), None),
        (np.array([[1.0, 1.0], [0.0, 1.0]]), None),
    ],
)
def test_classes_are_counted_where_targets_are_labels(labels, expected):
    assert summarise(labels, is_target=True).class_counts == expected


def test_what_is_no_number_has_no_summary():
    assert summarise(np.array(["text"], dtype=object)) is None
    assert summarise(np.empty((0, 3))) is None


def test_class_counts_add_up_over_batches():
    y = np.random.default_rng(0).integers(0, 4, 100)
    counts = batches_of(y, is_target=True).class_counts
    assert {c: n.sum() for c, n in counts.items()} == {
        c: int(np.sum(y == c)) for c in range(4)
    }


def test_random_batches_drift_by_about_one_and_sorted_ones_by_far_more():
    rng = np.random.default_rng(0)
    for values in (rng.normal(size=(5000, 4)), rng.exponential(size=5000)):
        drift = batches_of(values).drift()
        assert np.sqrt(np.mean(drift**2)) == pytest.approx(1, abs=0.1)
        in_order = np.sort(values, axis=0)
        assert np.median(batches_of(in_order).drift()) > 3
    labels = rng.integers(0, 5, 5000)
    drift = batches_of(labels, is_target=True).drift()
    assert np.sqrt(np.mean(drift**2)) == pytest.approx(1, abs=0.1)
    assert np.median(batches_of(np.sort(labels), is_target=True).drift()) > 3


def test_the_pooled_spread_is_that_of_all_samples():
    """Two batches of 2, by hand: m = 0 and 4, M = 2, S^2 = 5."""
    drift = batches_of(np.array([-1.0, 1.0, 3.0, 5.0]), size=2).drift()
    np.testing.assert_allclose(drift, np.sqrt(2 * 4 / 5) * np.ones(2))


def test_a_constant_does_not_drift():
    np.testing.assert_array_equal(batches_of(np.ones((50, 2))).drift(), 0)
