"""Searches over the rate alone, replayed: no training is made, every cost is counted.

`lr_finder.experiments.tuning` itself searches; what it would train is read from the
stored truth of `suggestion_quality`, what it would sweep and verify from its stored
sweeps and short trainings. A search sees the trainings of one seed, with their noise;
it is judged by the median of the seeds.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality.replays import Center, centers
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES, OPTIMIZERS, TASKS
from benchmarks.suggestion_quality.trials import Recorded, load_trials
from benchmarks.suggestion_quality.truth import (
    RATES,
    SEEDS,
    Truth,
    load_truth,
    read_rows,
)
from benchmarks.tuning.curves import load_curves
from lr_finder._files import write_atomically
from lr_finder.experiments.tuning.one_search import ANOTHER_SWEEP, OneSearch
from lr_finder.experiments.tuning.search_space import LEARNING_RATE, Space, as_space
from lr_finder.experiments.tuning.studies import (
    GRID,
    HYPERBAND,
    METHODS,
    open_study,
    opened_storage,
)
from lr_finder.experiments.tuning.trial_training import Searched

FILE = Path(__file__).with_name("replays.csv")
REPLAYS = 20  # of each method and task: four for each optimizer
PAID = (1, 2, 5, 10, 20)  # trainings
SPACE: Space = as_space({LEARNING_RATE: (RATES[0], RATES[-1])})  # a million to one
DEFAULT, VERIFIED = "Keras default", "default, verified"
KEYS = ["method", "task", "optimizer", "replay"]
COLUMNS = [*KEYS, *(f"after_{paid}" for paid in PAID)]
Case = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Stored:
    """What is stored of one case.

    Args:
        truth: Truth, the medians over the seeds.
        losses: mapping of seed -> float array (rates,), best validation losses, at most
            that of the best constant prediction.
        ours: sequence of Center, the suggestions of three sweeps.
        usual: sequence of Center, the optimizer's default, to be verified.
        trials: mapping of the case to the recorded short trainings.
        curves: float array (seeds, rates, evaluations), validation losses over the
            training, or None.
    """

    truth: Truth
    losses: Mapping[int, np.ndarray]
    ours: Sequence[Center]
    usual: Sequence[Center]
    trials: Mapping[Case, Sequence[Recorded]]
    curves: np.ndarray | None = None


def load_stored() -> dict[Case, Stored]:
    """All cases in which something can be learnt."""
    truths, trials, rows = load_truth(), load_trials(), read_rows()
    curves = load_curves()
    found: dict[Case, dict[str, list[Center]]] = {}
    for center in centers(truths):
        found.setdefault(center.case, {}).setdefault(center.method, []).append(center)
    stored = {}
    for case, truth in truths.items():
        if not truth.is_learnable or case not in trials:
            continue
        own = rows[(rows["task"] == case[0]) & (rows["optimizer"] == case[1])]
        losses = {
            seed: own[own["seed"] == seed].sort_values("lr")["best"]
            .clip(upper=truth.base).fillna(truth.base).to_numpy()
            for seed in SEEDS
        }  # fmt: skip
        of_case = found[case]
        stored[case] = Stored(
            truth, losses, of_case["lr_finder"], of_case[DEFAULT], trials,
            curves.get(case),
        )  # fmt: skip
    return stored


class ReplayTrainer:
    """Stands for a `Trainer`: reads what it would train.

    Args:
        stored: Stored.
        case: task and optimizer.
        replay: int, which seed and which sweeps are read.
        evaluations: int, after which a training may be given up; 1 without curves.
    """

    def __init__(self, stored: Stored, case: Case, replay: int, evaluations: int = 1):
        self.stored, self.case, self.replay = stored, case, replay
        self.training_steps = TASKS[case[0]].budget
        self.settings = SimpleNamespace(epochs=evaluations, batch_size=32)

    def model_for(self, values: Mapping[str, Any], seed: int) -> None:
        """No model is needed."""

    def search_cost(self, values: Mapping[str, Any], verified: bool) -> float:
        """Nothing: a search is not refused for what it might cost at most."""
        return 0.0

    def search(
        self, model: None, values: Mapping[str, Any], seed: int, verified: bool
    ) -> Searched:
        """One of the three stored sweeps, in turn; and the verification after it."""
        centers = self.stored.ours
        number = (self.replay + seed // ANOTHER_SWEEP) % len(centers)
        return searched(centers[number], self.stored, verified)

    def train(
        self, model: None, values: Mapping[str, Any], seed: int, stop: Any
    ) -> dict[str, Any]:
        """The stored training at a rate, between those of the grid."""
        rate = values[LEARNING_RATE]
        place = self.replay % len(SEEDS)
        status, made = "finished", self.settings.epochs
        if self.stored.curves is None:
            loss = at_rate(rate, self.stored.losses[SEEDS[place]])
            stop(1, loss)
        else:
            curve = [at_rate(rate, each) for each in self.stored.curves[place].T]
            for made, value in enumerate(curve, 1):
                if stop(made, value):
                    break
            status = "finished" if made == len(curve) else "pruned"
            loss = min(curve[:made])
        return {
            "status": status, "loss": loss, "test_loss": math.nan, "best_epoch": made,
            "steps": self.training_steps * made / self.settings.epochs, "seconds": 0.0,
        }  # fmt: skip


def searched(center: Center, stored: Stored, verified: bool) -> Searched:
    """What a sweep said, or the verification of a rate, and what it cost."""
    low, high = center.interval or (center.rate, center.rate)
    if not verified:
        given = SimpleNamespace(lr=center.rate, low=low, high=high)
        return Searched(given, center.cost)
    found = center.replay(stored.trials)
    rate = found["lr"] or center.rate
    given = SimpleNamespace(lr=rate, low=found["low"], high=found["high"])
    return Searched(given, center.cost + found["cost"])


def at_rate(rate: float, losses: np.ndarray) -> float:
    """A loss between those of the grid's rates, linear in log10(lr).

    Example:
    >>> at_rate(1e-5, np.arange(19.0)), at_rate(10.0, np.arange(19.0))
    (0.0, 18.0)
    """
    return float(np.interp(np.log10(rate), np.log10(RATES), losses))


def replay(stored: Stored, case: Case, method: str, number: int) -> list[float]:
    """The regret of a search when each of `PAID` trainings was paid.

    Until a first training has ended, the answer is what a sweep has said if that is
    paid, else the optimizer's default, which costs nothing to take.

    Args:
        stored: Stored.
        case: task and optimizer.
        method: str, one of `METHODS`, `DEFAULT` or `VERIFIED`.
        number: int, of the replay.

    Returns:
        list of float in [0, 1], one for each of `PAID`.
    """
    usual, regret = DEFAULT_RATES[case[1]], stored.truth.regret
    if method == DEFAULT:
        return [regret(usual)] * len(PAID)
    if method == VERIFIED:
        center = stored.usual[number % len(stored.usual)]
        found = searched(center, stored, verified=True)
        steps = TASKS[case[0]].budget
        rates = [
            found.suggestion.lr if found.steps <= p * steps else usual for p in PAID
        ]
        return [regret(rate) for rate in rates]
    if method == GRID:  # laid out anew for each budget
        return [
            _after([paid], _rows(stored, case, method, number, paid), stored, case)[0]
            for paid in PAID
        ]
    rows = _rows(stored, case, method, number, PAID[-1])
    return _after(PAID, rows, stored, case)


def _rows(
    stored: Stored, case: Case, method: str, number: int, budget: float
) -> list[dict[str, Any]]:
    """The trials of a search."""
    evaluations = 1
    if method == HYPERBAND and stored.curves is not None:
        evaluations = stored.curves.shape[-1]
    if method != HYPERBAND:
        stored = dataclasses.replace(stored, curves=None)
    trainer = ReplayTrainer(stored, case, number, evaluations)
    with opened_storage(None) as storage:
        study = open_study(storage, method, number, about={}, epochs=evaluations)
        search = OneSearch(
            trainer, SPACE, study, method=method, seed=number, budget=budget
        )
        return search.run()


def _after(
    paid: Sequence[float], rows: list[dict[str, Any]], stored: Stored, case: Case
) -> list[float]:
    """The regret of the best trial that had ended by the time so much was paid."""
    steps = TASKS[case[0]].budget
    first = rows[0]["search_steps"] if rows else math.inf
    ends = np.cumsum([row["search_steps"] + row["steps"] for row in rows])
    losses = np.array([row["loss"] for row in rows])
    regrets = []
    for each in paid:
        ended = int(np.searchsorted(ends, each * steps * (1 + 1e-9), "right"))
        rate = DEFAULT_RATES[case[1]]
        if ended:
            rate = rows[int(losses[:ended].argmin())][LEARNING_RATE]
        elif 0 < first <= each * steps:  # a sweep has spoken
            rate = rows[0][LEARNING_RATE]
        regrets.append(stored.truth.regret(rate))
    return regrets


def wanted(stored: Mapping[Case, Stored]) -> Iterator[tuple[str, str, str, int]]:
    """Method, task, optimizer and number of all replays; Hyperband's need curves."""
    for task in TASKS:
        own = [name for name in OPTIMIZERS if (task, name) in stored]
        for method in (DEFAULT, VERIFIED, *METHODS):
            for number in range(REPLAYS if own else 0):
                optimizer = own[number % len(own)]
                if method == HYPERBAND and stored[task, optimizer].curves is None:
                    with_curves = [n for n in own if stored[task, n].curves is not None]
                    if not with_curves:
                        continue
                    optimizer = with_curves[number % len(with_curves)]
                yield method, task, optimizer, number


def read_replays(path: Path = FILE) -> pd.DataFrame:
    """The rows of the file; none without it."""
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=COLUMNS)


def extend(stored: Mapping[Case, Stored], path: Path = FILE) -> Iterator[str]:
    """Make the replays that the file lacks; it is written anew after each task.

    Args:
        stored: mapping as of `load_stored`.
        path: Path of the CSV file.

    Yields:
        Each task that was replayed.
    """
    frame = read_replays(path)
    there = set(frame[KEYS].itertuples(index=False, name=None))
    missing = [each for each in wanted(stored) if each not in there]
    for task in dict.fromkeys(each[1] for each in missing):
        rows = [
            (*each, *replay(stored[each[1], each[2]], each[1:3], each[0], each[3]))
            for each in missing
            if each[1] == task
        ]
        new = pd.DataFrame(rows, columns=COLUMNS)
        frame = pd.concat([frame, new], ignore_index=True) if len(frame) else new
        text = frame.to_csv(index=False, float_format="%.4g", lineterminator="\n")
        write_atomically(path, lambda file, text=text: file.write(text.encode()))
        yield task
