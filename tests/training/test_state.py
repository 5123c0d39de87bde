"""ModelState and preserve_state: copies that share nothing, put back to the bit."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.state import ModelState, preserve_state
from lr_finder.training.variables import host_copy

from .conftest import assert_same_outcome, make_data, make_model, outcome_of_fit

pytestmark = pytest.mark.training


def everything(model):
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [host_copy(variable) for variable in variables]


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="torch keeps no seed in the model"
)
def test_rewind_puts_weights_and_optimizer_back_but_not_the_seeds(model):
    outcome_of_fit(model)
    before = everything(model)
    seeds = [host_copy(v) for v in model.variables if "seed" in v.path]
    state = ModelState(model)
    outcome_of_fit(model)
    state.rewind()
    for variable, value in state._moving:
        np.testing.assert_array_equal(host_copy(variable), value)
    after = [host_copy(v) for v in model.variables if "seed" in v.path]
    assert seeds
    assert not any(np.array_equal(a, b) for a, b in zip(seeds, after, strict=True))
    state.restore()
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_variable_is_copied_once(model):
    """The memory that the copy takes is that of the variables, and no more."""
    outcome_of_fit(model)
    state = ModelState(model)
    held = sum(np.asarray(value).nbytes for _, value in state._moving + state._still)
    assert held == sum(value.nbytes for value in everything(model))


def test_an_optimizer_not_yet_built_is_left_built_at_its_initial_values(model):
    rate = host_copy(model.optimizer.learning_rate)
    assert not model.optimizer.built
    with preserve_state(model):
        model.fit(*make_data(), verbose=0)
    assert model.optimizer.built
    assert host_copy(model.optimizer.iterations) == 0
    np.testing.assert_array_equal(host_copy(model.optimizer.learning_rate), rate)
    slots = model.optimizer.variables[2:]
    assert slots
    assert all(not host_copy(variable).any() for variable in slots)


def test_training_by_hand_inside_is_undone_as_well():
    expected = outcome_of_fit(make_model())
    model = make_model()
    with preserve_state(model) as (state, _):
        for _ in range(2):
            model.fit(*make_data(), epochs=2, verbose=0)
            state.rewind()
        model.optimizer.learning_rate = 0.7
        model.stop_training = True
    assert_same_outcome(outcome_of_fit(model), expected)


def test_nothing_is_touched_where_the_model_is_refused():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ModelError, match="built"):
        with preserve_state(model):
            raise AssertionError("never gets here")
    assert not model.built
    assert not model.optimizer.built


def test_evaluate_before_and_after_agree(model):
    x, y = make_data()
    before = model.evaluate(x, y, verbose=0)
    with preserve_state(model):
        model.fit(x, y, verbose=0)
    assert model.evaluate(x, y, verbose=0) == before
