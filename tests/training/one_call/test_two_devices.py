"""`fit` on two devices, in a process of its own: they are set up first."""

import keras
import pytest

from ..test_distribution import report_of

pytestmark = pytest.mark.training

COMMON = """
import json
import keras
import numpy as np
from lr_finder.schedules.named import spanning
from lr_finder.training.one_call.fit import fit
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.variables import host_copy, replicas
from lr_finder.training.scheduling.apply_schedule import ApplySchedule

RNG = np.random.default_rng(0)
X = RNG.normal(size=(128, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 4))).argmax(1)
EPOCHS, STEPS = 26, 26 * 4

def make():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([
        keras.Input((6,)), keras.layers.Dense(16, activation="relu", name="body"),
        keras.layers.BatchNormalization(), keras.layers.Dense(4, name="head"),
    ])
    model.compile(keras.optimizers.Adam(1e-3),
                  keras.losses.SparseCategoricalCrossentropy(True))
    return model

def values(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [host_copy(part).tolist() for v in variables for part in replicas(v)]

def report_on(make):
    options = {"batch_size": 32, "epochs": EPOCHS, "verbose": 0}
    model, plain = make(), make()
    keras.utils.set_random_seed(7)
    stop = keras.callbacks.EarlyStopping("loss", patience=99)
    history = fit(model, X, Y, seed=0, callbacks=[stop], **options)
    lr = history.finding.lr
    plain.optimizer.learning_rate = lr
    keras.utils.set_random_seed(7)
    rates = ApplySchedule(spanning("wsd", lr, STEPS))
    expected = plain.fit(X, Y, callbacks=[rates], **options)
    groups = {"body": model.layers[:2], "head": model.layers[2:]}
    fit(model, X, Y, groups=groups, learning_rate={"body": 1e-3, "head": 1e-2},
        **options | {"epochs": 1})
    return {
        "swept": len(history.finding.sweep.lrs),
        "device": history.finding.sweep.metadata["device"],
        "rate": abs(current_rate(plain.optimizer) / lr - 1) < 1e-5,
        "history": history.history == expected.history,
        "groups": [round(current_rate(each), 6) for each in model.optimizer.optimizers],
    }
"""

MIRRORED = """
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
""" + COMMON + """
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def on_both():
    with strategy.scope():
        return make()

print(json.dumps(report_on(on_both)))
"""  # fmt: skip

DATA_PARALLEL = COMMON + """
keras.distribution.set_distribution(keras.distribution.DataParallel(
    devices=keras.distribution.list_devices()))
print(json.dumps(report_on(make)))
"""  # fmt: skip


def check(report):
    assert report["swept"] > 40 and report["device"] == "2 × CPU"
    assert report["rate"] and report["history"]
    assert report["groups"] == [0.01, 0.001]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a strategy of TensorFlow"
)
@pytest.mark.slow
def test_mirrored_on_two_devices():
    check(report_of(MIRRORED))


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX")
def test_data_parallel_on_two_devices():
    flags = "--xla_force_host_platform_device_count=2"
    check(report_of(DATA_PARALLEL, XLA_FLAGS=flags))
