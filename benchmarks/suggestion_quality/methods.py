"""Every method that is scored, asked about every case: one table of answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality import peers
from benchmarks.suggestion_quality.sweeps import Sweep, load_sweeps
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES
from benchmarks.suggestion_quality.truth import Truth, load_truth
from lr_finder.analysis.sweep.rate_window import usual_rate
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import SweepResult

Truths = Mapping[tuple[str, str], Truth]
DEFAULT = "lr_finder"
STEPS = 200  # of the sweeps that are drawn, broken down and fitted to
NO_SWEEP = ("Keras default", "best fixed rate")
COLUMNS = [
    "method", "steps", "task", "optimizer", "sweep", "lr", "low", "high", "cost",
    "warnings",
]  # fmt: skip


def best_fixed_rates(truths: Truths) -> dict[tuple[str, str], float]:
    """For each case, the rate best on the other tasks with the same optimizer.

    The grid rate of the least mean regret; the lowest of several that are.

    Args:
        truths: mapping of (task, optimizer) to Truth, all on the same grid.

    Returns:
        dict of (task, optimizer) to a rate.
    """
    found = {}
    for task, optimizer in truths:
        others = [
            truth
            for (name, kind), truth in truths.items()
            if name != task and kind == optimizer and truth.is_learnable
        ]
        rates = others[0].rates
        means = [np.mean([truth.regret(rate) for truth in others]) for rate in rates]
        found[task, optimizer] = float(rates[int(np.argmin(means))])
    return found


def ask_rule(name: str, sweep: Sweep) -> float | None:
    """What a rule of `RULES` says of a sweep that `lr_finder` would have made."""
    lrs, losses = sweep.recorded()
    try:
        return float(lrs[RULES[name](lrs, losses, usual_rate(sweep.metadata))])
    except SuggestionError:
        return None


def ask_lr_finder(sweeps: list[Sweep]) -> dict[str, float | None]:
    """What `lr_finder` suggests by default: rate, interval, warnings, steps made."""
    curves = [sweep.stopped() for sweep in sweeps]
    answer = {"lr": None, "low": None, "high": None, "warnings": "no suggestion"}
    try:
        found = suggest(SweepResult(curves, sweeps[0].metadata))
        kinds = " ".join(text.split(":")[0] for text in found.warnings)
        answer = {"lr": found.lr, "low": found.low, "high": found.high}
        answer["warnings"] = kinds
    except SuggestionError:
        pass
    return answer | {"cost": sum(len(curve) for curve in curves)}


def ask_all(sweeps: list[Sweep]) -> Iterator[dict]:
    """What all methods say of a case.

    Args:
        sweeps: list of Sweep from the same weights; most read the first alone.

    Yields:
        dict with `method`, `steps`, `lr`, `cost` and, of a method that has them, `low`
        and `high`.
    """
    first, steps = sweeps[0], len(sweeps[0].lrs)
    for name in peers.PEERS:
        rate, cost = peers.ask(name, first)
        yield {"method": name, "steps": steps, "lr": rate, "cost": cost}
    for name in RULES:
        rate, cost = ask_rule(name, first), len(first.stopped())
        yield {"method": f"rule {name}", "steps": steps, "lr": rate, "cost": cost}
    yield {"method": DEFAULT, "steps": steps} | ask_lr_finder(sweeps[:1])
    if len(sweeps) > 1:
        name = f"{DEFAULT}, {len(sweeps)} x {steps}"
        yield {"method": name, "steps": steps * len(sweeps)} | ask_lr_finder(sweeps)


def answers(
    truths: Truths | None = None,
    sweeps: dict | None = None,
    ask: Callable[[list[Sweep]], Iterable[dict]] = ask_all,
) -> pd.DataFrame:
    """Ask every method about every case that has a truth and sweeps.

    Args:
        truths: as of `load_truth`, which is the default.
        sweeps: as of `load_sweeps`, which is the default.
        ask: callable as `ask_all`; one of your own scores a new idea in seconds.

    Returns:
        DataFrame of `COLUMNS`: a row for each method, case and sweep. `steps` are
        those given, `cost` those made until the method stopped.
    """
    truths = load_truth() if truths is None else truths
    sweeps = load_sweeps() if sweeps is None else sweeps
    fixed = best_fixed_rates(truths)
    rows = []
    for task, optimizer in truths:
        case = {"task": task, "optimizer": optimizer}
        rates = (DEFAULT_RATES[optimizer], fixed[task, optimizer])
        for name, rate in zip(NO_SWEEP, rates, strict=True):
            rows.append(
                case | {"method": name, "lr": rate, "sweep": 0, "steps": 0, "cost": 0}
            )
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        for (task, optimizer, _), seeds in sweeps.items():
            if (task, optimizer) in truths:
                case = {"task": task, "optimizer": optimizer}
                for number, group in enumerate(seeds):
                    rows += [case | {"sweep": number} | a for a in ask(group)]
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        dict.fromkeys(["lr", "low", "high"], float)
    )
