"""Warnings: when they come, and that what they advise makes them go."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.analysis.sweep.suggestion_warnings import (
    interval_warnings,
    memory_warnings,
)
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

# --- wide


@given(st.floats(-7, 1), st.floats(0, 8))
def test_an_interval_wider_than_two_decades_is_a_warning(low, decades):
    found = interval_warnings(10**low, 10 ** (low + decades))
    width = math.log10(10 ** (low + decades) / 10**low)
    assert [text.split(":")[0] for text in found] == ["wide"] * (width > 2)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.few(4)
def test_every_suggestion_with_a_wide_interval_says_so(seed, sigmoid_curve):
    """From repeats that disagree more or less, and curves of much noise."""
    rng = np.random.default_rng(seed)
    curves = []
    for centre in rng.normal(-3, seed / 8, 3):
        lrs, losses = sigmoid_curve(100, centre=centre)
        curves.append(Curve(lrs, losses * np.exp(rng.normal(0, 0.02 * seed, 100))))
    try:
        found = suggest(SweepResult(curves), "drop")
    except SuggestionError:
        return
    is_wide = math.log10(found.high / found.low) > 2
    assert is_wide == any(text.startswith("wide: ") for text in found.warnings)
    if seed == 14:
        assert is_wide


# --- memory


def _rates(steps, decades=8):
    return np.logspace(-7, -7 + decades, steps)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"momentum": None, "beta_1": None},
        {"momentum": 0.0, "beta_1": 0.9},
        {"momentum": 0.9},
        {"momentum": 0.95},
    ],
)
def test_the_usual_memory_is_no_warning(metadata):
    assert memory_warnings(metadata, _rates(200)) == []


@pytest.mark.parametrize("name", ["momentum", "beta_1"])
@pytest.mark.parametrize("momentum", [0.98, 0.99, 0.999])
@pytest.mark.parametrize("decades", [4, 8])
def test_the_steps_advised_let_the_rate_rise_by_0_4_decades_in_a_memory(
    name, momentum, decades
):
    rates = _rates(100, decades)
    (text,) = memory_warnings({name: momentum}, rates)
    assert text.startswith("momentum: ") and f"{name} {momentum}" in text
    steps = int(text.split("sweep ")[1].split(" steps")[0])
    assert steps == pytest.approx(decades / (0.4 * (1 - momentum)), rel=0.05)
    assert memory_warnings({name: momentum}, _rates(steps, decades)) == []


def test_a_sweep_that_was_cut_short_is_judged_by_its_step():
    meant = {"momentum": 0.99, "steps": 200}
    whole = memory_warnings(meant, _rates(200))
    assert memory_warnings(meant, _rates(200)[:120]) == whole


def test_a_suggestion_carries_it(sweep_curve):
    curve = Curve(*sweep_curve(200))
    for momentum, is_told in ((0.9, False), (0.99, True)):
        found = suggest(
            SweepResult([curve], {"optimizer": "SGD", "momentum": momentum})
        )
        assert any(text.startswith("momentum") for text in found.warnings) == is_told
