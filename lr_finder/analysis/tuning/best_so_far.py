"""The best loss that a search has found by the time some cost is paid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def best_so_far(losses: Sequence[float] | np.ndarray) -> np.ndarray:
    r"""The lowest loss of each trial and those before it.

    $$ b_i = \min_{j \le i} \ell_j $$

    Args:
        losses: float array (n,), of trials in the order in which they ended; one that
            is not finite, as of a training that diverged, is never the best.

    Returns:
        float array (n,), nan until there is a finite loss.

    Example:
    >>> best_so_far([np.inf, 3.0, 4.0, 2.0]).tolist()
    [nan, 3.0, 3.0, 2.0]
    """
    losses = np.asarray(losses, float)
    lowest = np.minimum.accumulate(np.where(np.isfinite(losses), losses, np.inf))
    return np.where(np.isfinite(lowest), lowest, np.nan)


def best_when_paid(
    costs: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    paid: Sequence[float] | np.ndarray,
) -> np.ndarray:
    r"""The best loss of the trials that had ended by the time each amount was paid.

    $$ b(p) = \min \{ \ell_i : \textstyle\sum_{j \le i} c_j \le p \} $$

    Args:
        costs: float array (n,), >= 0, of each trial, in any unit.
        losses: float array (n,), as of `best_so_far`.
        paid: float array (m,), amounts, in the unit of the costs.

    Returns:
        float array (m,), nan for an amount that pays for no trial with a finite loss.

    Example:
    >>> best_when_paid([2, 1, 1], [5.0, 4.0, 3.0], [1, 2, 3.5, 9]).tolist()
    [nan, 5.0, 4.0, 3.0]
    """
    spent = np.cumsum(np.asarray(costs, float))
    best = np.concatenate([[np.nan], best_so_far(losses)])
    slack = 1e-9 * (spent[-1] if len(spent) else 1.0)  # a sum of parts is not exact
    return best[np.searchsorted(spent, np.asarray(paid, float) + slack, "right")]
