"""What each pattern says of itself."""

import pytest

from lr_finder.analysis.training.pattern_definitions import (
    DEFINITIONS,
    RECOMMENDATIONS,
    SPECIAL,
    pattern_of,
)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_pattern_has_a_definition_and_a_recommendation(name):
    pattern = pattern_of(name, {"climb": 1.0})
    assert pattern.definition == DEFINITIONS[name]
    assert pattern.recommendation == RECOMMENDATIONS[name]
    assert pattern.recommendation.endswith(".")


def test_there_is_a_recommendation_for_no_other():
    assert set(DEFINITIONS) == set(RECOMMENDATIONS)


@pytest.mark.parametrize("key", SPECIAL)
def test_some_evidence_asks_for_something_else(key):
    pattern = pattern_of("rate too high", {"first": 1.0, key: 2.0})
    assert pattern.recommendation == SPECIAL[key]
    assert pattern.definition == DEFINITIONS["rate too high"]
