"""Ten searches of each kind agree within their intervals, on two tables."""

import numpy as np
import pytest

from benchmarks import agreement
from lr_finder.analysis.sweep.suggestion import Suggestion


def test_answers_agree_if_each_lies_in_the_interval_of_the_other():
    wide, narrow = Suggestion(1.0, 0.1, 10.0, "a"), Suggestion(5.0, 4.0, 6.0, "b")
    near = Suggestion(4.5, 4.0, 8.0, "c")
    assert agreement.agreement([wide], [narrow]) == 0
    assert agreement.agreement([near], [narrow, near]) == 1
    both = [wide, narrow, near]
    assert agreement.agreement(both, both) == pytest.approx(1 / 3)
    assert agreement.width(both) == pytest.approx(np.log10(2))


@pytest.mark.slow
@pytest.mark.training
@pytest.mark.parametrize("data", [agreement.sines, agreement.counts])
def test_searches_agree(data):
    x, y = data(np.random.default_rng(0))
    answers = [*agreement.by_optimizer(x, y, None), *agreement.by_verify(x, y)]
    assert len(answers) == 2 * agreement.CALLS
    assert agreement.agreement(answers, answers) >= 0.9
    for found in (answers[: agreement.CALLS], answers[agreement.CALLS :]):
        assert agreement.width(found) <= 1.0  # a decade
