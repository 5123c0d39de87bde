"""Waves in a loss curve: one period, by Fisher's test, or turns that are no noise."""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import correlate

from lr_finder.analysis.sweep.smoothing import noise_level
from lr_finder.analysis.training.curve_statistics import STANDARD_ERRORS, Levels

SIGNIFICANT = 0.01  # p-value below which a slope or a period is no chance
ONE_PERIOD = 0.3  # of the variance in one frequency; noise of 100 points has 0.1
PERIODS = 4  # in sight at least: what swings slower is hardly told from a trend
TURNS_OF = 200  # medians at most, among which turns are counted
TURN_NOISE = 8.0  # sd of the noise that a move to a turn is larger than
SMALL = 0.5  # of the loss takes the place of the scale for waves of logarithms
SWING = 0.1  # of the scale: sd of an oscillation that matters


def judge_swing(
    curve: Levels,
    losses: np.ndarray,
    found: dict[str, dict[str, float]],
    has_batches: bool = True,
) -> None:
    """A period in the last two thirds of the losses, by Fisher's test.

    Of positive losses it is sought in the logarithms, too: a wave that becomes smaller
    with the loss keeps its share of it.

    Args:
        curve: Levels.
        losses: float array (n,), finite.
        found: dict of pattern to evidence, which is added to.
        has_batches: bool, whether an epoch has several losses, of batches that may
            come in the same order each time.
    """
    evidence = _period(losses, curve.scale, has_batches)
    if not evidence and losses.min() > 0:
        evidence = _period(np.log(losses), SMALL, has_batches, SIGNIFICANT / 10)
    if evidence:
        found["oscillating"] = evidence
        found.setdefault("rate too high", evidence)


def _period(
    losses: np.ndarray,
    scale: float,
    has_batches: bool,
    significant: float = SIGNIFICANT,
) -> dict[str, float]:
    """The period that most of the last two thirds is in; empty if there is none."""
    part = losses[len(losses) // 3 :]
    part = part[: len(part) - (len(part) + 1) % 2]  # odd: no frequency at the edge
    size, steps = len(part), np.linspace(-1, 1, len(part))
    trend = np.polynomial.Polynomial.fit(steps, part, 2)(steps)
    power = np.abs(np.fft.rfft(part - trend)) ** 2
    total = float(power.sum())
    if size // 2 < PERIODS or total <= (1e-9 * size * scale) ** 2:
        return {}
    place = PERIODS + int(np.argmax(power[PERIODS:]))
    share = float(power[place] / total)
    # The first term of Fisher's distribution of the largest share, an upper bound.
    p_value = min(1.0, size // 2 * (1 - share) ** (size // 2 - 1))
    swing = math.sqrt(2 * power[place]) / size
    near = power[place - 2 : place + 3]  # between two frequencies it is in several
    is_clear = share > ONE_PERIOD and p_value < significant and swing > SWING * scale
    if not is_clear:
        return {}
    if has_batches and _repeats_better(part - trend, float(near.sum()) / total):
        return {}
    return {
        "period": size / place,
        "share": share,
        "p_value": p_value,
        "swing": swing,
    }


def judge_turns(
    losses: np.ndarray, scale: float, found: dict[str, dict[str, float]]
) -> None:
    """Slow waves, of which few are in sight, or of several periods: by their turns.

    Args:
        losses: float array (n,), finite.
        scale: float > 0, what a swing is measured by.
        found: dict of pattern to evidence, which is added to.
    """
    length = -(-len(losses) // TURNS_OF)
    values = np.median(losses[len(losses) % length :].reshape(-1, length), axis=1)
    least = max(SWING * scale, TURN_NOISE * noise_level(values))
    turns = count_turns(values[len(values) // 3 :], least)
    if turns >= 2 and "oscillating" not in found:
        found["oscillating"] = {"turns": turns, "swing": least}
        found.setdefault("rate too high", found["oscillating"])


def count_turns(values: np.ndarray, least: float) -> int:
    """How often a curve turns, between moves of some size.

    Args:
        values: float array (n,).
        least: float > 0, the size of a move; smaller ones are passed over.

    Returns:
        int >= 0.

    Example:
    >>> count_turns(np.array([3.0, 1.0, 1.1, 1.0, 2.0, 0.5]), least=0.5)
    2
    """
    turns, direction, low, high = 0, 0, values[0], values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
        if direction <= 0 and value - low >= least:
            turns += direction != 0
            direction, high = 1, value
        elif direction >= 0 and high - value >= least:
            turns += direction != 0
            direction, low = -1, value
    return turns


def _repeats_better(values: np.ndarray, share: float) -> bool:
    """Whether a stretch of any shape repeats, and more exactly than one period does.

    So do the losses of batches that come in the same order in each epoch.
    """
    size = len(values)
    lags = np.arange(PERIODS, 2 * size // 3)
    products = correlate(values, values)[size - 1 + lags]
    energy = np.append(0.0, np.cumsum(values**2))
    both = np.sqrt(energy[size - lags] * (energy[size] - energy[lags]))
    likeness = np.divide(products, both, out=np.zeros(len(lags)), where=both > 0)
    # Half of what the period leaves open, a tenth of all, and more than chance.
    chance = STANDARD_ERRORS * (1 - share) / np.sqrt(size - lags)
    least = share + np.maximum(np.maximum((1 - share) / 2, 0.1), chance)
    return bool(np.any(likeness > least))
