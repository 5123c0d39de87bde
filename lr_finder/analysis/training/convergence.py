"""Whether a training converged, got stuck or diverged; and up to which rate it does.

A table of several trainings has a row for each rate and a column for each seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lr_finder.analysis.training.curve_statistics import JUMP
from lr_finder.errors import InputError

CONVERGED, STUCK, DIVERGED = "converged", "stuck", "diverged"
LEARNT = 0.9  # of the loss of a model that has learnt nothing: what is below has learnt


def outcome_of(
    losses: Sequence[float] | np.ndarray, start: float, guess: float | None = None
) -> str:
    r"""How a training ended: it converged, it got stuck or it diverged.

    With the losses $L_1, \dots, L_n$ of its epochs, the loss $L_0$ of the weights that
    it began with and the loss $G$ of the best constant guess, a training has

    - diverged if a loss is not finite, or if $L_n > 2 L_0$,
    - got stuck if it has not diverged and $L_n \ge 0.9 \min(L_0, G)$,
    - converged if it has done neither.

    "Converged" says that it has learnt something, not that it could not learn more. A
    rate that is too high makes a squared error diverge. A network that tells classes
    apart is more often thrown to weights from which it learns nothing more (units of
    ReLU that are never active again), and gets stuck.

    Args:
        losses: sequence of float (n,), n >= 1, all measured on the same rows.
        start: float, the loss before the first step.
        guess: float, the loss of the best constant guess; None if it is not known.

    Returns:
        `"converged"`, `"stuck"` or `"diverged"`.

    Raises:
        InputError: If there are no losses.

    Example:
    >>> outcome_of([1.0, 0.4], start=2.5, guess=2.3)
    'converged'
    >>> outcome_of([2.4, 2.3], start=2.5, guess=2.3), outcome_of([9.0], start=2.5)
    ('stuck', 'diverged')
    """
    values = np.asarray(losses, dtype=float).ravel()
    if not values.size:
        raise InputError(
            "Argument `losses` must hold one loss or more. Received: none. Train for "
            "an epoch at least."
        )
    if not np.isfinite(values).all() or values[-1] > JUMP * start:
        return DIVERGED
    nothing_learnt = start if guess is None or not math.isfinite(guess) else guess
    return STUCK if values[-1] >= LEARNT * min(start, nothing_learnt) else CONVERGED


def highest_converged(rates: Sequence[float], converged: np.ndarray) -> np.ndarray:
    """The highest rate at which the training of each seed converged.

    Args:
        rates: sequence of float (n,), rising.
        converged: bool array (n, seeds).

    Returns:
        float array (seeds,): nan if it converged at none.

    Example:
    >>> runs = np.array([[True, True, False], [False, True, False]])
    >>> highest_converged([0.1, 1.0], runs).tolist()
    [0.1, 1.0, nan]
    """
    last = len(rates) - 1 - converged[::-1].argmax(axis=0)
    return np.where(converged.any(axis=0), np.asarray(rates, float)[last], math.nan)


def best_rate(losses: np.ndarray) -> int:
    """Which rate ends lowest: that with most finite losses, then with the lowest mean.

    Args:
        losses: float array (rates, seeds), of each training at its end; infinity if it
            was lost.

    Returns:
        int, a row.

    Example:
    >>> best_rate(np.array([[0.5, 0.4], [0.1, np.inf], [0.3, 0.2]]))
    2
    """
    is_kept = np.isfinite(losses)
    kept = is_kept.sum(axis=1)
    totals = np.where(is_kept, losses, 0.0).sum(axis=1)
    means = np.where(kept > 0, totals / np.maximum(kept, 1), math.inf)
    return int(np.lexsort((means, -kept))[0])


def losses_at_best_rate(losses: np.ndarray) -> np.ndarray:
    """The loss of each seed at the rate that is best for the other seeds.

    So no training helps to choose the rate at which it is judged. A single seed has no
    others, and is judged at its own best rate.

    Args:
        losses: float array (rates, seeds), as `best_rate` takes it.

    Returns:
        float array (seeds,).

    Example:
    >>> losses_at_best_rate(np.array([[0.3, 0.3, 0.3], [0.5, 0.0, 0.5]])).tolist()
    [0.5, 0.3, 0.5]
    """
    seeds = np.arange(losses.shape[1])
    rows = [best_rate(losses[:, (seeds != own) | (len(seeds) == 1)]) for own in seeds]
    return losses[rows, seeds]
