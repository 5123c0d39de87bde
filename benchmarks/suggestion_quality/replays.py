"""What verifications would have said, read from the recorded short trainings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality import peers, scores
from benchmarks.suggestion_quality.methods import (
    DEFAULT,
    NO_SWEEP,
    STEPS,
    ask_lr_finder,
    best_fixed_rates,
)
from benchmarks.suggestion_quality.sweeps import load_sweeps
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES, TASKS
from benchmarks.suggestion_quality.trials import Recorded, load_trials
from benchmarks.suggestion_quality.truth import Truth
from lr_finder.analysis.verification.halving import (
    CHECK_SHARE,
    FACTORS,
    RUNGS,
    TRIAL_SHARE,
    halve,
)
from lr_finder.analysis.verification.settling import MUCH_BETTER, settle
from lr_finder.errors import SuggestionError

PEER = "fastai valley"
Case = tuple[str, str]
Truths = Mapping[Case, Truth]


FINE = (0.1, 10**-0.5, 1.0, 10**0.5, 10.0)
NARROW = (10 ** (-2 / 3), 10 ** (-1 / 3), 1.0, 10 ** (1 / 3), 10 ** (2 / 3))
SETTINGS = {  # what else a verification might do: arguments of `replay`
    "as it is": {},
    "the best candidate, no mean": {"answer": "best"},
    "never twice the rate": {"raised_below": 0.0},
    "twice the rate from 0.8 of the loss on": {"raised_below": 0.8},
    "candidates from 0.2 to 5 times": {"factors": (NARROW[0], 1.0, NARROW[-1])},
    "candidates from 0.03 to 30 times": {"factors": (10**-1.5, 1.0, 10**1.5)},
    "five candidates from 0.1 to 10 times": {"factors": FINE},
    "five candidates from 0.2 to 5 times": {"factors": NARROW},
    "the same, the best of them": {"factors": NARROW, "answer": "best"},
    "no candidate goes on": {"rungs": 1},
    "40 % of the training for the candidates": {"share": 0.4},
    "30 % of the training for the candidates": {"share": 0.3},
}


def replay(
    recorded: Recorded, lr: float, budget: int, *,
    factors: Sequence[float] = FACTORS, share: float = TRIAL_SHARE,
    rungs: int = RUNGS, answer: str = "settled", raised_below: float = MUCH_BETTER,
) -> dict:  # fmt: skip
    """What a verification would have said, had it trained what is recorded.

    Args:
        recorded: Recorded.
        lr: float, the suggestion; the nearest recorded rate stands for it.
        budget: int, steps of the coming training.
        factors: of the suggestion, the candidates.
        share: float, of the budget, for the candidates.
        rungs: int >= 1, as of `halve`.
        answer: `"settled"`, as `settle` has it; the `"mean"` of the candidates; or the
            `"best"` of them.
        raised_below: float, as of `settle`.

    Returns:
        dict with `lr`, `low`, `high` and `cost`, the steps made.
    """
    ends = recorded.rates[0], recorded.rates[-1]
    center = recorded.nearest(float(np.clip(lr, *ends)))
    check, steps = int(CHECK_SHARE * budget), int(share * budget + 1e-9)
    try:
        rates = [center * factor for factor in factors]
        found = halve(recorded, rates, steps, rungs=rungs)
    except SuggestionError:
        return {"lr": None, "low": None, "high": None, "cost": steps + check}
    settled = settle(
        recorded, found, budget_steps=budget, all_steps=steps + check,
        raised_below=raised_below,
    )  # fmt: skip
    rates = {"settled": settled.lr, "mean": settled.mean, "best": found.winner}
    rate = rates[answer]
    low, high = (end * rate / settled.lr for end in (settled.low, settled.high))
    return {"lr": rate, "low": low, "high": high, "cost": settled.steps}


def centers(truths: Truths) -> Iterator[tuple[str, Case, int, float, int]]:
    """The rates that a verification may start from.

    Where `lr_finder` or a peer finds none in a sweep, it is the optimizer's Keras
    default.

    Args:
        truths: mapping of (task, optimizer) to Truth.

    Yields:
        (method, case, number of the sweep, rate, steps made for it).
    """
    fixed = best_fixed_rates(truths)
    for (task, optimizer, steps), seeds in load_sweeps().items():
        case = task, optimizer
        if steps != STEPS or case not in truths:
            continue
        usual = DEFAULT_RATES[optimizer]
        for number, group in enumerate(seeds):
            ours = ask_lr_finder(group[:1])
            yield DEFAULT, case, number, ours["lr"] or usual, ours["cost"]
            rate, cost = peers.ask(PEER, group[0])
            yield PEER, case, number, rate or usual, cost
            for name, rate in zip(NO_SWEEP, (usual, fixed[case]), strict=True):
                yield name, case, number, rate, 0


def replayed(
    truths: Truths, trials: Mapping[Case, Sequence[Recorded]] | None = None
) -> pd.DataFrame:
    """Every center, verified by the recorded trainings.

    Args:
        truths: mapping of (task, optimizer) to Truth.
        trials: as of `load_trials`, which is the default.

    Returns:
        DataFrame as of `methods.answers`, with `share`: the cost over the budget; a
        `method` is a center. No rows where nothing is recorded.
    """
    trials = load_trials() if trials is None else trials
    found = (
        (method, case, number, cost, replay(*_at(trials, case, number, rate)))
        for method, case, number, rate, cost in (centers(truths) if trials else ())
        if case in trials
    )
    return _table(found)


def varied(
    truths: Truths, trials: Mapping[Case, Sequence[Recorded]] | None = None
) -> pd.DataFrame:
    """The same of `lr_finder`'s suggestions alone, for each of `SETTINGS`."""
    trials = load_trials() if trials is None else trials
    ours = [row for row in (centers(truths) if trials else ()) if row[0] == DEFAULT]
    found = (
        (name, case, number, cost, replay(*_at(trials, case, number, rate), **setting))
        for name, setting in SETTINGS.items()
        for _, case, number, rate, cost in ours
        if case in trials
    )
    return _table(found)


def _at(trials, case: Case, number: int, rate: float) -> tuple[Recorded, float, int]:
    """The first arguments of `replay`."""
    return trials[case][number], rate, TASKS[case[0]].budget


def _table(found: Iterable[tuple[str, Case, int, int, dict]]) -> pd.DataFrame:
    rows = []
    for method, (task, optimizer), number, cost, answer in found:
        place = {"task": task, "optimizer": optimizer, "sweep": number}
        steps = cost + answer["cost"]
        spent = {"steps": STEPS, "cost": steps, "share": steps / TASKS[task].budget}
        rows.append({"method": method} | place | answer | spent)
    frame = pd.DataFrame(rows)
    rates = dict.fromkeys(["lr", "low", "high"], float)
    return frame.astype(rates) if rows else frame


def summarize(answers: pd.DataFrame, truths: Truths) -> pd.DataFrame:
    """`scores.summarize`, with `share`: the mean cost as a share of the training."""
    judged = scores.judge(answers, truths)
    shares = judged.groupby("method")["share"].mean()
    summary = scores.summarize(judged)
    return summary.assign(share=summary["method"].map(shares))
