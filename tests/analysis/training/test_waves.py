"""Turns of curves whose turns are known."""

import numpy as np
import pytest

from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.analysis.training.waves import count_turns


@pytest.mark.parametrize("waves", [1, 2, 5])
def test_a_cosine_turns_twice_in_each_period_but_at_its_ends(waves):
    values = np.cos(2 * np.pi * waves * np.linspace(0, 1, 1001))
    assert count_turns(values, 1.0) == 2 * waves - 1
    assert count_turns(values, 2.1) == 0  # larger than any move
    assert count_turns(-values, 1.0) == 2 * waves - 1


def test_what_only_falls_or_rises_does_not_turn():
    assert count_turns(np.linspace(3, 1, 50), 0.1) == 0
    assert count_turns(np.linspace(1, 3, 50), 0.1) == 0


def test_waves_that_become_smaller_with_the_loss_are_seen_in_its_logarithm():
    steps = np.arange(300)
    for seed in range(25):
        noise = np.exp(0.02 * np.random.default_rng(seed).normal(size=300))
        falling = 2 * np.exp(-steps / 40) * noise
        waves = falling * np.exp(0.2 * np.cos(2 * np.pi * steps / 7))
        found = {p.name: p for p in recognize_patterns(waves)}
        assert found["oscillating"].evidence["period"] == pytest.approx(7, rel=0.03)
        assert "oscillating" not in {p.name for p in recognize_patterns(falling)}


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_two_slow_waves_oscillate_and_noise_does_not(factor):
    """Too few for a test of the period; as momentum on a full batch has them."""
    steps = np.arange(100)
    falling = 0.7 + 2.6 * np.exp(-steps / 15)
    waves = falling + 0.4 * np.cos(2 * np.pi * steps / 40)
    first = recognize_patterns(factor * waves)[0]
    assert first.name == "oscillating" and first.evidence["turns"] >= 2
    for seed in range(25):
        noise = 0.1 * np.random.default_rng(seed).normal(size=100)
        found = {p.name for p in recognize_patterns(factor * (falling + noise))}
        assert "oscillating" not in found
