"""Curves and truths of known answers."""

import numpy as np
import pytest

from benchmarks.suggestion_quality.sweeps import Sweep, rates
from benchmarks.suggestion_quality.truth import Truth


@pytest.fixture(scope="session")
def make_sweep():
    """A sweep of given losses, or of a descent at 1e-3 with some noise."""

    def make(losses=None, steps=100, noise=0.0, per_epoch=10**6):
        lrs = rates(steps)
        if losses is None:
            losses = 2 - np.tanh(2 * (np.log10(lrs) + 3))
            losses = losses + noise * np.random.default_rng(0).normal(size=steps)
        padded = np.full(len(lrs), np.nan)
        padded[: len(losses)] = losses
        return Sweep(lrs, padded, per_epoch)

    return make


@pytest.fixture
def truth():
    return Truth(np.array([0.1, 1.0, 10.0]), np.array([1.0, 2.0, 3.0]), 3.0)
