"""When a training reaches a loss, and how wide the range of its good rates is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from lr_finder.errors import InputError

TOLERANCE = 0.1  # of the lowest loss: a rate whose loss is at most that much higher


def epoch_of_loss(losses: Sequence[float] | np.ndarray, level: float) -> float:
    r"""The epoch at which a training first reaches a loss, with its fraction.

    Between the epochs $e$ and $e + 1$ the loss is taken as a line:

    $$ e + \frac{L_e - \ell}{L_e - L_{e+1}} $$

    with the level $\ell$ and the losses $L_1, L_2, \dots$ after each epoch.

    Args:
        losses: sequence of float (epochs,), those after each epoch.
        level: float.

    Returns:
        float in [1, epochs]; 1 if the first epoch ends below the level already; nan if
        no epoch before the first loss that is not finite reaches it.

    Example:
    >>> epoch_of_loss([2.0, 1.0, 0.5], 0.75), epoch_of_loss([2.0, 1.0], 0.75)
    (2.5, nan)
    """
    values = np.asarray(losses, dtype=float)
    is_lost = ~np.isfinite(values)
    values = values[: is_lost.argmax()] if is_lost.any() else values
    reached = values <= level
    if not reached.any():
        return math.nan
    after = int(reached.argmax())
    if after == 0:
        return 1.0
    before = values[after - 1]
    return float(after + (before - level) / (before - values[after]))


def value_at_epoch(values: Sequence[float] | np.ndarray, epoch: float) -> float:
    """What a value is at an epoch with a fraction, on the line between two epochs.

    Args:
        values: sequence of float (epochs,), those after each epoch.
        epoch: float in [1, epochs], or nan.

    Returns:
        float; nan for nan.

    Example:
    >>> value_at_epoch([0.5, 0.7, 0.8], 1.5)
    0.6
    """
    if math.isnan(epoch):
        return math.nan
    return float(np.interp(epoch, np.arange(1, len(values) + 1), values))


@dataclasses.dataclass(frozen=True)
class GoodRates:
    """The rates around the best one whose loss is nearly as low.

    Args:
        low: float > 0, the lower end.
        high: float > 0, the upper end.
        is_open: bool, whether the range goes on beyond the rates that were tried.

    Example:
    >>> GoodRates(0.001, 0.1, False).decades
    2.0
    """

    low: float
    high: float
    is_open: bool

    @property
    def decades(self) -> float:
        """The width: log10 of the upper end over the lower one."""
        return math.log10(self.high / self.low)


def good_rates(
    rates: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    tolerance: float = TOLERANCE,
) -> GoodRates:
    r"""The range of rates around the best whose loss is at most 10 % above the lowest.

    The range ends where the loss, a line over $\log \eta$ between two rates, crosses
    $(1 + \tau) L_{min}$. Towards a rate that was lost it ends at the last one that was
    not. If a training at an end of the rates is still good, the range is open there.

    Args:
        rates: sequence of float > 0 (n,), rising.
        losses: sequence of float (n,), >= 0; not finite if the training was lost.
        tolerance: float > 0, the $\tau$.

    Returns:
        GoodRates.

    Raises:
        InputError: If no loss is finite.

    Example:
    >>> found = good_rates([1e-4, 1e-3, 1e-2, 1e-1], [1.2, 1.0, 1.0, float("inf")])
    >>> print(f"{found.low:.3g} to {found.high:.3g}", found.is_open)
    0.000316 to 0.01 False
    """
    places = np.log10(np.asarray(rates, dtype=float))
    values = np.asarray(losses, dtype=float)
    is_known = np.isfinite(values)
    if not is_known.any():
        raise InputError(
            "Argument `losses` must hold a finite loss. Received: none. Leave out what "
            "was lost at every rate."
        )
    values = np.where(is_known, values, math.inf)
    best = int(values.argmin())
    bound = (1 + tolerance) * values[best]
    high, is_high_open = _end(places[best:], values[best:], bound)
    low, is_low_open = _end(places[best::-1], values[best::-1], bound)
    return GoodRates(10**low, 10**high, is_high_open or is_low_open)


def _end(places: np.ndarray, values: np.ndarray, bound: float) -> tuple[float, bool]:
    """Where losses, from the best one on, cross a bound; whether they never do."""
    above = np.flatnonzero(values > bound)
    if not above.size:
        return float(places[-1]), True
    first = int(above[0])
    if not math.isfinite(values[first]):
        return float(places[first - 1]), False
    share = (bound - values[first - 1]) / (values[first] - values[first - 1])
    step = places[first] - places[first - 1]
    return float(places[first - 1] + share * step), False
