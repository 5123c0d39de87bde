"""Validation losses of which it is known how they move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.analysis.training.validation_losses import unsteadiness

EPOCHS = 61


def names(*losses):
    return {pattern.name for pattern in recognize_patterns(*losses)}


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30))
def test_unsteadiness_is_half_of_all_moves_but_the_one_from_first_to_last(values):
    """Rises and falls differ by the move from the first to the last."""
    values = np.array(values)
    moves = np.abs(np.diff(values)).sum()
    expected = (moves - abs(values[-1] - values[0])) / 2 / (len(values) - 1)
    assert unsteadiness(values) == pytest.approx(expected, abs=1e-9)
    assert unsteadiness(values[::-1]) == pytest.approx(unsteadiness(values), abs=1e-9)


def test_what_only_falls_or_only_rises_is_steady():
    assert unsteadiness(np.geomspace(1, 9, 7)) == 0
    assert unsteadiness(np.geomspace(9, 1, 7)) == 0


@pytest.mark.parametrize("share", [0.018, 0.022])
def test_a_validation_loss_back_and_forth_by_2_percent_is_a_rate_too_high(share):
    """A zigzag by 2 a goes back and forth by a: of the height, not of its own level."""
    batches = np.repeat(0.2 + 1.8 * np.exp(-np.arange(EPOCHS) / 5), 10)
    validation = 0.5 + share * batches[0] * (-1.0) ** np.arange(EPOCHS)
    found = {p.name: p for p in recognize_patterns(batches, validation)}
    assert ("rate too high" in found) == (share > 0.02)
    assert "oscillating" not in found
    if share > 0.02:
        evidence = found["rate too high"].evidence
        assert evidence["unsteadiness"] == pytest.approx(share * 2.0)
        assert evidence["height"] == 2.0


@pytest.mark.parametrize("share", [0.04, 0.06])
def test_means_of_epochs_back_and_forth_by_5_percent_are_a_rate_too_high(share):
    """However low they are: their logarithms are compared."""
    moves = np.exp(share * (-1.0) ** np.arange(EPOCHS))
    batches = np.repeat((0.002 + np.exp(-np.arange(EPOCHS))) * moves, 10)
    validation = 0.5 + np.exp(-np.arange(EPOCHS) / 5)
    assert ("rate too high" in names(batches, validation)) == (share > 0.05)


def test_of_gradient_descent_on_all_samples_both_losses_swing_together():
    """The loss of a step is of the weights that were validated before it."""
    falling = 0.5 + np.exp(-np.arange(80) / 15)
    apart = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        moves = np.exp(0.15 * rng.normal(size=81))
        found = {
            p.name: p for p in recognize_patterns(falling * moves[:-1],
                                                  1.2 * falling * moves[1:])
        }  # fmt: skip
        assert found["oscillating"].evidence["correlation"] > 0.9
        other = np.exp(0.15 * rng.normal(size=80))
        found = names(falling * moves[:-1], 1.2 * falling * other)
        assert "rate too high" in found
        apart += "oscillating" not in found
    assert apart >= 23


@pytest.mark.parametrize("gain", [0.08, 0.12])
def test_over_fitting_asks_that_the_training_loss_falls_on_by_a_tenth(gain):
    t = np.linspace(0, 1, 60)
    training = np.interp(t, [0, 0.5, 1], [2, 1, 1 - gain])
    validation = np.interp(t, [0, 0.5, 1], [2, 1, 1.3])
    assert ("over-fitting" in names(training, validation)) == (gain > 0.1)


def test_a_validation_loss_that_climbs_at_once_is_over_fitting():
    """Its lowest value is a single one, which no median of a tenth shows."""
    epochs = np.arange(100)
    training = 1e-3 + np.exp(-epochs / 4)
    validation = np.append(0.1, np.full(99, 0.25)) + 1e-5 * (-1.0) ** epochs
    (found, *_) = recognize_patterns(training, validation)
    assert found.name == "over-fitting" and found.evidence["lowest_at"] == 0.0
    assert found.evidence["generalisation_loss"] == pytest.approx(1.5, abs=1e-3)
