"""The rates of an optimizer and of groups: read, moved, and refused by name."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.optimizer_rates import (
    Rates,
    accumulation_of,
    check_rates,
    current_rate,
    optimizer_name,
    rate_holders,
)
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep

pytestmark = pytest.mark.training

o = keras.optimizers


def groups(slow=0.1, fast=0.4):
    slow, fast = o.SGD(slow, name="slow"), o.Adam(fast, name="fast")
    return slow, fast, o.MultiOptimizer(o.OptimizerMap(slow, {".*head/.*": fast}))


def model_of(optimizer):
    layers = [keras.layers.Dense(2, name="body"), keras.layers.Dense(1, name="head")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(optimizer, "mse")
    return model


def test_the_holders_are_found_through_wrappers():
    slow, fast, several = groups()
    assert rate_holders(slow) == [slow]
    assert rate_holders(o.LossScaleOptimizer(slow)) == [slow]
    assert rate_holders(several) == [fast, slow]  # the default comes last in Keras
    assert rate_holders(o.LossScaleOptimizer(several)) == [fast, slow]


def test_the_current_rate_is_that_of_the_default_group():
    schedule = o.schedules.PiecewiseConstantDecay([3], [0.3, 0.03])
    assert current_rate(o.SGD(schedule)) == 0.3
    assert current_rate(o.SGD(lambda: 0.25)) == 0.25
    assert current_rate(o.LossScaleOptimizer(o.SGD(0.7))) == 0.7
    _, _, several = groups(slow=0.1)
    assert current_rate(several) == 0.1
    scheduled = o.SGD(schedule)
    scheduled._iterations.assign(4)
    assert current_rate(scheduled) == 0.03


@pytest.mark.parametrize("group, expected", [(None, (1.0, 4.0)), ("fast", (0.1, 1.0)),
                                             (1, (1.0, 0.4))])  # fmt: skip
def test_rates_move_in_proportion_or_alone(group, expected):
    slow, fast, several = groups()
    rates = Rates(o.LossScaleOptimizer(several), group)
    rates.set(1.0)
    assert (current_rate(slow), current_rate(fast)) == expected
    rates.set(0.5)  # the ratio is that of the beginning
    assert current_rate(slow) == (0.5 if group != "fast" else 0.1)


def test_a_function_makes_its_groups_when_it_is_built():
    sgd, adam = o.SGD(0.1, name="a"), o.Adam(0.3, name="b")
    several = o.MultiOptimizer(lambda v: sgd if "body" in v.path else adam)
    model = model_of(several)
    with pytest.raises(InputError, match="`group`.*function.*optimizer.build"):
        check_rates(model, "a")
    with pytest.raises(ModelError, match="optimizer.build"):
        current_rate(several)
    several.build(model.trainable_variables)
    assert current_rate(several) == 0.1
    Rates(several).set(1.0)
    assert current_rate(adam) == pytest.approx(3.0)


def test_a_step_takes_as_many_batches_as_are_accumulated():
    inner = o.SGD(gradient_accumulation_steps=4)
    assert accumulation_of(o.Adam()) == 1
    assert accumulation_of(o.LossScaleOptimizer(inner)) == 4
    several = o.OptimizerMap(inner, {"x": o.SGD(gradient_accumulation_steps=6)})
    assert accumulation_of(o.MultiOptimizer(several)) == 12


def test_the_name_tells_what_is_within():
    _, _, several = groups()
    assert optimizer_name(o.Adam()) == "Adam"
    assert optimizer_name(several) == "MultiOptimizer(Adam, SGD)"
    assert optimizer_name(o.LossScaleOptimizer(o.Lion())) == "LossScaleOptimizer(Lion)"


DATA = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


def assert_refused(model, error, words, group=None):
    """By `sweep` and by `LRSweep`; the model is as before, and nothing is built."""
    before = [host_copy(variable) for variable in model.variables]
    with pytest.raises(error, match=words):
        sweep(model, *DATA, group=group, verbose=0)
    assert not model.optimizer.built
    assert model.train_function is None
    after = [host_copy(variable) for variable in model.variables]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(error, match=words):
        model.fit(*DATA, verbose=0, callbacks=[LRSweep(group=group)])


@pytest.mark.parametrize("group", ["head", 2, -1, True, 0.5, ["slow"]], ids=str)
def test_an_unknown_group_is_refused(group):
    _, _, several = groups()
    words = r"`group` must be the name.*Received: group=.*\['fast', 'slow'\]"
    assert_refused(model_of(several), InputError, words, group)


def test_a_name_that_two_groups_share_is_refused():
    def namesakes():
        one, two = o.SGD(0.1, name="x"), o.SGD(0.2, name="x")
        return o.MultiOptimizer(o.OptimizerMap(one, {".*head/.*": two}))

    assert_refused(model_of(namesakes()), InputError, "its index", "x")
    result = sweep(model_of(namesakes()), *DATA, group=0, steps=2, verbose=0)
    assert result.metadata["group"] == 0


def test_a_group_for_an_optimizer_without_groups_is_refused():
    assert_refused(
        model_of("sgd"), InputError, "`group` must be None.*'x' with SGD", "x"
    )


def test_a_group_without_variables_is_refused():
    unused = o.SGD(name="unused")
    several = o.MultiOptimizer(o.OptimizerMap(o.SGD(), {"nowhere/.*": unused}))
    assert_refused(
        model_of(several), InputError, "variables to train.*'unused'", "unused"
    )


def test_a_default_rate_of_zero_is_refused_but_for_one_group_alone():
    _, _, several = groups(slow=0.0)
    assert_refused(model_of(several), InputError, "learning rate > 0.*'slow'.*group=")
    _, _, several = groups(slow=0.0)
    result = sweep(model_of(several), *DATA, group="fast", steps=2, verbose=0)
    assert result.metadata["group"] == "fast"


def test_an_optimizer_whose_rate_cannot_be_set_is_refused():
    class Fixed(o.SGD):
        @property
        def learning_rate(self):
            return self._get_current_learning_rate()

    assert_refused(model_of(Fixed()), ModelError, "can be set.*Fixed")
