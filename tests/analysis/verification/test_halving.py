"""Successive halving on curves that are known: what it chooses, and at what cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.analysis.verification.candidates import Stretch
from lr_finder.analysis.verification.halving import (
    candidates_around,
    check_steps,
    halve,
)
from lr_finder.errors import InputError, SuggestionError


class Recorded:
    """Curves in closed form; keeps account of what is asked for."""

    def __init__(self, loss_of, diverges_above=np.inf, validation=None):
        self.loss_of, self.diverges_above = loss_of, diverges_above
        self.validation = validation
        self.made, self.kept, self.most_kept = {}, set(), 0

    def run(self, lr, first, last, *, is_kept):
        assert first == self.made.get(lr, 0)  # goes on from where it was left
        assert first == 0 or lr in self.kept
        self.kept.discard(lr)
        steps = np.arange(first, last)
        has_diverged = lr > self.diverges_above
        steps = steps[:3] if has_diverged else steps
        self.made[lr] = first + len(steps)
        if is_kept and not has_diverged:
            self.kept.add(lr)
        self.most_kept = max(self.most_kept, len(self.kept))
        validation = self.validation(lr) if self.validation else None
        return Stretch(self.loss_of(lr, steps), has_diverged, validation)

    def drop(self, lr):
        self.kept.discard(lr)


def bowl(best):
    """Losses least at one rate at all steps."""
    return lambda lr, steps: np.exp(np.abs(np.log(lr / best)) - 0.01 * steps)


RATES = st.lists(
    st.integers(-30, 30).map(lambda n: 1.3**n), min_size=2, max_size=8, unique=True
)


@settings(max_examples=200, deadline=None)
@given(RATES, st.integers(100, 3000), st.integers(-9, 9), st.integers(-40, 40))
def test_the_budget_is_kept_and_the_best_wins(rates, steps, best, limit):
    trainer = Recorded(bowl(1.3**best), diverges_above=1.3**limit)
    try:
        found = halve(trainer, rates, steps)
    except SuggestionError as error:
        assert error.reason == "all_diverged"
        assert min(trainer.made) > 1.3**limit
        return
    assert found.steps == sum(trainer.made.values()) <= steps
    assert trainer.made == {lr: len(losses) for lr, losses in found.losses.items()}
    alive = [lr for lr in found.losses if lr not in found.diverged]
    distance = {lr: abs(np.log(lr / 1.3**best)) for lr in alive}
    assert distance[found.winner] == pytest.approx(min(distance.values()))
    assert not trainer.kept  # nothing is left in memory
    assert trainer.most_kept <= len(rates) // 2 + 2
    assert len(found.losses) <= len(rates) + 2
    assert [row.status for row in found.rows].count("winner") == 1


@settings(max_examples=50, deadline=None)
@given(RATES, st.floats(1e-3, 1e3))
def test_the_scale_of_losses_and_the_order_of_rates_change_nothing(rates, scale):
    plain = halve(Recorded(bowl(1.1)), rates, 900)
    curve = bowl(1.1)
    scaled = halve(Recorded(lambda *at: scale * curve(*at)), rates[::-1], 900)
    assert scaled.winner == plain.winner
    assert [(r.lr, r.status) for r in scaled.rows] == [
        (r.lr, r.status) for r in plain.rows
    ]


def test_five_rates_become_three_and_two():
    found = halve(Recorded(bowl(1.0)), [0.25, 0.5, 1, 2, 4], 1400)
    assert found.winner == 1
    per_rung = [[r for r in found.rows if r.rung == rung] for rung in (1, 2, 3)]
    assert [len(rows) for rows in per_rung] == [5, 3, 2]
    # 1400 = 5 n + 3 * 1.5 n + 2 * 2.25 n
    assert [rows[0].steps for rows in per_rung] == [100, 250, 475]
    assert found.steps == 1400
    assert found.edge is None


def test_a_rate_that_learns_slowly_at_first_may_win_from_the_better_half():
    def crossing(lr, steps):
        return np.full(len(steps), 2.0) if lr == 1 else 2.1 - 0.005 * steps

    assert halve(Recorded(crossing), [1, 2], 400).winner == 2


def test_what_diverged_ones_leave_over_makes_the_others_longer():
    calm = halve(Recorded(bowl(1.0)), [0.25, 0.5, 1, 2, 4], 1400)
    wild = halve(Recorded(bowl(1.0), diverges_above=1.5), [0.25, 0.5, 1, 2, 4], 1400)
    assert wild.diverged == {2, 4}
    assert len(wild.losses[1]) > len(calm.losses[1])
    assert wild.steps <= 1400


@pytest.mark.parametrize(("best", "winner"), [(1e-9, 1 / 8), (1e9, 8)])
def test_beyond_an_edge_two_more_are_tried(best, winner):
    found = halve(Recorded(bowl(best)), [0.5, 1, 2], 600)
    assert found.winner == winner
    assert found.edge in ("lowest", "highest")
    assert len(found.losses) == 5


def test_where_all_diverge_lower_ones_are_tried_and_then_it_gives_up():
    found = halve(Recorded(bowl(1), diverges_above=0.3), [0.5, 1, 2], 600)
    assert found.winner == 0.25
    with pytest.raises(SuggestionError, match="all of which diverged") as caught:
        halve(Recorded(bowl(1), diverges_above=0.01), [0.5, 1, 2], 600)
    assert caught.value.counts == {"candidates": 5}


def test_the_validation_loss_decides_on_request():
    trainer = Recorded(bowl(1.0), validation=lambda lr: lr)
    assert halve(trainer, [0.5, 1, 2], 600).winner == 1
    trainer = Recorded(bowl(1.0), validation=lambda lr: -lr)
    assert halve(trainer, [0.5, 1, 2, 3], 600, judge="validation").winner > 1


def test_a_late_divergence_leaves_the_best_of_those_before():
    class Late(Recorded):
        def run(self, lr, first, last, *, is_kept):
            stretch = super().run(lr, first, last, is_kept=is_kept)
            return Stretch(stretch.losses, first > 0)

    found = halve(Late(bowl(1.0)), [0.25, 0.5, 1, 2, 4], 1400)
    assert found.diverged == {0.5, 1, 2}
    assert found.winner in (0.25, 4)


@pytest.mark.parametrize(("rates", "steps"), [([1], 900), ([1, 1], 900), ([1, 2], 19)])
def test_too_little_is_refused(rates, steps):
    with pytest.raises(InputError, match=r"Received: \d"):
        halve(Recorded(bowl(1)), rates, steps)


def test_few_steps_make_fewer_rungs():
    assert [check_steps(5, steps) for steps in (50, 94, 95, 139, 140)] == [
        1,
        1,
        2,
        2,
        3,
    ]


@given(st.floats(1e-6, 10))
def test_candidates_are_the_suggestion_and_a_decade_to_each_side(lr):
    assert candidates_around(lr) == pytest.approx((lr / 10, lr, 10 * lr))


def test_what_each_has_lost_is_told_of_those_that_did_not_diverge():
    levels = {1.0: 2.0, 10.0: 1.0, 100.0: 3.0}

    def flat_after_five(lr, steps):
        return np.where(steps < 5, 9.0, levels[lr])

    found = halve(Recorded(flat_after_five, diverges_above=50), list(levels), 600)
    rung = found.rows[0].steps
    start = 5 * 9.0 / rung  # what the first losses add to the mean
    low, best = (
        (start + level * (rung - 5) / rung + level) / 2 for level in (2.0, 1.0)
    )
    assert found.rows[1].steps == rung and found.winner == 10
    assert found.lost.keys() == {1.0, 10.0} and found.lost[10.0] == 0
    longest = min(len(found.losses[1.0]), len(found.losses[10.0]))
    if longest == rung:
        share = np.log(low / best) / np.log(9 / best)
        assert found.lost[1.0] == pytest.approx(share)


def test_an_early_overshoot_counts_against_a_rate():
    """At the end the higher rate is a little better; at first it was far worse."""

    def overshooting(lr, steps):
        rise = 50.0 * (steps < 20) if lr == 2 else 0.0
        return np.full(len(steps), 1.0 if lr == 1 else 0.99) + rise

    assert halve(Recorded(overshooting), [1, 2], 400).winner == 1
