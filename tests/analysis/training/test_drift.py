"""The rule of drift against its formula, and on losses with known answers."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lr_finder.analysis.training.drift import Drift, DriftRule
from lr_finder.errors import InputError

losses = st.floats(1e-6, 1e6)


def judged(medians, constant=None):
    rule = DriftRule(constant)
    return [rule.judge([median]).value for median in medians]


@given(st.lists(losses, min_size=1, max_size=30), st.none() | losses)
def test_it_is_the_formula(medians, constant):
    """A second implementation, over all stretches at once."""
    seen = judged(medians, constant)
    for i, median in enumerate(medians):
        best = min(medians[:i], default=math.inf)
        if median < best:
            assert seen[i] == "best"
            continue
        first = medians[0]
        origin = constant if constant and best < 0.95 * constant else first
        has_drifted = best < 0.97 * first and median - best > 0.6 * (origin - best)
        assert seen[i] == ("drifted" if has_drifted else "usual")


@given(st.lists(losses, min_size=1, max_size=9), st.floats(1e-3, 1e3))
def test_the_unit_of_the_loss_does_not_matter(medians, scale):
    scaled = [median * scale for median in medians]
    if len(set(np.diff(sorted(scaled)))) == len(medians) - 1:  # no ties by rounding
        assert judged(scaled)[:1] == judged(medians)[:1] == ["best"]


def test_noise_without_learning_never_drifts():
    rng = np.random.default_rng(0)
    for _ in range(200):
        rule = DriftRule()
        seen = {rule.judge(rng.normal(0.69, 0.05, 50)) for _ in range(20)}
        assert Drift.DRIFTED not in seen


def test_a_constant_guess_is_where_a_saturated_network_returns_to():
    """It fell a little, then returned to the guess: from the start it did not climb."""
    medians = [1.0, 0.63, 0.60, 0.69]
    assert judged(medians) == ["best"] * 3 + ["usual"]
    assert judged(medians, constant=0.69) == ["best"] * 3 + ["drifted"]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_losses_that_are_not_finite_have_drifted(bad):
    assert judged([bad]) == ["drifted"]
    assert judged([1.0, bad]) == ["best", "drifted"]
    assert DriftRule().judge([1.0, bad, 2.0]) is Drift.BEST  # most are finite


def test_after_going_back_the_best_is_that_of_before():
    rule = DriftRule()
    for median in (1.0, 0.5, 0.2, 0.9):
        seen = rule.judge([median])
    assert seen is Drift.DRIFTED and rule.best == 0.2
    rule.go_back()
    assert rule.best == 0.5 and rule.judge([0.4]) is Drift.BEST


def test_a_stretch_has_losses():
    with pytest.raises(InputError, match="losses.*Received: losses=0"):
        DriftRule().judge([])
