"""Trainings summarized: alone, beside another, or what a tracker recorded."""

import dataclasses

import numpy as np

from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
from lr_finder.reports.kinds.training import draw, summarize


def test_a_training_that_is_both_is_told_once(training):
    alone = dataclasses.replace(training, against_default=None)
    both = dataclasses.replace(alone, against_default=alone)
    section = summarize(both).section("training")
    assert len(section.blocks[0].rows) == 1
    assert dict(section.blocks[1].rows)["Compiled rate"]
    section = summarize(training).section("training")
    assert len(section.blocks[0].rows) == 2
    words = dict(section.blocks[1].rows)["Schedule wsd"]
    assert words == ("constant, then linear to 0 over the last 30 %",)


def test_a_lowered_rate_and_a_head_start_are_told(training):
    history = training.history.assign(learning_rate=[1e-2, 1e-2, 1e-3])
    lowered = dataclasses.replace(
        training, history=history, schedule=None, head_start=12, cuts=()
    )
    facts = dict(summarize(lowered).section("training").blocks[1].rows)
    assert facts["Rate lowered"][1].value == 1e-3
    assert facts["Began after"][0].value == 12


def test_what_the_losses_show_is_told_with_what_to_do():
    record = TrainingRecord({"loss": (2 - 0.01 * np.arange(60)).tolist()})
    texts = summarize(record).section("training").blocks[0].texts
    assert texts[0].startswith("Rate too low. Train longer")


def test_figures_are_those_that_were_recorded():
    losses = np.geomspace(1, 0.1, 20).tolist()
    norms = LayerNorms(np.arange(20), ["a"], np.ones((20, 1)), np.ones((20, 1)))
    rich = TrainingRecord({"loss": losses, "learning_rate": [0.1] * 20}, layers=norms)
    names = ["training", "rates", "gradients", "updates"]
    assert list(draw(rich)) == summarize(rich).pictures() == names
    poor = TrainingRecord({"loss": losses})
    assert list(draw(poor)) == summarize(poor).pictures() == ["training"]
    assert draw(TrainingRecord({"loss": []})) == {}
