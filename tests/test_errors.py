"""The tree of exceptions."""

import pytest

from lr_finder.errors import InputError, LRFinderError, ModelError, SuggestionError


@pytest.mark.parametrize("kind", [InputError, ModelError])
def test_what_breaks_a_rule_is_a_value_error_too(kind):
    assert issubclass(kind, LRFinderError)
    assert issubclass(kind, ValueError)


def test_no_suggestion_is_no_value_error_and_says_why():
    counts = {"points": 2}
    error = SuggestionError("why", reason="too_few_points", counts=counts)
    counts["points"] = 3
    assert not isinstance(error, ValueError)
    assert (str(error), error.reason, error.counts) == (
        "why",
        "too_few_points",
        {"points": 2},
    )
