"""What the benchmark of curvature makes of rates that are given."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import curvature


def test_distances_in_decades_and_by_a_factor_of_the_other_tasks():
    frame = pd.DataFrame(
        {
            "task": ["a", "b", "c"],
            "best": [1.0, 1.0, 1.0],
            "found": [10.0, 10.0, 10.0],
            "start": [0.1, 1.0, 10.0],
            "later": [100.0, 100.0, 1.0],
        }
    )
    found = curvature.distances(frame)
    found.index = list(curvature.SECTIONS)
    # found: always ten times too high, so a factor of the others mends all of it.
    assert found.loc["found"].tolist() == pytest.approx([1, 1, 0])
    # start: -1, 0, 1; the others' medians are 0.5, 0, -0.5.
    assert found.loc["start"].tolist() == pytest.approx([0, 2 / 3, 1])
    # later: 2, 2, 0; the others' medians are 1, 1, 2.
    assert found.loc["later"].tolist() == pytest.approx([2, 4 / 3, 4 / 3])


@pytest.mark.training
def test_a_linear_classifier_bends_no_more_than_it_can(monkeypatch):
    """By at most half the largest eigenvalue of X'X / n: of diag(p) - pp' it is 1/2."""
    task = curvature.TASKS["digits_linear"]
    monkeypatch.setattr(curvature, "SHARE", 0.02)
    plain = curvature.measure(task, "sgd", 101, 1e-3)
    x = task.load().x
    x = x[np.random.default_rng(101).permutation(len(x))[: curvature.SAMPLES]]
    x = np.hstack([x, np.ones((len(x), 1))])
    bound = np.linalg.eigvalsh(x.T @ x / len(x))[-1] / 2
    assert 0.1 * bound < 2 / plain["start"] < bound
    assert plain["residual"] <= 0.02
    found = curvature.measure(task, "momentum", 101, 1e-3)
    assert found["start"] == pytest.approx(1.9 * plain["start"], rel=1e-3)
