"""What each pattern says of itself."""

import re

import pytest

from lr_finder.analysis.training.curve_statistics import (
    HARDLY,
    JUMP,
    JUMP_NOISE,
    PEAK_NOISE,
    STANDARD_ERRORS,
    STILL,
    TENFOLD,
)
from lr_finder.analysis.training.pattern_definitions import (
    DEFINITIONS,
    RECOMMENDATIONS,
    SPECIAL,
    pattern_of,
)
from lr_finder.analysis.training.patterns import (
    ALL_LOST,
    FLAT,
    HALF,
    LINEAR,
    LOST,
    MOVED,
    PACE,
    UNEXPLAINED,
)
from lr_finder.analysis.training.validation_losses import (
    GAIN,
    GENERALISATION_LOSS,
    JAGGED,
    TOGETHER,
    UNSTEADY,
)
from lr_finder.analysis.training.waves import (
    ONE_PERIOD,
    SIGNIFICANT,
    SWING,
    TURN_NOISE,
)


def percent(share):
    return f"{100 * share:g} %"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_pattern_has_a_definition_and_a_recommendation(name):
    pattern = pattern_of(name, {"climb": 1.0})
    assert pattern.definition == DEFINITIONS[name]
    assert pattern.recommendation == RECOMMENDATIONS[name]
    assert pattern.recommendation.endswith(".")


NUMBERS = {  # of the rules, as they are written
    "diverging": [STANDARD_ERRORS, JUMP],
    "over-fitting": [percent(GENERALISATION_LOSS), STANDARD_ERRORS, percent(GAIN)],
    "oscillating": [percent(SWING), percent(ONE_PERIOD), SIGNIFICANT, 2, TURN_NOISE,
                    TOGETHER],
    "rate too high": [percent(LOST), STANDARD_ERRORS, JUMP, JUMP_NOISE, PEAK_NOISE,
                      TENFOLD, percent(UNSTEADY), percent(JAGGED)],
    "rate too low": [percent(LINEAR), percent(STILL), percent(HARDLY), percent(MOVED)],
    "plateau": [percent(FLAT), percent(PACE)],
    "under-fitting": [percent(MOVED)],
    "converging": [percent(FLAT), percent(PACE), percent(LINEAR)],
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_holds_the_numbers_of_its_rule_and_no_others(name):
    numbers = re.findall(r"\d[\d.]*\d(?: %)?|\d(?: %)?", DEFINITIONS[name])
    wanted = [each if isinstance(each, str) else f"{each:g}" for each in NUMBERS[name]]
    assert sorted(numbers) == sorted(wanted)
    # "half" is that of these two, "lowest" that of the whole descent.
    assert HALF == UNEXPLAINED == 0.5 and ALL_LOST == 1.0


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_is_of_whole_sentences_of_a_length_that_can_be_read(name):
    sentences = re.split(r"(?<=[.]) (?=[A-Z])", DEFINITIONS[name])
    for sentence in sentences:
        assert sentence[0].isupper() and sentence.endswith(".")
        assert len(sentence.split()) <= 40


def test_there_is_a_recommendation_for_no_other():
    assert set(DEFINITIONS) == set(RECOMMENDATIONS)


@pytest.mark.parametrize("key", SPECIAL)
def test_some_evidence_asks_for_something_else(key):
    pattern = pattern_of("rate too high", {"first": 1.0, key: 2.0})
    assert pattern.recommendation == SPECIAL[key]
    assert pattern.definition == DEFINITIONS["rate too high"]
