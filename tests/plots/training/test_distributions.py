"""Distributions drawn: bands and shares with the numbers of the batches."""

import numpy as np

from lr_finder.analysis.training.distributions import Distribution, summarise
from lr_finder.plots.training.distributions import plot_distribution, plot_drift

from ..conftest import assert_legend_is_outside, labels, line


def classes_of(*labels):
    return Distribution("y", [summarise(np.array(y), is_target=True) for y in labels])


def test_bands_hold_the_quantiles_of_each_batch(record):
    features = record.distributions[0]
    ax = plot_distribution(features)
    assert labels(ax) == ["5% to 95%", "25% to 75%", "median"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), features.quantiles[:, 2])
    for band, (low, high) in zip(ax.collections, [(0, 4), (1, 3)], strict=True):
        y = band.get_paths()[0].vertices[:, 1]
        assert y.min() == features.quantiles[:, low].min()
        assert y.max() == features.quantiles[:, high].max()
    assert ax.get_title() == "Values of the features in each batch"
    assert_legend_is_outside(ax)


def test_shares_of_classes_lie_upon_each_other():
    ax = plot_distribution(classes_of([0, 1, 1, 1], [0, 0, 2, 2]))
    tops = [patch.get_data().values for patch in ax.patches]
    np.testing.assert_allclose(tops, [[0.25, 0.5], [1.0, 0.5], [1.0, 1.0]])
    np.testing.assert_allclose(ax.patches[2].get_data().baseline, [1.0, 0.5])
    assert labels(ax) == ["0", "1", "2"]
    assert_legend_is_outside(ax)


def test_many_classes_are_eight_and_others_and_many_batches_are_grouped():
    batches = [np.repeat(np.arange(20), np.arange(20) + 1)] * 500
    ax = plot_distribution(classes_of(*batches))
    assert labels(ax) == [*map(str, range(12, 20)), "others"]
    data = ax.patches[-1].get_data()
    np.testing.assert_allclose(data.values, 1.0)
    assert len(data.values) == 60 and tuple(data.edges[[0, -1]]) == (0.5, 500.5)
    np.testing.assert_allclose(1 - data.baseline, sum(range(1, 13)) / 210)


def test_a_named_input_is_in_the_title():
    ax = plot_distribution(Distribution("x.age", [summarise(np.ones(3))] * 3))
    assert ax.get_title() == "Values of the features age in each batch"


def test_drift_is_drawn_for_each_part_with_what_random_batches_do(record):
    ax = plot_drift(record.distributions)
    assert labels(ax) == ["features", "targets", "random batches"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), record.distributions[0].drift())
    assert set(line(ax, "random").get_ydata()) == {1}
    assert all(tick == round(tick) >= 1 for tick in ax.get_xticks())
    assert_legend_is_outside(ax)
