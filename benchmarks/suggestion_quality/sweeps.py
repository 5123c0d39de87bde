"""Sweeps of every case, made by `lr_finder.sweep` end to end and stored small.

All are made with `stop=False` and end before the first loss that is not finite: each
pipeline then stops where its own rule would have stopped, which changes nothing in the
losses before. Weights and batches are drawn from other seeds than those of the truth.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality.tasks import TASKS, make_optimizer
from lr_finder._files import write_atomically
from lr_finder.analysis.sweep.stopping import StopReason, find_stop
from lr_finder.results.sweep import Curve

FILE = Path(__file__).with_name("sweeps.npz")
START, END = 1e-7, 10.0
SEEDS = (101, 102, 103)
ORDERS = {200: 1, 100: 2}  # sweeps from the same weights with other batches, by steps
COLUMNS = ["task", "optimizer", "steps", "seed", "order", "per_epoch"]
METADATA = {
    "sgd": {"optimizer": "SGD", "momentum": 0.0},
    "momentum": {"optimizer": "SGD", "momentum": 0.9},
    "rmsprop": {"optimizer": "RMSprop", "momentum": 0.0},
    "adam": {"optimizer": "Adam", "momentum": None},
    "adamw": {"optimizer": "AdamW", "momentum": None},
}


@dataclasses.dataclass(frozen=True, eq=False)
class Sweep:
    """One sweep that went on whatever happened.

    Args:
        lrs: float array (steps,), all rates of the sweep.
        losses: float array (steps,), loss of each batch; nan from where it was no
            longer finite, or no longer recorded.
        per_epoch: int, batches in one pass over the data.
        optimizer: str, of `OPTIMIZERS`.
    """

    lrs: np.ndarray
    losses: np.ndarray
    per_epoch: int
    optimizer: str = ""

    @property
    def metadata(self) -> dict[str, str | float]:
        """What `lr_finder.sweep` would note of the optimizer."""
        return METADATA.get(self.optimizer, {})

    @property
    def finite(self) -> int:
        """How many losses are there."""
        return int(np.isfinite(self.losses).sum())

    @property
    def running_means(self) -> np.ndarray:
        """What a Keras callback reads as `logs["loss"]`: float array (steps,).

        The mean over the batches of the epoch so far; nan as soon as one of them is,
        and in later epochs, as the weights are lost.
        """
        means = np.empty_like(self.losses)
        for first in range(0, len(means), self.per_epoch):
            part = self.losses[first : first + self.per_epoch]
            means[first : first + len(part)] = np.cumsum(part) / np.arange(
                1, len(part) + 1
            )
        return means

    def stopped(self) -> Curve:
        """The curve of `lr_finder.sweep` with `stop=True`."""
        losses = self.losses[: self.finite]
        reason, index = find_stop(losses)
        if reason is not None:
            losses = losses[: index + 1]
        elif self.finite < len(self.losses):
            reason = StopReason.NONFINITE
        else:
            reason = StopReason.COMPLETED
        return Curve(self.lrs[: len(losses)], losses, reason)

    def recorded(self) -> tuple[np.ndarray, np.ndarray]:
        """Rates and losses of `stopped`, and a nan where a loss was not finite."""
        curve = self.stopped()
        if curve.stop_reason != StopReason.NONFINITE:
            return curve.lrs, curve.losses
        return self.lrs[: len(curve) + 1], np.append(curve.losses, np.nan)


def rates(steps: int) -> np.ndarray:
    """The rates of a sweep of so many steps: float array (steps,)."""
    return START * (END / START) ** (np.arange(steps) / (steps - 1))


def sweep_case(task_name: str, optimizer: str) -> list[dict]:
    """All sweeps of one case: the rows of the file.

    Args:
        task_name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.

    Returns:
        list of dict, with `COLUMNS` and the losses.
    """
    import lr_finder

    task = TASKS[task_name]
    x, y = task.load()[:2]
    model = task.build(SEEDS[0])
    model.compile(make_optimizer(optimizer, 1e-3), task.keras_loss())
    keys = {"task": task_name, "optimizer": optimizer}
    keys["per_epoch"] = -(-len(x) // task.batch_size)
    rows = []
    for seed, (steps, orders) in itertools.product(SEEDS, ORDERS.items()):
        drawn = task.build(seed).variables
        for variable, value in zip(model.variables, drawn, strict=True):
            variable.assign(value)
        result = lr_finder.sweep(
            model, x, y, batch_size=task.batch_size, start_lr=START, end_lr=END,
            steps=steps, repeats=orders, seed=seed, stop=False, verbose=0,
        )  # fmt: skip
        for order, curve in enumerate(result.curves):
            place = {"steps": steps, "seed": seed, "order": order}
            rows.append(keys | place | {"losses": curve.losses})
    return rows


def extend(
    wanted: Iterable[tuple[str, str]], path: Path = FILE
) -> Iterator[tuple[str, str]]:
    """Sweep the cases that the file lacks; it is written anew after each.

    Args:
        wanted: pairs of a task and an optimizer.
        path: Path of the NPZ file.

    Yields:
        Each case that was swept.
    """
    rows = read_rows(path)
    there = {(row["task"], row["optimizer"]) for row in rows}
    for case in wanted:
        if case not in there:
            rows += sweep_case(*case)
            write(rows, path)
            yield case


def write(rows: Iterable[dict], path: Path = FILE) -> None:
    """Store the rows, the losses as float32 filled up with nan."""
    rows = list(rows)
    losses = np.full((len(rows), max(ORDERS)), np.nan, "float32")
    for line, row in zip(losses, rows, strict=True):
        line[: len(row["losses"])] = row["losses"]
    columns = {name: np.array([row[name] for row in rows]) for name in COLUMNS}
    write_atomically(
        path, lambda file: np.savez_compressed(file, losses=losses, **columns)
    )


def read_rows(path: Path = FILE) -> list[dict]:
    """What `write` stored; an empty list without a file."""
    if not path.exists():
        return []
    with np.load(path) as arrays:
        frame = pd.DataFrame({name: arrays[name] for name in COLUMNS})
        losses = arrays["losses"]
    rows = frame.to_dict("records")
    for row, line in zip(rows, losses, strict=True):
        row["losses"] = line[np.isfinite(line)]
    return rows


def load_sweeps(path: Path = FILE) -> dict[tuple[str, str, int], list[list[Sweep]]]:
    """The sweeps of each case and length.

    Returns:
        dict of (task, optimizer, steps) to one list for each seed, of the sweeps from
        the same weights.
    """
    found: dict[tuple[str, str, int], dict[int, list[Sweep]]] = {}
    for row in read_rows(path):
        losses = np.full(row["steps"], np.nan)
        losses[: len(row["losses"])] = row["losses"]
        seeds = found.setdefault((row["task"], row["optimizer"], row["steps"]), {})
        sweep = Sweep(rates(row["steps"]), losses, row["per_epoch"], row["optimizer"])
        seeds.setdefault(row["seed"], []).append(sweep)
    return {key: list(seeds.values()) for key, seeds in found.items()}
