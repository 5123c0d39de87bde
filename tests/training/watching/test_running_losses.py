"""The losses of steps, taken out of the means that are made of them here."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.watching.running_losses import (
    BatchLosses,
    RunningMean,
    is_running_mean,
)

from ..own_models import HundredErrors

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]
LOSSES = np.random.default_rng(0).uniform(0.1, 5.0, 40)
MEANS = LOSSES.cumsum() / np.arange(1, 41)


def compiled(model=None):
    model = model or keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_every_step_comes_back():
    mean = RunningMean()
    told = [mean.since(step, MEANS[step]) for step in range(40)]
    assert [steps for steps, _ in told] == [1] * 40
    np.testing.assert_allclose([loss for _, loss in told], LOSSES, rtol=1e-9)


@pytest.mark.parametrize("first", [0, 7])
def test_steps_that_were_not_told_of_come_back_as_their_mean(first):
    mean, own = RunningMean(first), LOSSES[first:]
    means = own.cumsum() / np.arange(1, len(own) + 1)
    begun = 0
    for last in (4, 9, 10, 20):
        steps, loss = mean.since(first + last, means[last])
        assert steps == last + 1 - begun
        assert loss == pytest.approx(own[begun : last + 1].mean())
        begun = last + 1


def test_a_smaller_batch_weighs_less():
    mean = RunningMean()
    mean.since(0, 4.0)
    weighted = (4.0 * 1 + 1.0 * 0.25) / 1.25
    assert mean.since(1, weighted, size=0.25) == (1, pytest.approx(1.0))


def test_each_epoch_begins_a_mean_anew():
    losses = BatchLosses(compiled())
    for _ in range(2):
        losses.begin_epoch()
        told = [losses.since(i, {"loss": MEANS[i]})[1] for i in range(5)]
        np.testing.assert_allclose(told, LOSSES[:5])


def test_in_a_sweep_the_loss_told_is_that_of_the_batch():
    losses = BatchLosses(compiled(), is_batch=True)
    losses.begin_epoch()
    assert [losses.since(i, {"loss": LOSSES[i]})[1] for i in range(5)] == list(
        LOSSES[:5]
    )


def test_a_mean_that_somebody_has_set_to_zero_begins_where_it_was_set():
    losses = BatchLosses(compiled())
    losses.begin_epoch()
    losses.since(0, {"loss": 2.0})
    assert np.isnan(losses.since(1, {"loss": float("nan")})[1])
    assert losses.since(2, {"loss": 3.0}) == (1, 3.0)
    assert losses.since(3, {"loss": 2.0}) == (1, 1.0)


@pytest.mark.parametrize("is_mean", [True, False])
def test_what_a_step_of_ones_own_reports_is_found_out_once(is_mean):
    model = HundredErrors(*_functional())
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 1)), np.ones((4, 1)), verbose=0)
    tracker = next(each for each in model.metrics if each.name == "loss")
    reported = float(tracker.result()) if is_mean else 123.0
    assert is_running_mean(model, reported) == is_mean
    asked = []
    losses = BatchLosses(model)
    losses.begin_epoch()
    for batch in range(3):
        losses.since(batch, {"loss": reported}, lambda: asked.append(1) or model)
    assert asked == [1]
    loss = losses.since(3, {"loss": reported / 2})[1]
    assert loss == pytest.approx(-reported if is_mean else reported / 2)


def test_logs_without_a_loss_are_refused():
    losses = BatchLosses(compiled())
    losses.begin_epoch()
    with pytest.raises(ModelError):
        losses.since(0, {})


def _functional():
    inputs = keras.Input((1,))
    return inputs, keras.layers.Dense(1)(inputs)
