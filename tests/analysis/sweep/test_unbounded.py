"""A loss that falls without bound: told from one that has a bound."""

import numpy as np
import pytest

from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.logspace(-7, 1, 200)
ADAM = {"optimizer": "Adam", "momentum": None}


def _critic(power=1.0, slope=50.0, noise=0.1, seed=0):
    """A loss that falls in step with a power of the sum of all rates."""
    rng = np.random.default_rng(seed)
    moved = np.concatenate([[0.0], np.cumsum(LRS)[:-1]])
    return 0.1 - slope * moved**power + rng.normal(0, noise, 200)


def _bounded(seed, lowest=-1.0, centre=-3.0, noise=0.05):
    """A negative cosine or a log-likelihood: levels off, then climbs."""
    x = np.log10(LRS)
    fall = 1 / (1 + np.exp(-4 * (x - centre)))
    climb = np.exp(6 * np.maximum(0, x)) - 1
    return lowest * fall + climb + np.random.default_rng(seed).normal(0, noise, 200)


def _ask(losses, method="window", reason="completed"):
    return suggest(
        SweepResult([Curve(LRS[: len(losses)], losses, reason)], ADAM), method
    )


@pytest.mark.parametrize("method", [name for name in RULES if name != "textbook"])
@pytest.mark.parametrize("power, slope", [(1, 50), (2, 1e4), (3, 1e3)])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.few(8)
def test_a_critic_has_no_best_rate(method, power, slope, noise):
    with pytest.raises(SuggestionError, match="without bound") as caught:
        _ask(_critic(power, slope, noise), method)
    assert caught.value.reason == "unbounded"
    assert "usual rate" in str(caught.value)


def test_a_critic_that_ends_at_minus_infinity_is_told_so_too():
    with pytest.raises(SuggestionError) as caught:
        _ask(_critic(2, 1e4)[:190], reason="nonfinite")
    assert caught.value.reason == "unbounded"


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("lowest", [-1.0, -8.0, -100.0])
@pytest.mark.few(6)
def test_a_loss_with_a_bound_gets_a_rate(seed, lowest):
    assert 1e-4 < _ask(_bounded(seed, lowest, noise=-lowest / 20)).lr < 0.1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [1e-3, 0.3, 1e3])
def test_scaling_the_losses_changes_nothing(seed, scale):
    for losses in (_critic(seed=seed), _bounded(seed)):
        answers = []
        for each in (losses, scale * losses):
            try:
                answers.append(RULES["window"](LRS, each))
            except SuggestionError as error:
                answers.append(error.reason)
        assert answers[0] == answers[1]
