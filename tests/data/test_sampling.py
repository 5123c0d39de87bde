import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.request import Request  # noqa: E402
from lr_finder.data.sampling import draw_rows, split_rows  # noqa: E402


def test_rows_drawn_are_distinct_ordered_and_decided_by_the_seed():
    kept, notes = draw_rows(1000, Request("a", limit=100), "images")
    assert len(np.unique(kept)) == 100 and np.all(np.diff(kept) > 0)
    assert notes == ("100 of 1,000 images, drawn at random (seed 0)",)
    again, _ = draw_rows(1000, Request("a", limit=100), "images")
    other, _ = draw_rows(1000, Request("a", limit=100, seed=1), "images")
    assert np.array_equal(kept, again) and not np.array_equal(kept, other)


@pytest.mark.parametrize("limit", [None, 10, 11])
def test_all_rows_are_kept_where_they_are_no_more_than_the_limit(limit):
    kept, notes = draw_rows(10, Request("a", limit=limit), "rows")
    assert kept.tolist() == list(range(10)) and notes == ()


def test_each_row_is_drawn_equally_often():
    """A binomial of 400 draws: five standard deviations about its mean."""
    counts = np.zeros(50)
    for seed in range(400):
        counts[draw_rows(50, Request("a", limit=10, seed=seed), "rows")[0]] += 1
    assert np.all(np.abs(counts - 80) < 5 * np.sqrt(400 * 0.2 * 0.8))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_split_holds_every_row_once(task):
    answers = pd.Series(np.arange(60) % 3)
    train, validation = split_rows(answers, task, 0.25, 0)
    assert sorted([*train, *validation]) == list(range(60)) and len(validation) == 15
    if task == "classification":
        assert np.bincount(answers[validation]).tolist() == [5, 5, 5]
