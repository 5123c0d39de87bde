"""The level of errors over time: when a model began to fail, and when it was back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lr_finder.analysis.drift.error_process import block_means

FAILING = 1.5  # times the error before deployment: a model that fails
BACK = 1.25  # times the error before: a model that has recovered
REMAINING = 0.1  # of the rise: less of it left is recovered too
IN_A_ROW = 3  # blocks that must fail, or be back, one after the other
FEWEST_IN_BLOCK, BLOCKS = 20, 60  # points in a block; blocks in a stream, about


def block_size(points: int) -> int:
    """How many points a block of a stream has: a sixtieth of it, but at least 20.

    Args:
        points: int >= 1, of the stream.

    Returns:
        int.

    Example:
    >>> block_size(600), block_size(6000)
    (20, 100)
    """
    return max(FEWEST_IN_BLOCK, points // BLOCKS)


def began_to_fail(errors: ArrayLike, before: float, *, block: int) -> int | None:
    """The point from which three blocks in a row have 1.5 times the error before.

    Args:
        errors: array-like (time,), in order of time.
        before: float >= 0, mean error before deployment, in the same unit.
        block: int >= 1, points in a block.

    Returns:
        int, the first point of the first such block; None if there is none.

    Example:
    >>> began_to_fail([1.0] * 50 + [2.0] * 50, 1.0, block=10)
    50
    """
    means = block_means(errors, block)
    fails = (means >= FAILING * before) & (means > before)
    place = first_run(fails, IN_A_ROW)
    return None if place is None else place * block


def recovered_after(
    errors: ArrayLike, before: float, *, since: int, block: int
) -> int | None:
    """Points until three blocks in a row are near the error before.

    Near is at most 1.25 times it, or with at most a tenth of the rise left that the
    worst block shows: a model without errors may recover too.

    Args:
        errors: array-like (time,), in order of time.
        before: float >= 0, mean error before the drift, in the same unit.
        since: int >= 0, the point at which the model began to fail.
        block: int >= 1, points in a block.

    Returns:
        int, points from `since` to the first such block; None if there is none.

    Example:
    >>> errors = [1.0] * 20 + [2.0] * 30 + [1.1] * 50
    >>> recovered_after(errors, 1.0, since=20, block=10)
    30
    """
    means = block_means(np.asarray(errors, np.float64)[since:], block)
    worst = float(means.max(initial=before))
    near = max(BACK * before, before + REMAINING * (worst - before))
    place = first_run(means <= near, IN_A_ROW)
    return None if place is None else place * block


def first_run(holds: np.ndarray, length: int) -> int | None:
    """Where a condition first holds so many times in a row.

    Args:
        holds: bool array (n,).
        length: int >= 1.

    Returns:
        int, the place of the first of them; None if it never does.

    Example:
    >>> first_run(np.array([True, False, True, True]), 2)
    2
    """
    if len(holds) < length:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(holds, length).all(axis=1)
    return int(windows.argmax()) if windows.any() else None
