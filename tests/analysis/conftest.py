"""Sweeps whose answers are known in closed form."""

import numpy as np
import pytest

CENTRE = -3.0  # log10 of the steepest learning rate
SHARPNESS = 4.0  # per decade


def _sigmoid_curve(n=100, low=-7.0, high=1.0, centre=CENTRE, drop=2.0, lrs=None):
    """Log-loss falls by `drop` as a logistic in log10(lr); steepest at 10**centre.

    A share p of the descent is reached at centre + ln(p / (1 - p)) / SHARPNESS.
    """
    lrs = np.logspace(low, high, n) if lrs is None else np.asarray(lrs)
    z = SHARPNESS * (np.log10(lrs) - centre)
    return lrs, np.exp(1.0 - drop / (1.0 + np.exp(-z)))


@pytest.fixture
def sigmoid_curve():
    return _sigmoid_curve


@pytest.fixture
def sweep_curve():
    """Flat, a descent, then an explosion from 10**boom on; lognormal noise."""

    def make(n=120, noise=0.1, seed=0, boom=-0.5, low=-7.0, high=1.0):
        lrs, losses = _sigmoid_curve(n, low, high)
        rise = np.exp(6 * np.maximum(0, np.log10(lrs) - boom))
        rng = np.random.default_rng(seed)
        return lrs, losses * rise * np.exp(rng.normal(0, noise, n))

    return make
