"""Descent: where it stops, and what a batch is."""

import itertools

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import Network, adam, batches_of, minimize, steps_of
from lr_finder.schedules import linear

START = {"w": np.array([3.0, -2.0])}
SCALES = np.array([1.0, 10.0])


def bowl(parameters):
    """Its steeper direction has the curvature 10: stable below a rate of 0.2."""
    w = parameters["w"]
    return float(np.sum(SCALES * w**2) / 2), {"w": SCALES * w}


def test_the_steps_of_descent_are_known():
    steps = itertools.islice(steps_of(bowl, START, learning_rate=0.05), 10)
    for step in steps:
        expected = START["w"] * (1 - 0.05 * SCALES) ** step.number
        np.testing.assert_allclose(step.parameters["w"], expected)
        assert step.loss == pytest.approx(bowl(step.parameters)[0])


def test_it_stops_for_one_of_three_reasons():
    settings = {"learning_rate": 0.1, "steps": 500}
    near = minimize(bowl, START, least_gradient=1e-3, **settings)
    assert near.stopped_by == "gradient_norm"
    assert near.gradient_norms[-1] <= 1e-3 < near.gradient_norms[-2]
    still = minimize(bowl, START, least_change=0.5, **settings)
    assert still.stopped_by == "change"
    changes = -np.diff(still.losses) / still.losses[:-1]
    assert changes[-1] <= 0.5 < changes[:-1].min()
    last = minimize(bowl, START, **settings)
    assert (last.stopped_by, last.steps) == ("steps", 500)
    assert near.steps < last.steps and len(last.losses) == 501
    # The loss of a quadratic falls by a constant share, which stays above 0.1 here.
    assert minimize(bowl, START, least_change=0.1, **settings).stopped_by == "steps"


def test_a_low_rate_looks_like_a_minimum_to_the_change_of_the_loss_alone():
    settings = {"learning_rate": 1e-6, "least_change": 1e-4}
    fooled = minimize(bowl, START, **settings)
    assert (fooled.stopped_by, fooled.steps) == ("change", 1)
    assert fooled.gradient_norms[-1] > 20


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_a_descent_that_diverges_says_so_without_a_warning(rule):
    descent = minimize(bowl, START, rule=rule, learning_rate=1e30)
    assert descent.stopped_by == "diverged" and descent.steps < 1000
    assert not np.isfinite(descent.losses[-1])
    assert np.isfinite(descent.losses[:-1]).all()


def test_the_start_stays_as_it_is():
    before = START["w"].copy()
    minimize(bowl, START, rule="adam", learning_rate=0.1, steps=5)
    np.testing.assert_array_equal(START["w"], before)


def test_rules_schedules_and_hyperparameters_arrive():
    schedule = linear(0.1, 0.0, 4)
    w, state = START, None
    for number in range(6):
        w, state = adam(
            w, bowl(w)[1], state, learning_rate=schedule(number), beta_1=0.5
        )
    for rule in ("adam", adam):
        descent = minimize(
            bowl, START, rule=rule, learning_rate=schedule, steps=6, beta_1=0.5
        )
        np.testing.assert_array_equal(descent.parameters["w"], w["w"])


def test_every_sample_comes_once_an_epoch():
    x = np.arange(10)
    batches = batches_of(x, 10 * x, batch_size=4, seed=3)
    for _ in range(3):
        epoch = list(itertools.islice(batches, 3))
        assert [len(each) for each, _ in epoch] == [4, 4, 2]
        seen = np.concatenate([each for each, _ in epoch])
        assert sorted(seen) == list(x) and list(seen) != list(x)
        for one, other in epoch:
            np.testing.assert_array_equal(10 * one, other)
    for size in (None, 10, 99):
        whole, _ = next(batches_of(x, x, batch_size=size))
        np.testing.assert_array_equal(whole, x)


def test_mini_batches_get_further_in_an_epoch_and_a_batch_ends_nearer():
    """Least squares with noise, of known best weights; the same rate for all."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + rng.normal(size=(64, 1))
    network = Network((3, 1))
    design = np.column_stack([x, np.ones(64)])
    best = np.mean((design @ np.linalg.lstsq(design, y)[0] - y) ** 2)
    start = network.initialize(seed=0)

    def above(size, epochs):
        steps = epochs * (64 // (size or 64))
        descent = minimize(
            network.loss_and_gradients, start, learning_rate=0.05, steps=steps,
            batches=batches_of(x, y, batch_size=size),
        )  # fmt: skip
        return network.loss_of(descent.parameters, x, y) - best

    after_two = [above(size, 2) for size in (None, 8, 1)]
    after_many = [above(size, 100) for size in (None, 8, 1)]
    assert after_two[0] > 4 * max(after_two[1:])
    assert after_many[0] < 1e-5 < after_many[1] < after_many[2]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rule": "adem"}, "`rule` must be one of"),
        ({"steps": 0}, "`steps` must be"),
        ({"least_gradient": -1}, "`least_gradient` must be"),
        ({"least_change": np.nan}, "`least_change` must be"),
        ({"learning_rate": -0.1}, "`learning_rate` must be"),
        ({"rule": "momentum", "beta": 0.5}, "no hyperparameter `beta`"),
        ({"rule": "momentum", "momentum": 1.0}, "`momentum` must lie"),
    ],
)
def test_what_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        minimize(bowl, START, **given)


@pytest.mark.parametrize(
    ("x", "y", "size", "words"),
    [
        (np.ones(3), np.ones(2), None, "as many samples.*3 and 2"),
        (np.ones(0), np.ones(0), None, "at least one"),
        (np.ones(3), np.ones(3), 0, "`batch_size` must be"),
    ],
)
def test_batches_of_nothing_are_refused(x, y, size, words):
    with pytest.raises(InputError, match=words):
        batches_of(x, y, batch_size=size)


def test_an_objective_that_takes_batches_needs_them():
    network = Network((2, 1))
    parameters = network.initialize(seed=0)
    with pytest.raises(InputError, match="`batches` must be given.*missing.*'x'"):
        minimize(network.loss_and_gradients, parameters)
