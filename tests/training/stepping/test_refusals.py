"""What cannot be swept is refused by name; what can be is not."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.stepping.refusals import check_single_optimizer
from lr_finder.training.sweep import sweep

pytestmark = pytest.mark.training

DATA = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


class OwnStep(keras.Model):
    """With a `train_step` of its own, as a GAN has."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.build((None, 3))

    def build(self, shape):
        self.dense.build(shape)
        super().build(shape)

    def call(self, inputs):
        return self.dense(inputs)

    def train_step(self, *args):
        return super().train_step(*args)


@pytest.mark.parametrize("put", [lambda x: x, lambda x: [x], lambda x: {"g": x}],
                         ids=["attribute", "list", "dict"])  # fmt: skip
def test_a_second_optimizer_is_refused_untouched(put):
    model = OwnStep()
    model.second = put(keras.optimizers.Adam())
    model.compile("sgd", "mse")
    before = [host_copy(variable) for variable in model.variables]
    with pytest.raises(ModelError, match=r"'second'.*second optimizer \(Adam\)"):
        sweep(model, *DATA, verbose=0)
    assert not model.optimizer.built
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(host_copy(variable), value)


def test_the_models_own_optimizer_may_have_other_names():
    model = OwnStep()
    model.mine = keras.optimizers.Adam()
    model.compile(keras.optimizers.LossScaleOptimizer(model.mine), "mse")
    check_single_optimizer(model)
    wrapped = keras.optimizers.OptimizerMap(model.mine)
    model.compile(keras.optimizers.MultiOptimizer(wrapped), "mse")
    check_single_optimizer(model)


def test_an_optimizer_that_keras_own_step_never_uses_is_no_reason():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    inner.compile("adam", "mse")
    model = keras.Sequential([inner])
    model.compile("sgd", "mse")
    model.former = keras.optimizers.Adam()
    check_single_optimizer(model)
