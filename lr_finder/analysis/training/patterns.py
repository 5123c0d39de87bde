"""Patterns in the losses of a training: what they are, and what to do about them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lr_finder.analysis.training.curve_statistics import BLOCKS, STILL, Levels
from lr_finder.analysis.training.pattern_definitions import (
    DEFINITIONS,
    Pattern,
    pattern_of,
)
from lr_finder.analysis.training.validation_losses import (
    judge_moves,
    judge_standing,
    judge_validation,
)
from lr_finder.analysis.training.waves import SIGNIFICANT, judge_swing, judge_turns
from lr_finder.errors import InputError

MIN_POINTS = 12  # losses; four in each third, the least that a slope can be tested on
LINEAR = 0.4  # fall of the last third by that of the first; exponentials of less than
# 1.4 time constants in all are above (e^{-2.8/3} = 0.39), longer ones below
PACE = 0.25  # of the first fall: what falls at this pace has not levelled off
HALF = 0.5  # of the loss at the start: what has fallen below it is on its way
FLAT = 0.03  # of the height: no fall worth a third of a training
LOST = 0.25  # of the descent, climbed back: the rate is too high
ALL_LOST = 1.0  # of the descent, climbed back: diverging
ENORMOUS = 1e100  # a loss that counts as infinite: its square overflows
SHAKEN = 0.02  # of the validation loss, back and forth in an epoch: under-fitting
MOVED = 0.003  # of the validation loss, back and forth: the weights do move
UNEXPLAINED = 0.5  # of the loss of a constant guess, left at the end: under-fitting


def recognize_patterns(
    losses: Sequence[float] | np.ndarray,
    validation_losses: Sequence[float] | np.ndarray | None = None,
    *,
    baseline: float | None = None,
) -> tuple[Pattern, ...]:
    r"""What the losses of a training show, with the numbers and what to do.

    If the validation losses show where the epochs end (at least 12, of equally many
    batches), the losses are first reduced to the means of the epochs. Each epoch holds
    the same samples, so its mean has little noise. A curve of more than 60 losses is
    reduced to 30 to 60 block medians. The level $l$ at a place is the median of a tenth
    of these values. The descent $D$ is the level at the start less the lowest level,
    and the climb $C$ the level at the end less the lowest. The standard error $s$ of a
    level comes from the second differences. $f_1$ and $f_3$ are the falls of straight
    lines through the first and the last third. $u(v)$ is how far $v$ goes back and
    forth from epoch to epoch in the last two thirds (see `unsteadiness`), $e$ are the
    means of the epochs.

    $$ \text{diverging: } C > \max(D, 4 s) $$
    $$ \text{over-fitting: } v_{end} / v_{lowest} - 1 > 0.05 \;\text{and}\;
       l_{then} - l_{end} > l_{then} / 10 $$
    $$ \text{oscillating: } g = \max_k I_k / \sum_k I_k > 0.3 \;\text{or two turns} $$
    $$ \text{rate too high: } C > \max(D / 4, 4 s) \;\text{or}\;
       J > \max(\ln 2, 5 \sigma) \;\text{or}\; P > \max(\ln 2, 6 \sigma)
       \;\text{or}\; u(v) > 0.02\, h \;\text{or}\; u(\ln e) > 0.05 $$
    $$ \text{rate too low: } f_3 \ge 0.4 f_1 \;\text{and}\; l_{end} > l_{start} / 2,
       \;\text{or}\; f < l / 5 \;\text{and}\; u(v) \le 0.003\, v $$
    $$ \text{plateau: } f_3 < \min(0.03\, l_{end}, f_1 / 4) \qquad
       \text{converging: neither} $$
    $$ \text{under-fitting: } f < l / 5 \;\text{and not too low, or a plateau with }
       l_{end} > l_{constant} / 2 $$

    Here $J$ is the jump of the log-loss from the first batch to the level of the tenth
    that follows, and $P$ the jump to the highest of that tenth; $\sigma$ is the noise
    of single log-losses; $h$, the height of the picture, is the first or the highest
    validation loss; $f$ is the whole fall; $I$ is the periodogram of the last two
    thirds of the losses, or of their logarithms, around their trend. (Losses that are
    not positive are compared without logarithms: their jump with the size of the first
    one; for validation losses, 5 % of their own descent replaces the ratio.)
    `DEFINITIONS` describes all patterns in words. If noise hides the fall of the last
    third, the means of the thirds decide. At most one of `converging`, `plateau`, `rate
    too low` and `diverging` holds. A loss that stands still because there is nothing to
    learn looks like one whose rate is too low: the recommendation says so. If the
    validation loss has stood still in the last third, by less than 1 % below its lowest
    before, `converging` asks to stop and not to go on.

    Args:
        losses: sequence of float (n,), n >= 12, the training loss of each batch or
            epoch, from the first on; the curve ends at one that is not finite (or above
            1e100).
        validation_losses: sequence of float (m,), m >= 3, over the same training,
            evenly spaced (of each epoch); or None.
        baseline: float, the loss of the best constant guess (ln k for k balanced
            classes, the variance for squared errors). Without it the first loss, or the
            level at the start, is used, which is right if the model starts untrained.
            With fewer than 60 losses (of epochs, say) neither is used, and nothing is
            said of under-fitting.

    Returns:
        tuple of Pattern, at least one, the most telling first, as in `DEFINITIONS`.

    Raises:
        InputError: If the losses are too few or not a vector of numbers, or the
            baseline is not a finite number.

    Example:
    >>> steps = np.arange(200)
    >>> [pattern.name for pattern in recognize_patterns(0.1 + 2 * np.exp(-steps / 50))]
    ['converging']
    >>> pattern, = recognize_patterns(2 - 0.005 * steps)
    >>> pattern.name, round(pattern.evidence["fall_ratio"], 2)
    ('rate too low', 1.0)

    References:
        Rates and the shapes of loss curves: Stanford CS231n, notes on neural networks
        3, "Loss function"; LeCun et al., Efficient BackProp (1998), section 6.4, on
        rates at which descent oscillates and diverges; Goyal et al., Accurate, Large
        Minibatch SGD (2017), section 2.2, on a rate too high for the start. Period:
        Fisher, Tests of significance in harmonic analysis, Proc. R. Soc. A 125 (1929);
        Brockwell and Davis, Time Series (1991), section 10.2. Over-fitting: Prechelt,
        Early stopping - but when? (1998), criterion GL with 5 %. Under-fitting:
        Goodfellow, Bengio and Courville, Deep Learning (2016), section 5.2.
    """
    values = _checked("losses", losses, MIN_POINTS)
    held_out = np.empty(0)
    if validation_losses is not None:
        held_out = _checked("validation_losses", validation_losses, 3)
    baseline = _checked_baseline(baseline)
    finite = _finite_start(values)
    found: dict[str, dict[str, float]] = {}
    if len(finite) < len(values):
        found["diverging"] = found["rate too high"] = {"nonfinite_at": len(finite)}
    if not np.isfinite(values).any():
        found["diverging"] = found["rate too high"] = {"none_finite": len(values)}
    if len(finite) >= MIN_POINTS:
        _judge(finite, len(values), _finite_start(held_out), baseline, found)
    return tuple(pattern_of(name, found[name]) for name in DEFINITIONS if name in found)


def _judge(
    losses: np.ndarray,
    count: int,
    values: np.ndarray,
    baseline: float | None,
    found: dict[str, dict[str, float]],
) -> None:
    """Judge what is finite of so many losses, with what is of the validation."""
    is_validated = len(values) >= 3
    is_whole = is_validated and len(losses) == count
    curve = Levels(losses, len(values) if is_whole else 0)
    judge_swing(curve, losses, found, len(losses) != len(values))
    _judge_climb(curve, found)
    moved = judge_moves(curve, losses, values, found) if is_validated else 0.0
    _judge_course(curve, losses, baseline, moved, found)
    if is_validated and "diverging" not in found and not curve.is_thrown:
        judge_validation(curve, values, found)
        judge_standing(values, found)
    _judge_fit(curve, baseline, moved, found)


def _judge_course(
    curve: Levels,
    losses: np.ndarray,
    baseline: float | None,
    moved: float,
    found: dict[str, dict[str, float]],
) -> None:
    """Falling or standing still: the course of the training loss."""
    if "diverging" not in found and not curve.is_thrown:
        judge_turns(losses, curve.scale, found)
    if "diverging" in found or curve.is_thrown or curve.climbed(LOST):
        return
    ratio = still_falling(curve)
    if (curve.has_stood_still or ratio is None) and "oscillating" not in found:
        _judge_standstill(curve, baseline, moved, found)
    elif ratio:
        is_low = ratio >= LINEAR and curve.end > HALF * curve.start
        name = "rate too low" if is_low else "converging"
        found[name] = _falls(curve) | {"fall_ratio": ratio}
    elif "oscillating" not in found:
        found["plateau"] = _falls(curve)
        if curve.has_come_from_far:
            far = {"first": curve.first, "highest": curve.highest, "end": curve.end}
            found.setdefault("rate too high", far)


def _judge_standstill(
    curve: Levels,
    baseline: float | None,
    moved: float,
    found: dict[str, dict[str, float]],
) -> None:
    """Nothing learnt, by weights that hardly moved or by weights that did."""
    if baseline is not None and curve.end <= UNEXPLAINED * baseline:
        found["plateau"] = _falls(curve)
    elif "rate too high" in found or moved > MOVED:
        found["under-fitting"] = {"end": curve.end, "unsteadiness": moved}
    else:
        total = {"total_fall": curve.total_fall, "total_error": curve.total_error}
        found["rate too low"] = _falls(curve) | total


def _falls(curve: Levels) -> dict[str, float]:
    """The numbers that a course is judged by."""
    return {
        "first_fall": curve.first_fall,
        "last_fall": curve.last_fall,
        "p_value": curve.last_p,
    }


def still_falling(curve: Levels) -> float | None:
    """The fall of the last third by that of the first; 0 if it has levelled off.

    Where the noise hides the slope of the last third, the means of the thirds decide:
    the fall from the second to the third by that from the first to the second. Of an
    exponential that ratio is the square root of the other.

    Args:
        curve: Levels.

    Returns:
        float >= 0 (inf if only the last third fell), or None if the noise hides
        whether there was any fall.
    """
    room, first, last = FLAT * curve.height, curve.first_fall, curve.last_fall
    if curve.last_p < SIGNIFICANT and last > min(room, max(PACE * first, 0.0)):
        return last / first if first > 0 else math.inf
    if abs(last) + 2 * curve.last_error < 2 * room:
        return 0.0
    before, after, error = curve.steps
    ratio = after / before if before > 0 else math.inf
    if after > error and after * math.sqrt(min(ratio, 1.0)) > room:
        return ratio**2
    has_fallen = before + after > 2 * error or curve.has_fallen_at_once
    return 0.0 if has_fallen else None


def _judge_climb(curve: Levels, found: dict[str, dict[str, float]]) -> None:
    """Whether the loss went up: at the start, or from the lowest it had."""
    if curve.jumped_to is not None:
        jump = {"first": curve.first, "jumped_to": curve.jumped_to, "end": curve.end}
        found.setdefault("rate too high", jump)
        if curve.has_stayed_up:
            found.setdefault("diverging", jump)
    climb = {"climb": curve.climb, "descent": curve.descent, "error": curve.error}
    if curve.climbed(ALL_LOST):
        found.setdefault("diverging", climb)
    if curve.climbed(LOST):
        found.setdefault("rate too high", climb)


def _judge_fit(
    curve: Levels,
    baseline: float | None,
    moved: float,
    found: dict[str, dict[str, float]],
) -> None:
    """Whether the training has ended too near a constant guess."""
    if baseline is None:
        # A few losses are those of epochs, and the first has learnt much already.
        baseline = max(curve.start, curve.first) if curve.count >= BLOCKS else 0.0
    is_high = baseline > 0 and curve.end > UNEXPLAINED * baseline
    if "plateau" in found and "over-fitting" not in found and is_high:
        found["under-fitting"] = {"end": curve.end, "baseline": baseline}
        if moved > SHAKEN or curve.end > (1 - STILL) * baseline:
            del found["plateau"]


def _checked(name: str, values: Sequence[float] | np.ndarray, least: int) -> np.ndarray:
    """Losses as a vector, long enough to be judged."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"Argument `{name}` must be a vector of numbers. Received: {values!r:.60}. "
            "Give the losses of the batches, e.g. `losses` of a BatchMetricsTracker."
        ) from None
    if array.ndim != 1 or len(array) < least:
        raise InputError(
            f"Argument `{name}` must be a vector of at least {least} losses. Received: "
            f"shape {array.shape}. Give the losses of batches if there are few "
            "epochs: a BatchMetricsTracker records them."
        )
    return array


def _checked_baseline(baseline: float | None) -> float | None:
    """The loss of a constant guess as a number; None as it is."""
    if baseline is None:
        return None
    try:
        value = float(baseline)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            "Argument `baseline` must be a finite number, or None. Received: "
            f"baseline={baseline!r:.60}. It is the loss of the best constant guess."
        )
    return value


def _finite_start(values: np.ndarray) -> np.ndarray:
    """What comes before the first number that is not finite, or as good as that."""
    broken = ~(np.abs(values) < ENORMOUS)  # true of nan
    return values[: int(broken.argmax())] if broken.any() else values
