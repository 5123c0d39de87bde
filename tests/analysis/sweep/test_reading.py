"""The rate of each rule, without interval and doubts: the very one of `suggest`."""

import numpy as np
import pytest

from lr_finder.analysis.sweep.reading import find_rule, rates_by_rule
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.errors import InputError, SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.logspace(-7, 1, 160)


def _curve(seed, noise=0.05, climb=1.0):
    rng = np.random.default_rng(seed)
    x = np.log10(LRS)
    falling = 2 / (1 + np.exp(3 * (x + 3 + rng.normal(0, 0.3))))
    losses = 0.3 + falling + climb * np.maximum(0, x + 0.5) ** 2
    return Curve(LRS, losses * np.exp(rng.normal(0, noise, len(LRS))))


def _answer(result, name):
    try:
        return result.suggest(name).lr
    except SuggestionError:
        return None


@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("noise", [0.02, 0.4, 3.0])
@pytest.mark.parametrize("optimizer", [None, "Adam"])
@pytest.mark.few(4)
def test_each_rate_is_the_one_that_is_suggested(repeats, noise, optimizer):
    metadata = {} if optimizer is None else {"optimizer": optimizer, "momentum": None}
    result = SweepResult([_curve(seed, noise) for seed in range(repeats)], metadata)
    assert rates_by_rule(result) == {name: _answer(result, name) for name in RULES}


def test_a_curve_without_an_answer_has_none_by_any_rule_of_ours():
    flat = SweepResult([Curve(LRS, np.ones(len(LRS)))])
    rates = rates_by_rule(flat)
    assert all(rates[name] is None for name in RULES if name != "textbook")


def test_an_unknown_rule_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match="'window', 'drop'.*method='best'"):
        find_rule("best")
