"""Trainings, labels and scores of `benchmarks.training_patterns`."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from benchmarks.training_patterns import scoring
from benchmarks.training_patterns.pictures import _draw, numbers
from benchmarks.training_patterns.recording import Training, load
from lr_finder.analysis.training.pattern_definitions import DEFINITIONS


@pytest.fixture(scope="module")
def trainings():
    return load()


def test_every_training_has_one_label_that_exists(trainings):
    table = scoring.read_labels()
    assert sorted(table.index) == sorted(trainings) and len(table) >= 60
    assert set(table["first"]) == set(DEFINITIONS)
    assert set(table["other"]) == set(DEFINITIONS)
    further = ("second", "again", "other_second")
    assert set().union(*(table[column] for column in further)) <= {*DEFINITIONS, ""}
    assert not (table["first"] == table["second"]).any()


def test_halves_are_equal_and_fixed():
    halves = scoring.read_labels()["half"].value_counts()
    assert abs(halves["work"] - halves["aside"]) <= 1


def test_numbers_stay_those_of_the_labels_and_new_ones_are_others(trainings):
    numbered = numbers([*trainings, "new"])
    assert len(numbered) == len(trainings) + 1
    table = pd.read_csv(scoring.LABELS)
    assert {k: v for k, v in numbered.items() if v != "new"} == dict(
        zip(table["number"], table["name"], strict=True)
    )


def test_the_loss_of_an_epoch_is_the_mean_of_its_batches():
    training = Training(np.array([1.0, 3.0, 5.0, 9.0]), np.ones(2))
    assert list(training.epochs) == [2.0, 7.0]


def test_confusion_counts_each_training_once():
    table = pd.DataFrame({
        "first": ["plateau", "plateau", "diverging"],
        "named": ["plateau", "none", "diverging"],
    })  # fmt: skip
    counts = scoring.confusion(table)
    assert counts.loc["plateau", "none"] == counts.loc["diverging", "diverging"] == 1
    assert counts.to_numpy().sum() == 3


@pytest.mark.parametrize(
    ("of", "least"),
    [
        ("batches", {"work": 68, "aside": 70, "fresh": 73}),
        ("epochs", {"work": 63, "aside": 60, "fresh": 69}),
    ],
)
def test_the_rules_stay_as_good(trainings, of, least):
    """The figures that the README of the benchmarks quotes."""
    table = scoring.judge(trainings, of)
    right = table.groupby("half")["right"].sum()
    assert all(right[half] >= count for half, count in least.items()), right


def test_every_training_is_given_a_pattern(trainings):
    for training in trainings.values():
        assert scoring.named(training) != scoring.NONE


def test_a_loss_that_hardly_moves_has_room_above_it():
    axes = Figure().subplots(1, 2)
    _draw(Training(np.full(40, 2.3), np.full(4, 2.2)), *axes)
    assert axes[0].get_ylim() == (0, pytest.approx(2.3 * 1.05))
