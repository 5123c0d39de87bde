"""What follows a halving, on curves that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.analysis.verification.candidates import Stretch
from lr_finder.analysis.verification.effort import AFTER_SWEEP, ALONE, plan_steps
from lr_finder.analysis.verification.halving import candidates_around, halve
from lr_finder.analysis.verification.settling import settle
from lr_finder.analysis.verification.trial_losses import blend, merit
from lr_finder.errors import SuggestionError

AROUND = candidates_around(1e-2)


class Recorded:
    """Curves in closed form, from the first step on; keeps account of all of them."""

    def __init__(self, loss_of, diverges_above=np.inf):
        self.loss_of, self.diverges_above = loss_of, diverges_above
        self.steps = 0

    def run(self, lr, first, last, *, is_kept):
        steps = np.arange(first, last)
        has_diverged = lr > self.diverges_above
        steps = steps[:12] if has_diverged else steps
        self.steps += len(steps)
        return Stretch(self.loss_of(lr, steps), has_diverged)

    def drop(self, lr):
        pass


def speeds(speed):
    """Losses that fall from 2 to 1, at a speed that depends on the rate."""
    return lambda lr, steps: 1 + np.exp(-speed(lr) * steps)


def near(best):
    """The fastest at one rate."""
    return speeds(lambda lr: 0.05 / (1 + np.abs(np.log10(lr / best))))


def settled(trainer, rates=AROUND, budget=1000, more=0, effort=ALONE, **options):
    halving, all_steps = plan_steps(budget, effort=effort)
    found = halve(trainer, rates, halving, effort=effort)
    all_steps += more
    return found, settle(
        trainer, found, budget_steps=budget, all_steps=all_steps, effort=effort,
        **options,
    )  # fmt: skip


def row_of(answer, lr):
    return next(row for row in answer.rows if row.lr == lr)


def test_the_mean_is_trained_and_is_the_answer():
    trainer = Recorded(near(2e-2))
    found, answer = settled(trainer)
    assert (answer.lr, answer.low, answer.high) == blend(found.lost)
    assert answer.lr == answer.mean and answer.lr not in found.losses
    row = row_of(answer, answer.lr)
    exact = near(2e-2)(answer.lr, np.arange(25))
    np.testing.assert_array_equal(answer.losses[answer.lr], exact)
    assert (row.status, row.steps, row.loss) == ("answer", 25, merit(exact))
    assert row.rung == found.rows[-1].rung + 1
    assert answer.rows[: len(found.rows)] == found.rows


def test_after_a_sweep_its_interval_counts_and_less_is_trained():
    swept = (1e-2, 4e-3, 3e-2)
    found, answer = settled(Recorded(near(2e-2)), effort=AFTER_SWEEP, swept=swept)
    assert answer.mean == blend(found.lost, swept, AFTER_SWEEP)[0]
    without = blend(found.lost, None, AFTER_SWEEP)[0]
    assert abs(np.log(answer.mean / 1e-2)) < abs(np.log(without / 1e-2))
    assert answer.steps <= 0.375 * 1000
    assert len(answer.losses[answer.lr]) == (375 - found.steps) // 2


def test_twice_the_answer_is_compared_with_it_after_as_many_steps():
    _, answer = settled(Recorded(near(2e-2)))
    assert answer.twice == 2 * answer.lr
    assert row_of(answer, answer.twice).status == "higher"
    one, other = (
        np.median(near(2e-2)(lr, np.arange(25))[-9:])
        for lr in (answer.twice, answer.lr)
    )
    assert answer.ratio == pytest.approx(one / other)


APART = (1e-4, 1e-3, 1e-2, 1e-1)  # the two in the middle train alike, others poorly


def is_one_of(lr, rates=APART):
    return min(abs(np.log(lr / rate)) for rate in rates) < 0.01


def gap(lr, steps):
    """What lies between the candidates trains as poorly as what lies outside."""
    return speeds(lambda lr: 0.05 if is_one_of(lr, APART[1:3]) else 0.001)(lr, steps)


def test_a_mean_that_trains_worse_than_the_best_is_the_answer_all_the_same():
    """So short trainings favour what overshoots later: replays did better by it."""
    _, answer = settled(Recorded(gap), APART)
    assert 2e-3 < answer.lr == answer.mean < 5e-3


def test_a_mean_that_diverges_gives_way_to_the_best_candidate():
    class Gap(Recorded):
        def run(self, lr, first, last, *, is_kept):
            self.diverges_above = np.inf if is_one_of(lr) else 0.0
            return super().run(lr, first, last, is_kept=is_kept)

    found, answer = settled(Gap(gap), APART)
    assert answer.mean in answer.diverged and answer.lr == found.winner == 1e-3
    _, low, high = blend(found.lost)
    assert answer.high / answer.low == pytest.approx(high / low)
    assert answer.lr**2 == pytest.approx(answer.low * answer.high)
    assert row_of(answer, answer.mean).status == "diverged"


PAIR = (1e-3, 1e-2)


def rising(lr, steps):
    """A doubling of the rate leads to a quarter of the loss."""
    return np.where(steps < 3, 9.0, (3e-3 / lr) ** 2)


@pytest.mark.parametrize(("more", "doublings"), [(0, 1), (25, 2), (50, 3), (200, 4)])
def test_a_doubling_that_more_than_halves_the_loss_is_the_answer_while_steps_last(
    more, doublings
):
    calm = Recorded(rising, diverges_above=0.2)
    _, answer = settled(calm, PAIR, more=more)
    assert answer.raised_from == answer.mean
    assert answer.lr / answer.mean == 2**doublings
    for times in 2 ** np.arange(doublings):
        assert row_of(answer, times * answer.mean).status == "dropped"
    assert row_of(answer, answer.lr).status == "answer"
    # Beyond the last lies one that diverges, or there are no steps to know.
    assert answer.twice is None if doublings < 4 else answer.twice in answer.diverged
    assert answer.steps == calm.steps <= 600 + more


def test_below_a_rate_that_was_tried_for_longer_no_doubling_is_the_answer():
    """On data without scaling the first steps of higher rates look too good."""
    found, answer = settled(Recorded(rising, diverges_above=0.2), APART, more=200)
    assert answer.twice < max(found.losses) and answer.ratio < 0.5
    assert answer.lr == answer.mean and answer.raised_from is None


def test_how_far_a_doubling_must_lead_may_be_said():
    _, never = settled(Recorded(rising), PAIR, raised_below=0.0)
    assert never.lr == never.mean and never.ratio < 0.5


def test_validation_decides_alone_if_it_is_the_judge():
    _, answer = settled(Recorded(rising), PAIR, judge="validation")
    assert answer.lr == answer.mean and answer.twice == 2 * answer.lr


def test_what_a_candidate_has_shown_is_not_trained_again():
    """Only the middle one learns: the mean is that one, and ten times is known."""
    alone = speeds(lambda lr: 0.05 if lr == 1e-2 else 1e-9)
    trainer = Recorded(alone)
    found, answer = settled(trainer)
    assert answer.lr == found.winner == 1e-2
    assert {row.status for row in answer.rows[len(found.rows) :]} == {"higher"}
    assert trainer.steps == answer.steps


@settings(max_examples=150, deadline=None)
@given(
    st.integers(60, 3000),
    st.floats(-6, 0),
    st.floats(-5, 1),
    st.sampled_from(["training", "validation"]),
)
def test_the_budget_is_kept_and_the_answer_stands_in_the_table(
    budget, best, limit, judge
):
    trainer = Recorded(near(10**best), diverges_above=10**limit)
    try:
        found, answer = settled(trainer, budget=budget, judge=judge)
    except SuggestionError:
        return
    assert answer.steps == trainer.steps <= 0.6 * budget
    assert answer.steps == sum(map(len, answer.losses.values()))
    assert answer.lr in {row.lr for row in answer.rows}
    statuses = [row.status for row in answer.rows]
    assert statuses.count("winner") == 1 and statuses.count("answer") <= 1
    assert ("answer" in statuses) == (answer.lr not in found.losses)
    assert answer.low < answer.lr < answer.high
    assert answer.lr not in answer.diverged
    if answer.twice is not None and answer.twice not in answer.diverged:
        made = [len(answer.losses[lr]) for lr in (answer.lr, answer.twice)]
        # The stopping rule judges no divergence within its first ten steps.
        assert (answer.ratio is not None) == (min(made) > 10)
