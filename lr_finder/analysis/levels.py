"""How high a loss curve lies, how it falls and how noisy it is, in a few numbers."""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy.stats import linregress

BLOCKS = 60  # medians at most for a long curve: 10 to 20 a third, spikes left out
STANDARD_ERRORS = 4.0  # between two levels, for one to be above the other


class Levels:
    """Levels, slopes and noise of a curve, from at most 60 block medians.

    Args:
        losses: float array (n,), n >= 12, finite, in the order of training.

    Attributes:
        values: float array, medians of blocks of equal length.
        levels: float array, medians over a tenth of them: `start` is the first, `end`
            the last, `lowest` the lowest.
        error: float, standard error of a level.
        first_fall, last_fall: float, falls of the straight lines through the first
            and the last third; `last_error` and `last_p` say how sure the last one is.

    Example:
    >>> levels = Levels(np.linspace(3.0, 1.0, 30))
    >>> round(levels.descent, 2), levels.climb, round(levels.last_fall, 2)
    (1.86, 0.0, 0.62)
    """

    def __init__(self, losses: np.ndarray):
        length = -(-len(losses) // BLOCKS)
        blocks = losses[len(losses) % length :].reshape(-1, length)  # of equal length
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
        self.first_fall, _, _ = _fall(self.values[:third])
        self.last_fall, self.last_error, self.last_p = _fall(self.values[-third:])

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

    def climbed(self, share: float) -> bool:
        """Whether it has climbed by a share of the descent, and beyond its noise."""
        # Two levels, each with its error; the lowest of many is low by chance too.
        clear = STANDARD_ERRORS * math.sqrt(2) * self.error
        tiny = 1e-9 * max(abs(self.start), abs(self.end))
        return self.climb > max(share * self.descent, clear, tiny)


def _fall(values: np.ndarray) -> tuple[float, float, float]:
    """Fall along the straight line through some values, its error and p-value."""
    if np.ptp(values) == 0:
        return 0.0, 0.0, 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a line without any noise
        line = linregress(np.arange(len(values)), values, alternative="less")
    steps = len(values) - 1
    return float(-line.slope) * steps, float(line.stderr) * steps, float(line.pvalue)
