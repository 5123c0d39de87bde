"""One way of searching: the sum of its parts, and one rule for the steps to come."""

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.analysis.verification.effort import least_budget, plan_steps
from lr_finder.errors import InputError, SuggestionError
from lr_finder.training.searching import (
    SearchListeners,
    SearchSettings,
    coming_steps,
    search,
)

from .conftest import make_data, make_model

pytestmark = pytest.mark.training


def test_it_is_sweep_suggest_and_verify_with_one_seed():
    model, data = make_model(), make_data()
    settings = SearchSettings(
        budget_steps=200, batch_size=16, seed=5, sweep={"steps": 80}
    )
    found = search(model, data, settings=settings)
    given = {"batch_size": 16, "seed": 5, "verbose": 0}
    result = lr_finder.sweep(model, *data, steps=80, **given)
    verified = lr_finder.verify(
        model, *data, result.suggest(), budget_steps=200, **given
    )
    np.testing.assert_array_equal(found.result.losses, result.losses)
    assert found.suggestion == result.suggest()
    assert found.verified.table == verified.table
    assert found.answer == found.verified.suggestion == verified.suggestion


def test_without_steps_to_come_the_sweep_is_the_answer():
    found = search(make_model(), make_data(), settings=SearchSettings(seed=0))
    assert found.verified is None and found.answer is found.suggestion


def test_the_sweep_is_handed_over_though_no_rate_is_read_from_it():
    x, _ = make_data()
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(1)])
    model.compile("sgd", lambda y, forecast: 0.0 * forecast + 1.0)
    seen = []
    with pytest.raises(SuggestionError):
        search(
            model, (x, x[:, :1]), settings=SearchSettings(budget_steps=200),
            listeners=SearchListeners(sweep=seen.append, suggestion=seen.append),
        )  # fmt: skip
    assert len(seen) == 1
    assert len(seen[0].lrs) == 200


def test_a_budget_that_is_too_small_is_refused_before_the_sweep():
    seen = []
    with pytest.raises(InputError, match="budget_steps=10"):
        search(
            make_model(), make_data(), settings=SearchSettings(budget_steps=10),
            listeners=SearchListeners(sweep=seen.append),
        )  # fmt: skip
    assert seen == []


@pytest.mark.parametrize(
    ("batches", "given", "steps"),
    [
        (104, {}, 20 * 104),
        (4, {}, 1000),
        (104, {"epochs": 5}, 5 * 104),
        (1, {"epochs": 1}, least_budget()),
        (5, {"epochs": 10}, least_budget()),
        (104, {"epochs": 5, "budget_steps": 123}, 123),
        (104, {"epochs": 5, "accumulation": 4}, 130),
        (400, {"accumulation": 4}, 2000),
    ],
)
def test_the_coming_training_is_as_long_as_said_or_guessed(batches, given, steps):
    assert coming_steps(batches, **given) == steps
    plan_steps(steps)


@pytest.mark.parametrize(("coming", "noted"), [(45, 45), (60, None), (None, None)])
def test_a_budget_above_the_coming_training_is_noted(coming, noted):
    settings = SearchSettings(budget_steps=60, coming_steps=coming, seed=0)
    verified = search(make_model(), make_data(), settings=settings).verified
    assert verified.to_dict().get("coming_steps") == noted
    assert ("yours has 45" in str(verified)) == (noted is not None)
    assert verified.to_dict()["budget_steps"] == 60


def test_what_is_verified_costs_no_more_batches_than_promised():
    """A step of an optimizer that accumulates gradients takes several batches."""

    class Counting(keras.callbacks.Callback):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

    model, (x, y), count = make_model(), make_data(), Counting()
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=2)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    steps = coming_steps(7, epochs=20, accumulation=2)
    lr_finder.verify(model, x, y, 1e-2, budget_steps=steps, batch_size=16, seed=0,
                     callbacks=[count])  # fmt: skip
    assert 0.4 * 7 * 20 < count.batches <= 0.6 * 7 * 20
