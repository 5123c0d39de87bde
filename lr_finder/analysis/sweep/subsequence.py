"""The longest decreasing subsequence, which `valley` is read from."""

from __future__ import annotations

import bisect

import numpy as np


def longest_descent(values: np.ndarray) -> tuple[int, int]:
    """The longest strictly decreasing subsequence: its last index and its length.

    Args:
        values: float array (n,), n >= 1, finite.

    Returns:
        (end, length): the first index at which a subsequence of that length ends.

    Example:
    >>> longest_descent(np.array([5.0, 6.0, 4.0, 7.0, 3.0]))
    (4, 3)

    References:
        Fredman, Discrete Mathematics 11 (1975): O(n log n) by bisection.
    """
    tails: list[float] = []  # tails[k]: the best negated end of a sequence of k + 1
    end = 0
    for index, value in enumerate(-np.asarray(values, dtype=float)):
        place = bisect.bisect_left(tails, value)
        if place == len(tails):
            tails.append(value)
            end = index
        else:
            tails[place] = value
    return end, len(tails)
