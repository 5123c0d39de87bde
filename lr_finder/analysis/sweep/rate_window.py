"""The default rule: an optimizer's usual rate, inside the window a sweep leaves open.

A sweep sees a few hundred steps at rates that keep rising; the training to come has
one rate and many more steps. So the sweep is asked only for what it shows well: below
which rate hardly anything is learnt, and above which the loss climbs. Where between
the two is best, other trainings with the same optimizer tell better.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import isotonic_regression

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.preparation import (
    Prepared,
    has_descended,
    never_descended,
    prepare,
)

DECADE = math.log(10)  # in ln(lr)
BEGUN = 0.3  # of the descent: there the loss has begun to fall
ABOVE = 0.4  # decades above that rate begins the window; below, training is slow
BELOW = 0.9  # decades below the climb it ends; a training is longer than a sweep
# All five are the best of benchmarks/suggestion_quality, the rates to one digit.
PLAIN_SGD = 1.0  # nearly always above the window: the climb decides
WITH_MOMENTUM = 5e-3
MEASURED_MOMENTUM = 0.9  # with which these were measured
ADAPTIVE = 3e-3
ADAPTIVE_OPTIMIZERS = ("Adam", "AdamW", "Nadam", "RMSprop")
SOURCE = "the best single rate for {} over the tasks of this project's benchmark"
OF_ADAPTIVE = "Adam, AdamW, Nadam and RMSprop"
SUM_RATES = ("SGD", "RMSprop")  # whose momentum sums steps, each at its own rate


@dataclasses.dataclass(frozen=True)
class UsualRate:
    """The rate that is most often good for an optimizer.

    Args:
        rate: float > 0.
        optimizer: str, whose rate it is.
        source: str, where the rate comes from.

    Example:
    >>> print(UsualRate(3e-3, "Adam", "a benchmark"))
    Adam's usual rate 3e-3
    """

    rate: float
    optimizer: str
    source: str

    def __str__(self) -> str:
        return f"{self.optimizer}'s usual rate {format_rate(self.rate)}"


@dataclasses.dataclass(frozen=True)
class RateWindow:
    """The rates that a sweep leaves open, and what sets each end.

    With a long momentum both ends lie further below what sets them (`lag_of`).

    Args:
        low: float > 0, lower end; below it training is slow.
        high: float > 0, upper end; above it a training may diverge. If the loss climbs
            soon after it begins to fall, `high < low`: there is no room.
        falls_at: float > 0, the rate from which on the loss falls clearly: 30 % of its
            descent is done there.
        climbs_at: float or None, the rate from which on the loss climbs: the last one
            before the climb, from which `high` is counted; None if the loss did not
            climb before the sweep ended.
        has_descended: bool, whether the loss fell by more than its noise; if not, the
            lower end may be chance.

    Example:
    >>> window = RateWindow(8e-4, 9e-3, falls_at=3.2e-4, climbs_at=7.1e-2)
    >>> window.low_set_by, window.high_set_by
    ('the loss falls clearly from 3.2e-4 on', 'the loss climbs from 7.1e-2 on')
    """

    low: float
    high: float
    falls_at: float
    climbs_at: float | None
    has_descended: bool = True

    @property
    def low_set_by(self) -> str:
        """What sets the lower end."""
        return f"the loss falls clearly from {format_rate(self.falls_at)} on"

    @property
    def high_set_by(self) -> str:
        """What sets the upper end."""
        if self.climbs_at is None:
            return f"the sweep ends at {format_rate(self.high)}"
        return f"the loss climbs from {format_rate(self.climbs_at)} on"

    @property
    def is_open(self) -> bool:
        """Whether there is room between the ends."""
        return self.low <= self.high

    def to_dict(self) -> dict[str, Any]:
        """The ends and what sets them, as JSON takes them."""
        return dataclasses.asdict(self) | {
            "low_set_by": self.low_set_by,
            "high_set_by": self.high_set_by,
        }

    def place(self, usual: float | None) -> float:
        """The usual rate moved into the window; its middle (in log lr) without one.

        Args:
            usual: float > 0 or None.

        Returns:
            float, at most `high`.

        Example:
        >>> window = RateWindow(1e-3, 1e-1, falls_at=4e-4, climbs_at=0.8)
        >>> [window.place(usual) for usual in (1e-4, 5e-3, 1.0, None)]
        [0.001, 0.005, 0.1, 0.01]
        """
        if usual is None:
            usual = math.sqrt(self.low * self.high)
        return min(max(usual, self.low), self.high)


def usual_of(metadata: Mapping[str, Any]) -> UsualRate | None:
    r"""The rate that is most often good for the optimizer of a sweep, and its source.

    Momentum $m$ moves the weights by $lr / (1 - m)$ for each unit of a steady gradient.
    A rate measured with momentum 0.9 is therefore multiplied by $(1 - m) / (1 - 0.9)$.

    Args:
        metadata: mapping, as of `SweepResult`: the name of the `optimizer`, and its
            `momentum` if it has one.

    Returns:
        UsualRate, or None if the optimizer is unknown or was not measured.

    Example:
    >>> print(usual_of({"optimizer": "SGD", "momentum": 0.9}))
    SGD's usual rate 5e-3
    >>> print(usual_of({"optimizer": "SGD", "momentum": 0.99}))
    SGD's usual rate 5e-4
    """
    name, momentum = _optimizer(metadata)
    if momentum >= 1:  # Keras takes 1: its steps never fade, and no rate is usual
        return None
    if name == "SGD" and momentum:
        rate = WITH_MOMENTUM * round((1 - momentum) / (1 - MEASURED_MOMENTUM), 12)
        return UsualRate(rate, name, SOURCE.format("SGD with momentum"))
    if name == "SGD":
        return UsualRate(PLAIN_SGD, name, SOURCE.format("SGD without momentum"))
    if name in ADAPTIVE_OPTIMIZERS and not momentum:
        return UsualRate(ADAPTIVE, name, SOURCE.format(OF_ADAPTIVE))
    return None


def usual_rate(metadata: Mapping[str, Any]) -> float | None:
    """The rate of `usual_of`.

    Args:
        metadata: mapping, as of `SweepResult`.

    Returns:
        float, or None if the optimizer is unknown or was not measured.

    Example:
    >>> usual_rate({"optimizer": "AdamW"}), usual_rate({"optimizer": "Lion"})
    (0.003, None)
    >>> usual_rate({"optimizer": "SGD", "momentum": 0.9})
    0.005
    """
    usual = usual_of(metadata)
    return None if usual is None else usual.rate


def _optimizer(metadata: Mapping[str, Any]) -> tuple[str, float]:
    """Name and momentum of the optimizer of a sweep."""
    name = str(metadata.get("optimizer"))
    name = name.removeprefix("LossScaleOptimizer(").removesuffix(")")
    return name, metadata.get("momentum") or 0.0


def lag_of(metadata: Mapping[str, Any], lrs: np.ndarray) -> float:
    r"""How much later a sweep falls and climbs than with momentum 0.9, in decades.

    If the rate is multiplied by $q$ in each step, momentum $m$ adds up steps of which
    most had lower rates, so a rate in the sweep does less than in a training:

    $$ \frac{lr}{1 - m / q} \quad \text{in place of} \quad \frac{lr}{1 - m} $$

    The lag is the logarithm of their ratio, less that at 0.9, with which the constants
    of the window were measured.

    Args:
        metadata: mapping, as of `SweepResult`.
        lrs: float array (n,), rates swept, increasing.

    Returns:
        float >= 0.

    Example:
    >>> rates = np.logspace(-7, 1, 200)
    >>> sgd = [{"optimizer": "SGD", "momentum": m} for m in (0.9, 0.99)]
    >>> [round(lag_of(metadata, rates), 2) for metadata in sgd]
    [0.0, 0.73]
    """
    name, momentum = _optimizer(metadata)
    if name not in SUM_RATES or not MEASURED_MOMENTUM < momentum < 1 or len(lrs) < 2:
        return 0.0
    growth = 10 ** float(np.median(np.diff(np.log10(lrs))))
    ratios = [(1 - m / growth) / (1 - m) for m in (momentum, MEASURED_MOMENTUM)]
    return math.log10(ratios[0] / ratios[1])


def window_of(curve: Prepared) -> tuple[float, float]:
    """The window that a sweep leaves open for the rate.

    With f the best non-increasing fit to the smoothed curve down to its minimum:

        lower = 0.4 decades above the first lr with f(lr) <= start - 0.3 (start - min f)
        upper = 0.9 decades below the last rate before the loss climbs; the end of the
                sweep if it does not

    Args:
        curve: Prepared.

    Returns:
        (lower, upper): float, ln(lr); `lower > upper` if both leave no room.

    References:
        Barlow et al., "Statistical Inference under Order Restrictions" (1972).
    """
    falling = curve.smoothed[: curve.lowest + 1]
    fitted = isotonic_regression(falling, increasing=False).x
    level = curve.start - BEGUN * (curve.start - fitted[-1])
    begun = curve.grid.x[np.argmax(fitted <= level)]
    upper = curve.grid.x[-1]  # the last rate before the climb, if there is one
    if curve.divergence is not None:
        upper -= BELOW * DECADE
    return float(begun + ABOVE * DECADE), float(upper)


def open_window(curves: Sequence[Prepared], lag: float = 0.0) -> RateWindow:
    """The window that repeated sweeps leave open: the mean of each end in log(lr).

    What it tells of the descent and the climb are the rates that its ends were counted
    from. A repeat that did not climb counts as one that climbs 0.9 decades later.

    Args:
        curves: sequence of Prepared, at least one.
        lag: float >= 0, decades by which descent and climb came late: `lag_of`.

    Returns:
        RateWindow.
    """
    lower, upper = np.mean([window_of(curve) for curve in curves], axis=0)
    climbs = any(curve.divergence is not None for curve in curves)
    return RateWindow(
        low=math.exp(lower - lag * DECADE),
        high=math.exp(upper - lag * DECADE * climbs),
        falls_at=math.exp(lower - ABOVE * DECADE),
        climbs_at=math.exp(upper + BELOW * DECADE) if climbs else None,
        has_descended=any(map(has_descended, curves)),
    )


def is_at_top(curve: Prepared, log_rate: float) -> bool:
    """Whether ln(lr) is the upper end of the window: the climb alone has decided."""
    return log_rate > window_of(curve)[1] - curve.grid.step


def window(lrs: np.ndarray, losses: np.ndarray, usual: float | None = None) -> int:
    """The optimizer's usual rate, moved into the window that the sweep leaves open.

        lr = min(max(usual, lower), upper)

    with the window of `window_of`; its middle (in log lr) if no rate is usual.
    If the curve did not descend beyond its noise, the usual rate is most of what is
    known, if it was swept; the suggestion then carries a warning.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each batch; nan and inf allowed.
        usual: float > 0, the usual rate of the optimizer (`usual_rate`), or None.

    Returns:
        int, index into `lrs`.

    Raises:
        SuggestionError: If there are too few points; or if the loss never descended
            and is constant, or no usual rate is known, or that was not swept.

    Example:
    >>> lrs = np.logspace(-5, 0, 51)
    >>> losses = np.exp(-np.tanh(2 * np.log10(lrs) + 6))
    >>> [float(lrs[window(lrs, losses, u)].round(4)) for u in (1e-4, 5e-3, None, 1)]
    [0.0016, 0.005, 0.0398, 1.0]
    """
    curve = prepare(lrs, losses)
    if not has_descended(curve):
        is_constant = curve.grid.noise == 0 and curve.divergence is None
        if is_constant or usual is None or not lrs[0] <= usual <= lrs[-1]:
            raise never_descended(curve, len(losses))
    return curve.nearest(math.log(open_window([curve]).place(usual)))
