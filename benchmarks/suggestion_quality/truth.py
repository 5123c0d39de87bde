"""The truth: what each constant rate leads to, one row for each training.

`extend` appends to a CSV file and skips what is there, so it may be killed and started
again; a half-written last line and rows written twice are ignored on reading.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality.tasks import OPTIMIZERS, TASKS, Task

FILE = Path(__file__).with_name("truth.csv")
RATES = tuple(float(f"{10.0 ** (k / 3):.6g}") for k in range(-15, 4))  # 1e-5 to 10
SEEDS = (1, 2, 3)
KEYS = ["task", "optimizer", "seed", "lr"]
COLUMNS = [*KEYS, "best", "last", "evaluations", "base"]


def cases() -> list[tuple[str, str]]:
    """All pairs of a task and an optimizer."""
    return [(task, optimizer) for task in TASKS for optimizer in OPTIMIZERS]


def read_rows(path: Path = FILE) -> pd.DataFrame:
    """The rows of the file that are whole, each training once.

    Args:
        path: Path of a CSV file, which may be missing or cut off.

    Returns:
        DataFrame with `COLUMNS`: `best` and `last` validation loss, how many of the
        evaluations were finite, and `base`, the loss of the best constant prediction.
    """
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    lines = path.read_text().split("\n")[:-1]  # what follows the last newline is torn
    whole = [line for line in lines if line.count(",") == len(COLUMNS) - 1]
    frame = pd.read_csv(io.StringIO("\n".join(whole) + "\n"))
    return frame.drop_duplicates(KEYS, ignore_index=True)


def extend(
    wanted: Iterable[tuple[str, str]], run: Callable[..., np.ndarray],
    path: Path = FILE,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Run the trainings that the file lacks, and append each case once it is done.

    Args:
        wanted: pairs of a task and an optimizer.
        run: callable `(task, optimizer, rates, seeds) -> losses`, as `engine.train`.
        path: Path of the CSV file.

    Yields:
        Each case that was run, after its rows are on disk.
    """
    for name, optimizer in wanted:
        rows = read_rows(path).query("task == @name and optimizer == @optimizer")
        if len(rows) == len(RATES) * len(SEEDS):
            continue
        task = TASKS[name]
        losses = run(task, optimizer, list(RATES), list(SEEDS))
        _append(path, _rows(task, optimizer, losses))
        yield name, optimizer


def _rows(task: Task, optimizer: str, losses: np.ndarray) -> pd.DataFrame:
    """Curves of validation losses (seeds, rates, evaluations) as rows of the file."""
    finite = np.isfinite(losses)
    index = pd.MultiIndex.from_product(
        [[task.name], [optimizer], SEEDS, RATES], names=KEYS
    )
    values = {
        "best": np.where(finite, losses, np.inf).min(-1).ravel(),
        "last": losses[..., -1].ravel(),
        "evaluations": finite.cumprod(-1).sum(-1).ravel(),
        "base": task.base_loss(),
    }
    return pd.DataFrame(values, index=index).reset_index()


def _append(path: Path, rows: pd.DataFrame) -> None:
    """Write the rows by one call, so that two processes may share the file."""
    text = rows.to_csv(index=False, header=False, float_format="%.6g", na_rep="nan")
    with open(path, "a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            text = ",".join(COLUMNS) + "\n" + text
        else:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a line torn by a kill stays alone
                text = "\n" + text
        file.write(text.encode())
        os.fsync(file.fileno())


@dataclasses.dataclass(frozen=True)
class Truth:
    """What the constant rates of one case lead to.

    Args:
        rates: float array (n,), increasing.
        losses: float array (n,), median over seeds of the best validation loss, at
            most `base`.
        base: float, the loss of the best constant prediction: `L_base`.
    """

    rates: np.ndarray
    losses: np.ndarray
    base: float

    @property
    def lowest(self) -> float:
        """The loss at the best rate of the grid: `L_min`."""
        return float(self.losses.min())

    @property
    def best_rate(self) -> float:
        """The best rate of the grid."""
        return float(self.rates[np.argmin(self.losses)])

    @property
    def is_learnable(self) -> bool:
        """Whether any rate beats the best constant prediction by 1 %."""
        return self.lowest < 0.99 * self.base

    def loss(self, rate: float) -> float:
        """The loss at any rate, linear in log10(lr); beyond the grid as at its end."""
        return float(np.interp(np.log10(rate), np.log10(self.rates), self.losses))

    def regret(self, rate: float | None) -> float:
        """How much of what can be learnt is lost, 0 to 1; 1 without a suggestion.

            r = (L(rate) - L_min) / (L_base - L_min)

        Example:
        >>> truth = Truth(np.array([0.1, 1.0]), np.array([1.0, 2.0]), 3.0)
        >>> truth.regret(0.1), truth.regret(1.0), truth.regret(None)
        (0.0, 0.5, 1.0)
        """
        if rate is None or not np.isfinite(rate) or rate <= 0:
            return 1.0
        lost = (self.loss(rate) - self.lowest) / (self.base - self.lowest)
        return float(np.clip(lost, 0, 1))

    def excess(self, rate: float | None) -> float:
        """L(rate) / L_min - 1; that of the constant prediction without a suggestion."""
        there = self.base if rate is None else self.loss(rate)
        return there / self.lowest - 1

    def distance(self, rate: float | None) -> float:
        """Decades between the rate and the best one; nan without a suggestion."""
        if rate is None:
            return float("nan")
        return float(abs(np.log10(rate / self.best_rate)))


def make_truth(rows: pd.DataFrame) -> Truth:
    """The truth of one case from its rows.

    A training that ended in numbers that are not finite, or never beat the best
    constant prediction, counts as that prediction.

    Args:
        rows: DataFrame of `read_rows`, of one case.

    Returns:
        Truth.
    """
    base = float(rows["base"].iloc[0])
    counted = rows["best"].where(np.isfinite(rows["last"]), base).clip(upper=base)
    losses = counted.groupby(rows["lr"]).median()
    return Truth(losses.index.to_numpy(float), losses.to_numpy(float), base)


@functools.cache
def load_truth(path: Path = FILE) -> dict[tuple[str, str], Truth]:
    """The truth of every case that the file holds in full."""
    return {
        key: make_truth(rows)
        for key, rows in read_rows(path).groupby(["task", "optimizer"], sort=False)
        if len(rows) == len(RATES) * len(SEEDS)
    }


def grid_search_regrets(rows: pd.DataFrame) -> tuple[float, float]:
    """Mean regret of a full search over all rates, with one seed a rate.

    What no method can be expected to beat: it spends 19 trainings.

    Args:
        rows: DataFrame of `read_rows`.

    Returns:
        (among, apart): judged by all seeds, its own among them, which flatters it; and
        by the other seeds alone, which are fewer and so noisier.
    """
    among, apart = [], []
    for _, case in rows.groupby(["task", "optimizer"]):
        truth = make_truth(case)
        if truth.is_learnable:
            for seed, own in case.groupby("seed"):
                rate = make_truth(own).best_rate
                among.append(truth.regret(rate))
                apart.append(make_truth(case[case["seed"] != seed]).regret(rate))
    return float(np.mean(among)), float(np.mean(apart))
