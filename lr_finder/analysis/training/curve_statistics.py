"""How high a loss curve lies, how it falls and how noisy it is, in a few numbers."""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy.stats import linregress

from lr_finder.analysis.sweep.smoothing import noise_level

EPOCHS = 12  # that a course is judged by; four in each third
BLOCKS = 60  # medians at most for a long curve: 10 to 20 a third, spikes left out
STANDARD_ERRORS = 4.0  # between two levels, for one to be above the other
HARDLY = 0.05  # of the loss: hardly anything, whatever the shape
STILL = 0.2  # of the loss: no training that has learnt fell by less in all
SLOWER = 3.0  # standard errors between the falls of two thirds, to have levelled off
JUMP = 2.0  # times the first loss; batches of one training seldom differ so much
JUMP_NOISE = 5.0  # sd of noise; a single loss is low by chance more often than a level
PEAK_NOISE = 6.0  # of a peak: the highest of many is high by chance, too
TENFOLD = 10.0  # times all others: so is only an epoch that was thrown far off
JUMP_LEAST = 12  # losses after the first that tell their noise


class Levels:
    """Levels, slopes and noise of a curve, from at most 60 block medians.

    If the epochs are known, and there are at least 12, the medians are those of the
    means of the epochs: each holds the same samples, so its mean has little noise.

    Args:
        losses: float array (n,), n >= 12, finite, in the order of training.
        epochs: int, how many epochs the losses are of, or 0 if that is not known.

    Attributes:
        values: float array, medians of blocks of equal length.
        levels: float array, medians over a tenth of them: `start` is the first, `end`
            the last, `lowest` the lowest.
        error, log_error: float, standard errors of a level, and of its logarithm
            (inf if there is none).
        first_fall, last_fall, total_fall: float, falls of the straight lines through
            the first third, the last and all; `first_error`, … are their standard
            errors and `last_p` is the p-value of the last.
        count, noise: int, how many losses; float, the noise of a single one.
        first, highest: float, the first loss, of weights that no step has moved; the
            highest of the others.
        jumped_to: float or None, the level of the tenth after the first loss, or else
            its highest loss, if the first steps threw it far above the first loss.
        is_thrown: bool, whether the level, and not just the highest, is far above.
        has_stayed_up: bool, whether the level at the end is as far above it.

    Example:
    >>> levels = Levels(np.linspace(3.0, 1.0, 30))
    >>> round(levels.descent, 2), levels.climb, round(levels.last_fall, 2)
    (1.86, 0.0, 0.62)
    """

    def __init__(self, losses: np.ndarray, epochs: int = 0):
        means = _epoch_means(losses, epochs)
        length = -(-len(means) // BLOCKS)
        blocks = means[len(means) % length :].reshape(-1, length)  # of equal length
        self.values = np.median(blocks, axis=1)
        size = len(self.values)
        tenth = max(size // 10, 1)
        medians = np.lib.stride_tricks.sliding_window_view(self.values, tenth)
        self.levels = np.median(medians, axis=1)
        self.start, self.end = float(self.levels[0]), float(self.levels[-1])
        self.lowest = float(self.levels.min())
        # sqrt(6): the sd of the second difference of white noise of sd 1.
        noise = np.sqrt(np.mean(np.diff(self.values, n=2) ** 2) / 6)
        # pi / 2: the variance of a median by that of a mean.
        self.error = float(noise * math.sqrt(math.pi / 2 / tenth))
        third = size // 3
        self.log_error = math.inf
        if self.values.min() > 0:
            logs = np.log(self.values)
            noise = max(noise_level(logs), noise_level(logs[-third:]))
            self.log_error = noise * math.sqrt(math.pi / 2 / tenth)
        self.first_fall, self.first_error, _ = _fall(self.values[:third])
        self.last_fall, self.last_error, self.last_p = _fall(self.values[-third:])
        self.total_fall, self.total_error, _ = _fall(self.values)
        self.count, self.first = len(losses), float(losses[0])
        self.noise = noise_level(losses)
        self.highest = float(losses[1:].max())
        self._judge_jump(losses)

    def _judge_jump(self, losses: np.ndarray) -> None:
        """Whether the first steps threw the loss far above the first one."""
        tenth = max(len(losses) // 10, 3)
        soon = losses[1 : tenth + 1]
        self.jumped_to, self.has_stayed_up = None, False
        self.is_thrown = _is_far_above(float(np.median(soon)), losses)
        if self.is_thrown:
            self.jumped_to = float(np.median(soon))
            end = float(np.median(losses[-tenth:]))
            self.has_stayed_up = _is_far_above(end, losses)
        elif _is_far_above(float(soon.max()), losses, is_peak=True):
            self.jumped_to = float(soon.max())

    @property
    def descent(self) -> float:
        """How far the loss has come down."""
        return self.start - self.lowest

    @property
    def climb(self) -> float:
        """How far it has come up again."""
        return self.end - self.lowest

    @property
    def scale(self) -> float:
        """What a fall is measured by: the descent, or the loss if that is more."""
        return max(self.descent, abs(self.end))

    @property
    def has_come_from_far(self) -> bool:
        """Whether the first of a few losses, of epochs, say, was ten times all others.

        It is the mean of an epoch whose first steps threw the loss far off.
        """
        return self.count < BLOCKS and self.first > TENFOLD * self.highest > 0

    @property
    def height(self) -> float:
        """What a late fall is measured by: the loss at the end, if all are positive."""
        return self.end if self.values.min() > 0 else self.scale

    @property
    def steps(self) -> tuple[float, float, float]:
        """Falls between the means of the thirds, and the standard error of a fall."""
        thirds = np.array_split(self.values, 3)
        first, second, third = (float(part.mean()) for part in thirds)
        error = noise_level(self.values) * math.sqrt(2 / len(thirds[-1]))
        return first - second, second - third, error

    @property
    def has_fallen_at_once(self) -> bool:
        """Whether it fell in the first steps, before there was a level."""
        least, noise = min(abs(self.start), abs(self.end)), JUMP_NOISE * self.noise
        return self.first - self.end > max(STILL * least, noise) or (
            self.first - self.start > max(HARDLY * least, noise)
        )

    @property
    def has_stood_still(self) -> bool:
        """Whether it has hardly fallen in all, and not fallen and then levelled off."""
        least = min(abs(self.start), abs(self.end))
        room, hardly = STILL * least, HARDLY * least
        if self.has_fallen_at_once:
            return False
        if abs(self.start - self.end) < hardly and self.descent < hardly:
            return True
        error = math.hypot(self.first_error, self.last_error)
        has_slowed_down = self.first_fall - self.last_fall > max(
            SLOWER * error, 1e-9 * abs(self.start)
        )
        return abs(self.total_fall) + 2 * self.total_error < room and (
            not has_slowed_down
        )

    def climbed(self, share: float) -> bool:
        """Whether it has climbed by a share of the descent, and beyond its noise."""
        # Two levels, each with its error; the lowest of many is low by chance too.
        errors = STANDARD_ERRORS * math.sqrt(2)
        is_clear = self.climb > errors * self.error
        if self.values.min() > 0:  # the noise after a jump may be far more than before
            climb = math.log(self.end / self.lowest)
            is_clear |= climb > errors * self.log_error
        tiny = 1e-9 * max(abs(self.start), abs(self.end))
        return bool(is_clear) and self.climb > max(share * self.descent, tiny)


def _epoch_means(losses: np.ndarray, epochs: int) -> np.ndarray:
    """Means of the epochs, if there are enough of them and all are of one length."""
    if epochs < EPOCHS or len(losses) % epochs:
        return losses
    means: np.ndarray = losses.reshape(epochs, -1).mean(axis=1)
    return means


def _is_far_above(level: float, losses: np.ndarray, is_peak: bool = False) -> bool:
    """Whether a level, or the highest loss, lies far above the first loss.

    Of positive losses the logarithms are compared: what explodes does so by factors.
    """
    least = abs(losses[0])
    if losses.min() > 0:
        losses, level, least = np.log(losses), math.log(level), math.log(JUMP)
    noise = noise_level(losses)
    if is_peak:
        return bool(level - losses[0] > max(least, PEAK_NOISE * noise))
    # The noise can change with the height, and the first steps of a jump look noisy.
    soon = losses[1 : 1 + max(len(losses) // 10, JUMP_LEAST)]
    noise = min(noise_level(soon), noise)
    return bool(level - losses[0] > max(least, JUMP_NOISE * noise))


def _fall(values: np.ndarray) -> tuple[float, float, float]:
    """Fall along the straight line through some values, its error and p-value."""
    if np.ptp(values) == 0:
        return 0.0, 0.0, 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a line without any noise
        line = linregress(np.arange(len(values)), values, alternative="less")
    steps = len(values) - 1
    return float(-line.slope) * steps, float(line.stderr) * steps, float(line.pvalue)
