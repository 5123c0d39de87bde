"""Warnings that travel with a suggestion: each `"kind: what is wrong; what to do"`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.nonfinite import REACH_THE_END
from lr_finder.analysis.sweep.preparation import Prepared, has_descended
from lr_finder.analysis.sweep.rate_window import DECADE, window_of
from lr_finder.analysis.sweep.stopping import StopReason

FEW_POINTS = 40  # judged; 5 a decade over 8 decades
BARELY = 6.0  # sd of the smoothed curve; pure noise descends by less 99 times in 100
SMALL_DESCENT = 0.05  # of the log-loss: 5 % of the loss
LOW_EDGE = 0.5  # decades above the start; less leaves no flat start to fall from
HIGH_EDGE = 0.25  # decades below the end
UNSTABLE = 0.5  # decades between repeats (standard deviation)
NARROW = 0.3  # decades by which the ends of the window overlap
WIDE = "wide"  # kind of the warning
WIDEST = 2.0  # decades of an interval, from end to end, without one
MEMORIES = ("momentum", "beta_1")  # what optimizers call it
MOST_IN_MEMORY = 1.0  # decades that the rate may rise within an optimizer's memory
ADVISED_IN_MEMORY = 0.4  # that it rises in 200 steps with momentum 0.9: 8 / 200 * 10
LARGE_LOSS = 30.0  # at the start: most suggestions miss the best rate then, see README
OR_VERIFY = ", or verify the rate"  # the way out that a verification has taken
SWEEP_MORE = f"sweep more steps, with repeats or larger batches{OR_VERIFY}"
OF_CLASSES = "crossentropy"  # in the name of a loss: its targets have no scale
SEES_DIVERGENCE = (StopReason.DIVERGED, StopReason.NONFINITE)


def repeat_warnings(picks: Sequence[float], failed: int, repeats: int) -> list[str]:
    """The doubts that the repeats leave.

    Args:
        picks: sequence of float, log10(lr) of the repeats that gave a rate.
        failed: int, repeats that gave none.
        repeats: int, all repeats.

    Returns:
        list of str: repeats without a rate, repeats far apart; or empty.

    Example:
    >>> repeat_warnings([-3.0, -1.0], failed=0, repeats=2)[0].split(";")[0]
    'unstable: repeats differ by 1.4 decades'
    """
    warnings = []
    if failed:
        warnings.append(
            f"repeats: {failed} of {repeats} repeats gave no rate on their own; use "
            "more steps or larger batches"
        )
    if len(picks) > 1 and np.std(picks, ddof=1) > UNSTABLE:
        warnings.append(
            f"unstable: repeats differ by {np.std(picks, ddof=1):.1f} decades; use "
            "more steps, more repeats or larger batches"
        )
    return warnings


def sweep_warnings(
    reasons: Sequence[StopReason],
    curves: Sequence[Prepared],
    lr: float,
    first: float,
    last: float,
) -> list[str]:
    """The doubts that the curves behind a suggestion leave.

    Args:
        reasons: sequence of `StopReason`, why each repeat ended.
        curves: sequence of `Prepared`, the repeats that gave a rate, at least one.
        lr: float, the rate suggested.
        first: float, lowest rate swept.
        last: float, highest rate swept.

    Returns:
        list of str: cut short, never diverged, few points, noise, edge; or empty.
    """
    warnings = []
    low_end, high_end = format_rate(first), format_rate(last)
    if StopReason.DATA_ENDED in reasons:
        warnings.append(
            f"data_ended: the training ended before the sweep did, at lr {high_end}; "
            f"{REACH_THE_END}"
        )
    diverged = any(curve.divergence is not None for curve in curves)
    if not diverged and not set(reasons) & set(SEES_DIVERGENCE):
        told = "the loss did not diverge"
        if StopReason.UNKNOWN in reasons:
            told = "the losses given show no divergence"
        warnings.append(
            f"never_diverged: {told} up to {high_end}, so the upper "
            "end of the window is unknown; raise `end_lr` to "
            f"{format_rate(10 * last)}"
        )
    warnings += quality_warnings(curves)
    if math.log10(lr / first) < LOW_EDGE:
        warnings.append(
            f"edge: the rate lies at the low end of the sweep ({low_end}); lower "
            f"`start_lr` to {format_rate(first / 100)}"
        )
    elif math.log10(last / lr) < HIGH_EDGE:
        warnings.append(
            f"edge: the rate lies at the high end of the sweep ({high_end}); raise "
            f"`end_lr` to {format_rate(10 * last)}"
        )
    return warnings


def quality_warnings(curves: Sequence[Prepared]) -> list[str]:
    """Warnings on points, descent and noise, from medians over the repeats.

    Args:
        curves: sequence of `Prepared`, at least one.

    Returns:
        list of str: `few_points`, `barely_descended`, `never_descended`; or empty.
    """
    warnings = []
    points = int(np.median([curve.points for curve in curves]))
    descent = float(np.median([curve.descent for curve in curves]))
    error = float(np.median([curve.error for curve in curves]))
    if points < FEW_POINTS:
        warnings.append(
            f"few_points: only {counted(points, 'loss')} before divergence, and "
            f"a steady answer needs at least {FEW_POINTS}; sweep more steps"
        )
    # Repeats agree in their descent and average their noise.
    sd = error / math.sqrt(len(curves))
    kind = "log-loss" if curves[0].is_log else "loss"
    small = curves[0].is_log and descent < SMALL_DESCENT
    if not any(map(has_descended, curves)):
        warnings.append(
            f"never_descended: the {kind} fell by {descent:.2g}, no more than its "
            "noise, so the rate is uncertain; sweep "
            "more steps with larger batches, check that the model can learn and is not "
            f"trained already{OR_VERIFY}"
        )
    elif small or descent < BARELY * sd:
        warnings.append(
            f"barely_descended: the smoothed {kind} fell by only {descent:.2g}, with a "
            f"noise of {sd:.2g}; sweep more steps, or check that the model can learn"
        )
    return warnings


def scale_warnings(
    curves: Sequence[Prepared], metadata: Mapping[str, Any]
) -> list[str]:
    """Signs of inputs or targets that are not scaled, for which any rate is poor.

    Args:
        curves: sequence of `Prepared`, at least one.
        metadata: mapping, of a `SweepResult`: the name of the `loss`, if it has one.

    Returns:
        list of str: `narrow`, `large_loss`; or empty.
    """
    warnings = []
    ways_out = f"scale inputs and targets if they are not scaled{OR_VERIFY}"
    ends = np.array([window_of(curve) for curve in curves])
    lower, upper = np.median(ends, axis=0)
    if lower - upper > NARROW * DECADE and any(map(has_descended, curves)):
        warnings.append(
            "narrow: the loss climbs soon after it begins to fall, which leaves little "
            f"room for a rate; {ways_out}"
        )
    start = float(np.median([curve.start for curve in curves]))
    if (math.exp(start) if curves[0].is_log else start) > LARGE_LOSS:
        shown = math.exp(start) if curves[0].is_log else start
        part = (
            "inputs" if OF_CLASSES in str(metadata.get("loss")).lower() else "targets"
        )
        warnings.append(
            f"large_loss: the loss starts at {format_rate(shown)}, so the {part} may "
            f"not be scaled; {ways_out.replace('inputs and targets', part)}"
        )
    return warnings


def interval_warnings(low: float, high: float, way_out: str = SWEEP_MORE) -> list[str]:
    """The doubt about a rate whose interval says little.

    Args:
        low: float > 0, lower end of the interval.
        high: float >= low, upper end.
        way_out: str, what makes it narrower.

    Returns:
        list of str: `wide` if it spans more than two decades; or empty.

    Example:
    >>> interval_warnings(1e-4, 5e-2)[0].split(";")[0]
    'wide: the interval spans 2.7 decades, so the rate is little more than a guess'
    """
    width = math.log10(high / low)
    if width <= WIDEST:
        return []
    return [
        f"{WIDE}: the interval spans {width:.1f} decades, so the rate is little more "
        f"than a guess; {way_out}"
    ]


def memory_warnings(metadata: Mapping[str, Any], lrs: np.ndarray) -> list[str]:
    r"""The doubt about a sweep that is too fast for the memory of its optimizer.

    Momentum m moves the weights by the gradients of about 1 / (1 - m) steps, so the
    loss answers to rates that have passed. The window allows for most of it (`lag_of`).
    With d the decades that the rate rises in a step, doubt is left if

        d / (1 - m) > 1

    Args:
        metadata: mapping, of a `SweepResult`: its `momentum` and `beta_1`, of those
            that the optimizer has.
        lrs: float array (n,), rates swept, rising.

    Returns:
        list of str: `momentum` with the steps to sweep; or empty.

    Example:
    >>> rates = np.logspace(-7, 1, 200)
    >>> memory_warnings({"momentum": 0.9}, rates)
    []
    >>> print(memory_warnings({"momentum": 0.99}, rates)[0].split("; ")[1])
    sweep 2000 steps, or verify the rate
    """
    shares = [metadata.get(name) or 0.0 for name in MEMORIES]
    momentum = max(shares)
    if len(lrs) < 2 or not 0 < momentum < 1:
        return []
    decades = float(np.median(np.diff(np.log10(lrs))))  # in a step
    memory = 1 / (1 - momentum)
    if decades * memory <= MOST_IN_MEMORY:
        return []
    swept = metadata.get("steps") or len(lrs)
    steps = (swept - 1) * decades * memory / ADVISED_IN_MEMORY
    unit = 10 ** max(math.floor(math.log10(steps)) - 1, 0)  # two digits say enough
    advised = round(steps / unit) * unit
    return [
        f"momentum: an optimizer with {MEMORIES[shares.index(momentum)]} {momentum:g} "
        f"averages over {memory:.0f} steps, and the rate rises by "
        f"{decades * memory:.1f} decades in them: the loss falls and climbs late, "
        f"and the rate is less certain; sweep {advised} steps{OR_VERIFY}"
    ]
