"""When a sweep should end: one rule, step by step while sweeping or over an array."""

from __future__ import annotations

import collections
import enum
import math
import statistics
from collections.abc import Iterable
from typing import TypedDict, Unpack

from lr_finder.errors import InputError

TIED_SHARE = 0.25  # of differences that are 0; at half of them a median breaks down
NORMAL_MAD = 1.4826  # sd of a normal distribution per median absolute deviation
SMOOTHING = (
    0.9  # ema weight of the past: about 10 steps, half a decade of a usual sweep
)
WARM_UP = 10  # steps that set the start level; one ema time constant
MEDIAN_WINDOW = 3  # losses; a single spike never reaches the ema
NOISE_WINDOW = 50  # differences; the median stays calm until half of them explode
RISE_PER_DESCENT = 1.0  # diverged = all that the sweep had gained is lost again
RISE_PER_NOISE = 6.0  # in sd of one batch: an ema of noise wanders by less than 2
RESOLUTION = 1e-6  # of the loss itself: what float32 losses can tell apart
NORMAL_MEAN = math.sqrt(math.pi / 2)  # the same per mean absolute deviation


class StopReason(enum.StrEnum):
    """Why a sweep ended; compares equal to its text.

    Example:
    >>> StopReason("diverged").message
    'The loss diverged.'
    """

    COMPLETED = "completed"
    DIVERGED = "diverged"
    NONFINITE = "nonfinite"
    DATA_ENDED = "data_ended"
    UNKNOWN = "unknown"

    @property
    def message(self) -> str:
        """One plain sentence for people."""
        return _MESSAGES[self]


_MESSAGES = {
    StopReason.COMPLETED: "The sweep reached its last learning rate.",
    StopReason.DIVERGED: "The loss diverged.",
    StopReason.NONFINITE: "The loss was no longer a finite number.",
    StopReason.DATA_ENDED: "The training ended before the sweep did.",
    StopReason.UNKNOWN: "It is not known why it ended.",
}


class StoppingRule:
    """Says after each batch whether a sweep has seen enough; O(1) per step.

    A sweep has diverged when its smoothed loss `s` has risen above its best by more
    than all it had gained, and by more than noise can:

        s - min(s) > max(1.0 * (start - min(s)), 6 * noise)

    `s` is the de-biased ema of the median of the last 3 losses, `start` is the median
    of the first 10 losses and `noise` the robust standard deviation of one batch, from
    the median size of the last 50 differences. If more than a quarter of them are 0,
    as of a loss that is 0 for most batches (hinge, triplet), it is at least what their
    mean size tells, of these or of all. Differences only: adding a constant to the
    losses or scaling them changes nothing, and losses may be negative. A loss that is
    nan or infinite ends the sweep at once.

    Args:
        smoothing: float in [0, 1), weight of the past in the ema.
        warm_up: int >= 1, steps before divergence is judged.
        rise: float > 0, rise that counts as divergence, in units of the descent.

    Raises:
        InputError: If an argument is outside its range.

    Example:
    >>> rule = StoppingRule(warm_up=2)
    >>> for loss in [2.0, 2.0, 1.0, 1.0, 1.0, 1.0]:
    ...     reason = rule.update(loss)
    >>> print(reason)
    None
    >>> print(rule.update(float("nan")))
    nonfinite
    """

    def __init__(
        self,
        *,
        smoothing: float = SMOOTHING,
        warm_up: int = WARM_UP,
        rise: float = RISE_PER_DESCENT,
    ):
        if not 0 <= smoothing < 1:
            raise InputError(
                "Argument `smoothing` must be at least 0 and below 1. "
                f"Received: smoothing={smoothing}."
            )
        if warm_up < 1:
            raise InputError(
                "Argument `warm_up` must be at least 1 step. "
                f"Received: warm_up={warm_up}."
            )
        if not rise > 0:
            raise InputError(f"Argument `rise` must be above 0. Received: rise={rise}.")
        self.smoothing, self.warm_up, self.rise = smoothing, warm_up, rise
        self.reset()

    def reset(self) -> None:
        """Forget everything, ready for a new sweep."""
        self._step = 0
        self._average = 0.0  # ema before its bias is taken out
        self._best = math.inf
        self._start = math.nan
        self._first: list[float] = []
        self._recent: collections.deque[float] = collections.deque(maxlen=MEDIAN_WINDOW)
        self._jumps: collections.deque[float] = collections.deque(maxlen=NOISE_WINDOW)
        self._path = 0.0  # sum of all differences so far

    def update(self, loss: float) -> StopReason | None:
        """Take the loss of one more batch.

        Args:
            loss: float, the loss of that batch alone.

        Returns:
            `StopReason.NONFINITE`, `StopReason.DIVERGED`, or None to go on. A loss
            that is not finite is not remembered.
        """
        loss = float(loss)
        if not math.isfinite(loss):
            return StopReason.NONFINITE
        if self._recent:
            self._jumps.append(abs(loss - self._recent[-1]))
            self._path += self._jumps[-1]
        self._recent.append(loss)
        self._step += 1
        smoothed = self._smooth(statistics.median_low(self._recent))
        if self._step <= self.warm_up:
            self._first.append(loss)
            self._start = statistics.median_low(self._first)
        self._best = min(self._best, smoothed)
        if self._step > self.warm_up and smoothed - self._best > self._allowed(loss):
            return StopReason.DIVERGED
        return None

    def _smooth(self, value: float) -> float:
        beta = self.smoothing
        self._average = beta * self._average + (1 - beta) * value
        return self._average / (1 - beta**self._step)

    def _allowed(self, loss: float) -> float:
        """The rise that is not divergence yet."""
        resolution = RESOLUTION * max(abs(loss), abs(self._best))
        return max(
            self.rise * (self._start - self._best),
            RISE_PER_NOISE * self._noise(resolution),
            resolution,
        )

    def _noise(self, resolution: float) -> float:
        """Standard deviation of one batch, which a few wild ones do not move."""
        noise = NORMAL_MAD * statistics.median(self._jumps)
        tied = sum(jump <= resolution for jump in self._jumps)
        if tied > TIED_SHARE * len(self._jumps):
            # All count besides the last: the ema remembers a loss for longer.
            mean = max(statistics.fmean(self._jumps), self._path / (self._step - 1))
            noise = max(noise, NORMAL_MEAN * mean)
        return noise / math.sqrt(2)


class StoppingOptions(TypedDict, total=False):
    """The arguments of `StoppingRule`."""

    smoothing: float
    warm_up: int
    rise: float


def find_stop(
    losses: Iterable[float], **options: Unpack[StoppingOptions]
) -> tuple[StopReason | None, int]:
    """Where `StoppingRule` would have ended a sweep with these losses.

    Args:
        losses: sequence of float (n,), the loss of each batch; nan and inf allowed.
        **options: arguments of `StoppingRule`.

    Returns:
        The reason and the index of the loss that gave it; `(None, n)` if none did.
        So `losses[:index]` is what came before the stop.

    Example:
    >>> reason, index = find_stop([1.0, 0.9, float("inf"), 0.8])
    >>> print(reason, index)
    nonfinite 2
    """
    rule = StoppingRule(**options)
    index = -1
    for index, loss in enumerate(losses):
        reason = rule.update(loss)
        if reason is not None:
            return reason, index
    return None, index + 1
