"""Settings, conditions and tasks: what decides a run decides its key, nothing else."""

import dataclasses

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.optimizers import OptimizerChoice
from lr_finder.experiments.comparison.settings import (
    FOUND,
    Conditions,
    Setting,
    Task,
    checked_rate,
)
from lr_finder.schedules import linear

ADAM = OptimizerChoice("adam", "adam")
SETTING = Setting(ADAM, 0.01)
CHANGES = [
    {"setting": Setting(OptimizerChoice("sgd", "sgd"), 0.01)},
    {"setting": Setting(OptimizerChoice("adam", "adam", {"beta_1": 0.8}), 0.01)},
    {"setting": Setting(ADAM, 0.02)},
    {"setting": Setting(ADAM, FOUND)},
    {"setting": Setting(ADAM, 0.01, batch_size=32)},
    {"setting": Setting(ADAM, 0.01, initializer="he_normal")},
    {"setting": Setting(ADAM, 0.01, model="resnet20")},
    {"seed": 1},
    {"model_identity": "other"},
    {"conditions": Conditions(epochs=11)},
    {"conditions": Conditions(early_stopping=False)},
    {"conditions": Conditions(reduce_on_plateau=True)},
    {"conditions": Conditions(schedule="wsd")},
    {"conditions": Conditions(schedule="cosine")},
    {"conditions": Conditions(schedule=linear(0.1, 0.0, 90))},
    {"conditions": Conditions(schedule=linear(0.1, 0.0, 91))},
    {"conditions": Conditions(schedule=lambda step: 0.1 / (1 + step))},
    {"conditions": Conditions(schedule=lambda step: 0.1 / (2 + step))},
    {"conditions": Conditions(augmentation=True)},
    {"conditions": Conditions(mixed_precision=True)},
    {"conditions": Conditions(loss="mae")},
    {"conditions": Conditions(steps=100)},
    {"conditions": Conditions(method="valley")},
    {"conditions": Conditions(verify=True)},
    {"conditions": Conditions(score_epochs=True)},
]


def test_all_that_decides_a_run_changes_its_key():
    task = Task(SETTING, Conditions())
    keys = [dataclasses.replace(task, **change).key for change in CHANGES]
    assert len({task.key, *keys}) == len(CHANGES) + 1


def test_the_key_is_the_same_in_every_process_and_version():
    # A literal, so that a change that would make all runs anew is seen.
    lowered = Conditions(reduce_on_plateau=True)
    assert Task(SETTING, lowered).key == "f2399923b549f865"
    scheduled = Conditions(schedule="wsd")
    assert Task(SETTING, scheduled).key == "f251fa7eb2bc9b9b"
    renamed = Setting(OptimizerChoice("Adam of mine", "adam"), 0.01)
    assert Task(renamed, Conditions()).key == Task(SETTING, Conditions()).key


@given(st.floats(1e-300, 1e300))
def test_a_rate_is_the_same_as_number_and_as_text(rate):
    assert checked_rate(str(rate)) == checked_rate(rate) == rate


@pytest.mark.parametrize("rate", [0, -1, "nan", "inf", "", "fond", None, [], True * 0])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(InputError, match="lr"):
        checked_rate(rate)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 1.5}, "epochs"),
        ({"repeats": 0}, "repeats"),
        ({"start_lr": 1, "end_lr": 0.1}, "start_lr"),
        ({"steps": 1}, "steps"),
        ({"method": "magic"}, "method"),
        ({"schedule": "cosin"}, "`schedule` must be one of"),
        ({"schedule": 3j}, "`schedule` must be"),
        (
            {"schedule": "wsd", "reduce_on_plateau": True},
            "`schedule` and `reduce_on_plateau`",
        ),
    ],
)
def test_conditions_that_cannot_be_are_refused(changes, word):
    with pytest.raises(InputError, match=word):
        Conditions(**changes)


@pytest.mark.parametrize("initializer", [3, object(), ["he_normal"]])
def test_an_initializer_that_has_no_name_is_refused(initializer):
    with pytest.raises(InputError, match="initializer"):
        Setting(ADAM, 0.01, initializer=initializer)


def test_columns_name_what_was_asked_for():
    columns = Task(Setting(ADAM, "0.010"), Conditions(epochs=3), seed=4).columns()
    assert (columns["rate"], columns["initializer"]) == ("0.01", "default")
    assert (columns["seed"], columns["max_epochs"]) == (4, 3)
    assert columns["callbacks"] == "early stopping"
    assert Setting(ADAM).columns()["rate"] == FOUND


@pytest.mark.parametrize(
    ("early_stopping", "reduce_on_plateau", "told"),
    [
        (True, False, "early stopping"),
        (False, True, "reduce-on-plateau"),
        (True, True, "early stopping, reduce-on-plateau"),
        (False, False, "none"),
    ],
)
def test_callbacks_are_named(early_stopping, reduce_on_plateau, told):
    conditions = Conditions(
        early_stopping=early_stopping, reduce_on_plateau=reduce_on_plateau
    )
    assert conditions.callbacks == told


def test_a_constant_rate_is_one_unless_asked_otherwise():
    assert Conditions().callbacks == "early stopping"


def test_a_schedule_reaches_a_worker_as_it_is():
    task = Task(SETTING, Conditions(schedule=linear(0.1, 0.0, 90)))
    there = cloudpickle.loads(cloudpickle.dumps(task))
    assert there.key == task.key
    assert there.conditions.schedule(45) == task.conditions.schedule(45) == 0.05


def test_a_constant_schedule_is_none_and_the_default_has_its_name():
    plain = Task(SETTING, Conditions())
    assert Task(SETTING, Conditions(schedule="constant")).key == plain.key
    default, named = (Conditions(schedule=name) for name in ("default", "wsd"))
    assert Task(SETTING, default).key == Task(SETTING, named).key != plain.key


@pytest.mark.parametrize(
    "schedule, told",
    [
        ("cosine", "early stopping, schedule cosine"),
        (linear(0.1, 0.0, 90), "early stopping, schedule linear(0.1, 0, 90)"),
    ],
)
def test_a_schedule_is_named_among_the_callbacks(schedule, told):
    assert Conditions(schedule=schedule).callbacks == told
