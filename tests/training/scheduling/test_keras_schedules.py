"""A schedule as a table: its rates, in a file, and inside of traced functions."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError
from lr_finder.training.scheduling.keras_schedules import TabulatedSchedule, to_keras
from lr_finder.training.watching.trackers import LearningRateTracker

from ..own_models import BACKEND
from .conftest import BATCHES, assert_same, fit, make_model, weights

pytestmark = pytest.mark.training

o = keras.optimizers
TOTAL = 3 * BATCHES


def test_the_table_has_the_rates_of_the_schedule_in_float32():
    for schedule in (s.wsd(0.3, 20), s.cosine(0.1, 0.0, 20), s.constant(1e-5)):
        table = to_keras(schedule, 20)
        for step in (0, 1, 13, 19, 20, 21, 1000):
            expected = np.float32(schedule(min(step, 20)))
            assert keras.ops.convert_to_numpy(table(step)) == expected
            assert keras.ops.convert_to_numpy(table(keras.ops.array(step))) == expected


@pytest.mark.parametrize(
    "schedule", [s.cosine_restarts(0.3, 0.0, 10), s.cosine(0.3, 0.0, 30)]
)
def test_after_a_cut_the_rate_of_the_last_step_is_held(schedule):
    table = to_keras(schedule, 20)  # not the peak of the next period
    assert keras.ops.convert_to_numpy(table(500)) == np.float32(schedule(19))


def test_the_length_is_the_schedules_own_if_none_is_given():
    assert len(to_keras(s.one_cycle(0.1, 50)).rates) == 51
    assert to_keras(s.one_cycle(0.1, 50), 50).rates.tolist() == (
        to_keras(s.one_cycle(0.1, 50)).rates.tolist()
    )
    with pytest.raises(InputError, match=r"`total_steps`.*Received: constant\(0.1\)"):
        to_keras(s.constant(0.1))


@pytest.mark.parametrize("total", [0, -3, 2.5, True])
def test_a_length_that_is_none_is_refused(total):
    with pytest.raises(InputError, match=f"`total_steps`.*at least 1.*{total}"):
        to_keras(s.constant(0.1), total)


def test_what_is_no_schedule_is_refused():
    with pytest.raises(InputError, match="`schedule` must be a schedule.*'cosine'"):
        to_keras("cosine", 10)


def test_a_schedule_that_ends_before_the_training_is_told():
    with pytest.warns(UserWarning, match="ends after 5 steps, the training after 10"):
        assert to_keras(s.linear(0.1, 0.05, 5), 10).rates[-1] == np.float32(0.05)


def test_rates_that_a_batch_is_trained_with_are_those_of_the_table():
    table = to_keras(s.cosine(0.1, 0.0, TOTAL))
    tracker = LearningRateTracker()
    fit(make_model(o.SGD(table)), tracker)
    rates = np.array(tracker.learning_rates, "float32")
    np.testing.assert_array_equal(rates, table.rates[:TOTAL])


@pytest.mark.skipif(BACKEND == "torch", reason="Keras refuses several steps at once")
def test_inside_an_execution_of_several_steps_each_has_its_rate():
    ends = []
    for count in (1, 2):
        model = make_model(o.SGD(to_keras(s.cosine(0.3, 0.0, TOTAL)), 0.9),
                           steps_per_execution=count)  # fmt: skip
        fit(model)
        ends.append(weights(model))
    assert_same(*ends)


def test_it_is_the_same_before_and_after_its_configuration():
    table = to_keras(s.wsd(0.3, 100))
    config = o.schedules.serialize(table)
    again = o.schedules.deserialize(config)
    assert isinstance(again, TabulatedSchedule)
    assert again.rates.tobytes() == table.rates.tobytes()
    assert repr(again) == repr(table) == "to_keras(wsd(0.3, 100), 100)"


def test_a_file_holds_table_and_place_in_it(tmp_path):
    """A training that is saved and loaded half-way ends where it would have ended."""
    schedule = s.cosine(0.1, 0.0, TOTAL)
    whole = make_model(o.SGD(to_keras(schedule), 0.9))
    fit(whole)
    half = make_model(o.SGD(to_keras(schedule), 0.9))
    fit(half, epochs=1)
    half.save(tmp_path / "half.keras")
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    fit(loaded, epochs=2)
    assert_same(weights(loaded), weights(whole))


@pytest.mark.slow  # it starts another process
def test_another_process_loads_the_file_after_one_line(tmp_path):
    model = make_model(o.SGD(to_keras(s.wsd(0.5, 10))))
    model.save(tmp_path / "model.keras")
    code = (
        "from lr_finder import to_keras; import keras; "
        f"model = keras.saving.load_model({str(tmp_path / 'model.keras')!r}); "
        "print(float(model.optimizer.learning_rate))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "0.5", run.stderr[-500:]


def test_a_long_table_is_small_in_a_file():
    text = to_keras(s.wsd(0.1, 100_000)).get_config()["rates"]
    assert len(text) < 6 * 100_000
