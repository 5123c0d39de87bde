"""A schedule over a training whose length is known before, or counted in it."""

import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError
from lr_finder.schedules.named import spanning
from lr_finder.training.one_call.spanning_schedule import SpanningSchedule
from lr_finder.training.scheduling.rate_of_training import check_counts_steps

from ..scheduling.conftest import BATCHES, X, Y, make_eager, tracked
from .conftest import BACKEND

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:Your input ran out of data"),
]
EPOCHS, LR = 5, 0.08
STEPS = EPOCHS * BATCHES


def unknown(epochs=EPOCHS):
    """Batches whose number `fit` cannot know; under TensorFlow in several epochs."""
    if BACKEND != "tensorflow":
        pytest.skip("only tf.data has epochs of unknown length")
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)
    return data.filter(lambda *batch: True)


@pytest.mark.parametrize("name", ["wsd", "one_cycle", "linear"])
def test_a_name_spans_the_epochs(name):
    callback = SpanningSchedule(name, LR)
    rates = tracked(make_eager("sgd"), callback, epochs=EPOCHS)
    expected = spanning(name, LR, STEPS)(range(STEPS))
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    assert callback.batches == BATCHES


def test_a_schedule_is_scaled_to_the_rate():
    callback = SpanningSchedule(s.cosine(1.0, 0.0, STEPS), LR)
    rates = tracked(make_eager("sgd"), callback, epochs=EPOCHS)
    expected = s.cosine(LR, 0.0, STEPS)(range(STEPS))
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


@pytest.mark.parametrize("first", [0, 2])
def test_counted_in_the_first_epoch_at_a_constant_rate(first):
    callback = SpanningSchedule("linear", LR)
    rates = tracked(
        make_eager("sgd"), callback, epochs=EPOCHS, initial_epoch=first, x=unknown()
    )
    expected = spanning("linear", LR, STEPS)(range(first * BATCHES, STEPS))
    expected[:BATCHES] = LR
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    assert callback.batches == BATCHES


def test_a_length_that_is_known_from_before_is_not_counted():
    callback = SpanningSchedule("linear", LR, BATCHES)
    rates = tracked(
        make_eager("sgd"), callback, epochs=EPOCHS, initial_epoch=2, x=unknown()
    )
    expected = spanning("linear", LR, STEPS)(range(2 * BATCHES, STEPS))
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_the_same_object_spans_another_training():
    callback = SpanningSchedule("linear", LR)
    for epochs in (2, 4):
        rates = tracked(make_eager("sgd"), callback, epochs=epochs)
        steps = epochs * BATCHES
        expected = spanning("linear", LR, steps)(range(steps))
        np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_a_shorter_schedule_is_told_once():
    with pytest.warns(UserWarning, match="ends after 8 steps, the training after 20"):
        tracked(
            make_eager("sgd"), SpanningSchedule(s.linear(0.3, 0.1, 8), LR), epochs=5
        )


def test_a_schedule_of_epochs_is_refused():
    with pytest.raises(InputError, match="count the steps of the training.*20 steps"):
        tracked(make_eager("sgd"), SpanningSchedule(s.wsd(0.1, EPOCHS), LR),
                epochs=EPOCHS)  # fmt: skip
    check_counts_steps(s.wsd(0.1, EPOCHS), EPOCHS, 1)
    check_counts_steps(s.wsd(0.1, STEPS), EPOCHS, BATCHES)


@pytest.mark.parametrize("schedule", ["cosin", None, [0.1], -0.1])
def test_what_is_no_schedule_is_refused_at_once(schedule):
    with pytest.raises(InputError, match="`schedule` must be"):
        SpanningSchedule(schedule, LR)
