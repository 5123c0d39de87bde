r"""What a line of losses says: how sharp a minimum is, what lies between two."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SHARPNESS_FACTOR = 2.0  # the rise of the loss that a distance is told for
HIGHEST = 1e30  # of relative heights: what is higher, or not finite, is as high
PRECISION = 0.01  # of a distance that is searched for


def distance_to_double(
    coordinates: np.ndarray,
    losses: np.ndarray,
    *,
    factor: float = SHARPNESS_FACTOR,
    loss_at: Callable[[float], float] | None = None,
) -> float | None:
    r"""How far from 0 the loss first reaches twice its value at 0.

    $$ \min \{ |a| : L(a) \ge 2 L(0) \} $$

    Between the two points around it the place is searched for, to 1 %, if the loss can
    be measured; otherwise the loss is taken as a parabola with its minimum at 0. A loss
    that is not finite counts as above.

    Args:
        coordinates: float array (n,), increasing, 0 among them.
        losses: float array (n,), that at 0 finite.
        factor: float > 1, how many times its value.
        loss_at: callable from a coordinate to the loss there; None if only the losses
            given are known.

    Returns:
        float > 0; None if it does not get there, or the loss at 0 is not positive.

    Example:
    >>> a = np.linspace(-1, 1, 5)
    >>> round(distance_to_double(a, 1 + 64 * a**2), 6)
    0.125
    """
    middle = int(np.argmin(np.abs(coordinates)))
    lowest, found = float(losses[middle]), None
    if lowest <= 0:
        return None
    level = float(np.sqrt(factor - 1))
    for sign, side in ((1, np.s_[middle:]), (-1, np.s_[middle::-1])):
        distances = np.abs(coordinates[side] - coordinates[middle])
        heights = relative_height(losses[side], lowest) - level
        if not (heights >= 0).any():
            continue
        end = int(np.argmax(heights >= 0))
        ends = dict(zip(distances[end - 1 :], heights[end - 1 : end + 1], strict=False))
        if found is not None and found <= min(ends):
            continue  # the other side is nearer
        height_at = None
        if loss_at is not None:
            height_at = _height(loss_at, coordinates[middle], sign, lowest, level)
        reached = _reach(ends, height_at)
        found = reached if found is None else min(found, reached)
    return found


def relative_height(losses: np.ndarray, lowest: float) -> np.ndarray:
    r"""How high losses are, by a measure that is straight for a parabola.

    $$ \sqrt{\max(L / L_0 - 1, 0)} $$

    Args:
        losses: float array, may hold NaN and infinity, which count as very high.
        lowest: float > 0, $L_0$.

    Returns:
        float array of the same shape, at most 1e30.

    Example:
    >>> relative_height(np.array([1.0, 2.0, 5.0, np.nan]), 1.0).tolist()
    [0.0, 1.0, 2.0, 1e+30]
    """
    above = np.asarray(losses, dtype=float) / lowest - 1
    above = np.clip(np.where(np.isnan(above), np.inf, above), 0, HIGHEST**2)
    return np.asarray(np.sqrt(above))


def _height(
    loss_at: Callable[[float], float],
    start: float,
    sign: int,
    lowest: float,
    level: float,
) -> Callable[[float], float]:
    """How far the loss at a distance is above what is looked for."""

    def height(distance: float) -> float:
        loss = np.asarray(loss_at(float(start + sign * distance)))
        return float(relative_height(loss, lowest)) - level

    return height


def _reach(
    ends: dict[float, float], height_at: Callable[[float], float] | None
) -> float:
    """The distance at which the height is 0: between two, one below and one above."""
    (low, below), (high, above) = ends.items()
    if above >= HIGHEST / 2 and height_at is None:
        return float(high)
    if height_at is None:
        return float(low - below * (high - low) / (above - below))
    from scipy.optimize import brentq

    known = dict(ends)

    def height(distance: float) -> float:
        if distance not in known:
            known[distance] = height_at(distance)
        return float(known[distance])

    return float(brentq(height, low, high, xtol=PRECISION * high / 100, rtol=PRECISION))


def barrier(coordinates: np.ndarray, losses: np.ndarray) -> tuple[float, float]:
    r"""How far the loss between two solutions rises above the line between them.

    $$ \max_{0 \le t \le 1} L(t) - ((1 - t) L(0) + t L(1)) $$

    Args:
        coordinates: float array (n,), increasing, 0 and 1 among them.
        losses: float array (n,).

    Returns:
        `(height, t)`: the height, at least 0, infinity if a loss between is not
        finite; and where it is.

    Example:
    >>> t = np.linspace(0, 1, 5)
    >>> barrier(t, np.array([1.0, 2.0, 4.0, 3.0, 2.0]))
    (2.5, 0.5)

    References:
        Frankle, Dziugaite, Roy and Carbin, Linear Mode Connectivity and the Lottery
        Ticket Hypothesis, ICML 2020 (https://arxiv.org/abs/1912.05671).
    """
    inside = (coordinates >= 0) & (coordinates <= 1)
    t, between = coordinates[inside], losses[inside]
    rise = between - ((1 - t) * between[0] + t * between[-1])
    rise = np.where(np.isfinite(rise), rise, np.inf)
    place = int(np.argmax(rise))
    return max(float(rise[place]), 0.0), float(t[place])


def random_walk_share(directions: int) -> float:
    r"""The share that principal directions hold of a long random walk's movement.

    $$ \sum_{k=1}^{d} 6 / (\pi k)^2 $$

    in a space of many dimensions: a high share alone tells nothing.

    Args:
        directions: int >= 1.

    Returns:
        float in (0, 1).

    Example:
    >>> round(random_walk_share(1), 3), round(random_walk_share(2), 3)
    (0.608, 0.76)

    References:
        Antognini and Sohl-Dickstein, PCA of High Dimensional Random Walks with
        Comparison to Neural Network Training, NeurIPS 2018
        (https://arxiv.org/abs/1806.08805).
    """
    return float(sum(6 / (np.pi * k) ** 2 for k in range(1, directions + 1)))
