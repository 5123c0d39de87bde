"""What the tests of schedules share: no Keras is loaded until a test asks for it."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def keras_schedules():
    """Keras' own schedules; the core part of the tests runs without."""
    return pytest.importorskip("keras").optimizers.schedules


def rates_of_keras(schedule, steps):
    """What a schedule of Keras gives, step by step, in float32."""
    keras = pytest.importorskip("keras")
    values = [schedule(step) for step in steps]
    return np.array([keras.ops.convert_to_numpy(value) for value in values])


def assert_table(schedule, table):
    """Each step of a table has the rate that was computed by hand."""
    for step, rate in table.items():
        assert schedule(step) == pytest.approx(rate, rel=1e-12, abs=1e-15), step
