"""Instruments by name."""

import pytest

from lr_finder.errors import InputError
from lr_finder.training.instruments.presets import (
    PRESETS,
    QUESTIONS,
    chosen_instruments,
)


def test_presets_hold_instruments_and_each_answers_a_question():
    assert all(set(names) <= set(QUESTIONS) for names in PRESETS.values())
    assert set(QUESTIONS) - set(PRESETS["full"]) == {"curvature"}  # on request alone
    assert all(question.endswith("?") for question in QUESTIONS.values())


def test_names_and_presets_may_be_mixed():
    assert chosen_instruments("full") == PRESETS["full"]
    assert chosen_instruments(["full", "curvature"]) == tuple(QUESTIONS)
    assert chosen_instruments(["learning_rate"]) == ("loss", "learning_rate")


@pytest.mark.parametrize(
    "given",
    [[], "", "fast", ["loss", "fast"], 5, None, [["loss"]], {"loss": {}, "x": 1}],
)
def test_unknown_ones_are_named(given):
    with pytest.raises(InputError, match='must be "basic" or "full", or a sequence'):
        chosen_instruments(given)
