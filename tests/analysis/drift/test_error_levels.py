"""When a model began to fail, and when it was back, on errors made by hand."""

import numpy as np
import pytest

from lr_finder.analysis.drift.error_levels import (
    began_to_fail,
    block_size,
    first_run,
    recovered_after,
)


def stretch(*levels, each=100):
    return np.repeat(np.array(levels, float), each)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((1, 1, 1), None),
        ((1, 1.4, 1.4, 1.4), None),
        ((1, 1.5, 1.5, 1.5), 100),
        ((1, 3, 3, 1, 3, 3, 3), 400),  # two blocks are no failing yet
        ((3, 3, 3), 0),
        ((1, 3), None),
    ],
)
def test_failing_needs_three_blocks(levels, expected):
    assert began_to_fail(stretch(*levels), 1.0, block=100) == expected


def test_a_model_without_errors_fails_and_recovers_too():
    assert began_to_fail(stretch(0, 0, 0, 0), 0.0, block=100) is None
    errors = stretch(0, 0.5, 0.9, 0.9, 0.01, 0.05, 0.02)
    assert began_to_fail(errors, 0.0, block=100) == 100
    assert recovered_after(errors, 0.0, since=100, block=100) == 300


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((1, 3, 3, 1, 1, 1), 200), ((1, 3, 1, 3, 1, 1), None), ((1, 1.2, 1.2, 1.2), 0)],
)
def test_recovery_counts_from_the_failing(levels, expected):
    assert recovered_after(stretch(*levels), 1.0, since=100, block=100) == expected


def test_blocks_grow_with_the_stream():
    assert block_size(100) == 20 and block_size(60_000) == 1000


def test_the_first_run_by_brute_force():
    rng = np.random.default_rng(0)
    for _ in range(50):
        holds = rng.random(12) < 0.6
        starts = [n for n in range(10) if holds[n : n + 3].all()]
        assert first_run(holds, 3) == (starts[0] if starts else None)
    assert first_run(np.array([True]), 2) is None
