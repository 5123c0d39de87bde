"""The state of a comparison between its rungs."""

import numpy as np
import pytest

from lr_finder.analysis.race import Race, Stretch


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


def test_goes_beyond_the_edge_while_steps_last(race):
    race.extend(10, 2)  # 1 is the lowest: 1/2, then 1/4
    assert sorted(race.losses) == [0.25, 0.5, 1, 2, 3, 5]
    assert race.left == 40
    race.extend(40, 0)
    assert len(race.losses) == 7 and race.left == 0
