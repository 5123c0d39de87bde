"""What a cooldown changes, computed by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.early_stop import gains, interval


def row(losses, begun, **key):
    return {"task": "a", "optimizer": "adam", "seed": 1} | key | {
        "losses": losses, "begun": begun,
    }  # fmt: skip


def test_the_best_and_the_last_are_those_of_before_and_after_the_stop():
    (told,) = gains([row([4.0, 2.0, 3.0, 1.5, 1.8], 3)]).to_dict("records")
    assert told["best"] == pytest.approx(-25.0)  # 1.5 against 2
    assert told["last"] == pytest.approx(-40.0)  # 1.8 against 3
    assert told["longer"] == pytest.approx(100 * 2 / 3)


def test_the_best_is_never_worse_for_a_cooldown():
    (told,) = gains([row([4.0, 2.0, 3.0, 5.0], 3)]).to_dict("records")
    assert told["best"] == 0.0 < told["last"]


def test_who_was_not_stopped_or_diverged_is_not_judged():
    assert gains([row([1.0, 2.0], None), row([1.0, np.inf, 1.0], 2)]).empty


def test_the_interval_draws_whole_tasks():
    alike = pd.DataFrame({"task": list("aabb"), "best": [1.0, 1.0, 1.0, 1.0]})
    assert interval(alike, "best").tolist() == [1.0, 1.0]
    apart = alike.assign(best=[0.0, 0.0, 2.0, 2.0])
    low, high = interval(apart, "best")
    assert (low, high) == (0.0, 2.0)
