"""ModelState and preserve_state: copies that share nothing, put back to the bit."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.state import ModelState, preserve_state
from lr_finder.training.sweep import sweep

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


def test_a_schedule_gives_way_to_its_rate_of_the_moment():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.3, 0.03])
    model = make_model(optimizer=keras.optimizers.SGD(schedule))
    model.fit(*make_data(), batch_size=25, verbose=0)
    with preserve_state(model):
        assert float(host_copy(model.optimizer.learning_rate)) == pytest.approx(0.03)
    assert model.optimizer._learning_rate is schedule


# ------------------------------------------------------------- models of other kinds


class CountsBatches(keras.metrics.Metric):
    """A metric with variables of its own."""

    def __init__(self):
        super().__init__(name="batches")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.count.assign(self.count + 1.0)

    def result(self):
        return self.count + 0.0


class RunningMean(keras.layers.Layer):
    """A layer with state that no gradient trains, and a draw of its own."""

    def build(self, shape):
        self.mean = self.add_weight(shape=shape[1:], trainable=False, name="mean")
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, inputs, training=False):
        if training:
            noise = keras.random.normal(keras.ops.shape(inputs), seed=self.seeds)
            now = keras.ops.mean(inputs, axis=0)
            self.mean.assign(0.9 * self.mean + 0.1 * now)
            return inputs - self.mean + 0.1 * noise
        return inputs - self.mean


def frozen():
    inner = keras.layers.Dense(6, trainable=False)
    return [inner, keras.layers.BatchNormalization(trainable=False)]


def shared():
    layer = keras.layers.Dense(6, activation="tanh")
    return [layer, keras.layers.Dropout(0.2), layer]


def model_in_model():
    inner = keras.Sequential([keras.Input((6,)), *shared()])
    inner.compile("adam", "mse")  # an optimizer that the outer model does not use
    return [inner, keras.layers.BatchNormalization()]


def own_state():
    return [RunningMean(), keras.layers.Dense(6)]


def stateful():
    split = keras.layers.Reshape((3, 2))
    return [split, keras.layers.GRU(4, stateful=True, dropout=0.2)]


@pytest.mark.parametrize(
    "middle", [frozen, shared, model_in_model, own_state, stateful]
)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.few(2)
def test_models_of_every_kind_come_back(middle, warm):
    x, y = make_data(96)

    def outcome(swept):
        keras.utils.set_random_seed(3)
        layers = [*middle(), keras.layers.Dense(4, activation="softmax")]
        model = keras.Sequential([keras.Input((6,), batch_size=16), *layers])
        metrics = [CountsBatches(), "accuracy"]
        model.compile("adam", "sparse_categorical_crossentropy", metrics=metrics)
        options = {"batch_size": 16, "epochs": 2, "verbose": 0}
        if warm:
            model.fit(x, y, **options)
        states = [v for layer in model.layers for v in getattr(layer, "states", [])]
        if swept:
            sweep(model, x, y, batch_size=16, steps=9, repeats=2, seed=0, verbose=0)
        history = model.fit(x, y, **options).history
        return history, everything(model) + [host_copy(v) for v in states]

    if middle is stateful and keras.backend.backend() == "torch":
        with pytest.raises(RuntimeError, match="inplace"):
            outcome(False)
        pytest.skip("a plain fit fails as well")
    assert_same_outcome(outcome(True), outcome(False))


def test_a_copy_is_gone_on_from_and_the_start_as_well():
    """Dropout's seeds too: each training that starts from one place is the same."""
    model, (x, y) = make_model(), make_data()

    def losses():
        fit = {"batch_size": 16, "epochs": 1, "shuffle": False, "verbose": 0}
        keras.utils.set_random_seed(1)
        return model.fit(x, y, **fit).history["loss"]

    model.fit(x, y, epochs=1, verbose=0)
    with preserve_state(model) as (state, _):
        first = losses()
        copy = state.copy()
        second, third = losses(), losses()
        state.put(copy)
        assert losses() == second != third
        state.put()
        assert losses() == first
        state.put(copy)
        assert losses() == second
