"""Rows drawn at random: which are kept, which train and which validate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from lr_finder.data.dataset import Task
from lr_finder.data.request import Request

FLOAT32_BYTES = 4
MEMORY_BUDGET = 2**30  # bytes of decoded data, beyond which a sample is kept


def draw_rows(
    n: int, request: Request, rows: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """At most `limit` row numbers, drawn at random, in their order.

    Args:
        n: int, rows there are.
        request: Request, of which `limit` and `seed` count.
        rows: str, what a row is, for the note.

    Returns:
        `(kept, notes)`: int array of row numbers, and a note where some are left out.

    Example:
    >>> kept, notes = draw_rows(1000, Request("a.csv", limit=3), "rows")
    >>> len(kept), notes
    (3, ('3 of 1,000 rows, drawn at random (seed 0)',))
    """
    if request.limit is None or request.limit >= n:
        return np.arange(n), ()
    rng = np.random.default_rng(request.seed)
    kept = np.sort(rng.choice(n, request.limit, replace=False))
    what = f"{request.limit:,} of {n:,} {rows}"
    return kept, (f"{what}, drawn at random (seed {request.seed})",)


def split_rows(
    answers: pd.Series, task: Task, validation_fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to train on and to validate with, each in the file's order.

    Args:
        answers: Series, the target of every row.
        task: "classification" draws classes in equal shares if that is possible.
        validation_fraction: float in (0, 1).
        seed: int, of the draw.

    Returns:
        `(train, validation)`, int arrays that together hold every row once.

    Example:
    >>> train, validation = split_rows(pd.Series([0, 1] * 5), "classification", 0.2, 0)
    >>> len(train), len(validation)
    (8, 2)
    """
    n = len(answers)
    n_validation = min(max(round(validation_fraction * n), 1), n - 1)
    always_train = np.zeros(n, dtype=bool)
    strata = None
    if task == "classification":
        always_train = (answers.map(answers.value_counts()) == 1).to_numpy()
        strata = answers[~always_train].to_numpy()
        n_free, n_strata = len(strata), len(np.unique(strata))
        n_validation = min(n_validation, n_free - 1)
        if not n_strata <= n_validation <= n_free - n_strata:
            strata = None
    rows = np.arange(n)
    train, validation = train_test_split(
        rows[~always_train], test_size=n_validation, random_state=seed, stratify=strata
    )
    return np.sort(np.append(train, rows[always_train])), np.sort(validation)
