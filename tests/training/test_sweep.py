"""`sweep`: what it measures, and that the model comes back bit-identical."""

import contextlib
import os
import signal
import threading

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep

from .conftest import (
    SEED,
    assert_same_outcome,
    make_data,
    make_model,
    outcome_of_fit,
)

pytestmark = pytest.mark.training


class RaisesAt(keras.callbacks.Callback):
    """Does something at one batch of a training."""

    def __init__(self, batch, action):
        super().__init__()
        self.batch, self.action = batch, action

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.batch:
            self.action()


class Traced(keras.layers.Layer):
    """An identity that tells when Keras traces or calls it."""

    on_call = None

    def call(self, inputs):
        if self.on_call is not None:
            self.on_call()
        return inputs


def least_squares(curvatures, batch_size=8):
    """Full-batch linear least squares whose Hessian has these eigenvalues."""
    x = np.diag(np.sqrt(np.asarray(curvatures) * batch_size / 2))
    x = np.vstack([x, np.zeros((batch_size - len(x), x.shape[1]))]).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
        ]
    )
    model.compile(keras.optimizers.SGD(), "mse")
    return model, x, np.zeros(batch_size, "float32")


# ---------------------------------------------------------------- what it measures


def test_losses_are_those_of_gradient_descent_in_closed_form():
    """On a quadratic each weight shrinks by (1 - lr * curvature): exact losses."""
    curvatures = np.array([1.0, 0.25])
    model, x, y = least_squares(curvatures)
    result = sweep(model, x, y, batch_size=8, steps=60, start_lr=1e-3, end_lr=1.5,
                   seed=0, verbose=0)  # fmt: skip
    weights = np.ones(2)
    expected = []
    for lr in result.lrs:
        expected.append(np.sum(curvatures * weights**2) / 2)
        weights = weights * (1 - lr * curvatures)
    np.testing.assert_allclose(result.losses, expected, rtol=2e-4, atol=1e-9)


def test_full_batch_descent_starts_to_diverge_at_two_over_the_curvature():
    model, x, y = least_squares([1.0, 0.9])
    result = sweep(model, x, y, batch_size=8, steps=50, start_lr=1.9, end_lr=2.5,
                   seed=0, verbose=0)  # fmt: skip
    # losses[i] shows the update made at lrs[i-1]: the first rise is one step later.
    first_rise = np.flatnonzero(np.diff(result.losses) > 0)[0]
    assert result.lrs[first_rise - 1] < 2 < result.lrs[first_rise + 1]


def test_loss_of_a_step_is_that_batch_alone_not_the_running_mean(model, data):
    """With the rate near zero the weights stand still: any batch can be evaluated."""
    x, y = data
    order = []

    class Keep(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            order.append(logs["loss"])

    model.layers[2].rate = 0.0
    result = sweep(model, x[:32], y[:32], batch_size=16, steps=10, start_lr=1e-12,
                   end_lr=1e-11, seed=0, verbose=0, callbacks=[Keep()])  # fmt: skip
    np.testing.assert_array_equal(result.losses, order)
    pairs = result.losses.reshape(5, 2)
    # Two batches make up all the data, so every pair has the same mean …
    assert len(set(result.losses.round(6))) > 2
    both = [sweep(model, x[:32], y[:32], batch_size=32, steps=2, start_lr=1e-12,
                  end_lr=1e-11, seed=0, verbose=0).losses[0]]  # fmt: skip
    # … up to BatchNorm, which sees each batch by itself.
    np.testing.assert_allclose(pairs.mean(axis=1), both[0], rtol=0.2)


@pytest.mark.parametrize("mode, spaced", [("exponential", np.log), ("linear", float)])
def test_rates_run_from_start_to_end_evenly(model, data, mode, spaced):
    result = sweep(model, *data, steps=20, start_lr=1e-4, end_lr=1e-2, mode=mode,
                   seed=0, stop=False, verbose=0)  # fmt: skip
    assert result.lrs[0] == pytest.approx(1e-4, rel=1e-12)
    assert result.lrs[-1] == pytest.approx(1e-2, rel=1e-12)
    steps = np.diff([spaced(lr) for lr in result.lrs])
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert result.stop_reason == "completed"


def test_data_shorter_than_the_sweep_leaves_no_jump_where_it_begins_anew():
    """On a quadratic every batch is the same: the curve must be smooth throughout."""
    model, x, y = least_squares([1.0])
    x, y = np.tile(x[:1], (12, 1)), y[:1].repeat(12)
    result = sweep(model, x, y, batch_size=8, steps=50, start_lr=1e-4, end_lr=1e-2,
                   seed=0, verbose=0)  # fmt: skip
    assert len(result.lrs) == 50
    ratio = result.losses[1:] / result.losses[:-1]
    np.testing.assert_allclose(ratio, (1 - result.lrs[:-1] * 8) ** 2, rtol=1e-4)


def weighted_batches():
    """Batches of ten rows; of the eighth row the weight is not a number."""
    weights = np.where(np.arange(100) == 7, np.nan, 1.0)
    arrays = (*make_data(), weights)
    yield from (tuple(a[i : i + 10] for a in arrays) for i in range(90, -1, -10))


def test_not_a_number_ends_the_sweep_before_it_is_recorded(model):
    result = sweep(model, weighted_batches(), steps=30, seed=0, verbose=0)
    assert result.stop_reason == "nonfinite"
    assert len(result.lrs) == 9
    assert np.all(np.isfinite(result.losses))


def test_same_seed_same_curve_another_seed_another_one(data):
    model = make_model()
    curves = [
        sweep(model, *data, steps=12, seed=seed, verbose=0).losses for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(curves[0], curves[1])
    assert not np.array_equal(curves[0], curves[2])


def test_a_call_without_seed_tells_the_one_it_drew(model, data):
    first = sweep(model, *data, steps=12, verbose=0)
    again = sweep(model, *data, steps=12, verbose=0, seed=first.metadata["seed"])
    np.testing.assert_array_equal(first.losses, again.losses)


def test_repeats_start_from_the_same_weights_with_other_batches(data):
    model, x, y = least_squares([1.0, 0.5])
    result = sweep(model, x, y, batch_size=8, steps=40, repeats=3, seed=0, verbose=0)
    # Full batches: the order is all that differs, so the curves agree.
    for curve in result.curves[1:]:
        n = min(len(curve), len(result.curves[0]))
        np.testing.assert_allclose(
            curve.losses[:n], result.curves[0].losses[:n], rtol=1e-4
        )
    noisy = sweep(make_model(), *data, batch_size=16, steps=12, repeats=3, seed=0,
                  verbose=0)  # fmt: skip
    assert len({curve.losses[0] for curve in noisy.curves}) == 3
    np.testing.assert_allclose(
        noisy.losses, np.mean([c.losses for c in noisy.curves], axis=0)
    )
    alone = sweep(make_model(), *data, batch_size=16, steps=12, seed=0, verbose=0)
    np.testing.assert_array_equal(noisy.curves[0].losses, alone.losses)


def test_a_repeat_that_diverges_makes_room_for_the_next():
    model, x, y = least_squares([1.0])
    result = sweep(model, x, y, batch_size=8, steps=80, start_lr=1.5, end_lr=90.0,
                   repeats=3, seed=0, verbose=0)  # fmt: skip
    assert [str(curve.stop_reason) for curve in result.curves] == ["diverged"] * 3
    assert all(len(curve) < 80 for curve in result.curves)


def test_sample_weights_scale_the_losses():
    model, x, y = least_squares([1.0])
    options = dict(batch_size=8, steps=10, start_lr=1e-12, end_lr=1e-11, seed=0,
                   verbose=0)  # fmt: skip
    plain = sweep(model, x, y, **options)
    halved = sweep(model, x, y, sample_weight=np.full(8, 0.5), **options)
    np.testing.assert_allclose(halved.losses, plain.losses / 2, rtol=1e-6)


# ------------------------------------------------------------------- tf.data sources


@pytest.fixture
def dataset(data):
    tf = pytest.importorskip("tensorflow")
    x, y = data
    return tf.data.Dataset.from_tensor_slices((x.astype("float32"), y)).batch(16)


@pytest.mark.parametrize("infinite", [False, True])
def test_a_dataset_is_swept_in_its_own_order(model, dataset, data, infinite):
    source = dataset.repeat() if infinite else dataset
    result = sweep(model, source, steps=20, start_lr=1e-12, end_lr=1e-11, verbose=0)
    assert len(result.lrs) == 20
    # Seven batches a pass, the weights at rest, no Dropout left: pass repeats pass.
    model = make_model()
    model.layers[2].rate = 0.0
    losses = sweep(
        model, source, steps=20, start_lr=1e-12, end_lr=1e-11, verbose=0
    ).losses
    np.testing.assert_allclose(losses[:7], losses[7:14], rtol=1e-5)
    assert len(set(losses[:7].round(5))) == 7


def test_repeats_shuffle_a_dataset(dataset):
    model = make_model()
    model.layers[2].rate = 0.0
    result = sweep(model, dataset, steps=7, repeats=2, start_lr=1e-12, end_lr=1e-11,
                   seed=0, verbose=0)  # fmt: skip
    one, other = (curve.losses for curve in result.curves)
    assert not np.allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(np.sort(one), np.sort(other), rtol=1e-5)


# ------------------------------------------------------------------ the way back


@pytest.fixture(scope="module")
def expected():
    """Outcomes without a sweep: of a cold and of a warm model, seeded or not."""
    outcomes = {}
    for warm in (False, True):
        for seed_after in (False, True):
            model = make_model()
            if warm:
                outcome_of_fit(model)
            if seed_after:
                keras.utils.set_random_seed(SEED + 1)
            outcomes[warm, seed_after] = outcome_of_fit(model)
    return outcomes


def succeed(model):
    sweep(model, *make_data(), batch_size=16, steps=12, repeats=2, seed=0, verbose=0)


def diverge(model):
    result = sweep(model, *make_data(), batch_size=16, steps=60, start_lr=1e-2,
                   end_lr=1e6, seed=0, verbose=0)  # fmt: skip
    assert result.stop_reason in ("diverged", "nonfinite")


def meet_nan(model):
    weights = np.where(np.arange(100) == 7, np.nan, 1.0)
    with pytest.raises(InputError, match="`sample_weight` must hold finite"):
        sweep(model, *make_data(), sample_weight=weights, steps=30, verbose=0)


def meet_nan_on_the_way(model):
    result = sweep(model, weighted_batches(), steps=30, verbose=0)
    assert result.stop_reason == "nonfinite" and "not_finite" in result.metadata


def fail(model):
    def explode():
        raise RuntimeError("in the middle of fit")

    with pytest.raises(RuntimeError, match="in the middle"):
        sweep(model, *make_data(), batch_size=16, steps=12, seed=0, verbose=0,
              callbacks=[RaisesAt(5, explode)])  # fmt: skip


def interrupt():
    signal.raise_signal(signal.SIGINT)


def press_ctrl_c(model):
    with pytest.raises(KeyboardInterrupt):
        sweep(model, *make_data(), batch_size=16, steps=12, seed=0, verbose=0,
              callbacks=[RaisesAt(5, interrupt)])  # fmt: skip


@pytest.mark.parametrize("seed_after", [False, True], ids=["seeded", "seed-after"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize(
    "event",
    [succeed, diverge, meet_nan, meet_nan_on_the_way, fail, press_ctrl_c],
)
@pytest.mark.few(4)
def test_a_fit_after_a_sweep_is_bit_identical(expected, event, warm, seed_after):
    model = make_model()
    if warm:
        outcome_of_fit(model)
    event(model)
    if seed_after:
        keras.utils.set_random_seed(SEED + 1)
    assert_same_outcome(outcome_of_fit(model), expected[warm, seed_after])


def test_a_model_without_weights_is_built_as_fit_would(expected):
    model = make_model(inputs=False)
    assert not model.built
    succeed(model)
    assert_same_outcome(outcome_of_fit(model), expected[False, False])


@pytest.mark.parametrize("when", ["trace", "second trace or first batch"])
@pytest.mark.few(1)
def test_ctrl_c_during_the_first_trace_leaves_the_model_whole(when):
    def make():
        keras.utils.set_random_seed(SEED)
        traced = Traced()
        model = keras.Sequential(
            [keras.Input((6,)), keras.layers.Dense(8), traced, keras.layers.Dense(4)]
        )
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
        return model, traced

    expected = outcome_of_fit(make()[0])
    model, traced = make()
    calls = iter([False, True] if when != "trace" else [True])
    traced.on_call = lambda: next(calls, False) and signal.raise_signal(signal.SIGINT)
    try:
        sweep(model, *make_data(), steps=12, seed=0, verbose=0)
    except KeyboardInterrupt:
        interrupted = True
    else:
        interrupted = False
    assert interrupted or next(calls, None)  # traced once only: never came that far
    traced.on_call = None
    assert_same_outcome(outcome_of_fit(model), expected)


def interrupted_after(delay):
    """A cold model whose sweeps met a real SIGINT after so many seconds."""
    model = make_model()
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
    # Between two sweeps the signal is anybody's; a library may even swallow it.
    with contextlib.suppress(KeyboardInterrupt):
        timer.start()
        while timer.is_alive():  # mostly it comes in the midst of a sweep
            sweep(model, *make_data(), batch_size=16, steps=20, seed=0, verbose=0)
        timer.join()
    return model


LOST_BETWEEN_SWEEPS = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@LOST_BETWEEN_SWEEPS
@pytest.mark.parametrize("delay", np.random.default_rng(0).uniform(0, 0.8, 6).round(3))
@pytest.mark.few(1)
def test_ctrl_c_at_a_random_moment(expected, delay):
    model = interrupted_after(delay)
    assert_same_outcome(outcome_of_fit(model), expected[False, False])


@LOST_BETWEEN_SWEEPS
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ctrl_c_at_a_hundred_random_moments(expected):
    for delay in np.random.default_rng(1).uniform(0, 1.0, 100):
        model = interrupted_after(delay)
        assert_same_outcome(outcome_of_fit(model), expected[False, False])


def test_attributes_of_the_model_come_back(model, data):
    history = model.fit(*data, verbose=0)
    model.stop_training = True
    functions = model.train_function, model.test_function
    succeed(model)
    assert model.history is history
    assert model.stop_training is True
    assert (model.train_function, model.test_function) == functions


def test_a_model_never_fitted_has_no_history_afterwards(model):
    before = hasattr(model, "history")
    succeed(model)
    assert hasattr(model, "history") == before


def several_inputs_and_outputs(optimizer):
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    hidden = keras.layers.Concatenate()([keras.layers.Dense(5)(a), b])
    mean = keras.layers.Dense(1, name="mean")(keras.layers.Dropout(0.2)(hidden))
    kind = keras.layers.Dense(4, activation="softmax", name="kind")(hidden)
    model = keras.Model({"a": a, "b": b}, {"mean": mean, "kind": kind})
    losses = {"mean": "mse", "kind": "sparse_categorical_crossentropy"}
    model.compile(optimizer, losses, metrics={"kind": ["accuracy"]})
    x, y = make_data()
    return model, {"a": x[:, :4], "b": x[:, 4:]}, {"mean": x.sum(1), "kind": y}


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(8, activation="relu")
        self.dropout = keras.layers.Dropout(0.3)
        self.out = keras.layers.Dense(1)

    def call(self, inputs, training=False):
        return self.out(self.dropout(self.hidden(inputs), training=training))


def subclassed(optimizer):
    model = Subclassed()
    model.compile(optimizer, "mse", metrics=["mae"])
    x, _ = make_data()
    return model, x, x.sum(1)


def recurrent(optimizer):
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            keras.layers.Embedding(10, 4),
            keras.layers.GRU(3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer, "binary_crossentropy", run_eagerly=False)
    x = np.random.default_rng(0).integers(0, 10, (100, 6))
    return model, x, (x[:, 0] > 4).astype("float32")


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        lambda: keras.optimizers.Adam(gradient_accumulation_steps=2),
        lambda: keras.optimizers.AdamW(use_ema=True, clipnorm=1.0),
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.RMSprop()),
        lambda: keras.optimizers.SGD(lambda: 0.01),
    ],
    ids=["nesterov", "accumulating", "averaged", "loss-scaled", "callable"],
)
@pytest.mark.parametrize(
    "build",
    [several_inputs_and_outputs, subclassed, recurrent],
    ids=lambda f: f.__name__,
)
@pytest.mark.few(3)
def test_other_models_and_optimizers_come_back_as_well(build, optimizer):
    def fit(swept):
        keras.utils.set_random_seed(SEED)
        model, x, y = build(optimizer())
        if swept:
            result = sweep(model, x, y, batch_size=16, steps=12, seed=0, verbose=0)
            assert len(set(result.losses)) > 1
        history = model.fit(x, y, batch_size=16, epochs=2, verbose=0).history
        return history, [host_copy(variable) for variable in model.variables]

    assert_same_outcome(fit(swept=True), fit(swept=False))


def test_a_learning_rate_schedule_comes_back_as_the_same_object(data):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    make = lambda: make_model(optimizer=keras.optimizers.SGD(schedule))  # noqa: E731
    expected = outcome_of_fit(make())
    model = make()
    result = sweep(model, *data, batch_size=16, steps=12, seed=0, verbose=0)
    assert result.lrs[0] == pytest.approx(1e-7)
    assert len(set(result.losses)) > 1
    assert model.optimizer._learning_rate is schedule
    # The rate of its first step says nothing of the others.
    assert sweep(model, *data, steps=9, verbose=0).metadata["compiled_lr"] is None
    assert_same_outcome(outcome_of_fit(model), expected)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras refuses it under torch"
)
def test_steps_per_execution_is_one_for_the_sweep_and_comes_back(data):
    def make():
        model = make_model()
        model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=4)
        return model

    expected = outcome_of_fit(make())
    model = make()
    result = sweep(model, *data, batch_size=16, steps=12, seed=0, verbose=0)
    assert len(result.losses) == 12
    assert model.steps_per_execution == 4
    assert_same_outcome(outcome_of_fit(model), expected)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="counts TensorFlow's traces"
)
def test_a_fit_after_a_sweep_traces_no_more_than_without_it():
    x, y = make_data(96)

    def traces_of_fit(is_swept):
        traced, calls = Traced(), []
        model = keras.Sequential([keras.Input((6,)), traced, keras.layers.Dense(4)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
        if is_swept:
            sweep(model, x, y, batch_size=16, steps=8, seed=0, verbose=0)
        traced.on_call = lambda: calls.append(1)
        model.fit(x, y, batch_size=16, verbose=0)
        return len(calls)

    assert 1 <= traces_of_fit(True) <= traces_of_fit(False)


def test_other_callbacks_of_a_later_fit_are_not_disturbed(model, data):
    succeed(model)
    stopper = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
    history = model.fit(*data, epochs=2, verbose=0, callbacks=[stopper])
    assert len(history.history["loss"]) == 2


# ------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"start_lr": 1.0, "end_lr": 0.1}, "start_lr"),
        ({"start_lr": 0.0}, "start_lr"),
        ({"end_lr": float("nan")}, "end_lr"),
        ({"end_lr": float("inf")}, "end_lr"),
        ({"start_lr": -1.0}, "start_lr"),
        ({"steps": 1}, "steps"),
        ({"steps": 10.5}, "steps"),
        ({"batch_size": 0}, "batch_size"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": True}, "repeats"),
        ({"batch_size": "32"}, "batch_size"),
        ({"steps": "many"}, "steps"),
        ({"end_lr": "10"}, "end_lr"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"mode": "cubic"}, "mode"),
    ],
)
def test_arguments_that_break_a_rule_are_named(model, data, arguments, words):
    with pytest.raises(InputError, match=f"`{words}`.*Received"):
        sweep(model, *data, verbose=0, **arguments)


def test_data_that_breaks_a_rule_is_named(model, data):
    x, y = data
    with pytest.raises(InputError, match="same number of samples"):
        sweep(model, x, y[:-1], verbose=0)
    with pytest.raises(InputError, match="same number of samples"):
        sweep(model, x[:0], y[:0], verbose=0)
    with pytest.raises(InputError, match="must be an array"):
        sweep(model, "text", y, verbose=0)
    with pytest.raises(InputError, match="axis of samples"):
        sweep(model, np.float32(1), y, verbose=0)
    with pytest.raises(InputError, match="`y`.*targets"):
        sweep(model, x, verbose=0)


def test_data_of_another_shape_than_the_models_input_is_named(model, data):
    x, y = data
    with pytest.raises(InputError, match=r"`x`.*\(None, 6\).*\(None, 3\)"):
        sweep(model, x[:, :3], y, verbose=0)
    assert not model.optimizer.built


def test_callbacks_that_cannot_run_in_a_sweep_are_refused(model, data):
    for wrong in (["x"], "x", LRSweep(), 3):
        with pytest.raises(InputError, match="`callbacks`.*list of Keras callbacks"):
            sweep(model, *data, verbose=0, callbacks=wrong)
    with pytest.raises(InputError, match="no other sweep"):
        sweep(model, *data, verbose=0, callbacks=[LRSweep()])


class KeepsCallbacks(keras.Sequential):
    """Has a `fit` of its own, which does not hand its callbacks on."""

    def fit(self, *arguments, callbacks=None, **options):
        return super().fit(*arguments, **options)


def test_a_fit_that_runs_no_callbacks_is_named(data):
    model = KeepsCallbacks([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(ModelError, match="whose `fit` did not"):
        sweep(model, data[0], data[1], steps=5, verbose=0)
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_inputs_and_targets_may_be_lists(kind):
    """As `fit` takes them; of equal shapes, which tf.data would stack."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    joined = keras.layers.Concatenate()([a, b])
    inputs, outputs = [a, b], [keras.layers.Dense(1, name=n)(joined) for n in "cd"]
    x, _ = make_data()
    x, y = [x[:, :4], x[:, 2:]], [x[:, 0], x[:, 1]]
    if kind is dict:
        inputs, outputs = dict(zip("ab", inputs)), dict(zip("cd", outputs))  # noqa: B905
        x, y = dict(zip("ab", x)), dict(zip("cd", y))  # noqa: B905
    elif kind is tuple:
        x, y = tuple(x), tuple(y)
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    result = sweep(model, x, y, batch_size=100, steps=2, start_lr=1e-12, end_lr=1e-11,
                   verbose=0)  # fmt: skip
    expected = model.evaluate(x, y, batch_size=100, verbose=0)
    np.testing.assert_allclose(result.losses, np.ravel(expected)[0], rtol=1e-5)


def test_dataset_that_breaks_a_rule_is_named(model, dataset):
    with pytest.raises(InputError, match="`y` must be None"):
        sweep(model, dataset, np.zeros(3), verbose=0)
    with pytest.raises(InputError, match="empty"):
        sweep(model, dataset.take(0), verbose=0)


def test_models_that_cannot_be_trained_are_refused_untouched(data):
    uncompiled = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    with pytest.raises(ModelError, match="compiled"):
        sweep(uncompiled, *data, verbose=0)
    with pytest.raises(ModelError, match=r"keras\.Model"):
        sweep(object(), *data, verbose=0)
    frozen = make_model()
    frozen.trainable = False
    with pytest.raises(ModelError, match="trainable"):
        sweep(frozen, *data, verbose=0)
    assert not frozen.optimizer.built
