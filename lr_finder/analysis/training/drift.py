"""Whether the loss of a training drifts back towards where it came from."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

import numpy as np

from lr_finder._arguments import check_count

# The first three are those of a prototype on other trainings.
BACK = 0.6  # of the descent: a loss that has climbed back so far has drifted
LEARNT = 0.97  # of the first loss: above, there is no descent to lose
BELOW_GUESS = 0.95  # of a constant guess's loss: below, the model knows more than it
NOISE = 6.0  # standard errors between two medians that chance does not explain
MEDIAN_ERROR = 1.2533  # of a median beside that of a mean, in normal noise
MIDDLE = 0.6745  # of a normal variable's size, its median in standard deviations


class Drift(enum.Enum):
    """What a stretch of a training shows.

    `BEST` is the lowest loss so far, `USUAL` nothing to act on, `DRIFTED` a loss that
    has climbed back.
    """

    BEST = "best"
    USUAL = "usual"
    DRIFTED = "drifted"


class DriftRule:
    r"""Judges a training stretch by stretch, each by the median of its losses.

    With $m$ the median of the present stretch, $b$ the lowest one so far and $r$ the
    loss that the training came from, it has drifted if

    $$ m - b > 0.6 \, (r - b) $$

    and if noise does not explain it: the two medians differ by six standard errors.
    $r$ is the median of the first stretch, or the loss of a constant guess, if that is
    given and $b$ has come to lie 5 % below it. Before $b$ lies 3 % below the first
    median nothing can have drifted, unless a median is not finite.

    Args:
        constant_loss: float or None, the loss of the best constant guess: of a
            regression the variance of its targets, of classes the entropy of their
            frequencies.

    Attributes:
        best: float, the lowest median so far; inf before the first stretch.

    Example:
    >>> rule = DriftRule()
    >>> [rule.judge([loss]).value for loss in (1.0, 0.2, 0.4, 0.9)]
    ['best', 'best', 'usual', 'drifted']
    """

    def __init__(self, constant_loss: float | None = None):
        self.constant_loss = constant_loss
        self.first = self.best = math.inf
        self._error = 0.0  # of the best median
        self._before = self.best, self._error  # the same before the best stretch

    def judge(self, losses: Sequence[float]) -> Drift:
        """What the next stretch shows.

        Args:
            losses: sequence of float, at least one, of its batches; a loss that is not
                finite counts as larger than all others.

        Returns:
            Drift.
        """
        check_count("losses", len(losses), least=1)
        values = np.asarray(losses, float)
        median = float(np.median(np.where(np.isfinite(values), values, np.inf)))
        if math.isinf(self.first):
            self.first = median
        if not math.isfinite(median):
            return Drift.DRIFTED
        error = _error_of_median(values)
        if median < self.best:
            self._before = self.best, self._error
            self.best, self._error = median, error
            return Drift.BEST
        climb = median - self.best
        is_climb = climb > NOISE * math.hypot(error, self._error)
        has_learnt = self.best < LEARNT * self.first
        if is_climb and has_learnt and climb > BACK * (self._origin() - self.best):
            return Drift.DRIFTED
        return Drift.USUAL

    def go_back(self) -> None:
        """Forget the best stretch: the training goes on from before it."""
        self.best, self._error = self._before

    def _origin(self) -> float:
        """The loss that the training came from."""
        guess = self.constant_loss
        if guess is not None and self.best < BELOW_GUESS * guess:
            return guess
        return self.first


def _error_of_median(values: np.ndarray) -> float:
    """The standard error of the median of losses; 0 of a single one.

    Their spread is that from one loss to the next: a trend does not count as noise.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return 0.0
    spread = float(np.median(np.abs(np.diff(finite)))) / MIDDLE / math.sqrt(2)
    return MEDIAN_ERROR * spread / math.sqrt(len(finite))
