"""Sweeps on several devices, each in a process of its own: they are set up first."""

import json
import os
import subprocess
import sys

import keras
import pytest

pytestmark = pytest.mark.training

COMMON = """
import json
import keras
import numpy as np
from lr_finder.errors import InputError
from lr_finder.training.sweep import sweep
from lr_finder.training.preserving.variables import host_copy, replicas
from lr_finder.training.verification import verify

RNG = np.random.default_rng(0)
X = RNG.normal(size=(128, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 4))).argmax(1)

def make(optimizer=None):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([
        keras.Input((6,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dense(4),
    ])
    model.compile(
        optimizer or keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(True), metrics=["accuracy"],
    )
    return model

def values(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [host_copy(part).tolist() for v in variables for part in replicas(v)]

def outcome(model):
    history = model.fit(X, Y, batch_size=32, epochs=2, verbose=0).history
    return history, values(model)

def swept(model, **options):
    options = {"batch_size": 32, "steps": 100, "seed": 0, "verbose": 0} | options
    return sweep(model, X, Y, **options)

def told(result):
    suggestion = result.suggest()
    return {"device": result.metadata["device"], "lr": suggestion.lr,
            "low": suggestion.low, "high": suggestion.high}

def refusal(model):
    try:
        swept(model, batch_size=31)
    except InputError as error:
        return str(error), model.optimizer.built
"""

TWO_OF_TENSORFLOW = """
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
"""

MIRRORED = TWO_OF_TENSORFLOW + COMMON + """
report = {"single": told(swept(make()))}
schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def on_both(optimizer=lambda: None):
    with strategy.scope():
        return make(optimizer())

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(1e-3),
    "schedule": lambda: keras.optimizers.SGD(schedule),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()),
    "schedule-free": keras.optimizers.ScheduleFreeAdamW,
}
for name, optimizer in OPTIMIZERS.items():
    expected = outcome(on_both(optimizer))
    model = on_both(optimizer)
    result = swept(model, steps=100 if name == "adam" else 12)
    report[name] = outcome(model) == expected
    if name == "adam":
        report["both"] = told(result)
        mean = replicas(model.layers[1].moving_mean)
        report["replicas_differ"] = host_copy(mean[0]).tolist() != host_copy(
            mean[1]).tolist()
        before = values(model)
        swept(model, steps=12, repeats=2)
        verify(model, X, Y, 1e-3, budget_steps=100, batch_size=32, seed=0)
        report["warm"] = values(model) == before
report["refusal"] = refusal(on_both())
print(json.dumps(report))
"""  # fmt: skip

DATA_PARALLEL = COMMON + """
report = {"single": told(swept(make()))}
distribution = keras.distribution.DataParallel(
    devices=keras.distribution.list_devices())
keras.distribution.set_distribution(distribution)

def shardings(model):
    return [str(v.value.sharding) for v in (
        *model.variables, *model.optimizer.variables, *model.metrics_variables)]

schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
for name, optimizer in {
    "adam": lambda: keras.optimizers.Adam(1e-3),
    "schedule": lambda: keras.optimizers.SGD(schedule),
}.items():
    expected = outcome(make(optimizer()))
    model = make(optimizer())
    result = swept(model, steps=100 if name == "adam" else 12)
    report[name] = outcome(model) == expected
    if name == "adam":
        report["both"] = told(result)
        before = values(model), shardings(model)
        swept(model, steps=12, repeats=2)
        verify(model, X, Y, 1e-3, budget_steps=100, batch_size=32, seed=0)
        report["warm"] = (values(model), shardings(model)) == before
        report["sharded"] = all("batch" in each for each in before[1])
report["refusal"] = refusal(make())
print(json.dumps(report))
"""  # fmt: skip

# What else trains: a search with its verification, the training, and callbacks.
TRAININGS = (
    COMMON
    + """
import contextlib
import tempfile
import lr_finder
from lr_finder.schedules import linear
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.watching.trackers import LearningRateTracker

FIT = {"batch_size": 32, "epochs": 3, "verbose": 0, "shuffle": False}

def made(scope, optimizer=lambda: None):
    with scope():
        return make(optimizer())

def optimized(scope):
    search = lr_finder.LearningRateOptimizer(
        made(scope), (X, Y), (X, Y), batch_size=32, seed=0)
    rate = search.find_optimal_rate(1e-5, 1.0, budget_steps=200)
    before, fresh = values(search.model), values(made(scope))
    with tempfile.TemporaryDirectory() as folder:
        model, history = search.train_optimized(
            rate, epochs=4, verbose=0, checkpoint=folder + "/best.keras",
            reduce_on_plateau={"patience": 1, "min_delta": 100.0})
    found = search.verified.suggestion
    return {"lr": rate, "low": found.low, "high": found.high, "rates":
            [each / rate for each in history.history["learning_rate"]],
            "left": current_rate(model.optimizer) / rate,
            "gained": bool(history.history["val_loss"][-1] < 0.7 * np.log(4)),
            "untouched": before[:len(fresh)] == fresh}  # its slots come after

def scheduled(scope):
    schedule, tracker = linear(0.4, 0.0, 12), LearningRateTracker()
    plain = made(scope, lambda: keras.optimizers.SGD(0.5, momentum=0.9))
    plain.fit(X, Y, callbacks=[lr_finder.ApplySchedule(schedule), tracker], **FIT)
    table = made(scope, lambda: keras.optimizers.SGD(
        lr_finder.to_keras(schedule, 12), momentum=0.9))
    table.fit(X, Y, **FIT)
    weights = [[host_copy(part).tolist() for v in model.variables
                for part in replicas(v)] for model in (plain, table)]
    return {"rates": tracker.learning_rates, "left": current_rate(plain.optimizer),
            "as_a_table": weights[0] == weights[1]}

def guarded(scope):
    outcomes = []
    for callbacks in ([], [lr_finder.DivergenceGuard()]):
        model = made(scope)
        history = model.fit(X, Y, callbacks=callbacks, **FIT).history
        outcomes.append((history, values(model)))
    return outcomes[0] == outcomes[1]

def saved(scope):
    with scope():
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(keras.optimizers.SGD(2.1), "mse")
    model.set_weights([np.array([[1e-3], [1.0]])])
    guard = lr_finder.DivergenceGuard(verbose=0)
    x = np.tile(np.diag([1, 0.1]), (100, 1))
    model.fit(x, np.zeros((200, 1)), callbacks=[guard], **FIT | {"batch_size": 2})
    kernels = {tuple(host_copy(part).ravel().tolist())
               for part in replicas(model.trainable_variables[0])}
    return {"cuts": [str(cut) for cut in guard.cuts], "kernels": list(kernels)}

def bent(scope):
    return lr_finder.largest_curvature(made(scope), X, Y, batch_size=32).value

def all_of(scope):
    return {each.__name__: each(scope) for each in (
        optimized, scheduled, guarded, saved, bent)}
"""
)

MIRRORED_TRAININGS = (
    TWO_OF_TENSORFLOW
    + TRAININGS
    + """
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
report = {"single": all_of(contextlib.nullcontext), "both": all_of(strategy.scope)}
print(json.dumps(report))
"""
)

DATA_PARALLEL_TRAININGS = (
    TRAININGS
    + """
report = {"single": all_of(contextlib.nullcontext)}
keras.distribution.set_distribution(keras.distribution.DataParallel(
    devices=keras.distribution.list_devices()))
report["both"] = all_of(contextlib.nullcontext)
print(json.dumps(report))
"""
)


def report_of(script, **environment):
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def check_suggestions(report):
    single, both = report["single"], report["both"]
    assert (single["device"], both["device"]) == ("CPU", "2 × CPU")
    assert single["low"] <= both["lr"] <= single["high"]
    assert both["low"] <= single["lr"] <= both["high"]


def check_refusal(report):
    text, built = report["refusal"]
    assert "`batch_size` must be a multiple" in text
    assert "batch_size=30" in text
    assert not built


def check_trainings(report):
    single, both = report["single"], report["both"]
    one, other = single["optimized"], both["optimized"]
    assert one["low"] <= other["lr"] <= one["high"]
    assert other["low"] <= one["lr"] <= other["high"]
    for one in (single, both):
        trained = one["optimized"]
        assert trained["rates"] == pytest.approx([1, 1, 0.3, 0.09], rel=1e-4)
        assert trained["left"] == pytest.approx(1)
        assert trained["gained"] and trained["untouched"]
        assert one["scheduled"]["as_a_table"] and one["guarded"]
        assert one["scheduled"]["left"] == 0.5
        assert len(one["saved"]["kernels"]) == 1  # the same on both devices
    assert both["scheduled"]["rates"] == single["scheduled"]["rates"]
    assert both["saved"]["cuts"] == single["saved"]["cuts"] != []
    kernels = both["saved"]["kernels"][0], single["saved"]["kernels"][0]
    assert kernels[0] == pytest.approx(kernels[1], rel=1e-4, abs=1e-9)
    assert both["bent"] == pytest.approx(single["bent"], rel=1e-4)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a strategy of TensorFlow"
)
@pytest.mark.slow
def test_mirrored_on_two_devices():
    report = report_of(MIRRORED)
    check_suggestions(report)
    check_refusal(report)
    assert report["replicas_differ"]  # or there would be nothing to show
    for name in ("adam", "schedule", "scaled", "schedule-free", "warm"):
        assert report[name], name


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX")
def test_data_parallel_on_two_devices():
    flags = "--xla_force_host_platform_device_count=2"
    report = report_of(DATA_PARALLEL, XLA_FLAGS=flags)
    check_suggestions(report)
    check_refusal(report)
    for name in ("adam", "schedule", "warm", "sharded"):
        assert report[name], name


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a strategy of TensorFlow"
)
@pytest.mark.slow
def test_mirrored_trainings_on_two_devices():
    check_trainings(report_of(MIRRORED_TRAININGS))


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX")
def test_data_parallel_trainings_on_two_devices():
    flags = "--xla_force_host_platform_device_count=2"
    check_trainings(report_of(DATA_PARALLEL_TRAININGS, XLA_FLAGS=flags))
