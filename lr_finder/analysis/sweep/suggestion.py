"""From a sweep to a learning rate, with an interval and warnings to act on."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.explanation import compare_compiled, decided_by, explain
from lr_finder.analysis.sweep.nonfinite import (
    check_end,
    check_source,
    not_finite_warnings,
)
from lr_finder.analysis.sweep.rate_window import (
    RateWindow,
    UsualRate,
    is_at_top,
    usual_of,
)
from lr_finder.analysis.sweep.reading import (
    DEFAULT_METHOD,
    Reading,
    Swept,
    find_rule,
    read,
)
from lr_finder.analysis.sweep.rules import Rule
from lr_finder.analysis.sweep.suggestion_warnings import (
    interval_warnings,
    memory_warnings,
    repeat_warnings,
    scale_warnings,
    sweep_warnings,
)
from lr_finder.analysis.sweep.uncertainty import (
    AT_TOP_HALF_WIDTH,
    LEAST_HALF_WIDTH,
    RESAMPLES,
    half_width,
    resampled_spread,
)


@dataclasses.dataclass(frozen=True, repr=False)
class Suggestion:
    """A learning rate read from a sweep, the reason for it, and how far to trust it.

    Args:
        lr: float, the learning rate.
        low: float, lower end of the interval that should hold the best rate.
        high: float, upper end; `low <= lr <= high`.
        method: str, the rule, a key of `RULES`; `verify` adds `", verified"`.
        warnings: tuple of str, each `"kind: what is wrong; what to do"`.
        why: str, one sentence: what decided the rate.
        decided_by: str, the same in a word: `"confirmed"`, `"moved_up"` or
            `"moved_down"` (of the optimizer's usual rate), `"middle_of_window"`,
            `"could_not_tell"`, `"verification"`, or the name of another rule.
        window: RateWindow, the rates that the sweep leaves open, and what sets its
            ends; None if there was no sweep.
        usual: UsualRate, the optimizer's usual rate and where it is from; None if the
            optimizer has none.
        compiled: float, the rate that the model was compiled with, or None.

    Example:
    >>> print(Suggestion(1e-3, 4e-4, 3e-3, "drop"))
    1e-3 (4e-4 to 3e-3), by the rule drop
    """

    lr: float
    low: float
    high: float
    method: str
    warnings: tuple[str, ...] = ()
    why: str = ""
    decided_by: str = ""
    window: RateWindow | None = None
    usual: UsualRate | None = None
    compiled: float | None = None

    @property
    def against_compiled(self) -> str:
        """One sentence: how the compiled rate compares; empty if it is not known."""
        if self.compiled is None:
            return ""
        return compare_compiled(self.compiled, self.low, self.high, self.window)

    def __str__(self) -> str:
        warnings = [f"warning: {text}" for text in self.warnings]
        further = filter(None, [self.against_compiled, *warnings])
        return "\n  ".join([self._line(), *further])

    def __repr__(self) -> str:
        kinds = ", ".join(text.split(":")[0] for text in self.warnings)
        return f"<Suggestion {self._line()}{f' Warnings: {kinds}.' if kinds else ''}>"

    def _line(self) -> str:
        """Rate, interval and reason."""
        lr, low, high = map(format_rate, (self.lr, self.low, self.high))
        reason = f". {self.why}" if self.why else f", by the rule {self.method}"
        return f"{lr} ({low} to {high}){reason}"

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them.

        Returns:
            dict with `lr`, `low`, `high`, `method`, the list `warnings`, `why`,
            `decided_by`, and `window`, `usual` and `compiled`, each a dict or None.

        Example:
        >>> Suggestion(1e-3, 4e-4, 3e-3, "window").to_dict()["low"]
        0.0004
        """
        compiled = {"rate": self.compiled, "compared": self.against_compiled}
        return dataclasses.asdict(self) | {
            "warnings": list(self.warnings),
            "window": self.window and self.window.to_dict(),
            "compiled": None if self.compiled is None else compiled,
        }

    def apply(self, model: Any, group: str | int | None = None) -> None:
        """Give the optimizer of a model this learning rate.

        Args:
            model: keras.Model, compiled.
            group: str or int or None, which optimizer of a `MultiOptimizer` gets the
                rate; with None all rates are multiplied by one factor, as in a sweep.

        Raises:
            ModelError: If the model is not compiled, or its rate follows a schedule.
            InputError: If there is no such group.

        Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> Suggestion(0.25, 0.1, 0.5, "window").apply(model)
        >>> float(model.optimizer.learning_rate)
        0.25
        """
        from lr_finder.results import _faces

        _faces.apply_rate(model, self.lr, group)


def suggest(result: Swept, method: str = DEFAULT_METHOD) -> Suggestion:
    """Read a learning rate from a sweep.

    The rule is applied to each repeat, and the rates are averaged in log10(lr), because
    the noise of a sweep is even on that axis. If the rule finds a rate in no repeat, it
    is applied to their mean curve. The default rule also uses the optimizer's usual
    rate, by the optimizer that `metadata` names, and averages the ends of the window
    over the repeats. The interval is a t-interval over the repeats and the noise within
    each curve (`half_width`), inside the swept range. The interval of the default rule
    is calibrated on trainings to the end.

    Args:
        result: SweepResult, or any object with its `curves`, `lrs`, `losses`.
        method: str, a key of `RULES`.

    Returns:
        Suggestion, with `low <= lr <= high`.

    Raises:
        SuggestionError: If no rate can be read: the curve has too few points, diverged
            from the start or never descended; see the error's `reason` and `counts`.
        InputError: If `method` is unknown.

    Example:
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> losses = 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2
    >>> suggestion = suggest(SweepResult([Curve(lrs, losses)]))
    >>> f"{suggestion.lr:.0e}", suggestion.warnings
    ('1e-02', ())
    """
    rule, usual = find_rule(method), usual_of(result.metadata)
    check_source(result.metadata)
    check_end(result.curves)
    rate = None if usual is None else usual.rate
    reading = read(rule, rate, result)
    picks, curves = reading.picks, reading.curves
    half = 10 ** _half_width(rule, rate, reading)
    lr, first, last = reading.lr, reading.first, reading.last
    reasons = [curve.stop_reason for curve in result.curves]
    doubts = (
        *sweep_warnings(reasons, curves, lr, first, last),
        *scale_warnings(curves, result.metadata),
        *repeat_warnings(picks, reading.failed, len(result.curves)),
        *not_finite_warnings(result.curves),
        *memory_warnings(result.metadata, result.lrs),
    )
    low, high = min(max(lr / half, first), lr), max(min(lr * half, last), lr)
    doubts = (*doubts, *interval_warnings(low, high))
    return Suggestion(
        lr=lr,
        low=low,
        high=high,
        method=method,
        warnings=doubts,
        window=reading.window,
        usual=usual,
        compiled=result.metadata.get("compiled_lr"),
        **_reason(rule, reading, usual, result.metadata),
    )


def _reason(
    rule: Rule,
    reading: Reading,
    usual: UsualRate | None,
    metadata: Mapping[str, Any],
) -> dict[str, str]:
    """What decided a rate, in a word and in a sentence."""
    rate, window = format_rate(reading.lr), reading.window
    if not rule.asks_usual:
        why = f"The rule {rule.name} picks {rate}: {rule.description}."
        return {"decided_by": rule.name, "why": why}
    why = explain(window, usual, metadata.get("optimizer"))
    if not reading.first <= window.place(usual.rate if usual else None) <= reading.last:
        why += f" That was not swept: {rate}, the nearest rate that was, is taken."
    return {"decided_by": str(decided_by(window, usual)), "why": why}


def _half_width(rule: Rule, usual: float | None, reading: Reading) -> float:
    """Half the width of the interval in decades."""
    picks, curves, lag = np.array(reading.picks), reading.curves, reading.lag
    resamples = math.ceil(RESAMPLES / len(curves))
    ask = functools.partial(rule, usual=usual and usual * 10**lag)
    within = [resampled_spread(curve, ask, resamples) for curve in curves]
    log_rates = math.log(10) * (picks + lag)
    at_top = rule.asks_usual and all(map(is_at_top, curves, log_rates))
    least = AT_TOP_HALF_WIDTH if at_top else LEAST_HALF_WIDTH
    return half_width(picks, math.sqrt(np.mean(np.square(within))), least)
