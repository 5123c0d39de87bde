r"""What a line of losses says: how sharp a minimum is, what lies between two."""

from __future__ import annotations

import numpy as np

SHARPNESS_FACTOR = 2.0  # the rise of the loss that a distance is told for


def distance_to_double(
    coordinates: np.ndarray, losses: np.ndarray, *, factor: float = SHARPNESS_FACTOR
) -> float | None:
    r"""How far from 0 the loss first reaches twice its value at 0.

    $$ \min \{ |a| : L(a) \ge 2 L(0) \} $$

    between two points by a straight line; a loss that is not finite counts as above.

    Args:
        coordinates: float array (n,), increasing, 0 among them.
        losses: float array (n,), that at 0 finite.
        factor: float > 1, how many times its value.

    Returns:
        float > 0; None if it does not get there, or the loss at 0 is not positive.

    Example:
    >>> a = np.linspace(-1, 1, 5)
    >>> distance_to_double(a, 1 + 4 * a**2)
    0.5
    """
    middle = int(np.argmin(np.abs(coordinates)))
    lowest = float(losses[middle])
    if lowest <= 0:
        return None
    found = [
        _reach(np.abs(coordinates[side] - coordinates[middle]), losses[side], factor)
        for side in (np.s_[middle:], np.s_[middle::-1])
    ]
    return min((each for each in found if each is not None), default=None)


def _reach(distances: np.ndarray, losses: np.ndarray, factor: float) -> float | None:
    """The distance at which losses, of which the first is the lowest, get there."""
    level = factor * losses[0]
    is_above = ~(losses < level)  # NaN is above as well
    if not is_above.any():
        return None
    end = int(np.argmax(is_above))
    start = end - 1
    share = (level - losses[start]) / (losses[end] - losses[start])
    if not np.isfinite(share) or not np.isfinite(losses[end]):
        return float(distances[end])
    return float(distances[start] + share * (distances[end] - distances[start]))


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
