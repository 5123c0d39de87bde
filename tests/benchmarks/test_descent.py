"""The benchmark of descents: minima that are known, and rows as they are told."""

import numpy as np
import pytest

from benchmarks import descent


def test_the_minimum_of_the_linear_problem_is_that_of_least_squares():
    network, x, y, _ = descent.problems()["linear"]
    design = np.column_stack([x, np.ones(len(x))])
    error = design @ np.linalg.lstsq(design, y)[0] - y
    lowest = descent.lowest_loss(network, x, y)
    assert lowest == pytest.approx(np.mean(error**2), abs=1e-9)


def test_a_rate_that_diverges_is_no_best_rate():
    problem = descent.problems()["linear"]
    assert descent.loss_after(problem, 100.0, None, 300, seed=0) == np.inf
    assert descent.loss_after(problem, 0.1, None, 10, seed=0) < 1


def test_what_several_seeds_gave():
    assert descent.median_and_range([3.0, 1.0, 20.0]) == "3 (1 to 20)"
    assert descent.median_and_range([1000, 2000, 1500], "{:,.0f}").startswith("1,500 ")
