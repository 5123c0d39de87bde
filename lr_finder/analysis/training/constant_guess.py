"""The loss of the best constant guess: what a model has that has learnt nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def loss_of_guess(loss: str, targets: np.ndarray) -> float | None:
    r"""The loss of the best constant guess for targets.

    It is the variance of the targets for a squared error, their mean distance from the
    median for an absolute one, and for a crossentropy the entropy of the classes,
    $-\sum_k p_k \ln p_k$ with their shares $p_k$.

    Args:
        loss: str, Keras' name of it in full, a key of `GUESSES`.
        targets: array (samples, …), as Keras takes them for this loss.

    Returns:
        float > 0; None for another loss, or if it is 0 or not finite.

    Example:
    >>> loss_of_guess("mean_squared_error", np.array([[1.0], [3.0]]))
    1.0
    >>> round(loss_of_guess("sparse_categorical_crossentropy", np.arange(8) % 4), 6)
    1.386294
    """
    if loss not in GUESSES or not targets.size or targets.dtype.kind not in "biuf":
        return None
    value = float(GUESSES[loss](targets))
    return value if math.isfinite(value) and value > 0 else None


def _entropy(shares: np.ndarray) -> float:
    """Of shares that sum to 1; an empty class adds nothing."""
    kept = shares[shares > 0]
    return float(-(kept * np.log(kept)).sum())


def _of_numbers(labels: np.ndarray) -> float:
    return _entropy(np.unique(labels, return_counts=True)[1] / labels.size)


def _of_rows(labels: np.ndarray) -> float:
    return _entropy(labels.reshape(-1, labels.shape[-1]).mean(axis=0))


def _of_yes_or_no(labels: np.ndarray) -> float:
    shares = labels.mean(axis=0).ravel()
    return float(np.mean([_entropy(np.array([p, 1 - p])) for p in shares]))


GUESSES: dict[str, Callable[[np.ndarray], float]] = {
    "mean_squared_error": lambda y: float(np.var(y, axis=0).mean()),
    "mean_absolute_error": lambda y: float(np.abs(y - np.median(y, axis=0)).mean()),
    "binary_crossentropy": _of_yes_or_no,
    "categorical_crossentropy": _of_rows,
    "sparse_categorical_crossentropy": _of_numbers,
}
