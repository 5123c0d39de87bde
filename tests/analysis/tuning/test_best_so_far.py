"""The best loss when so much is paid, against a loop over all trials."""

import numpy as np
import pytest

from lr_finder.analysis.tuning.best_so_far import best_so_far, best_when_paid


@pytest.mark.parametrize("seed", range(5))
def test_both_equal_a_search_of_all_trials(seed):
    rng = np.random.default_rng(seed)
    costs, losses = rng.uniform(0.1, 2, 30), rng.normal(size=30)
    losses[rng.random(30) < 0.3] = np.inf
    paid = np.linspace(0, costs.sum() + 1, 50)
    expected = []
    for amount in paid:
        ended = [
            losses[i]
            for i in range(30)
            if costs[: i + 1].sum() <= amount and np.isfinite(losses[i])
        ]
        expected.append(min(ended, default=np.nan))
    np.testing.assert_array_equal(best_when_paid(costs, losses, paid), expected)
    ends = np.cumsum(costs)
    np.testing.assert_array_equal(
        best_when_paid(costs, losses, ends), best_so_far(losses)
    )


def test_a_sum_of_parts_pays_for_the_whole():
    """Ten tenths are one, also in floats."""
    assert best_when_paid([0.1] * 10, range(10, 0, -1), [1.0]).tolist() == [1.0]


def test_without_trials_there_is_no_best():
    assert np.isnan(best_when_paid([], [], [1.0])).all()
    assert len(best_so_far([])) == 0
