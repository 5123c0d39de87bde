"""The loss among what a step reports."""

import math

import keras
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.reported_loss import loss_in, metric_behind

MODEL = keras.Sequential(name="mine")


@pytest.mark.parametrize(
    ("logs", "loss"),
    [
        ({"loss": 1.0, "total_loss": 2.0}, 1.0),
        ({"kl_loss": 1.0, "total_loss": 2.0}, 2.0),
        ({"accuracy": 1.0, "vae_loss": 2.0}, 2.0),
        ({"accuracy": 1.0, "Loss": 2.0}, 2.0),
    ],
)
def test_it_is_told_by_its_name(logs, loss):
    assert loss_in(logs, MODEL) == loss
    assert loss_in(dict(reversed(logs.items())), MODEL) == loss


@pytest.mark.parametrize(
    "logs", [None, {}, {"accuracy": 1.0}, {"d_loss": 1.0, "g_loss": 2.0}]
)
def test_what_is_not_known_is_refused_by_name(logs):
    with pytest.raises(ModelError, match=r"'loss'.*Received: \[.*'mine'"):
        loss_in(logs, MODEL)


def test_the_mean_that_was_read_is_known_by_its_value():
    means = {"accuracy": 0.5, "total_loss": 0.5, "kl_loss": 0.2}
    assert metric_behind(0.5 * (1 + 1e-7), means) == "total_loss"
    assert metric_behind(0.2, means) == "kl_loss"
    assert metric_behind(0.3, means) is None
    assert metric_behind(math.nan, {"a": 1.0, "b": math.nan}) == "b"
    assert metric_behind(0.5, {"total_loss": 0.5, "loss": 0.5}) == "loss"
