"""Plans: counted by hand, each setting once, one thing varied at a time."""

import itertools

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.plan import Plan

BEST = {
    ("default", "sgd"): 0.01,
    ("default", "momentum"): "found",
    ("default", "rmsprop"): 0.001,
    ("default", "adam"): "found",
}


def test_the_default_plan_crosses_four_optimizers_with_three_rates():
    settings = Plan().main_settings()
    pairs = [(each.optimizer.label, each.rate) for each in settings]
    names, rates = ("sgd", "momentum", "rmsprop", "adam"), (0.01, 0.001, "found")
    assert pairs == list(itertools.product(names, rates))
    assert {each.batch_size for each in settings} == {64}
    assert {each.initializer for each in settings} == {"glorot_uniform"}
    assert Plan().further_settings(BEST) == [] and Plan().n_further == 0


VARIED = Plan(batch_sizes=(64, 32, 128), initializers=("glorot_uniform", "he_normal"))


def test_one_thing_at_a_time_is_varied_around_each_best():
    plan = VARIED
    settings = plan.further_settings(BEST)
    assert len(settings) == plan.n_further == 4 * 3
    for each in settings:
        assert each.rate == BEST["default", each.optimizer.label]
        changed = (each.batch_size != 64) + (each.initializer != "glorot_uniform")
        assert changed == 1
    assert {each.batch_size for each in settings} == {32, 64, 128}


def test_what_is_named_is_run_and_nothing_else():
    plan = Plan(["adam", "lion"], 0.01)
    assert [str(each) for each in plan.main_settings()] == [
        f"{name}, rate 0.01, batch size 64, glorot_uniform" for name in ("adam", "lion")
    ]
    assert plan.n_further == 0


def test_an_optimizer_without_a_good_rate_is_not_varied():
    best = {key: rate for key, rate in BEST.items() if key[1] != "sgd"}
    labels = {each.optimizer.label for each in VARIED.further_settings(best)}
    assert labels == {"momentum", "rmsprop", "adam"}


@given(*(st.integers(1, 3) for _ in range(5)))
def test_a_full_grid_holds_each_combination_once(n_optimizers, n_rates, a, b, c):
    plan = Plan(
        ("sgd", "adam", "lion")[:n_optimizers], (0.1, 0.2, "found")[:n_rates],
        (8, 16, 32)[:a], (None, "he_normal", "zeros")[:b], ("x", "y", "z")[:c],
        is_full_grid=True,
    )  # fmt: skip
    settings = [str(each) for each in plan.main_settings()]
    assert len(set(settings)) == len(settings) == n_optimizers * n_rates * a * b * c
    assert plan.further_settings(BEST) == [] and plan.n_further == 0


def test_one_value_needs_no_list():
    plan = Plan("adam", "found", 32, None, "mine")
    assert [str(each) for each in plan.main_settings()] == [
        "adam, rate found, batch size 32, mine"
    ]
    plan = Plan([keras.optimizers.Adam, "lion"], 0.1)
    assert [each.label for each in plan.optimizers] == ["adam", "lion"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"optimizers": []}, ["optimizers", "none"]),
        ({"optimizers": ["adam", "Adam"]}, ["optimizers", "twice"]),
        ({"rates": [0.01, "0.010"]}, ["rates", "twice"]),
        ({"rates": [-1]}, ["lr", "-1"]),
        ({"batch_sizes": [0]}, ["batch_sizes", "0"]),
        ({"batch_sizes": [32, 32]}, ["batch_sizes", "32 twice"]),
        ({"models": []}, ["models"]),
        ({"optimizers": ["adm"]}, ["adm", "adam"]),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(arguments, words):
    with pytest.raises(InputError) as caught:
        Plan(**arguments)
    for word in words:
        assert word in str(caught.value)
