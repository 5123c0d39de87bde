"""Warnings that travel with a suggestion: each `"kind: what is wrong; what to do"`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lr_finder.analysis.preparation import Prepared, has_descended
from lr_finder.analysis.rate_window import DECADE, window_of
from lr_finder.analysis.stopping import StopReason

FEW_POINTS = 40  # judged; 5 a decade over 8 decades
BARELY = 6.0  # sd of the smoothed curve; pure noise descends by less 99 times in 100
SMALL_DESCENT = 0.05  # of the log-loss: 5 % of the loss
LOW_EDGE = 0.5  # decades above the start; less leaves no flat start to fall from
HIGH_EDGE = 0.25  # decades below the end
UNSTABLE = 0.5  # decades between repeats (standard deviation)
NARROW = 0.3  # decades by which the ends of the window overlap
LARGE_LOSS = 30.0  # at the start: most suggestions miss the best rate then, see README
OR_VERIFY = ", or verify the rate"  # the way out that a verification has taken
SEES_DIVERGENCE = (StopReason.DIVERGED, StopReason.NONFINITE)


def repeat_warnings(picks: Sequence[float], failed: int, repeats: int) -> list[str]:
    """What a person should know of the agreement of the repeats.

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
            f"repeats: {failed} of {repeats} repeats gave no rate by themselves; use "
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
    """What a person should know of the curves behind a suggestion.

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
    if StopReason.DATA_ENDED in reasons:
        warnings.append(
            f"data_ended: the data ended before the sweep did, at lr {last:.1e}; sweep "
            "again with more epochs"
        )
    diverged = any(curve.divergence is not None for curve in curves)
    if not diverged and not set(reasons) & set(SEES_DIVERGENCE):
        warnings.append(
            f"never_diverged: the loss did not diverge up to {last:.1e}, so that the "
            f"upper end is unknown; raise `end_lr` to {10 * last:.0e}"
        )
    warnings += quality_warnings(curves)
    if math.log10(lr / first) < LOW_EDGE:
        warnings.append(
            f"edge: the rate lies at the low end of the sweep ({first:.1e}); lower "
            f"`start_lr` to {first / 100:.0e}"
        )
    elif math.log10(last / lr) < HIGH_EDGE:
        warnings.append(
            f"edge: the rate lies at the high end of the sweep ({last:.1e}); raise "
            f"`end_lr` to {10 * last:.0e}"
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
            f"few_points: {points} losses before divergence, {FEW_POINTS} are the "
            "least for a steady answer; sweep more steps"
        )
    # Repeats agree in their descent and average their noise.
    sd = error / math.sqrt(len(curves))
    kind = "log-loss" if curves[0].is_log else "loss"
    small = curves[0].is_log and descent < SMALL_DESCENT
    if not any(map(has_descended, curves)):
        warnings.append(
            f"never_descended: the {kind} fell by {descent:.2g}, no more than its "
            "noise, so the rate is little more than the optimizer's usual one; sweep "
            "more steps with larger batches, check that the model can learn and is not "
            f"trained already{OR_VERIFY}"
        )
    elif small or descent < BARELY * sd:
        warnings.append(
            f"barely_descended: the smoothed {kind} fell by {descent:.2g}, its noise "
            f"is {sd:.2g}; sweep more steps, or check that the model can learn"
        )
    return warnings


def scale_warnings(curves: Sequence[Prepared]) -> list[str]:
    """Signs of inputs or targets that are not scaled, which make any one rate poor.

    Args:
        curves: sequence of `Prepared`, at least one.

    Returns:
        list of str: `narrow`, `large_loss`; or empty.
    """
    warnings = []
    ways_out = f"scale inputs and targets where they are not{OR_VERIFY}"
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
        warnings.append(
            f"large_loss: the loss starts at {shown:.2g}, so the targets may not be "
            f"scaled; {ways_out}"
        )
    return warnings
