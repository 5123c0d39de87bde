"""What the validation losses of a training tell: over-fitting, and steps too large."""

from __future__ import annotations

import math

import numpy as np

from lr_finder.analysis.levels import STANDARD_ERRORS, Levels
from lr_finder.analysis.smoothing import noise_level

GENERALISATION_LOSS = 0.05  # of the validation loss: GL of 5 % (Prechelt)
GAIN = 0.1  # of the training loss, by which it falls on in the meantime


def judge_validation(
    curve: Levels, values: np.ndarray, found: dict[str, dict[str, float]]
) -> None:
    """Whether the validation loss climbs while the training loss falls on.

    Args:
        curve: Levels of the training.
        values: float array (m,), m >= 3, finite, of each epoch.
        found: dict of pattern to evidence, which is added to.
    """
    counts = {max(len(values) // 10, 1), 1}
    if "oscillating" in found:  # a single low is that of a wave
        counts = {max(counts)}
    for count in sorted(counts, reverse=True):
        evidence = _over_fitting(curve, values, count)
        if evidence:
            found["over-fitting"] = evidence
            return


def _over_fitting(curve: Levels, values: np.ndarray, count: int) -> dict[str, float]:
    """The numbers of a climb from the lowest of the medians over so many epochs."""
    levels = np.median(np.lib.stride_tricks.sliding_window_view(values, count), axis=1)
    lowest, end = float(levels.min()), float(levels[-1])
    error = noise_level(values) / math.sqrt(count)
    scale = lowest if lowest > 0 else float(levels[0]) - lowest
    place = int(np.argmin(levels)) / max(len(levels) - 1, 1)
    then = float(curve.levels[round(place * (len(curve.levels) - 1))])
    gained = then - curve.end
    is_above = end - lowest > max(
        GENERALISATION_LOSS * scale, STANDARD_ERRORS * math.sqrt(2) * error
    )
    if not is_above or gained <= GAIN * abs(then):
        return {}
    return {
        "generalisation_loss": (end - lowest) / scale if scale else math.inf,
        "lowest_at": place,
        "training_gain": gained,
    }


def unsteadiness(values: np.ndarray) -> float:
    r"""How far a validation loss goes back and forth from epoch to epoch.

    $$ u = \frac{1}{m - 1} \min\Big(\sum_i \max(v_{i+1} - v_i, 0),
       \sum_i \max(v_i - v_{i+1}, 0)\Big) $$

    It is zero of what only falls or only rises. The samples are the same each time, so
    it tells how far the weights move about, which the noise of batches does not.

    Args:
        values: float array (m,), m >= 2.

    Returns:
        float >= 0, in the unit of the loss.

    Example:
    >>> unsteadiness(np.array([3.0, 2.0, 1.0])), unsteadiness(np.array([3.0, 1.0, 2.0]))
    (0.0, 0.5)
    """
    moves = np.diff(values)
    return float(min(moves[moves > 0].sum(), -moves[moves < 0].sum())) / len(moves)
