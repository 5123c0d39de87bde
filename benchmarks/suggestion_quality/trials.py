"""Short trainings recorded on a fine grid of rates: `halve` is scored on them.

They start from the weights of the stored sweeps, as a verification does, and see
batches in an order that neither sweeps nor truth have seen. So a setting of `halve`
takes seconds to score, not hours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.suggestion_quality.sweeps import SEEDS
from benchmarks.suggestion_quality.tasks import TASKS
from lr_finder._files import write_atomically
from lr_finder.analysis.sweep.stopping import find_stop
from lr_finder.analysis.verification.candidates import Stretch

FILE = Path(__file__).with_name("trials.npz")
RATES = tuple(float(f"{10.0 ** (k / 6):.6g}") for k in range(-30, 7))  # 1e-5 to 10
EVALUATIONS = 8  # of the 20 that the budget has: the first 40 % of it
Case = tuple[str, str]


def extend(wanted: Iterable[Case], run: Callable, path: Path = FILE) -> Iterator[Case]:
    """Train in the cases that the file lacks; it is written anew after each.

    Losses are stored as half floats relative to their first median: 3 digits, and inf
    from 65,000 times that on.

    Args:
        wanted: pairs of a task and an optimizer.
        run: callable `(task, optimizer, rates, seeds, evaluations) -> (losses,
            validation)`, as `engine.record`.
        path: Path of the NPZ file.

    Yields:
        Each case that was trained.
    """
    arrays = _read(path)
    for case in wanted:
        name, optimizer = case
        if _key(case, "losses") in arrays:
            continue
        losses, _ = run(TASKS[name], optimizer, list(RATES), list(SEEDS), EVALUATIONS)
        scale = float(np.median(losses[:, 0, :5])) or 1.0
        with np.errstate(over="ignore"):
            arrays[_key(case, "losses")] = (losses / scale).astype("float16")
        arrays[_key(case, "scale")] = np.float32(scale)
        write_atomically(path, lambda file: np.savez_compressed(file, **arrays))
        yield case


def _key(case: Case, kind: str) -> str:
    return "/".join([*case, kind])


def _read(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        return {}
    with np.load(path) as arrays:
        return dict(arrays)


@functools.cache
def load_trials(path: Path = FILE) -> dict[Case, list[Recorded]]:
    """The trainings of each case, one `Recorded` for each of the sweeps' seeds."""
    arrays = _read(path)
    cases = [tuple(key.split("/")[:2]) for key in arrays if key.endswith("/losses")]
    return {
        case: [
            Recorded(
                np.array(RATES), losses.astype(float) * arrays[_key(case, "scale")]
            )
            for losses in arrays[_key(case, "losses")]
        ]
        for case in cases
    }


class Recorded:
    """A `Trainer` for `halve` that reads from a table what training has led to.

    Args:
        rates: float array (n,), rising.
        losses: float array (n, steps), the training loss of each step.

    Example:
    >>> table = np.array([[4.0, 4.0, 4.0], [4.0, 2.0, 1.0]])
    >>> recorded = Recorded(np.array([0.01, 0.1]), table)
    >>> recorded.run(0.08, 0, 2, is_kept=False).losses
    array([4., 2.])
    """

    def __init__(self, rates: np.ndarray, losses: np.ndarray):
        self.rates, self.losses = rates, losses
        self._ends: dict[int, int] = {}

    def nearest(self, lr: float) -> float:
        """The rate of the table that stands for this one; nan beyond its ends."""
        logs = np.log10(self.rates)
        step = logs[1] - logs[0]
        place = round((np.log10(lr) - logs[0]) / step)
        return float(self.rates[place]) if 0 <= place < len(logs) else float("nan")

    def run(self, lr: float, first: int, last: int, *, is_kept: bool) -> Stretch:
        """The losses of these steps, cut off where the training diverged.

        A rate beyond the table diverges at once. There are no steps past its last.
        """
        if last > self.losses.shape[1]:
            raise ValueError(f"{last} steps wanted of {self.losses.shape[1]}.")
        rate = self.nearest(lr)
        if not np.isfinite(rate):
            return Stretch(np.array([np.nan]), has_diverged=True)
        row = int(np.flatnonzero(self.rates == rate)[0])
        end = self._end(row)
        losses = self.losses[row, first : min(last, end)]
        return Stretch(losses, has_diverged=end <= last)

    def drop(self, lr: float) -> None:
        """Nothing is kept that could be forgotten."""

    def _end(self, row: int) -> int:
        """The step after which a training diverged, as a verification would see it."""
        if row not in self._ends:
            reason, index = find_stop(self.losses[row])
            never = self.losses.shape[1] + 1
            self._ends[row] = index + 1 if reason is not None else never
        return self._ends[row]
