"""What the validation losses of a training tell: over-fitting, and steps too large."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import pearsonr

from lr_finder.analysis.sweep.smoothing import noise_level
from lr_finder.analysis.training.curve_statistics import STANDARD_ERRORS, Levels

GENERALISATION_LOSS = 0.05  # of the validation loss: GL of 5 % (Prechelt)
UNSTEADY = 0.02  # of the height, back and forth in an epoch: the steps are too large
JAGGED = 0.05  # of the means of the training losses, back and forth in an epoch
TOGETHER = 0.5  # correlation of losses that swing together
TOGETHER_BY_CHANCE = 1e-3  # p-value below which that is no chance
TOGETHER_LEAST = 12  # losses that are compared
STANDING = 0.01  # of the lowest before: no gain in the last third is worth it
STANDING_LEAST = 6  # epochs, two in each third
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


def judge_standing(values: np.ndarray, found: dict[str, dict[str, float]]) -> None:
    """Note in `converging` if the validation loss stands still or rises meanwhile.

    Args:
        values: float array (m,), m >= 3, finite, of each epoch.
        found: dict of pattern to evidence, which is added to.
    """
    if "converging" not in found or len(values) < STANDING_LEAST:
        return
    third = len(values) // 3
    before, last = float(values[:-third].min()), float(values[-third:].min())
    scale = before if before > 0 else float(values[0]) - before
    if before - last < STANDING * scale or scale == 0:
        gain = (before - last) / scale if scale else 0.0
        found["converging"]["validation_gain"] = gain


def judge_moves(
    curve: Levels,
    losses: np.ndarray,
    values: np.ndarray,
    found: dict[str, dict[str, float]],
) -> float:
    """How far the losses of the same samples go back and forth from epoch to epoch.

    Args:
        curve: Levels of the training.
        losses: float array (n,), finite, of the training.
        values: float array (m,), m >= 3, finite, of the validation.
        found: dict of pattern to evidence, which is added to.

    Returns:
        float >= 0, the unsteadiness of the validation loss as a share of its level.
    """
    late = _last_two_thirds(values)
    moves = unsteadiness(late)
    height = max(curve.first, float(values.max())) - min(curve.lowest, 0.0)
    evidence = {"unsteadiness": moves, "height": height}
    is_unsteady = moves > UNSTEADY * height
    if len(losses) % len(values) == 0:
        means = _last_two_thirds(losses.reshape(len(values), -1).mean(axis=1))
        if means.min() > 0:
            evidence["jaggedness"] = unsteadiness(np.log(means))
            is_unsteady |= evidence["jaggedness"] > JAGGED
        is_one_each = len(losses) == len(values) and "diverging" not in found
        if is_unsteady and is_one_each:
            _judge_swing_together(means, late, found)
    if is_unsteady:
        found.setdefault("rate too high", evidence)
    return moves / max(float(np.median(np.abs(late))), 1e-300)


def _judge_swing_together(
    losses: np.ndarray, values: np.ndarray, found: dict[str, dict[str, float]]
) -> None:
    """Whether each training loss follows the validation loss before it.

    It does so in gradient descent on all samples at once: both are of the same weights,
    so what goes back and forth there are waves, and no noise.
    """
    if len(losses) < TOGETHER_LEAST:
        return
    before, after = (_detrended(part) for part in (values[:-1], losses[1:]))
    if min(np.ptp(before), np.ptp(after)) == 0:
        return
    result = pearsonr(before, after, alternative="greater")
    if result.statistic > TOGETHER and result.pvalue < TOGETHER_BY_CHANCE:
        found.setdefault(
            "oscillating",
            {
                "correlation": float(result.statistic),
                "p_value": float(result.pvalue),
            },
        )


def _detrended(values: np.ndarray) -> np.ndarray:
    """Values without the parabola through them; of their logarithms, if there are."""
    values = np.log(values) if values.min() > 0 else values
    steps = np.linspace(-1, 1, len(values))
    parabola = np.polynomial.Polynomial.fit(steps, values, 2)
    rest: np.ndarray = values - parabola(steps)
    return rest


def _last_two_thirds(values: np.ndarray) -> np.ndarray:
    """The last two thirds, but at least three values."""
    return values[min(len(values) // 3, len(values) - 3) :]


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
