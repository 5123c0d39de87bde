"""Rows of trainings in CSV files that grow case by case, so a run may be killed."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder._files import write_atomically

FOLDER = Path(__file__).parent
SEEDS = (201, 202, 203, 204, 205)  # of weights and batches: unlike truth's and sweeps'
Case = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Store:
    """A CSV file with one row for each key, written anew after each case.

    Args:
        path: Path.
        keys: names of the columns that tell rows apart.
        columns: names of all columns.
    """

    path: Path
    keys: tuple[str, ...]
    columns: tuple[str, ...]

    def read(self) -> pd.DataFrame:
        """The rows; none without the file."""
        if not self.path.exists():
            return pd.DataFrame(columns=list(self.columns))
        return pd.read_csv(self.path)

    def add(self, rows: Iterable[dict]) -> None:
        """Write the file anew, with these rows at its end."""
        frame = pd.DataFrame(
            [*self.read().to_dict("records"), *rows], columns=list(self.columns)
        )
        text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        write_atomically(self.path, lambda file: file.write(text.encode()))

    def extend(
        self, wanted: Iterable[tuple], run: Callable[..., Iterable[dict]]
    ) -> Iterator[tuple]:
        """Run what the file lacks, and write after each.

        Args:
            wanted: tuples, the first of `keys` of the rows that `run` gives.
            run: callable of those, giving rows.

        Yields:
            Each tuple that was run.
        """
        for place in wanted:
            keys = list(self.keys[: len(place)])
            there = set(self.read()[keys].itertuples(index=False, name=None))
            if place not in there:
                self.add(run(*place))
                yield place


def case_seeds(
    cases: Iterable[Case], seeds: Iterable[int] = SEEDS
) -> Iterator[tuple[str, str, int]]:
    """Every case with the first seed, then with the second, and so on."""
    for seed, (task, optimizer) in itertools.product(seeds, cases):
        yield task, optimizer, seed


def outcome(validation: np.ndarray) -> dict[str, np.ndarray]:
    """What curves of validation losses come to.

    Args:
        validation: float array (…, evaluations).

    Returns:
        dict of float arrays (…): `best`, the lowest finite loss, inf without one;
        `last`; and `evaluations`, how many were finite before the first that was not.
    """
    finite = np.isfinite(validation)
    return {
        "best": np.where(finite, validation, np.inf).min(-1),
        "last": validation[..., -1],
        "evaluations": finite.cumprod(-1).sum(-1),
    }
