"""Rates that fall, and weights that do."""

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import (
    decay_weights,
    l2_gradients,
    schedule_lr_decay,
    sgd,
    update_lr,
)
from lr_finder.schedules import inverse_time


def test_it_is_the_schedule_of_the_package():
    smooth = inverse_time(0.3, 0.07)
    stairs = inverse_time(0.3, 0.07, time_interval=9)
    for epoch in range(50):
        assert update_lr(0.3, epoch, 0.07) == pytest.approx(smooth(epoch))
        assert schedule_lr_decay(0.3, epoch, 0.07, 9) == pytest.approx(stairs(epoch))


def test_the_rate_changes_at_the_interval_only():
    rates = [schedule_lr_decay(0.5, epoch, 0.3) for epoch in range(3001)]
    changes = np.flatnonzero(np.diff(rates)) + 1
    assert changes.tolist() == [1000, 2000, 3000]
    assert rates[::1000] == pytest.approx([0.5, 0.5 / 1.3, 0.5 / 1.6, 0.5 / 1.9])


def test_without_decay_the_rate_stays():
    assert {update_lr(0.1, epoch, 0.0) for epoch in range(9)} == {0.1}


def test_for_gradient_descent_both_decays_are_one():
    rng = np.random.default_rng(0)
    w, g = {"w": rng.normal(size=5)}, {"w": rng.normal(size=5)}
    penalised, _ = sgd(w, l2_gradients(g, w, weight_decay=0.3), learning_rate=0.1)
    decayed, _ = sgd(
        decay_weights(w, learning_rate=0.1, weight_decay=0.3), g, learning_rate=0.1
    )
    np.testing.assert_allclose(penalised["w"], decayed["w"], rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: update_lr(0, 1, 1.0), "`learning_rate0` must be a positive"),
        (lambda: update_lr(0.1, -1, 1.0), "`epoch_num` must be a whole number"),
        (lambda: update_lr(0.1, 1.5, 1.0), "`epoch_num` must be a whole number"),
        (lambda: update_lr(0.1, 1, -1.0), "`decay_rate` must be"),
        (lambda: schedule_lr_decay(0.1, 1, 1.0, 0), "`time_interval` must be"),
        (lambda: decay_weights({}, learning_rate=-1, weight_decay=0), "learning_rate"),
        (lambda: l2_gradients({}, {}, weight_decay=-1), "`weight_decay` must be"),
        (lambda: l2_gradients({}, {"w": 1.0}, weight_decay=1), "must have the keys"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
