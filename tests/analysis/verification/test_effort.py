"""How much a verification trains, and when that is enough for a comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.verification.effort import (
    AFTER_SWEEP,
    ALONE,
    FEWEST_STEPS,
    effort_for,
    least_budget,
    plan_steps,
)
from lr_finder.analysis.verification.halving import check_steps
from lr_finder.errors import InputError


@given(st.integers(2, 9), st.sampled_from([ALONE, AFTER_SWEEP]))
def test_the_least_budget_is_just_enough_for_one_rung(candidates, effort):
    least = least_budget(candidates, effort)
    halving, all_steps = plan_steps(least, candidates, effort)
    assert check_steps(candidates, halving, effort) >= 1
    assert FEWEST_STEPS * candidates <= halving <= all_steps
    with pytest.raises(InputError, match=f"must be at least {least} to compare"):
        plan_steps(least - 1, candidates, effort)


@given(st.integers(100, 10**6), st.sampled_from([ALONE, AFTER_SWEEP]))
def test_the_shares_are_kept(budget, effort):
    halving, all_steps = plan_steps(budget, effort=effort)
    assert effort.trial_share * budget - 1 < halving <= effort.trial_share * budget
    assert all_steps <= (effort.trial_share + effort.check_share) * budget


@given(st.integers(1, 3000), st.integers(2, 9), st.booleans())
def test_less_is_trained_after_a_sweep_if_that_is_enough(budget, candidates, is_swept):
    effort = effort_for(budget, candidates, is_swept=is_swept)
    is_enough = AFTER_SWEEP.trial_share * budget >= FEWEST_STEPS * candidates
    assert effort is (AFTER_SWEEP if is_swept and is_enough else ALONE)
