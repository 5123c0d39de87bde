"""The constants of the default rule, chosen on other tasks than it is judged on.

The rule has five (`lr_finder.analysis.sweep.rate_window`): three usual rates and the
two ends of the window; its interval has two. `left_out` chooses all of them anew for
each task, on all others: what it says of that task is an honest estimate of the rule.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from benchmarks.suggestion_quality.methods import DEFAULT, STEPS, Truths, ask_rule
from benchmarks.suggestion_quality.scores import HELD
from benchmarks.suggestion_quality.truth import Truth
from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.sweep.rate_window import (
    ABOVE,
    BELOW,
    DECADE,
    usual_rate,
    window_of,
)
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.uncertainty import RESAMPLES, half_width, resampled_spread

METHOD = f"{DEFAULT}, constants of other tasks"
GROUPS = {"sgd": 0, "momentum": 1, "rmsprop": 2, "adam": 2, "adamw": 2}
USUAL = np.arange(-32, 7) / 10  # log10 of the usual rates tried
ABOVES, BELOWS = np.arange(-2, 11) / 10, np.arange(3, 15) / 10  # decades
HALF_WIDTHS = np.arange(6, 25) / 20  # decades
FINE = np.linspace(-7.5, 1.5, 361)  # log10(lr) at which regrets are tabulated
# Decades: constants are to do well where the sweep is read a little differently, too.
SCATTER = 0.3
# Of the intervals that hold a good rate; more than 0.9, as they will hold less often on
# a task that they are not calibrated on.
WANTED = 0.93
# Two sums of regrets that differ by less are equal, and a distance that exceeds a width
# by less lies within: other machines round otherwise, by about 1e-12.
TIE = 1e-8
WIDTH_TIE = 0.01  # decades, of the mean half width: intervals 2 % wider are as good


@dataclasses.dataclass(frozen=True)
class Constants:
    """The constants of the rule and of its interval.

    Args:
        usual: tuple of float, log10 of the usual rate of each group of optimizers.
        above: float, decades from the begin of the descent to the window.
        below: float, decades from the window to the climb.
        half: float, half width of the interval in decades.
        half_at_top: float, the same where the climb has decided.
    """

    usual: tuple[float, ...]
    above: float
    below: float
    half: float = 0.0
    half_at_top: float = 0.0

    def rates(self, cases: pd.DataFrame) -> np.ndarray:
        """log10 of what the rule says of each row of `landmarks`."""
        usual = np.array(self.usual)[cases["group"]]
        lowest = np.maximum(usual, cases["begun"] + self.above)
        return np.minimum(lowest, cases["climb"] - self.below).to_numpy()

    def half_widths(self, cases: pd.DataFrame) -> np.ndarray:
        """Half the width of the interval of each row of `landmarks`, in decades."""
        at_top = self.rates(cases) >= cases["climb"] - self.below
        least = np.where(at_top, self.half_at_top, self.half)
        return np.maximum(least, cases["spread"])


def landmarks(sweeps: Mapping, wanted: int = STEPS) -> pd.DataFrame:
    """What the rule reads of each sweep of so many steps.

    Args:
        sweeps: as of `load_sweeps`.
        wanted: int, steps of the sweeps that count.

    Returns:
        DataFrame with `task`, `optimizer`, `sweep`, `group`, `begun` and `climb` in
        log10(lr), `spread`, the half width that noise alone would ask for, `cost` in
        steps, and `silent`, where the rule refuses to answer.
    """
    rows = []
    for (task, optimizer, steps), seeds in sweeps.items():
        for number, (sweep, *_) in enumerate(seeds):
            if steps != wanted:
                continue
            curve = prepare(*sweep.recorded())
            lower, upper = window_of(curve)
            rule = functools.partial(RULES["window"], usual=usual_rate(sweep.metadata))
            spread = resampled_spread(curve, rule, RESAMPLES)
            rows.append(
                {
                    "task": task,
                    "optimizer": optimizer,
                    "sweep": number,
                    "group": GROUPS[optimizer],
                    "begun": lower / DECADE - ABOVE,
                    "climb": upper / DECADE + BELOW,
                    "spread": half_width(np.zeros(1), spread, least=0.0),
                    "cost": len(sweep.stopped()),
                    "silent": ask_rule("window", sweep) is None,
                }
            )
    return pd.DataFrame(rows)


class Fit:
    """The constants that are best on some cases.

    Args:
        cases: DataFrame of `landmarks`.
        truths: mapping of (task, optimizer) to Truth.
    """

    def __init__(self, cases: pd.DataFrame, truths: Truths):
        self.cases, self._answered = cases, ~cases["silent"].to_numpy()
        keys = list(zip(cases["task"], cases["optimizer"], strict=True))
        regrets = {key: _regrets(truths[key]) for key in set(keys)}
        smooth = SCATTER / (FINE[1] - FINE[0])
        self._regrets = np.array([regrets[key] for key in keys])
        self._scattered = gaussian_filter1d(self._regrets, smooth, mode="nearest")
        # Mean regrets need sums over cases only: [above, below, usual, case].
        self._table = np.array(
            [
                [[self._scores(u, a, b) for u in USUAL] for b in BELOWS]
                for a in ABOVES
            ]
        )  # fmt: skip

    def _scores(self, usual: float, above: float, below: float) -> np.ndarray:
        rates = Constants((usual,) * 3, above, below).rates(self.cases)
        return self._scattered[np.arange(len(rates)), _place(rates)]

    def best(self, chosen: np.ndarray) -> Constants:
        """The constants of the least mean regret, and of the narrowest intervals.

        Many constants do equally well, and which of their sums is the least to the last
        bit is chance. So of all whose sum of regrets exceeds the least by `TIE` at most
        the smallest are taken: of usual rates the lowest; of ends of the window the
        smallest `above`, then the smallest `below`. Of the intervals whose mean half
        width exceeds the least by `WIDTH_TIE` at most, that one is taken whose two half
        widths differ least; of several the narrowest `half`.

        Args:
            chosen: bool array, the cases that count.

        Returns:
            Constants.
        """
        total, usual = 0.0, []
        for group in sorted(set(GROUPS.values())):
            part = chosen & (self.cases["group"] == group).to_numpy() & self._answered
            sums = self._table[..., part].sum(-1)
            usual.append(USUAL[_first_least(sums)])
            total = total + sums.min(-1)
        place = np.unravel_index(_first_least(total.ravel()), total.shape)
        found = Constants(
            tuple(float(rates[place]) for rates in usual),
            float(ABOVES[place[0]]), float(BELOWS[place[1]]),
        )  # fmt: skip
        return self._with_interval(found, chosen)

    def _with_interval(self, constants: Constants, chosen: np.ndarray) -> Constants:
        chosen = chosen & self._answered
        distances = self.distances(constants)[chosen]
        pairs = itertools.combinations_with_replacement(range(len(HALF_WIDTHS)), 2)
        tried, means = [], []
        for half, at_top in sorted(pairs, key=lambda pair: (pair[1] - pair[0], pair)):
            tried.append(
                dataclasses.replace(
                    constants, half=float(HALF_WIDTHS[half]),
                    half_at_top=float(HALF_WIDTHS[at_top]),
                )
            )  # fmt: skip
            widths = tried[-1].half_widths(self.cases[chosen])
            held = np.mean(distances <= widths + TIE)
            means.append(widths.mean() if held >= WANTED else math.inf)
        is_any = min(means) < math.inf
        return tried[_first_least(np.array(means), WIDTH_TIE)] if is_any else constants

    def distances(self, constants: Constants) -> np.ndarray:
        """Decades from what the rule says to the nearest good rate, by case."""
        rates = constants.rates(self.cases)
        far = np.where(
            self._regrets <= HELD + TIE, np.abs(FINE[None] - rates[:, None]), math.inf
        )
        return far.min(axis=1)


def _regrets(truth: Truth) -> np.ndarray:
    return np.array([truth.regret(10**x) for x in FINE])


def _first_least(values: np.ndarray, tie: float = TIE) -> np.ndarray:
    """Index of the first along the last axis that is the least, or as good as it."""
    return np.argmax(values <= values.min(-1, keepdims=True) + tie, axis=-1)


def _place(rates: np.ndarray) -> np.ndarray:
    """Index into `FINE` of the nearest rate."""
    places = np.rint((rates - FINE[0]) / (FINE[1] - FINE[0]))
    return np.clip(places, 0, len(FINE) - 1).astype(int)


def left_out(fit: Fit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each task judged with constants from all other tasks.

    Args:
        fit: Fit.

    Returns:
        (answers, constants): DataFrame as of `methods.answers`, and one row of
        constants for each task left out and for `"none"`.
    """
    cases, rows = fit.cases, []
    answers = cases.assign(method=METHOD, steps=STEPS)
    answers[["lr", "low", "high"]] = np.nan
    for task in [*cases["task"].unique(), "none"]:
        chosen = (cases["task"] != task).to_numpy()
        constants = fit.best(chosen)
        rows.append({"left_out": task} | dataclasses.asdict(constants))
        rates, widths = constants.rates(cases), constants.half_widths(cases)
        for name, x in zip(
            ("lr", "low", "high"), (rates, rates - widths, rates + widths), strict=True
        ):
            answered = ~chosen & ~cases["silent"].to_numpy()
            answers.loc[answered, name] = 10 ** x[answered]
    return answers, pd.DataFrame(rows)
