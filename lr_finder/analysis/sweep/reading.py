"""What a rule reads off the repeats of a sweep: a rate, and the curves behind it."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lr_finder.analysis.sweep.nonfinite import (
    EndedCurve,
    check_end,
    check_source,
    explained,
)
from lr_finder.analysis.sweep.preparation import Prepared, descending, prepare
from lr_finder.analysis.sweep.rate_window import (
    RateWindow,
    lag_of,
    open_window,
    usual_of,
)
from lr_finder.analysis.sweep.rules import RULES, Rule
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError, SuggestionError

DEFAULT_METHOD = "window"  # the least regret of all rules on trainings to the end


class Swept(EndedCurve, Protocol):
    """What `suggest` reads of a sweep; `lr_finder.SweepResult` is one."""

    @property
    def curves(self) -> Sequence[EndedCurve]: ...  # noqa: D102
    @property
    def metadata(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """What a rule reads off the repeats of a sweep.

    Args:
        lr: float, the rate, within the swept range.
        picks: list of float, log10(lr) of each repeat that gave one.
        curves: list of Prepared, of those repeats.
        failed: int, repeats that gave none.
        window: RateWindow that they leave open.
        lag: float, decades by which the rule reads the curves lower: `lag_of`.
        first, last: float, the lowest and the highest rate swept.
    """

    lr: float
    picks: list[float]
    curves: list[Prepared]
    failed: int
    window: RateWindow
    lag: float
    first: float
    last: float


def read(rule: Rule, rate: float | None, result: Swept) -> Reading:
    """The rate that a rule reads off a sweep, and what it was read from.

    The rule is applied to each repeat and the rates are averaged in log10(lr); if it
    finds a rate in no repeat, it is applied to their mean curve.

    Args:
        rule: Rule.
        rate: float > 0, the optimizer's usual rate, or None.
        result: `Swept`.

    Returns:
        Reading.

    Raises:
        SuggestionError: If the curve holds no honest answer.
    """
    sweeps = [_with_divergence(curve) for curve in result.curves]
    lag = lag_of(result.metadata, np.asarray(result.lrs))
    seen = None if rate is None else rate * 10**lag  # where the sweep shows that rate
    picks, curves, failure = _pick(rule, seen, sweeps)
    failed = len(sweeps) - len(picks)
    if not picks:
        if len(sweeps) > 1:
            picks, curves, failure = _pick(rule, seen, [_with_divergence(result)])
        if failure is not None:
            raise explained(failure, result.curves)
    window, lag = open_window(curves, lag), lag if rule.asks_usual else 0.0
    picks = [pick - lag for pick in picks]
    lr = window.place(rate) if rule.asks_usual else 10 ** float(np.mean(picks))
    first = float(min(lrs[0] for lrs, _ in sweeps))
    last = float(max(curve.lrs[-1] for curve in result.curves))
    lr = min(max(lr, first), last)
    return Reading(lr, picks, curves, failed, window, lag, first, last)


def rates_by_rule(result: Swept) -> dict[str, float | None]:
    """The rate that each rule reads from a sweep, without its interval and doubts.

    Args:
        result: SweepResult, or any object with its `curves`, `lrs`, `losses`.

    Returns:
        dict of rule -> the rate that `suggest` gives, None if the rule finds none.

    Example:
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> result = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> rates = rates_by_rule(result)
    >>> rates["valley"] == result.suggest("valley").lr
    True
    """
    usual = usual_of(result.metadata)
    rate = None if usual is None else usual.rate
    rates: dict[str, float | None] = dict.fromkeys(RULES)
    try:
        check_source(result.metadata)
        check_end(result.curves)
    except SuggestionError:
        return rates
    for name, rule in RULES.items():
        with contextlib.suppress(SuggestionError):
            rates[name] = read(rule, rate, result).lr
    return rates


def find_rule(method: str) -> Rule:
    """The rule of this name.

    Args:
        method: str, a key of `RULES`.

    Returns:
        Rule.

    Raises:
        InputError: If there is none.

    Example:
    >>> find_rule("drop").name
    'drop'
    """
    if not isinstance(method, str) or method not in RULES:
        raise InputError(
            f"Argument `method` must be one of {', '.join(map(repr, RULES))}. "
            f"Received: method={method!r:.50}.{_near(method)}"
        )
    return RULES[method]


def _near(method: object) -> str:
    """The name that may have been meant, or the function that takes lists."""
    if not isinstance(method, str):
        return " For plain lists there is find_optimal_learning_rate."
    near = difflib.get_close_matches(method, RULES, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _with_divergence(curve: EndedCurve) -> tuple[np.ndarray, np.ndarray]:
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
