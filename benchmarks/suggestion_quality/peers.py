"""What other finders would say of the same sweep: each with its own pipeline.

Reimplemented from their documented behaviour: what loss they read, how they smooth it,
where they stop, what they trim, and the rule. Rates are those of the stored sweep.
Losses that are not a number stay in, where a pipeline lets them in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter, savgol_filter

from benchmarks.suggestion_quality.sweeps import Sweep
from lr_finder.analysis.sweep.rules import longest_descent

Answer = tuple[float | None, int]  # the rate, if any, and the steps it cost
Curve = tuple[np.ndarray, np.ndarray]


def debiased_ema(losses: np.ndarray, beta: float = 0.98) -> np.ndarray:
    """The usual average of the past: a nan stays in it for good."""
    average = lfilter([1 - beta], [1, -beta], losses)
    return average / (1 - beta ** np.arange(1, len(losses) + 1))


def plain_ema(losses: np.ndarray, share: float) -> np.ndarray:
    """An average that starts at the first loss and takes `share` of each new one."""
    start = [(1 - share) * losses[0]]
    return lfilter([share], [1, share - 1], losses, zi=start)[0]


def steps_until(values: np.ndarray, factor: float, first: int = 1) -> int:
    """How many steps a rule "stop above `factor` times the best" makes.

    The step that breaks the rule is recorded. As in all peers, nothing is above or
    below nan: the rule never stops at one.

    Args:
        values: float array (n,), what the rule reads.
        factor: float, times the best value before.
        first: int, index from which on it may stop.

    Returns:
        int, at most n.
    """
    best = np.fmin.accumulate(values)
    above = values > factor * best
    above[:first] = False
    return int(np.argmax(above)) + 1 if above.any() else len(values)


def _stopped(sweep: Sweep, smoothed: np.ndarray, factor: float) -> Curve:
    count = steps_until(smoothed, factor)
    return sweep.lrs[:count], smoothed[:count]


def valley_index(losses: np.ndarray) -> int:
    """Fastai's landmark on the longest decreasing subsequence."""
    end, length = longest_descent(losses)
    return end - length + int(length / 3) + int(length / 6)


def _valley(lrs: np.ndarray, losses: np.ndarray, steps: int) -> float:
    return lrs[valley_index(losses)]


def _minimum(lrs: np.ndarray, losses: np.ndarray, steps: int) -> float:
    return lrs[np.argmin(losses)] / 10


def _steep(lrs: np.ndarray, losses: np.ndarray, steps: int) -> float:
    return lrs[np.argmin(np.diff(losses) / np.diff(np.log(lrs)))]


def _slide(lrs: np.ndarray, losses: np.ndarray, steps: int) -> float:
    """Move an interval of 15 points down until its ends agree in slope to 0.005."""
    slopes = np.gradient(losses)
    right, left = -1, -16
    rate = lrs[left]
    while left >= -len(losses) and abs(slopes[right] - slopes[left]) > 0.005:
        rate = lrs[left]
        right, left = right - 1, left - 1
    return rate


def fastai(sweep: Sweep, rule: Callable[..., float]) -> Answer:
    """Average of .98, stop at 4 times the best, a tenth and 5 trimmed, no nan."""
    steps = len(sweep.lrs)
    lrs, losses = _stopped(sweep, debiased_ema(sweep.losses), 4)
    cost = len(lrs)
    lrs, losses = lrs[steps // 10 : -5], losses[steps // 10 : -5]
    count = int(np.argmax(np.append(np.isnan(losses), True)))
    return float(rule(lrs[:count], losses[:count], steps)), cost


def lightning(sweep: Sweep, *, per_rate: bool) -> Answer:
    """Average of .98, stop at 4 times the best, 10 and 1 trimmed; steepest.

    From 2.5.3 on the slope is taken per learning rate, also where rates rise by
    factors (`per_rate`): their steps being smallest there, the low end wins.
    """
    lrs, losses = _stopped(sweep, debiased_ema(sweep.losses), 4)
    cost = len(lrs)
    lrs, losses = lrs[10:-1], losses[10:-1]
    lrs, losses = lrs[np.isfinite(losses)], losses[np.isfinite(losses)]
    slopes = np.gradient(losses, lrs) if per_rate else np.gradient(losses)
    return float(lrs[np.argmin(slopes)]), cost


def ktrain(sweep: Sweep, rule: str) -> Answer:
    """Average of .98 of Keras' running mean, stop at 4 times the best.

    "gradient" looks for the steepest point from step 32 on, and counts its index from
    step 0: the rate is 32 steps too low. "valley" is fastai's, 10 and 5 trimmed.
    """
    lrs, losses = _stopped(sweep, debiased_ema(sweep.running_means), 4)
    cost = len(lrs)
    if rule == "valley":
        lrs, losses = lrs[10:-5], losses[10:-5]
        count = int(np.argmax(np.append(np.isnan(losses), True)))
        return float(lrs[valley_index(losses[:count])]), cost
    return float(lrs[np.argmin(np.gradient(losses[32 : np.argmin(losses)]))]), cost


def torch_lr_finder(sweep: Sweep) -> Answer:
    """Average of .95, stop at 5 times the best, 10 and 5 trimmed; steepest."""
    lrs, losses = _stopped(sweep, plain_ema(sweep.losses, 0.05), 5)
    cost = len(lrs)
    return float(lrs[10:-5][np.argmin(np.gradient(losses[10:-5]))]), cost


def keras_callback(sweep: Sweep, width: int = 1) -> Answer:
    """The running mean, stop at 4 times the best or nan; steepest over `width` steps.

    10 and 5 points are trimmed.
    """
    means = sweep.running_means
    count = steps_until(means, 4, first=6)
    count = min(count, int(np.argmax(np.append(np.isnan(means), True))) + 1)
    slopes = np.zeros(count)
    slopes[width:] = (means[width:count] - means[: count - width]) / width
    return float(sweep.lrs[10 : count - 5][np.nanargmin(slopes[10:-5])]), count


def textbook(sweep: Sweep) -> Answer:
    """`savgol_filter(losses, 11, 2)`, steepest `np.gradient`; the tail still in."""
    smoothed = savgol_filter(sweep.losses[: sweep.finite], 11, 2)
    cost = min(sweep.finite + 1, len(sweep.lrs))
    return float(sweep.lrs[np.argmin(np.gradient(smoothed))]), cost


PEERS: dict[str, Callable[[Sweep], Answer]] = {
    "fastai minimum / 10": lambda sweep: fastai(sweep, _minimum),
    "fastai valley": lambda sweep: fastai(sweep, _valley),
    "fastai steep": lambda sweep: fastai(sweep, _steep),
    "fastai slide": lambda sweep: fastai(sweep, _slide),
    "ktrain valley": lambda sweep: ktrain(sweep, "valley"),
    "ktrain minimum gradient": lambda sweep: ktrain(sweep, "gradient"),
    "pytorch-lr-finder steepest": torch_lr_finder,
    "Lightning < 2.5.3": lambda sweep: lightning(sweep, per_rate=False),
    "Lightning >= 2.5.3": lambda sweep: lightning(sweep, per_rate=True),
    "usual Keras callback": keras_callback,
    "usual Keras callback, 20 steps": lambda sweep: keras_callback(sweep, 20),
    "textbook Savitzky-Golay": textbook,
}


def ask(name: str, sweep: Sweep) -> Answer:
    """What a peer says; no rate where its pipeline breaks down.

    Args:
        name: str, a key of `PEERS`.
        sweep: Sweep.

    Returns:
        (rate or None, steps made).
    """
    try:
        rate, cost = PEERS[name](sweep)
    except (ValueError, IndexError):  # too few points left, as in the peer itself
        return None, len(sweep.lrs)
    return (rate if np.isfinite(rate) else None), cost
