"""What is known of one training when it is over: a row, and a row for each epoch."""

from __future__ import annotations

import math
from typing import Any

from lr_finder.results.comparison_runs import RUN_TYPES

FINISHED = "finished"
DIVERGED = "diverged"  # a loss was not finite; scored where weights were kept
NO_RATE = "no_rate"  # no rate could be read from the sweep
FAILED = "failed"  # an exception
DIED = "died"  # its process ended, again and again
FINAL = (FINISHED, DIVERGED, NO_RATE)  # others are tried again when asked for again

# Columns of a run that each of its epochs repeats.
SHARED = ("model", "optimizer", "rate", "batch_size", "initializer", "seed", "status")
_MISSING: dict[str, Any] = {"REAL": math.nan, "TEXT": "", "INTEGER": None}


class RunRecord:
    """One training: a row of `RUN_TYPES`, and rows of `EPOCH_TYPES`.

    Args:
        values: dict, of some columns; the others are nan, None or "".
        epochs: sequence of dict, one for each epoch.

    Example:
    >>> record = RunRecord({"key": "a1", "status": FINISHED, "epochs_run": 0})
    >>> record.values["status"], record.values["message"], record.epochs
    ('finished', '', [])
    """

    def __init__(self, values: dict[str, Any], epochs: Any = ()):
        missing = {name: _MISSING[kind] for name, kind in RUN_TYPES.items()}
        counted = {"epochs_run": len(epochs), "seconds": 0.0, "search_seconds": 0.0}
        self.values = missing | counted | values
        self.epochs = list(epochs)

    @property
    def key(self) -> str:
        """What tells the run from others."""
        return self.values["key"]
