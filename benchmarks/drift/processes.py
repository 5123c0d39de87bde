"""Errors of known correlation, with and without a drift of known time and size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder.analysis.drift.error_process import autocorrelated_errors
from lr_finder.experiments.drift.monitors import find_alarms
from lr_finder.experiments.journal import append_row, read_rows

FILE = Path(__file__).parents[1] / "drift_rows" / "monitors.jsonl"
SEEDS = range(20)
COEFFICIENTS = (0.0, 0.5, 0.9)
BEFORE, AFTER = 1000, 5000  # errors before and after deployment
FACTORS = (1.5, 2.0, 3.0)  # by which the mean error rises
WITHIN = 0.1  # of the stream: an alarm so late still counts
PROCESSES = ("absolute", "squared", "shifted")
MONITORS = (
    "default", "adwin", "page_hinkley", "adwin:blocks", "adwin:residuals",
    "page_hinkley:blocks", "kswin",
)  # fmt: skip
SLOW = "kswin"  # a thousand times slower: watched on one process only


def errors_of(
    process: str, coefficient: float, seed: int, factor: float = 1.0
) -> tuple[np.ndarray, np.ndarray, int]:
    """Errors before and after a deployment, and where the drift begins.

    Args:
        process: str: `"absolute"`, the size of an AR(1) process; `"squared"`, its
            square; or `"shifted"`, the process about a mean of one standard deviation,
            whose mean rises while its deviation stays.
        coefficient: float, of the AR(1) process.
        seed: int.
        factor: float, by which the mean error rises; 1 for no drift.

    Returns:
        `(before, after, start)`: arrays, and the first place after the deployment that
        has drifted, between 30 and 70 % of it.
    """
    values = autocorrelated_errors(BEFORE + AFTER, coefficient, seed=1000 + seed)
    start = int(AFTER * np.random.default_rng(seed).uniform(0.3, 0.7))
    has_drifted = np.arange(BEFORE + AFTER) >= BEFORE + start
    if process == "shifted":
        errors = 1 + values + has_drifted * (factor - 1)
    else:
        scale = np.where(has_drifted, factor, 1.0)
        errors = np.abs(values) * scale if process == "absolute" else values**2 * scale
    return errors[:BEFORE], errors[BEFORE:], start


def extend(path: Path = FILE) -> Iterator[tuple[str, str, float]]:
    """Watch the streams that the file lacks, a row for each monitor and process.

    Args:
        path: Path of a file of JSON lines.

    Yields:
        Monitor, process and coefficient of each row that was made.
    """
    there = {
        (row["monitor"], row["process"], row["coefficient"]) for row in read_rows(path)
    }
    for monitor in MONITORS:
        for process in PROCESSES[:1] if monitor == SLOW else PROCESSES:
            for coefficient in COEFFICIENTS:
                if (monitor, process, coefficient) in there:
                    continue
                append_row(path, _row(monitor, process, coefficient))
                yield monitor, process, coefficient


def _row(monitor: str, process: str, coefficient: float) -> dict[str, object]:
    false, delays = [], {str(factor): [] for factor in FACTORS}
    for seed in SEEDS:
        before, after, _ = errors_of(process, coefficient, seed)
        false.append(len(find_alarms(after, before, monitor=monitor, seed=seed)))
        for factor in FACTORS:
            before, after, start = errors_of(process, coefficient, seed, factor)
            alarms = find_alarms(after, before, monitor=monitor, seed=seed)
            later = alarms[alarms >= start]
            delays[str(factor)].append(int(later[0] - start) if len(later) else None)
    return {
        "monitor": monitor, "process": process, "coefficient": coefficient,
        "false_alarms": false, "delays": delays,
    }  # fmt: skip


def monitors_table(process: str, path: Path = FILE) -> pd.DataFrame:
    """False alarms in 5,000 errors, and how many drifts were found in time.

    Args:
        process: str, one of `PROCESSES`.
        path: Path.

    Returns:
        DataFrame, a row for each monitor and coefficient: `false_alarms` (mean), `sd`,
        and for each factor `in_time` (share) and `delay` (median of all; inf if more
        than half were never found).
    """
    rows = []
    for row in read_rows(path):
        if row["process"] != process:
            continue
        told = {"monitor": row["monitor"], "coefficient": row["coefficient"],
                "false_alarms": np.mean(row["false_alarms"]),
                "sd": np.std(row["false_alarms"], ddof=1)}  # fmt: skip
        for factor, delays in row["delays"].items():
            known = np.array([np.inf if d is None else d for d in delays])
            told[f"in_time_{factor}"] = float(np.mean(known <= WITHIN * AFTER))
            told[f"delay_{factor}"] = float(np.median(known))
        rows.append(told)
    return pd.DataFrame(rows)
