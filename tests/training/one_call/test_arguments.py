"""The arguments of Keras' `fit` as a record, and the callbacks among them."""

import dataclasses
import inspect

import keras
import pytest

from lr_finder.errors import InputError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.one_call.arguments import (
    FitArguments,
    listed_callbacks,
)
from lr_finder.training.scheduling.apply_schedule import ApplySchedule

c = keras.callbacks


def test_names_order_and_defaults_are_those_of_keras():
    theirs = list(inspect.signature(keras.Model.fit).parameters.values())[1:]
    mine = dataclasses.fields(FitArguments)
    assert [each.name for each in mine] == [each.name for each in theirs]
    assert [each.default for each in mine] == [each.default for each in theirs]


def test_what_is_left_at_its_default_is_not_handed_on():
    data = object()
    given = FitArguments(x=data, epochs=1, shuffle=False, validation_freq=[1, 2])
    told = {"x": data, "shuffle": False, "validation_freq": [1, 2]}
    assert given.changed() == told
    assert given.changed(callbacks=[]) == told | {"callbacks": []}


@pytest.mark.parametrize(
    "limit, first, last, to_come", [(None, 2, 10, 8), (4, 2, 4, 2), (4, 7, 4, 0)]
)
def test_epochs_to_come(limit, first, last, to_come):
    given = FitArguments(epochs=10, initial_epoch=first)
    keras.config.set_max_epochs(limit)
    try:
        assert (given.last_epoch, given.epochs_to_come) == (last, to_come)
    finally:
        keras.config.set_max_epochs(None)


def test_rows_are_split_off_unless_there_is_validation_data():
    assert FitArguments(validation_split=0.2).splits
    assert not FitArguments(validation_split=0.2, validation_data=1).splits
    assert not FitArguments().splits


def test_callbacks_come_in_every_form_that_fit_takes():
    one, other = c.TerminateOnNaN(), c.History()
    assert listed_callbacks(one) == [one]
    assert listed_callbacks([one, [other]]) == [one, other]
    assert listed_callbacks(()) == listed_callbacks(None) == []


@pytest.mark.parametrize("wrong", ["stop", [1], c.CallbackList([])])
def test_what_is_no_callback_is_refused(wrong):
    with pytest.raises(InputError, match="`callbacks` must be a list of Keras.*Receiv"):
        listed_callbacks(wrong)


@pytest.mark.parametrize(
    "one, words",
    [
        (lambda: c.LearningRateScheduler(lambda e: 0.1), "LearningRateS.*schedule=lam"),
        (lambda: ApplySchedule(0.1), "ApplySchedule.*give its schedule"),
        (lambda: LRSweep(steps=5), "LRSweep.*sweeps by itself"),
    ],
)
def test_what_sets_the_rate_itself_is_refused(one, words):
    with pytest.raises(InputError, match=f"must hold no {words}"):
        listed_callbacks([one()])
