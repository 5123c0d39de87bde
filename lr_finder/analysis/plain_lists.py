"""A learning rate from plain lists of rates and losses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lr_finder.analysis.advice import quality_warnings
from lr_finder.analysis.preparation import Prepared, prepare
from lr_finder.analysis.suggestion import DEFAULT_METHOD, find_rule
from lr_finder.errors import InputError


def find_optimal_learning_rate(
    learning_rates: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    method: str = DEFAULT_METHOD,
) -> tuple[float, int]:
    """The learning rate that a rule picks from plain lists, and its index.

    Args:
        learning_rates: sequence of float (n,), positive, strictly increasing.
        losses: sequence of float (n,), loss of the batch at each rate; those from the
            first nan or inf on are left out.
        method: str, a key of `RULES`; `"textbook"` is the rule found in most code.

    Returns:
        (lr, index): float and int, `lr == learning_rates[index]`.

    Raises:
        InputError: If the lists or the method break these rules.

    Warns:
        UserWarning: If the loss barely descended; `suggest` keeps such warnings.
        SuggestionError: If the curve holds no honest answer.

    Example:
    >>> rates = np.logspace(-6, 1, 50)
    >>> lr, index = find_optimal_learning_rate(rates, 2 - np.tanh(3 + np.log10(rates)))
    >>> bool(lr == rates[index])
    True
    """
    rule = find_rule(method)
    lrs, values = _vector(learning_rates, "learning_rates"), _vector(losses, "losses")
    if len(lrs) != len(values):
        raise InputError(
            "Arguments `learning_rates` and `losses` must have equal lengths. "
            f"Received: {len(lrs)} rates and {len(values)} losses."
        )
    wrong = np.flatnonzero(~(np.isfinite(lrs) & (np.diff(lrs, prepend=0.0) > 0)))
    if wrong.size:
        raise InputError(
            "Argument `learning_rates` must be positive, finite and strictly "
            f"increasing. Received: {lrs[wrong[0]]:g} at index {wrong[0]}. Sort the "
            "points by learning rate first."
        )
    index = rule(lrs, values)
    if method != "textbook":
        _warn_of_noise(prepare(lrs, values))
    return float(lrs[index]), index


def _warn_of_noise(curve: Prepared) -> None:
    """A Python warning, where plain numbers leave no room for another."""
    for text in quality_warnings([curve]):
        if text.startswith("barely_descended"):
            warnings.warn(text, stacklevel=3)


def _vector(values: Any, name: str) -> np.ndarray:
    try:
        vector = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty((0, 0))
    if vector.ndim != 1:
        raise InputError(
            f"Argument `{name}` must be a flat list of numbers. Received: "
            f"{type(values).__name__} that is not one."
        )
    return vector
