"""From a sweep to a learning rate, with an interval and warnings to act on."""

from __future__ import annotations

import dataclasses
import functools
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lr_finder.analysis.advice import (
    interval_warnings,
    memory_warnings,
    quality_warnings,
    repeat_warnings,
    scale_warnings,
    sweep_warnings,
)
from lr_finder.analysis.nonfinite import (
    check_end,
    check_source,
    explained,
    not_finite_warnings,
)
from lr_finder.analysis.preparation import Prepared, descending, prepare
from lr_finder.analysis.rate_window import is_at_top, usual_rate
from lr_finder.analysis.rules import RULES, Rule
from lr_finder.analysis.stopping import StopReason
from lr_finder.analysis.uncertainty import (
    AT_TOP_HALF_WIDTH,
    LEAST_HALF_WIDTH,
    RESAMPLES,
    half_width,
    resampled_spread,
)
from lr_finder.errors import InputError, SuggestionError

DEFAULT_METHOD = "window"  # the least regret of all rules on trainings to the end


class SweptCurve(Protocol):
    """What `suggest` reads of one repeat."""

    @property
    def lrs(self) -> np.ndarray: ...  # noqa: D102
    @property
    def losses(self) -> np.ndarray: ...  # noqa: D102
    @property
    def stop_reason(self) -> StopReason: ...  # noqa: D102


class Swept(SweptCurve, Protocol):
    """What `suggest` reads of a sweep; `lr_finder.SweepResult` is one."""

    @property
    def curves(self) -> Sequence[SweptCurve]: ...  # noqa: D102
    @property
    def metadata(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """A learning rate read from a sweep, and how far to trust it.

    Args:
        lr: float, the learning rate.
        low: float, lower end of the interval that should hold the best rate.
        high: float, upper end; `low <= lr <= high`.
        method: str, the rule, a key of `RULES`; `verify` adds `", verified"`.
        warnings: tuple of str, `"kind: what is the matter; what to do"`.

    Example:
    >>> print(Suggestion(1e-3, 4e-4, 3e-3, "window"))
    1.0e-03 (4.0e-04 to 3.0e-03, by window)
    """

    lr: float
    low: float
    high: float
    method: str
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f"{self.lr:.1e} ({self.low:.1e} to {self.high:.1e}, by {self.method})"
        return "\n".join([line, *(f"  warning: {text}" for text in self.warnings)])

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them.

        Returns:
            dict with `lr`, `low`, `high`, `method` and the list `warnings`.

        Example:
        >>> Suggestion(1e-3, 4e-4, 3e-3, "window").to_dict()["low"]
        0.0004
        """
        return dataclasses.asdict(self) | {"warnings": list(self.warnings)}


def suggest(result: Swept, method: str = DEFAULT_METHOD) -> Suggestion:
    """Read a learning rate from a sweep.

    The rule is applied to each repeat and the rates are averaged in log10(lr), as the
    noise of a sweep is even on that axis. Where it finds a rate in no repeat, it is
    applied to their mean curve. The default rule asks for the optimizer's usual rate
    too, which `metadata` tells. The interval is a t-interval over the repeats and the
    noise within each curve (`half_width`), inside the swept range; that of the default
    rule is calibrated on trainings to the end.

    Args:
        result: SweepResult, or any object with its `curves`, `lrs`, `losses`.
        method: str, a key of `RULES`.

    Returns:
        Suggestion, with `low <= lr <= high`.

    Raises:
        SuggestionError: If the curve holds no honest answer: too few points, diverged
            from the start, never descended; see its `reason` and `counts`.
        InputError: If `method` is unknown.

    Example:
    >>> from lr_finder.result import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> losses = 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2
    >>> suggestion = suggest(SweepResult([Curve(lrs, losses)]))
    >>> f"{suggestion.lr:.0e}", suggestion.warnings
    ('1e-02', ())
    """
    rule, usual = _rule(method), usual_rate(result.metadata)
    check_source(result.metadata)
    check_end(result.curves)
    sweeps = [_with_divergence(curve) for curve in result.curves]
    picks, curves, failure = _pick(rule, usual, sweeps)
    failed = len(sweeps) - len(picks)
    if not picks:
        mean = _with_divergence(result)
        if len(sweeps) > 1:
            picks, curves, failure = _pick(rule, usual, [mean])
        if failure is not None:
            raise explained(failure, result.curves)
    half = _half_width(rule, usual, picks, curves)
    centre = float(np.mean(picks))
    first = float(min(lrs[0] for lrs, _ in sweeps))
    last = float(max(curve.lrs[-1] for curve in result.curves))
    reasons = [curve.stop_reason for curve in result.curves]
    lr = min(max(10**centre, first), last)
    doubts = (
        *sweep_warnings(reasons, curves, lr, first, last),
        *scale_warnings(curves),
        *repeat_warnings(picks, failed, len(sweeps)),
        *not_finite_warnings(result.curves),
        *memory_warnings(result.metadata, result.lrs),
    )
    low = min(max(10 ** (centre - half), first), lr)
    high = max(min(10 ** (centre + half), last), lr)
    doubts = (*doubts, *interval_warnings(low, high))
    return Suggestion(
        lr=lr,
        low=low,
        high=high,
        method=method,
        warnings=doubts,
    )


def _half_width(
    rule: Rule, usual: float | None, picks: Sequence[float], curves: Sequence[Prepared]
) -> float:
    """Half the width of the interval in decades."""
    resamples = math.ceil(RESAMPLES / len(curves))
    ask = functools.partial(rule, usual=usual)
    within = [resampled_spread(curve, ask, resamples) for curve in curves]
    log_rates = math.log(10) * np.array(picks)
    at_top = rule.asks_usual and all(map(is_at_top, curves, log_rates))
    least = AT_TOP_HALF_WIDTH if at_top else LEAST_HALF_WIDTH
    return half_width(np.array(picks), math.sqrt(np.mean(np.square(within))), least)


def _rule(method: str) -> Rule:
    if not isinstance(method, str) or method not in RULES:
        raise InputError(
            f"Argument `method` must be one of {', '.join(map(repr, RULES))}. "
            f"Received: method={method!r:.50}. For plain lists there is "
            "find_optimal_learning_rate."
        )
    return RULES[method]


def _with_divergence(curve: SweptCurve) -> tuple[np.ndarray, np.ndarray]:
    """The curve, and one point more where a loss that was not finite ended it."""
    lrs, losses = np.asarray(curve.lrs), np.asarray(curve.losses)
    if curve.stop_reason != StopReason.NONFINITE or len(lrs) < 2:
        return lrs, losses
    return np.append(lrs, lrs[-1] ** 2 / lrs[-2]), np.append(losses, math.nan)


def _pick(
    rule: Rule, usual: float | None, sweeps: Sequence[tuple[np.ndarray, np.ndarray]]
) -> tuple[list[float], list[Prepared], SuggestionError | None]:
    """log10(lr) and prepared curve of each sweep, and the first failure if all fail."""
    picks, curves, failure = [], [], None
    for lrs, losses in sweeps:
        try:
            curve = (prepare if rule.asks_usual else descending)(lrs, losses)
            picks.append(math.log10(lrs[rule(lrs, losses, usual)]))
            curves.append(curve)
        except SuggestionError as error:
            failure = failure or error
    return picks, curves, None if picks else failure


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
    rule = _rule(method)
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
