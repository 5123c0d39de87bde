"""Schedule or plateaus: which one a training has, and how long a schedule is."""

import keras
import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError
from lr_finder.schedules.named import DEFAULT
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.scheduling.rate_of_training import following, settle

pytestmark = pytest.mark.training

FALLING = s.cosine(0.1, 0.0, 100)
PLATEAUS = keras.callbacks.ReduceLROnPlateau("loss")
BY_EPOCH = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)


@pytest.mark.parametrize(
    "schedule, plateaus, settled",
    [
        ("default", None, ("default", False)),
        ("default", False, ("default", False)),
        ("default", True, (None, True)),
        ("default", {"patience": 3}, (None, {"patience": 3})),
        ("default", PLATEAUS, (None, PLATEAUS)),
        (None, None, (None, True)),
        (None, False, (None, False)),
        (None, True, (None, True)),
        ("cosine", None, ("cosine", False)),
        (FALLING, None, (FALLING, False)),
        (FALLING, False, (FALLING, False)),
        ("constant", None, (None, False)),
    ],
)
def test_one_of_the_two_moves_the_rate(schedule, plateaus, settled):
    assert settle(schedule, plateaus) == settled


@pytest.mark.parametrize("schedule", ["cosine", "constant", FALLING])
@pytest.mark.parametrize("plateaus", [True, {}, PLATEAUS])
def test_two_that_are_asked_for_are_refused_by_name(schedule, plateaus):
    with pytest.raises(InputError, match="`schedule` and `reduce_on_plateau`"):
        settle(schedule, plateaus)


@pytest.mark.parametrize("own", [PLATEAUS, BY_EPOCH, ApplySchedule(FALLING)])
def test_a_default_gives_way_to_a_callback_that_sets_the_rate(own):
    assert settle("default", None, [own]) == settle(None, None, [own]) == (None, False)
    said = f"`schedule` must be None.*'cosine' and {type(own).__name__} in `callbacks`"
    with pytest.raises(InputError, match=said):
        settle("cosine", None, [own])


@pytest.mark.parametrize("schedule", ["cosin", 3j])
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(InputError, match="Argument `schedule` must be"):
        settle(schedule, None)


def test_a_name_has_the_length_of_the_training():
    made, steps = following("default", 0.2, epochs=10, batches=7).schedule, range(70)
    np.testing.assert_array_equal(made(steps), s.wsd(0.2, 70)(steps))
    assert DEFAULT == "wsd"


def test_a_schedule_is_scaled():
    made = following(FALLING, 0.3, epochs=10, batches=10).schedule
    np.testing.assert_allclose(made(range(100)), 3 * FALLING(range(100)), rtol=1e-12)


def test_a_schedule_that_counts_epochs_is_refused():
    said = r"must count the steps.*cosine\(0.1, 0, 20\), for 20 epochs of 5 steps.*100"
    with pytest.raises(InputError, match=said):
        following(s.cosine(0.1, 0.0, 20), 0.1, epochs=20, batches=5)
    following(s.cosine(0.1, 0.0, 20), 0.1, epochs=20, batches=1)  # steps are epochs


def test_limits_of_keras_shorten_it():
    keras.config.set_max_epochs(2)
    keras.config.set_max_steps_per_epoch(3)
    try:
        assert following("wsd", 0.1, epochs=10, batches=7).schedule.steps == 6
    finally:
        keras.config.set_max_epochs(None)
        keras.config.set_max_steps_per_epoch(None)
