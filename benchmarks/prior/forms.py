"""Forms that a prior may take: each says which rate is usual for new cases.

A form is given cases to learn from and cases to answer, and returns log10 of a rate
for each of those. That rate takes the place of the optimizer's usual rate; the window
of the sweep, with the ends that the rule has, still decides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.prior.cases import ARCHITECTURE, DOMAIN, FURTHER, Cases, traits
from benchmarks.prior.pooling import fit_pooled
from benchmarks.suggestion_quality.fitting import FINE, USUAL
from benchmarks.suggestion_quality.scores import clustered_error
from benchmarks.suggestion_quality.tasks import TASKS
from lr_finder.analysis.sweep.rate_window import ABOVE, BELOW

Form = Callable[[Cases, Cases], np.ndarray]
ALL = ARCHITECTURE + DOMAIN + FURTHER
RIDGE = 1e-3  # keeps a regression on few columns solvable


def placed(usual: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """The usual rates moved into the windows, log10(lr)."""
    lowest = np.maximum(usual, frame["begun"] + ABOVE)
    return np.minimum(lowest, frame["climb"] - BELOW).to_numpy()


def looked_up(table: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """The value of each row of a table (n, len(FINE)) at its rate (n,)."""
    places = np.rint((rates - FINE[0]) / (FINE[1] - FINE[0])).astype(int)
    return table[np.arange(len(rates)), np.clip(places, 0, len(FINE) - 1)]


def best_usual(learnt: Cases, weights: np.ndarray | None = None) -> dict[int, float]:
    """For each optimizer group, the usual rate of the least mean regret.

    Args:
        learnt: Cases.
        weights: float array (n,), how much each counts; None for all alike.

    Returns:
        dict of group -> log10(lr), the lowest of several.
    """
    found = {}
    for group in sorted(learnt.frame["group"].unique()):
        part = learnt.part((learnt.frame["group"] == group).to_numpy())
        chosen = (learnt.frame["group"] == group).to_numpy()
        counted = np.ones(len(part.frame)) if weights is None else weights[chosen]
        sums = [
            counted
            @ looked_up(part.smooth, placed(np.full(len(counted), u), part.frame))
            for u in USUAL
        ]
        found[group] = float(USUAL[int(np.argmin(np.round(sums, 8)))])
    return found


def as_the_rule(learnt: Cases, asked: Cases) -> np.ndarray:
    """One usual rate for each optimizer group: what the rule does."""
    return asked.frame["group"].map(best_usual(learnt)).to_numpy(dtype=float)


def pooled(wanted: tuple[str, ...]) -> Form:
    """The rule's usual rates, shifted by what the hierarchical model says of traits."""

    def form(learnt: Cases, asked: Cases) -> np.ndarray:
        model = fit_of(learnt.frame, wanted)
        shifts = model.shifts(traits(asked.frame["task"], wanted))
        return as_the_rule(learnt, asked) + shifts

    return form


def fit_of(frame: pd.DataFrame, wanted: tuple[str, ...]):
    """The hierarchical model of the cases of a table, each counted once."""
    once = frame.drop_duplicates(["task", "optimizer"])
    return fit_pooled(
        once["best"].to_numpy(), once["group"].to_numpy(), once["task"].to_numpy(),
        traits(once["task"], wanted),
    )  # fmt: skip


def expected(wanted: tuple[str, ...]) -> Form:
    """The rate that the hierarchical model expects, without the rule's own."""

    def form(learnt: Cases, asked: Cases) -> np.ndarray:
        model = fit_of(learnt.frame, wanted)
        groups = asked.frame["group"].to_numpy()
        return model.expected(groups, traits(asked.frame["task"], wanted))

    return form


def alike(of_architecture: float, of_domain: float) -> Form:
    """The rate of the least regret, with more weight on cases that are alike."""

    def form(learnt: Cases, asked: Cases) -> np.ndarray:
        found = np.empty(len(asked.frame))
        names = learnt.frame["task"]
        for name in asked.frame["task"].unique():
            same = [
                names.map(
                    lambda other, kind=kind: getattr(TASKS[other], kind)
                ).to_numpy()
                == getattr(TASKS[name], kind)
                for kind in ("architecture", "domain")
            ]
            weights = 1 + of_architecture * same[0] + of_domain * same[1]
            chosen = (asked.frame["task"] == name).to_numpy()
            usual = best_usual(learnt, weights)
            found[chosen] = asked.frame["group"][chosen].map(usual)
        return found

    return form


def from_the_sweep(wanted: tuple[str, ...]) -> Form:
    """A regression of the best rate on optimizer, ends of the window, and traits."""

    def columns(frame: pd.DataFrame) -> np.ndarray:
        groups = np.eye(3)[frame["group"]]
        known = traits(frame["task"], wanted)
        return np.column_stack([groups, frame[["begun", "climb"]], known])

    def form(learnt: Cases, asked: Cases) -> np.ndarray:
        x, y = columns(learnt.frame), learnt.frame["best"].to_numpy()
        penalty = np.diag([RIDGE] * 5 + [20.0] * len(wanted))
        return columns(asked.frame) @ np.linalg.solve(x.T @ x + penalty, x.T @ y)

    return form


FORMS: dict[str, Form] = {
    "usual rate of the optimizer (the rule)": as_the_rule,
    "pooled shifts by architecture": pooled(ARCHITECTURE),
    "pooled shifts by kind of data": pooled(DOMAIN),
    "pooled shifts by both and depth, batch, scaling": pooled(ALL),
    "rate expected by the pooled model alone": expected(ALL),
    "least regret, like architecture counts double": alike(1.0, 0.0),
    "least regret, like kind of data counts double": alike(0.0, 1.0),
    "least regret, both": alike(1.0, 1.0),
    "regression on the ends of the window": from_the_sweep(()),
    "the same with architecture": from_the_sweep(ARCHITECTURE),
}


def left_out(cases: Cases, form: Form) -> np.ndarray:
    """The regret of each sweep, by a prior that has not seen its task.

    Args:
        cases: Cases.
        form: callable of `FORMS`.

    Returns:
        float array (n,); 1 if the rule refuses to answer.
    """
    regrets = np.empty(len(cases.frame))
    for task in cases.frame["task"].unique():
        asked = (cases.frame["task"] == task).to_numpy()
        part = cases.part(asked)
        rates = placed(form(cases.part(~asked), part), part.frame)
        regrets[asked] = looked_up(part.regrets, rates)
    return np.where(cases.frame["silent"], 1.0, regrets)


def mean_and_error(values: np.ndarray, tasks: pd.Series) -> tuple[float, float]:
    """A mean, and its standard error clustered by task."""
    return float(np.mean(values)), clustered_error(pd.Series(values), tasks)
