"""Losses that no rate can be read from: not finite, without bound, or cut short."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.smoothing import noise_level
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import SuggestionError

NOT_FINITE = (
    "not_finite"  # `reason` of the errors, kind of the warning, key of metadata
)
RECENT = 10  # losses whose median is the level before the last one
RISE_NOISE = 6.0  # sd of noise above that level: the loss has climbed
RISE_SHARE = (
    1.0  # of that level, at least: the few losses of a short sweep tell no noise
)
TINY_RATE = 1e-5  # no usual rate of any optimizer is within a decade of it
UNBOUNDED = "unbounded"  # `reason` of the error, kind of the warning
FALL = 30.0  # times the loss at the start, or its noise: no bounded loss falls so far
HALF_WITHIN = 0.5  # decades: half of a fall in step with the rate takes 0.3
BLAME_THE_RATE = ("too_few_points", "diverged_at_start", "never_descended")
BLAME_THE_END = ("too_few_points", "never_descended")  # of a sweep that was cut short
REACH_THE_END = "train for more epochs, or sweep with fewer `steps`"
WHERE_TO_LOOK = (
    "Look for NaN and infinity in x, y and sample weights (np.isfinite), for values "
    "so large that their squares overflow (float32 ends at 3e38), and for log(0) or a "
    "division by 0 in a loss of your own"
)


class EndedCurve(Protocol):
    """What is read of a curve: `lr_finder.results.sweep.Curve` is one."""

    @property
    def lrs(self) -> np.ndarray: ...  # noqa: D102
    @property
    def losses(self) -> np.ndarray: ...  # noqa: D102
    @property
    def stop_reason(self) -> StopReason: ...  # noqa: D102


def is_sudden(losses: np.ndarray) -> bool:
    """Whether a loss stopped being finite without having climbed before.

    A rate that is too high makes the loss climb first: in the five sweeps of
    `benchmarks/suggestion_quality` that ended with a loss that was not finite, by a
    factor of 10,000 and more. NaN in the data or log(0) in the loss comes in one step.

    Args:
        losses: float array (n,), all finite losses before the one that was not.

    Returns:
        bool; True if there are none.

    Example:
    >>> is_sudden(np.array([2.0, 2.1, 1.9])), is_sudden(np.array([2.0, 2.1, 1.9, 9e9]))
    (True, False)
    """
    losses = np.asarray(losses, dtype=float)
    if len(losses) < 2:
        return True
    before = losses[:-1]
    level = float(np.median(before[-RECENT:]))
    rise = max(RISE_NOISE * noise_level(before), RISE_SHARE * abs(level))
    return bool(losses[-1] <= level + rise)


def not_finite_error(steps: int, lr: float, given: int) -> SuggestionError:
    """The error of a loss that data or loss function made infinite or NaN.

    Args:
        steps: int >= 0, steps made before that loss.
        lr: float, the learning rate of the last of them.
        given: int, losses recorded, that one included.

    Returns:
        SuggestionError with the reason `"not_finite"`.

    Example:
    >>> print(str(not_finite_error(0, 1e-7, 1))[:65])
    The loss of the first batch is not finite, before any step was ma
    """
    if steps:
        text = (
            f"The loss is not finite after {counted(steps, 'step')}, the last at a "
            f"learning rate of {format_rate(lr)}. It did not climb before, as it does "
            "if a rate is too high, so the data or the loss function is the cause"
        )
    else:
        text = (
            "The loss of the first batch is not finite, before any step was made. The "
            "data or the loss function is the cause, not the learning rate"
        )
    way_out = WHERE_TO_LOOK
    if steps and lr > TINY_RATE:
        way_out += (
            f". If all that is in order, begin at a lower rate than {format_rate(lr)}"
        )
    return SuggestionError(
        f"{text}. {way_out}.",
        reason=NOT_FINITE,
        counts={"points": steps, "given": given},
    )


def check_source(metadata: Mapping[str, object]) -> None:
    """Raise `SuggestionError` if a sweep was spoilt by a batch that is not finite.

    Args:
        metadata: mapping, of a `SweepResult`: `"not_finite"` says what such a batch
            of a source holds, if training on it made loss or weights NaN.

    Raises:
        SuggestionError: If there was one.
    """
    if metadata.get(NOT_FINITE):
        raise SuggestionError(
            f"The data made the loss or the weights NaN, at any learning rate: "
            f"{metadata[NOT_FINITE]}. Drop such rows or fill them (np.nan_to_num), and "
            "sweep again.",
            reason=NOT_FINITE,
            counts={},
        )


def check_end(curves: Sequence[EndedCurve]) -> None:
    """Raise `SuggestionError` if a loss was not finite at a rate too low to do it.

    Args:
        curves: sequence of Curve, the repeats.

    Raises:
        SuggestionError: If the shortest ended so, suddenly, at 1e-5 or below.
    """
    curve = min(curves, key=lambda each: len(each.lrs))
    error = _sudden_end(curve)
    if error is not None and (not len(curve.lrs) or curve.lrs[-1] <= TINY_RATE):
        raise error


def explained(
    failure: SuggestionError, curves: Sequence[EndedCurve]
) -> SuggestionError:
    """The reason why a sweep gives no rate, if it lies in how the sweep ended.

    Args:
        failure: SuggestionError, what a rule said of the curves.
        curves: sequence of Curve, the repeats.

    Returns:
        SuggestionError: one that names data and loss function if the curve that went
        least far ended with a loss that was suddenly not finite; one that names the
        rate at which it ended if the training ended before the sweep; else `failure`.
    """
    if failure.reason not in BLAME_THE_RATE:
        return failure
    curve = min(curves, key=lambda each: len(each.lrs))
    return _sudden_end(curve) or _early_end(curve, failure) or failure


def _sudden_end(curve: EndedCurve) -> SuggestionError | None:
    """The error of a curve whose loss was suddenly not finite."""
    if curve.stop_reason != StopReason.NONFINITE or not is_sudden(curve.losses):
        return None
    steps = len(curve.lrs)
    return not_finite_error(steps, curve.lrs[-1] if steps else math.nan, steps + 1)


def _early_end(curve: EndedCurve, failure: SuggestionError) -> SuggestionError | None:
    """The error of a curve that saw low rates only, since its training ended."""
    is_early = curve.stop_reason == StopReason.DATA_ENDED
    if not is_early or failure.reason not in BLAME_THE_END:
        return None
    steps = len(curve.lrs)
    at = f", at a learning rate of {format_rate(curve.lrs[-1])}" if steps else ""
    return SuggestionError(
        f"The sweep ended early, after {counted(steps, 'step')}{at}: the training "
        "ended before the sweep did, and the losses up to there show no rate. "
        f"{REACH_THE_END[0].upper()}{REACH_THE_END[1:]}.",
        reason=failure.reason,
        counts=failure.counts,
    )


def not_finite_warnings(curves: Sequence[EndedCurve]) -> list[str]:
    """The doubt that a loss which was suddenly not finite leaves.

    Args:
        curves: sequence of Curve, the repeats.

    Returns:
        list of str: `not_finite`; or empty.
    """
    for curve in curves:
        if _sudden_end(curve) is not None and len(curve.lrs):
            return [
                f"{NOT_FINITE}: the loss became NaN or infinite in a single step, "
                f"after rate {format_rate(curve.lrs[-1])}, without climbing before; "
                "look for NaN in x and y and for log(0) in the loss, then sweep again"
            ]
    return []


def not_finite_trials(losses: Mapping[float, np.ndarray]) -> SuggestionError | None:
    """The error of short trainings that all ended so, if no rate can be the cause.

    Args:
        losses: mapping of rate -> float array, the loss of each step made; the last of
            a training that ended so is NaN or infinite.

    Returns:
        SuggestionError; None if the loss of the lowest rate ended finite, or climbed.

    Example:
    >>> error = not_finite_trials({0.1: np.array([2.0, 2.0, np.nan])})
    >>> error.reason, error.counts["points"]
    ('not_finite', 2)
    """
    lowest = min(losses)
    made = np.asarray(losses[lowest], dtype=float)
    if not len(made) or math.isfinite(made[-1]) or not is_sudden(made[:-1]):
        return None
    return not_finite_error(len(made) - 1, lowest, len(made))


def falls_without_bound(
    x: np.ndarray, values: np.ndarray, start: float, noise: float
) -> bool:
    """Whether a loss falls ever faster as the rate rises, far below where it began.

    So does the loss of a critic, the negative mean of its outputs: the farther its
    weights move, the lower. With m the lowest point of the curve, both must hold:

        start - values[m] > 30 max(|start|, noise)
        half of that fall takes place in the last half decade before m

    A bounded loss (a cosine, a log-likelihood) falls less far, or levels off before.

    Args:
        x: float array (n,), ln(lr), rising.
        values: float array (n,), the smoothed loss itself, not its logarithm.
        start: float, the loss at the start.
        noise: float >= 0, its standard deviation.

    Returns:
        bool.

    Example:
    >>> x = np.log(np.logspace(-7, 1, 100))
    >>> falls_without_bound(x, 0.1 - 50 * np.exp(x), start=0.1, noise=0.05)
    True
    >>> falls_without_bound(x, -np.tanh(1e3 * np.exp(x)), start=0.0, noise=0.05)
    False
    """
    lowest = int(np.argmin(values))
    fall = start - float(values[lowest])
    if values[lowest] >= 0 or not fall > FALL * max(abs(start), noise):
        return False
    half = int(np.argmax(values[: lowest + 1] <= start - fall / 2))
    return bool(x[lowest] - x[half] < HALF_WITHIN * math.log(10))
