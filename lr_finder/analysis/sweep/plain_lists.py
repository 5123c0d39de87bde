"""A learning rate from plain lists of rates and losses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.sweep.preparation import Prepared, prepare
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD, Swept, find_rule
from lr_finder.analysis.sweep.suggestion_warnings import quality_warnings
from lr_finder.errors import InputError


def find_optimal_learning_rate(
    learning_rates: Sequence[float] | np.ndarray | Swept,
    losses: Sequence[float] | np.ndarray | None = None,
    method: str = DEFAULT_METHOD,
) -> tuple[float, int]:
    """The learning rate that a rule picks from plain lists, and its index.

    Args:
        learning_rates: sequence of float (n,), positive, strictly increasing; or a
            SweepResult, which holds rates and losses.
        losses: sequence of float (n,), loss of the batch at each rate; those from the
            first nan or inf on are left out. None for a SweepResult.
        method: str, a key of `RULES`; `"textbook"` is the rule found in most code.

    Returns:
        (lr, index): float and int, `lr == learning_rates[index]`.

    Raises:
        InputError: If the lists or the method break these rules.
        SuggestionError: If no rate can be read from the curve.

    Warns:
        UserWarning: If the loss barely descended; `suggest` keeps such warnings.

    Example:
    >>> rates = np.logspace(-6, 1, 50)
    >>> lr, index = find_optimal_learning_rate(rates, 2 - np.tanh(3 + np.log10(rates)))
    >>> bool(lr == rates[index])
    True
    """
    rule = find_rule(method)
    learning_rates, losses = rates_and_losses(learning_rates, losses)
    lrs, values = _vector(learning_rates, "learning_rates"), _vector(losses, "losses")
    if len(lrs) != len(values):
        raise InputError(
            "Arguments `learning_rates` and `losses` must have equal lengths. "
            f"Received: {counted(len(lrs), 'rate')} and {counted(len(values), 'loss')}."
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


def rates_and_losses(learning_rates: Any, losses: Any = None) -> tuple[Any, Any]:
    """Rates and losses, given as two lists or as a result that holds both.

    Args:
        learning_rates: sequence of float; or a SweepResult.
        losses: sequence of float; None for a SweepResult.

    Returns:
        `(learning_rates, losses)`.

    Raises:
        InputError: If losses are missing, or given twice.

    Example:
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> rates_and_losses(SweepResult([Curve([0.1, 0.2], [2.0, 1.0])]))
    (array([0.1, 0.2]), array([2., 1.]))
    """
    is_result = hasattr(learning_rates, "lrs") and hasattr(learning_rates, "losses")
    if is_result and losses is not None:
        raise InputError(
            "Argument `losses` must be left out with a SweepResult, which holds them. "
            f"Received: {type(losses).__name__}. A rate to mark is `optimal_lr`."
        )
    if is_result:
        return learning_rates.lrs, learning_rates.losses
    if losses is None:
        raise InputError(
            "Argument `losses` must come with `learning_rates`, or a SweepResult in "
            f"place of both. Received: {type(learning_rates).__name__} alone."
        )
    return learning_rates, losses


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
