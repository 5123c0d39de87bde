"""What a training came to: read off its history, alone and beside another."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.results.training import Cut, TrainingOutcome

RECORD = TrainingRecord({"loss": [3.0, 2.0, 1.5, 1.2]}, {"loss": [2.5, 1.35]})


def outcome(rate, losses, name="val_loss"):
    frame = pd.DataFrame({"epoch": range(1, len(losses) + 1), name: losses})
    return TrainingOutcome(rate, frame, RECORD)


def test_the_best_epoch_is_that_of_the_lowest_finite_loss():
    found = outcome(0.1, [math.inf, 0.4, math.nan, 0.5])
    assert (found.best_epoch, found.best_loss) == (2, 0.4)
    assert found.to_dict() == {
        "learning_rate": 0.1, "schedule": None, "lowered_to": None, "cuts": [],
        "head_start": None, "epochs": 4, "epochs_asked": None, "stopped_in": None,
        "ending": None, "best_epoch": 2, "best_val_loss": 0.4,
    }  # fmt: skip
    none = outcome(0.1, [math.nan, math.inf])
    assert none.best_epoch is None and none.best_loss is None


def test_an_epoch_without_a_finite_training_loss_does_not_count():
    """Its validation loss is that of the weights before it."""
    found = outcome(1e30, [0.3, 0.5])
    found.history["loss"] = [math.nan, 0.6]
    assert (found.best_epoch, found.best_loss) == (2, 0.5)


@pytest.mark.parametrize(
    ("rates", "lowered"),
    [
        ([0.1, 0.1, 0.03], 0.03),
        ([np.float32(0.1)] * 3, None),
        ([0.1, 0.03, 0.03], 0.03),
    ],
)
def test_a_rate_that_plateaus_lowered_is_told(rates, lowered):
    found = outcome(0.1, [0.5, 0.6, 0.7])
    found.history["learning_rate"] = [float(rate) for rate in rates]
    assert found.to_dict()["lowered_to"] == lowered


def test_what_a_schedule_and_a_guard_lowered_is_not_told_as_a_plateau():
    def lowered(rates, **about):
        found = outcome(0.9, [0.5] * len(rates))
        found.history["learning_rate"] = rates
        return dataclasses.replace(found, **about).lowered_to

    assert lowered([0.9, 0.1], schedule="wsd") is None
    cuts = [Cut(1, 9, 0.9, 0.3), Cut(2, 19, 0.3, 0.1)]
    assert lowered([0.3, 0.1], cuts=cuts) is None
    assert lowered([0.3, 0.1, 0.05], cuts=cuts) == 0.05


def test_schedule_and_cuts_are_told():
    cut = Cut(2, 30, 0.3, 0.1)
    found = dataclasses.replace(outcome(0.3, [0.5]), schedule="wsd", cuts=[cut])
    told = found.to_dict()
    assert told["schedule"] == "wsd"
    cuts = {"epoch": 2, "step": 30, "lr": 0.3, "new_lr": 0.1, "is_finite": True}
    assert told["cuts"] == [cuts]
    assert json.loads(json.dumps(told)) == told
    first, second = str(found).splitlines()
    assert first.endswith("0.5 with the rate found; in epoch 1 of 1, with wsd")
    assert second.strip() == str(cut)
    assert str(outcome(0.3, [0.5])).endswith("with a constant rate")
    exploded = dataclasses.replace(cut, is_finite=False)
    assert "step 30: the loss was not finite; went back" in str(exploded)


@pytest.mark.parametrize(
    ("about", "ending"),
    [
        ({"epochs_asked": 2}, None),
        (
            {"epochs_asked": 9},
            "ended early, after epoch 2 of 9: the validation loss no longer fell",
        ),
        (
            {"epochs_asked": 9, "schedule": "wsd"},
            "ended early, after epoch 2 of 9: the validation loss no longer fell, so "
            "the rate was taken down to 0",
        ),
        (
            {"epochs_asked": 9, "stopped_in": 3},
            "stopped by Ctrl-C in epoch 3 of 9",
        ),
    ],
)  # fmt: skip
def test_fewer_epochs_than_asked_for_are_explained(about, ending):
    found = dataclasses.replace(outcome(0.1, [0.5, 0.6]), **about)
    assert found.ending == found.to_dict()["ending"] == ending
    assert ending is None or str(found).splitlines()[1].strip() == ending


def test_an_end_by_a_loss_that_is_not_finite_says_so():
    found = dataclasses.replace(outcome(0.1, [0.5, 0.5]), epochs_asked=9)
    found.history["loss"] = [0.6, math.nan]  # the validation is of earlier weights
    assert found.ending.endswith("of 9: the training loss was not finite")


def test_without_validation_data_the_training_loss_judges():
    found = outcome(0.1, [0.9, 0.6], "loss")
    assert found.to_dict()["best_loss"] == 0.6
    assert found.comparison == "Best training loss: 0.6 with the rate found"


def test_a_training_beside_it_is_told_with_its_rate():
    own = outcome(2e-3, [math.nan])
    found = TrainingOutcome(0.1, outcome(0.1, [0.5]).history, RECORD, own)
    told = found.to_dict()["against_default"]
    assert told["is_same"] is False and told["best_val_loss"] is None
    assert found.comparison.endswith("0.5 with the rate found, none finite at 2e-3")
    assert found.plot().get_title() == found.comparison


def test_equal_rates_are_told_as_such():
    once = outcome(0.1, [0.5])
    found = TrainingOutcome(0.1, once.history, RECORD, once)
    assert found.to_dict()["against_default"]["is_same"] is True
    assert found.is_own_rate
