"""What is refused before a training, by `sweep` and by `verify` alike."""

import functools

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.checking.preconditions import (
    check_targets,
    check_training,
    drawn_seed,
)
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

from ..conftest import make_data, make_model

pytestmark = pytest.mark.training

X, Y = make_data()


@pytest.mark.parametrize(
    "train", [sweep, functools.partial(verify, suggestion=0.1, budget_steps=500)]
)
@pytest.mark.parametrize(
    "x, y, options, words",
    [
        (X, None, {}, "`y` must hold the targets"),
        (X[:, :3], Y, {}, r"shape of the model's input, \(None, 6\)"),
        (X, Y, {"batch_size": 0}, "`batch_size`"),
        (X, Y, {"group": "x"}, "`group` must be None"),
        (X, Y, {"callbacks": [1]}, "`callbacks`"),
        (X, Y, {"validation_data": X}, "`validation_data`"),
    ],
)
def test_the_same_is_refused_untouched(train, x, y, options, words):
    model = make_model()
    before = [host_copy(variable) for variable in model.variables]
    with pytest.raises(InputError, match=words):
        train(model, x, y, verbose=0, **options)
    assert not model.optimizer.built
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(host_copy(variable), value)


def test_what_can_begin_passes():
    model = make_model()
    check_training(model, X, Y, batch_size=8, group=None, callbacks=None)


def test_a_seed_is_kept_or_drawn():
    assert drawn_seed(7) == 7
    assert len({drawn_seed(None) for _ in range(5)}) > 1
    with pytest.raises(InputError, match="`seed`"):
        drawn_seed(-1)


def test_a_function_that_makes_a_generator_is_to_be_called():
    def batches():
        yield np.ones((2, 3)), np.ones((2, 1))

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(InputError, match="batches is a function .*: call it"):
        check_targets(model, batches, None)
