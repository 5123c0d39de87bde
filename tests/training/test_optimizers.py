"""All optimizers of Keras, and what they are combined with: swept, and put back."""

import keras
import numpy as np
import pytest

from lr_finder.errors import SuggestionError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.optimizer_rates import rate_holders
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep

from .conftest import SEED, assert_same_outcome, make_data, make_model, outcome_of_fit

pytestmark = pytest.mark.training

o = keras.optimizers
SCHEDULE = o.schedules.ExponentialDecay(0.01, 10, 0.5)


def groups(**options):
    """SGD for BatchNorm's variables, Adam for the others."""
    others = o.Adam(**options)
    return o.MultiOptimizer(
        o.OptimizerMap(others, {".*batch_norm.*": o.SGD(**options)})
    )


def groups_by_function():
    sgd, adam = o.SGD(), o.Adam()
    return o.MultiOptimizer(lambda v: sgd if "batch_norm" in v.path else adam)


PLAIN = {
    name: getattr(o, name)
    for name in (
        "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb",
        "Lion", "Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW",
    )
}  # fmt: skip
OPTIONS = {
    "schedule": {"learning_rate": SCHEDULE},
    "callable": {"learning_rate": lambda: 0.01},
    "weight_decay": {"weight_decay": 0.01},
    "clipnorm": {"clipnorm": 1.0},
    "clipvalue": {"clipvalue": 0.5},
    "global_clipnorm": {"global_clipnorm": 1.0},
    "ema": {"use_ema": True},
    "ema_overwrite": {"use_ema": True, "ema_overwrite_frequency": 2},
    "accumulation": {"gradient_accumulation_steps": 3},
}
WRAPPED = {
    "loss_scale": lambda: o.LossScaleOptimizer(o.SGD()),
    "loss_scale-schedule": lambda: o.LossScaleOptimizer(o.SGD(SCHEDULE)),
    "loss_scale-accumulation": lambda: o.LossScaleOptimizer(
        o.Adam(gradient_accumulation_steps=3)
    ),
    "loss_scale-groups": lambda: o.LossScaleOptimizer(groups()),
    "groups": groups,
    "groups-function": groups_by_function,
    "groups-schedule": lambda: groups(learning_rate=SCHEDULE),
    "groups-accumulation": lambda: groups(gradient_accumulation_steps=3),
}
POLICIES = {
    "mixed_float16": o.Adam,
    "mixed_bfloat16": o.Adam,
    "mixed_float16-overflow": lambda: o.LossScaleOptimizer(o.Adam(), 2.0**31),
    "mixed_float16-accumulation": lambda: o.Adam(gradient_accumulation_steps=3),
    "mixed_float16-groups": groups,
}
OF_ADAM = {
    f"Adam-{name}": lambda options=options: o.Adam(**options)
    for name, options in OPTIONS.items()
}
OF_OTHERS = {
    f"{kind}-{name}": lambda kind=kind, options=options: PLAIN[kind](**options)
    for kind in PLAIN
    for name, options in OPTIONS.items()
    if kind != "Adam"
}
TABLE = PLAIN | OF_ADAM | WRAPPED | POLICIES
# What another row of the table, or a test of `sweep`, covers in the main.
SLOW = {
    "Adam-callable", "Adam-clipnorm", "Adam-clipvalue", "Adam-global_clipnorm",
    "loss_scale", "loss_scale-accumulation", "loss_scale-groups", "groups",
    "mixed_float16", "mixed_float16-accumulation", "mixed_float16-groups",
}  # fmt: skip
# On some backend, from these 60 steps, no descent beyond the noise can be read.
MAY_SUGGEST_NOTHING = {"Ftrl", "Adam-ema_overwrite"}


def rows(cases, slow=SLOW):
    mark = pytest.mark.slow
    return [pytest.param(c, marks=mark) if c in slow else c for c in cases]


def build(case):
    """A small network with state that is not trained, for one row of the table."""
    keras.utils.set_random_seed(SEED)
    keras.config.set_dtype_policy(
        case.partition("-")[0] if case in POLICIES else "float32"
    )
    try:
        model = keras.Sequential(
            [
                keras.Input((6,)),
                keras.layers.Dense(8, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(4, activation="softmax", dtype="float32"),
            ]
        )
        optimizer = (TABLE | OF_OTHERS)[case]()
        model.compile(optimizer, "sparse_categorical_crossentropy")
    finally:
        keras.config.set_dtype_policy("float32")
    return model


def sweep_of(model, **options):
    options = {"batch_size": 16, "steps": 60, "start_lr": 1e-5, "end_lr": 1e2} | options
    return sweep(model, *make_data(), seed=0, verbose=0, **options)


def test_the_table_has_every_optimizer_of_keras():
    public = {
        name
        for name, kind in vars(o).items()
        if isinstance(kind, type) and issubclass(kind, o.Optimizer)
    }
    assert public == {*PLAIN, "Optimizer", "LossScaleOptimizer", "MultiOptimizer"}


def check_cold(case):
    expected = outcome_of_fit(build(case))
    model = build(case)
    before = [holder._learning_rate for holder in rate_holders(model.optimizer)]
    result = sweep_of(model)
    after = [holder._learning_rate for holder in rate_holders(model.optimizer)]
    if before:  # a MultiOptimizer by a function has groups once it is built
        assert all(one is other for one, other in zip(before, after, strict=True))
    assert len(set(result.losses)) > 10
    assert_same_outcome(outcome_of_fit(model), expected)
    return result


@pytest.mark.parametrize("case", rows(TABLE))
@pytest.mark.few(4)
def test_it_is_swept_and_put_back(case):
    result = check_cold(case)
    try:
        suggestion = result.suggest()
    except SuggestionError:
        assert case in MAY_SUGGEST_NOTHING
    else:
        assert 1e-5 <= suggestion.low <= suggestion.lr <= suggestion.high <= 1e2


@pytest.mark.slow
@pytest.mark.parametrize("case", OF_OTHERS)
def test_every_option_of_every_optimizer_is_put_back(case):
    check_cold(case)


# Keras 3.15: at its end, `fit` makes weights and averages share memory under JAX.
FAILS_IN_SECOND_FIT = {"jax": {"Adam-ema", "Adam-ema_overwrite"}}
WARM = ["ScheduleFreeAdamW", "Adam-accumulation", "groups-schedule", "Adam-ema"]
WARM_AND_SLOW = [
    "Muon", "Adam-schedule", "Adam-ema_overwrite", "loss_scale-accumulation",
    "mixed_float16-overflow",
]  # fmt: skip


@pytest.mark.parametrize("case", rows(WARM + WARM_AND_SLOW, slow=WARM_AND_SLOW))
@pytest.mark.few(1)
def test_a_model_trained_before_is_put_back(case):
    """After 14 batches, an accumulation over 3 is in the midst of a step."""

    def trained():
        model = build(case)
        outcome_of_fit(model)
        keras.utils.set_random_seed(SEED + 1)
        return model

    if case in FAILS_IN_SECOND_FIT.get(keras.backend.backend(), ()):
        with pytest.raises(Exception):  # noqa: B017 - whatever JAX makes of it
            outcome_of_fit(trained())
        pytest.skip("a second plain fit fails as well")
    expected = outcome_of_fit(trained())
    model = trained()
    sweep_of(model, steps=12)
    assert_same_outcome(outcome_of_fit(model), expected)


@pytest.mark.parametrize("options", [{"run_eagerly": True}, {"jit_compile": True},
                                     {"jit_compile": False}], ids=str)  # fmt: skip
@pytest.mark.few(1)
def test_each_way_of_running_a_step_is_put_back(options):
    if options.get("jit_compile") and keras.backend.backend() == "torch":
        pytest.skip("torch.compile needs a compiler for C++")

    def make():
        model = make_model()
        model.compile(o.Adam(), "sparse_categorical_crossentropy", **options)
        return model

    expected = outcome_of_fit(make())
    model = make()
    sweep_of(model, steps=12)
    assert_same_outcome(outcome_of_fit(model), expected)


# ---------------------------------------------------------- accumulated gradients


def quadratic(optimizer, curvatures=(1.0, 0.25), samples=8):
    """Two weights at 1, one in each layer, whose losses do not mix."""
    a, b = keras.Input((1,), name="a"), keras.Input((1,), name="b")
    dense = {"use_bias": False, "kernel_initializer": "ones"}
    one, two = (keras.layers.Dense(1, name=name, **dense) for name in ("one", "two"))
    model = keras.Model([a, b], keras.layers.Add()([one(a), two(b)]))
    model.compile(optimizer, "mse")
    x = np.zeros((2, samples, 1), "float32")
    x[0, 0], x[1, 1] = np.sqrt(np.asarray(curvatures) * samples / 2)
    return model, (x[0], x[1]), np.zeros(samples, "float32")


def losses_of_descent(lrs, curvatures=(1.0, 0.25), ratios=(1.0, 1.0), fixed=None):
    """Closed form: each weight shrinks by (1 - its rate * its curvature)."""
    weights, losses = np.ones(2), []
    for lr in lrs:
        losses.append(np.sum(np.asarray(curvatures) * weights**2) / 2)
        rates = lr * np.asarray(ratios)
        if fixed is not None:
            rates = np.where(np.isnan(fixed), rates, fixed)
        weights = weights * (1 - rates * curvatures)
    return losses


FULL_BATCHES = {"batch_size": 8, "steps": 30, "start_lr": 1e-2, "end_lr": 1.0,
                "seed": 0, "verbose": 0}  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda x: x, o.LossScaleOptimizer], ids=["", "scale"])
@pytest.mark.parametrize("repeats", [1, 2])
@pytest.mark.few(2)
def test_a_step_is_one_of_the_optimizer(wrap, repeats):
    optimizer = wrap(o.SGD(gradient_accumulation_steps=4))
    model, x, y = quadratic(optimizer)
    result = sweep(model, x, y, repeats=repeats, **FULL_BATCHES)
    expected = losses_of_descent(result.lrs)
    for curve in result.curves:
        assert len(curve) == 30
        np.testing.assert_allclose(curve.losses, expected, rtol=2e-4, atol=1e-9)
    assert result.metadata["gradient_accumulation_steps"] == 4


def test_a_sweep_begun_in_the_midst_of_a_step_keeps_to_the_optimizers_steps():
    """A first point of one batch, then whole steps: the weights move between points."""
    model, x, y = quadratic(o.SGD(1e-9, gradient_accumulation_steps=3))
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    result = sweep(model, x, y, **FULL_BATCHES)
    expected = losses_of_descent(result.lrs)
    np.testing.assert_allclose(result.losses, expected, rtol=2e-4, atol=1e-9)
    assert host_copy(model.optimizer._iterations) == 2


class Keep(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))


def test_the_loss_of_a_step_is_the_mean_of_its_batches():
    model = make_model(optimizer=o.SGD(gradient_accumulation_steps=3))
    keep = Keep()
    result = sweep_of(model, steps=5, callbacks=[keep])
    assert len(keep.losses) == 15
    means = np.mean(np.reshape(keep.losses, (5, 3)), axis=1)
    np.testing.assert_allclose(result.losses, means, rtol=1e-6)
    callback, keep = LRSweep(1e-5, 1.0, steps=5), Keep()
    model.fit(*make_data(96), batch_size=16, epochs=9, verbose=0,
              callbacks=[callback, keep])  # fmt: skip
    assert len(keep.losses) == 15
    means = np.mean(np.reshape(keep.losses, (5, 3)), axis=1)
    np.testing.assert_allclose(callback.result.losses, means, rtol=1e-6)


def test_a_fit_too_short_for_its_steps_says_how_many_epochs_are_enough():
    options = {"batch_size": 16, "verbose": 0}
    model = make_model(optimizer=o.SGD(gradient_accumulation_steps=4))
    callback = LRSweep(1e-5, 1e-2, steps=6)
    with pytest.warns(UserWarning, match="1 of the 6 steps.*epochs=4"):
        model.fit(*make_data(96), callbacks=[callback], **options)
    model.fit(*make_data(96), epochs=4, callbacks=[callback], **options)
    assert callback.result.stop_reason == "completed"


# -------------------------------------------------------------------- several groups


def two_groups(scheduled=False):
    rate = o.schedules.ExponentialDecay(0.2, 1000, 0.5) if scheduled else 0.2
    return o.MultiOptimizer(
        o.OptimizerMap(o.SGD(0.1, name="base"), {"two/.*": o.SGD(rate, name="head")})
    )


@pytest.mark.parametrize("scheduled", [False, True])
def test_groups_move_by_one_factor_and_keep_their_ratio(scheduled):
    optimizer = two_groups(scheduled)
    model, x, y = quadratic(optimizer)
    result = sweep(model, x, y, **FULL_BATCHES)
    expected = losses_of_descent(result.lrs, ratios=(1.0, 2.0))
    np.testing.assert_allclose(result.losses, expected, rtol=2e-4, atol=1e-9)
    assert result.metadata["optimizer"] == "MultiOptimizer(SGD, SGD)"


@pytest.mark.parametrize(
    "group, fixed", [("base", [np.nan, 0.2]), ("head", [0.1, np.nan]),
                     (0, [0.1, np.nan]), (1, [np.nan, 0.2])],
)  # fmt: skip
@pytest.mark.parametrize("scheduled", [False, True])
def test_one_group_moves_alone(scheduled, group, fixed):
    model, x, y = quadratic(two_groups(scheduled))
    result = sweep(model, x, y, group=group, **FULL_BATCHES)
    expected = losses_of_descent(result.lrs, fixed=fixed)
    np.testing.assert_allclose(result.losses, expected, rtol=2e-4, atol=1e-9)
    assert result.metadata["group"] == group


def test_groups_that_accumulate_differently_are_swept_by_whole_steps_of_all():
    optimizer = o.MultiOptimizer(
        o.OptimizerMap(
            o.SGD(gradient_accumulation_steps=2),
            {"two/.*": o.SGD(gradient_accumulation_steps=3)},
        )
    )
    model, x, y = quadratic(optimizer)
    keep = Keep()
    result = sweep(model, x, y, callbacks=[keep], **FULL_BATCHES)
    means = np.mean(np.reshape(keep.losses, (30, 6)), axis=1)
    np.testing.assert_allclose(result.losses, means, rtol=1e-6)
