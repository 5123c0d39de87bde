"""What verifications would have said, read from the recorded short trainings."""

from __future__ import annotations

import dataclasses
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
from lr_finder.analysis.verification.effort import (
    AFTER_SWEEP,
    ALONE,
    FACTORS,
    Effort,
    plan_steps,
)
from lr_finder.analysis.verification.halving import halve
from lr_finder.analysis.verification.settling import settle
from lr_finder.errors import SuggestionError

PEER = "fastai valley"
Case = tuple[str, str]
Truths = Mapping[Case, Truth]


FINE = (0.1, 10**-0.5, 1.0, 10**0.5, 10.0)
NARROW = (10 ** (-2 / 3), 10 ** (-1 / 3), 1.0, 10 ** (1 / 3), 10 ** (2 / 3))
REPLACE = dataclasses.replace
SETTINGS = {  # what else a verification might do after a sweep: arguments of `replay`
    "as it is": {},
    "the best candidate, no mean": {"answer": "best"},
    "the sweep's interval does not count": {"counts_sweep": False},
    "a rate beyond the edge that trained best": {
        "effort": REPLACE(AFTER_SWEEP, extensions=2)
    },
    "candidates from 0.2 to 5 times": {"factors": (NARROW[0], 1.0, NARROW[-1])},
    "candidates from 0.03 to 30 times": {"factors": (10**-1.5, 1.0, 10**1.5)},
    "five candidates from 0.1 to 10 times": {"factors": FINE},
    "the same, the best of them": {"factors": FINE, "answer": "best"},
    "five candidates from 0.2 to 5 times": {"factors": NARROW},
    "no candidate goes on": {"effort": REPLACE(AFTER_SWEEP, rungs=1)},
    "three rungs": {"effort": REPLACE(AFTER_SWEEP, rungs=3)},
    "a second rung half as long again": {"effort": REPLACE(AFTER_SWEEP, growth=1.5)},
    "40 % of the training for the candidates": {
        "effort": REPLACE(AFTER_SWEEP, trial_share=0.4)
    },
    "25 % of the training for the candidates": {
        "effort": REPLACE(AFTER_SWEEP, trial_share=0.25)
    },
    "as without a sweep": {"effort": ALONE, "counts_sweep": False},
}


EFFORTS = [
    REPLACE(AFTER_SWEEP, growth=growth, half_lost=half, sweep_spread=spread)
    for growth in (0.8, 1.0, 1.25)
    for half in (0.025, 0.04, 0.06)
    for spread in (0.5, 0.6, 0.8)
]


def replay(
    recorded: Recorded, lr: float, budget: int, *,
    swept: tuple[float, float, float] | None = None, effort: Effort | None = None,
    factors: Sequence[float] = FACTORS, answer: str = "settled",
    counts_sweep: bool = True,
) -> dict:  # fmt: skip
    """What a verification would have said, had it trained what is recorded.

    Args:
        recorded: Recorded.
        lr: float, the suggestion; the nearest recorded rate stands for it.
        budget: int, steps of the coming training.
        swept: `(lr, low, high)` of a sweep, or None.
        effort: Effort; by default the one that a sweep, or none, asks for.
        factors: of the suggestion, the candidates.
        answer: `"settled"`, as `settle` has it; the `"mean"` of the candidates; or the
            `"best"` of them.
        counts_sweep: bool, whether the sweep's interval counts in the mean.

    Returns:
        dict with `lr`, `low`, `high` and `cost`, the steps made.
    """
    ends = recorded.rates[0], recorded.rates[-1]
    center = recorded.nearest(float(np.clip(lr, *ends)))
    effort = effort or (ALONE if swept is None else AFTER_SWEEP)
    steps, all_steps = plan_steps(budget, len(factors), effort)
    try:
        rates = [center * factor for factor in factors]
        found = halve(recorded, rates, steps, effort=effort)
    except SuggestionError:
        return {"lr": None, "low": None, "high": None, "cost": all_steps}
    settled = settle(
        recorded, found, budget_steps=budget, all_steps=all_steps, effort=effort,
        swept=swept if counts_sweep else None,
    )  # fmt: skip
    rates = {"settled": settled.lr, "mean": settled.mean, "best": found.winner}
    rate = rates[answer]
    low, high = (end * rate / settled.lr for end in (settled.low, settled.high))
    return {"lr": rate, "low": low, "high": high, "cost": settled.steps}


@dataclasses.dataclass(frozen=True)
class Center:
    """A rate that a verification may start from.

    Args:
        method: str, whose it is.
        case: task and optimizer.
        number: int, of the sweep.
        rate: float.
        cost: int, steps made for it.
        interval: `(low, high)` of `lr_finder`'s suggestion, else None.
    """

    method: str
    case: Case
    number: int
    rate: float
    cost: int
    interval: tuple[float, float] | None = None

    def replay(self, trials: Mapping[Case, Sequence[Recorded]], **setting) -> dict:
        """What a verification around it would have said."""
        swept = None if self.interval is None else (self.rate, *self.interval)
        recorded, budget = trials[self.case][self.number], TASKS[self.case[0]].budget
        return replay(recorded, self.rate, budget, swept=swept, **setting)


def centers(truths: Truths) -> Iterator[Center]:
    """The rates that a verification may start from.

    If `lr_finder` or a peer finds none in a sweep, it is the optimizer's Keras default.

    Args:
        truths: mapping of (task, optimizer) to Truth.

    Yields:
        Center.
    """
    fixed = best_fixed_rates(truths)
    for (task, optimizer, steps), seeds in load_sweeps().items():
        case = task, optimizer
        if steps != STEPS or case not in truths:
            continue
        usual = DEFAULT_RATES[optimizer]
        for number, group in enumerate(seeds):
            ours = ask_lr_finder(group[:1])
            interval = (ours["low"], ours["high"]) if ours["lr"] else None
            rate = ours["lr"] or usual
            yield Center(DEFAULT, case, number, rate, ours["cost"], interval)
            rate, cost = peers.ask(PEER, group[0])
            yield Center(PEER, case, number, rate or usual, cost)
            for name, rate in zip(NO_SWEEP, (usual, fixed[case]), strict=True):
                yield Center(name, case, number, rate, 0)


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
        (center.method, center, center.replay(trials))
        for center in (centers(truths) if trials else ())
        if center.case in trials
    )
    return _table(found)


def varied(
    truths: Truths, trials: Mapping[Case, Sequence[Recorded]] | None = None
) -> pd.DataFrame:
    """The same of `lr_finder`'s suggestions alone, for each of `SETTINGS`."""
    trials = load_trials() if trials is None else trials
    ours = [one for one in (centers(truths) if trials else ()) if one.method == DEFAULT]
    found = (
        (name, center, center.replay(trials, **setting))
        for name, setting in SETTINGS.items()
        for center in ours
        if center.case in trials
    )
    return _table(found)


def left_out(
    truths: Truths, trials: Mapping[Case, Sequence[Recorded]] | None = None,
    efforts: Sequence[Effort] = tuple(EFFORTS),
) -> tuple[float, dict[str, Effort]]:  # fmt: skip
    """The mean regret if the constants are chosen without the task they are scored on.

    Args:
        truths: mapping of (task, optimizer) to Truth.
        trials: as of `load_trials`, which is the default.
        efforts: sequence of Effort, what is chosen from.

    Returns:
        (mean regret over all centers of `lr_finder`, the Effort chosen for each task).
    """
    trials = load_trials() if trials is None else trials
    ours = [
        one for one in centers(truths)
        if one.method == DEFAULT and one.case in trials
        and truths[one.case].is_learnable
    ]  # fmt: skip
    tasks = np.array([one.case[0] for one in ours])
    regrets = np.array([
        [truths[c.case].regret(c.replay(trials, effort=effort)["lr"]) for c in ours]
        for effort in efforts
    ])  # fmt: skip
    chosen = {
        task: int(regrets[:, tasks != task].mean(axis=1).argmin())
        for task in dict.fromkeys(tasks.tolist())
    }
    scored = [regrets[chosen[task], place] for place, task in enumerate(tasks)]
    return float(np.mean(scored)), {task: efforts[n] for task, n in chosen.items()}


def _table(found: Iterable[tuple[str, Center, dict]]) -> pd.DataFrame:
    rows = []
    for method, center, answer in found:
        task, optimizer = center.case
        place = {"task": task, "optimizer": optimizer, "sweep": center.number}
        steps = center.cost + answer["cost"]
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
