"""The trainings: every schedule at several peaks, over three budgets, with five seeds.

`extend` trains what the file lacks, and writes it whole after each case, so it may be
killed and started again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.schedule_gain.arms import ARMS, AVERAGED, average_of, shape_of
from benchmarks.suggestion_quality.engine import EVALUATIONS
from benchmarks.suggestion_quality.tasks import TASKS, Task
from benchmarks.suggestion_quality.truth import load_truth
from lr_finder._files import write_atomically

FILE = Path(__file__).with_name("rows.csv")
NAMES = ("digits_linear", "california_dense", "friedman_deep", "wine_dropout",
         "noisy_labels", "digits_autoencoder")  # fmt: skip
OPTIMIZERS = ("adam", "momentum")
# Budget, as a multiple of the task's own -> how far the peaks reach below and above the
# best constant rate of `truth`, in rates of its grid: the shorter, the higher.
BUDGETS = {0.25: (-2, 5), 1.0: (-3, 4), 4.0: (-3, 2)}
SEEDS = (1, 2, 3, 4, 5)
KEYS = ["task", "optimizer", "budget", "schedule", "seed", "lr"]
# Column -> after which of the evaluations; `best` is the lowest of all.
AFTER = {"quarter": 5, "half": 10, "three_quarters": 15, "last": EVALUATIONS}
COLUMNS = [*KEYS, *AFTER, "best"]


class Case(NamedTuple):
    """A task, an optimizer, and a budget as a multiple of the task's own."""

    task: str
    optimizer: str
    budget: float


def cases() -> list[Case]:
    """All of them, the short trainings first."""
    return [Case(t, o, b) for b in BUDGETS for t in NAMES for o in OPTIMIZERS]


def task_of(case: Case) -> Task:
    """The task with the budget of this case, in whole steps between evaluations."""
    task = TASKS[case.task]
    between = round(task.budget * case.budget / EVALUATIONS)
    return dataclasses.replace(task, budget=EVALUATIONS * between)


def rates_of(case: Case) -> list[float]:
    """The peaks that every schedule is tried at: a grid of three rates a decade.

    Args:
        case: Case.

    Returns:
        list of float, rising, around the best constant rate of `truth`.

    Example:
    >>> rates_of(Case("friedman_deep", "momentum", 1.0))[:4]
    [0.001, 0.00215, 0.00464, 0.01]
    """
    best = load_truth()[case.task, case.optimizer].best_rate
    middle, (low, high) = round(3 * np.log10(best)), BUDGETS[case.budget]
    powers = range(middle + low, middle + high + 1)
    return [float(f"{10.0 ** (power / 3):.3g}") for power in powers]


def read_rows(path: Path = FILE) -> pd.DataFrame:
    """The rows of the file; none without it."""
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(path)


def extend(
    wanted: Iterable[Case], run: Callable[..., np.ndarray], path: Path = FILE
) -> Iterator[Case]:
    """Train the cases that the file lacks.

    Args:
        wanted: cases.
        run: callable `(task, optimizer, rates, seeds, shape=, average=) -> losses`, as
            `engine.train`.
        path: Path of the CSV file.

    Yields:
        Each case that was trained, after its rows are on disk.
    """
    rows = read_rows(path)
    there = set(rows[KEYS[:3]].itertuples(index=False, name=None))
    for case in wanted:
        if tuple(case) in there:
            continue
        known = [rows] if len(rows) else []
        rows = pd.concat([*known, _train(case, run)], ignore_index=True)
        text = rows.to_csv(index=False, float_format="%.4g", lineterminator="\n")
        write_atomically(path, lambda file, text=text: file.write(text.encode()))
        yield case


def _train(case: Case, run: Callable[..., np.ndarray]) -> pd.DataFrame:
    """The rows of a case: the schedules in one program, the averaged weights apart."""
    task, rates = task_of(case), rates_of(case)
    together = [arm for arm in ARMS if arm != AVERAGED]
    shapes = np.stack([shape_of(arm, task.budget) for arm in together])
    shapes = np.repeat(shapes, len(rates), axis=0)
    seeds, all_rates = list(SEEDS), rates * len(together)
    losses = run(task, case.optimizer, all_rates, seeds, shape=shapes, average=None)
    average = average_of(AVERAGED, task.budget)
    averaged = run(task, case.optimizer, rates, seeds, shape=None, average=average)
    losses = np.concatenate([losses, averaged], axis=1)
    return _rows(case, [*together, AVERAGED], rates, losses)


def _rows(
    case: Case, arms: list[str], rates: list[float], losses: np.ndarray
) -> pd.DataFrame:
    """Validation losses (seeds, arms x rates, evaluations) as rows of the file."""
    lost = ~np.isfinite(losses).cumprod(-1).astype(bool)
    losses = np.where(lost, np.inf, losses).reshape(-1, losses.shape[-1])
    index = pd.MultiIndex.from_product(
        [SEEDS, arms, rates], names=KEYS[4:2:-1] + ["lr"]
    )
    values = {name: losses[:, after - 1] for name, after in AFTER.items()}
    frame = pd.DataFrame(values | {"best": losses.min(-1)}, index=index).reset_index()
    return frame.assign(**case._asdict())[COLUMNS]
