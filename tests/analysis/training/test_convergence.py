"""How a training ended, on losses whose end is known; and rates that are best."""

import math

import numpy as np
import pytest

from lr_finder.analysis.training.convergence import (
    best_rate,
    highest_converged,
    losses_at_best_rate,
    outcome_of,
)
from lr_finder.errors import InputError


@pytest.mark.parametrize(
    ("losses", "start", "guess", "outcome"),
    [
        ([2.0, 1.0], 2.5, 2.3, "converged"),
        ([2.0, 2.08], 2.5, 2.3, "stuck"),  # 0.9 × 2.3 = 2.07
        ([2.0, 2.06], 2.5, 2.3, "converged"),
        ([2.4], 2.5, None, "stuck"),
        ([2.4], 2.5, math.nan, "stuck"),
        ([20.0, 2.2], 50.0, 2.3, "stuck"),  # a wild start, no better than a guess
        ([0.15], 0.1, 2.3, "stuck"),  # a start that was good already
        ([4.9], 2.5, 2.3, "stuck"),
        ([5.1], 2.5, 2.3, "diverged"),
        ([9.0, 1.0], 2.5, 2.3, "converged"),  # thrown up, and back
        ([math.nan, 1.0], 2.5, 2.3, "diverged"),
        ([math.inf], 2.5, 2.3, "diverged"),
    ],
)
def test_outcomes(losses, start, guess, outcome):
    assert outcome_of(losses, start, guess) == outcome


def test_without_losses_there_is_no_outcome():
    with pytest.raises(InputError, match="`losses`.*Received: none"):
        outcome_of([], 1.0)


@pytest.mark.parametrize("curvature", [0.5, 2.0, 7.0])
def test_descent_on_a_parabola_diverges_above_two_over_its_curvature(curvature):
    """The closed form: w is multiplied by 1 - rate × curvature each step."""
    for multiple in (0.1, 0.9, 0.99, 1.01, 1.1, 3.0):
        rate = multiple * 2 / curvature
        steps = (1 - rate * curvature) ** np.arange(1, 200)
        losses = curvature / 2 * steps**2
        wanted = "diverged" if multiple > 1 else "converged"
        assert outcome_of(losses, curvature / 2) == wanted, multiple


def test_the_highest_rate_is_that_of_the_last_run_that_converged():
    converged = np.array([[1, 0, 1, 1], [1, 0, 0, 1], [0, 0, 1, 1]], bool)
    found = highest_converged([0.1, 1.0, 10.0], converged)
    np.testing.assert_array_equal(found, [1.0, math.nan, 10.0, 10.0])


def test_the_best_rate_keeps_most_runs_before_it_is_low():
    losses = np.array([[0.5, 0.5, 0.5], [0.1, 0.1, np.inf], [0.4, 0.4, 0.4]])
    assert best_rate(losses) == 2
    assert best_rate(np.full((2, 2), np.inf)) == 0


def test_no_training_chooses_the_rate_at_which_it_is_judged():
    """A lucky run at a rate that is bad for the others is never the one that counts."""
    losses = np.full((3, 5), 0.5)
    losses[2] = 0.9
    losses[2, 1] = 0.0
    assert losses_at_best_rate(losses).tolist() == [0.5] * 5
    assert losses_at_best_rate(losses[:, 1:2]).tolist() == [0.0]  # no others
