"""The state of a comparison between its rungs."""

import math

import numpy as np
import pytest

from lr_finder.analysis.verification.candidates import Race, Stretch


class Constant:
    """Losses that are the rate itself; rate 5 ends in nan."""

    def __init__(self):
        self.dropped = []

    def run(self, lr, first, last, *, is_kept):
        losses = np.full(last - first, float(lr))
        if lr == 5:
            losses[-1] = np.nan
        return Stretch(losses)

    def drop(self, lr):
        self.dropped.append(lr)


@pytest.fixture
def race():
    race = Race(Constant(), steps=100, judge="training")
    race.run([3, 1, 5, 2], 10, 2)
    return race


def test_ranks_by_loss_and_leaves_out_what_is_not_finite(race):
    assert race.ranking() == [1, 2, 3]
    assert race.diverged == {5}
    assert race.left == 60


def test_forgets_at_once_what_has_no_place(race):
    assert race._trainer.dropped[-1] == 3 and 5 in race._trainer.dropped
    assert not {1, 2} & set(race._trainer.dropped)


def test_a_row_tells_what_became_of_each(race):
    race.close_rung([1, 2], 10)
    race.run([1, 2], 5, 0)
    race.close_rung([1], 5)
    rows = [(r.lr, r.rung, r.steps, r.loss, r.status) for r in race.rows(1)]
    assert rows == [
        (3, 1, 10, 3.0, "dropped"), (1, 1, 10, 1.0, "kept"),
        (5, 1, 10, None, "diverged"), (2, 1, 10, 2.0, "kept"),
        (1, 2, 15, 1.0, "winner"), (2, 2, 15, 2.0, "dropped"),
    ]  # fmt: skip


def test_what_was_lost_is_told_after_the_last_rung_that_both_made():
    class Falling(Constant):
        """From 10 down to the rate, and to the half of it in a second rung."""

        def run(self, lr, first, last, *, is_kept):
            losses = np.full(last - first, lr if first == 0 else lr / 2)
            losses[: 5 if first == 0 else 0] = 10
            return Stretch(losses, has_diverged=lr == 5, validation_loss=10 / lr)

    race = Race(Falling(), steps=200, judge="training")
    race.run([1, 3, 4, 5], 10, 2)
    race.close_rung([1, 3], 10)
    race.run([1, 3], 10, 0)
    # merits: (mean of all + median of the last third) / 2
    one = {lr: ((10 + lr) / 2 + lr) / 2 for lr in (1, 4)}
    two = {lr: ((10 * 5 + lr * 5 + lr / 2 * 10) / 20 + lr / 2) / 2 for lr in (1, 3)}
    expected = {
        1: 0.0,
        3: np.log(two[3] / two[1]) / np.log(10 / two[1]),
        4: np.log(one[4] / one[1]) / np.log(10 / one[1]),
    }
    assert race.lost(1) == pytest.approx(expected)
    race = Race(Falling(), steps=200, judge="validation")
    race.run([2, 4], 10, 0)
    assert race.lost(4) == pytest.approx(
        {2: np.log(5 / 2.5) / np.log(10 / 2.5), 4: 0.0}
    )


def test_goes_beyond_the_edge_while_steps_last(race):
    race.extend(10, 2, 0)  # none is wanted, and not all have diverged
    assert sorted(race.losses) == [1, 2, 3, 5]
    race.extend(10, 2, 2)  # 1 is the lowest: 1/2, then 1/4
    assert sorted(race.losses) == [0.25, 0.5, 1, 2, 3, 5]
    assert race.left == 40
    race.extend(40, 0, 2)
    assert len(race.losses) == 7 and race.left == 0


def test_rates_are_told_apart_by_losses_that_are_mostly_0():
    """One loss in ten is not 0; how high it is, the rate decides."""

    class Sparse(Constant):
        def run(self, lr, first, last, *, is_kept):
            losses = np.zeros(last - first)
            losses[9::10] = 1 / lr
            return Stretch(losses)

    race = Race(Sparse(), steps=400, judge="training")
    race.run([1, 2, 10], 100, 0)
    merits = {lr: (0.1 / lr + 0) / 2 for lr in (1, 2, 10)}
    start = (3 / 34) / 2  # the merit of the first 34 losses
    assert race.ranking() == [10, 2, 1]
    descent = math.log(start / merits[10])
    expected = {lr: math.log(m / merits[10]) / descent for lr, m in merits.items()}
    assert race.lost(10) == pytest.approx(expected)
