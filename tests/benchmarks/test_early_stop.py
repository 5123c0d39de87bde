"""What a cooldown changes, computed by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.early_stop import gains, interval


def row(losses, begun, **key):
    about = {"task": "a", "optimizer": "adam", "seed": 1, "kind": "cooldown"}
    return about | key | {"losses": losses, "begun": begun}


def test_the_best_and_the_last_are_those_of_before_and_after_the_stop():
    (told,) = gains([row([4.0, 2.0, 3.0, 1.5, 1.8], 3)]).to_dict("records")
    assert told["best"] == pytest.approx(-25.0)  # 1.5 against 2
    assert told["last"] == pytest.approx(-40.0)  # 1.8 against 3
    assert told["longer"] == pytest.approx(100 * 2 / 3)


def test_the_best_is_never_worse_for_a_cooldown():
    (told,) = gains([row([4.0, 2.0, 3.0, 5.0], 3)]).to_dict("records")
    assert told["best"] == 0.0 < told["last"]


def test_who_was_not_stopped_or_diverged_is_not_judged():
    assert gains([row([1.0, 2.0], None), row([1.0, np.inf, 1.0], 2, seed=2)]).empty


def test_who_goes_on_at_the_same_rate_is_judged_from_the_same_stop():
    cooled = row([4.0, 2.0, 3.0, 1.0], 3)
    went_on = row([4.0, 2.0, 3.0, 2.4], None, kind="at the same rate")
    other = row([1.0, 0.5], None, kind="at the same rate", seed=2)  # of no stop known
    told = gains([cooled, went_on, other]).set_index("kind")
    assert told["best"].to_dict() == {"cooldown": -50.0, "at the same rate": 0.0}
    assert told["last"]["at the same rate"] == pytest.approx(-20.0)
    np.testing.assert_allclose(told["longer"], 100 / 3)


def test_the_interval_draws_whole_tasks():
    alike = pd.DataFrame({"task": list("aabb"), "best": [1.0, 1.0, 1.0, 1.0]})
    assert interval(alike, "best").tolist() == [1.0, 1.0]
    apart = alike.assign(best=[0.0, 0.0, 2.0, 2.0])
    low, high = interval(apart, "best")
    assert (low, high) == (0.0, 2.0)
