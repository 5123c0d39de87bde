"""The stored rows as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.drift.policies import FILE, policies_table
from benchmarks.drift.processes import FACTORS, PROCESSES, SEEDS, monitors_table
from lr_finder.experiments.journal import read_rows

NAMES = {
    "absolute": "the size of an AR(1) process",
    "squared": "its square",
    "shifted": "a process whose mean rises and whose deviation stays",
}


def lines() -> Iterator[str]:
    """The tables, a line at a time.

    Yields:
        str.
    """
    for process in PROCESSES:
        yield from _monitors(process)
    yield from _policies()
    yield from _sentences()


def _monitors(process: str) -> Iterator[str]:
    table = monitors_table(process)
    if table.empty:
        return
    yield (
        f"\nErrors: {NAMES[process]}; {len(SEEDS)} seeds. False alarms per 5,000 (sd); "
        "drifts found within 500, and median delay, by the factor of the mean error"
    )
    head = "".join(f"{f'x {factor:g}':>16}" for factor in FACTORS)
    yield f"{'monitor':<22}{'AR':>5}{'false alarms':>16}{head}"
    for row in table.to_dict("records"):
        cells = "".join(
            f"{row[f'in_time_{f}']:>8.0%} {_rows(row[f'delay_{f}']):>7}"
            for f in FACTORS
        )
        false = f"{row['false_alarms']:.2f} ({row['sd']:.2f})"
        yield f"{row['monitor']:<22}{row['coefficient']:>5}{false:>16}{cells}"


def _policies() -> Iterator[str]:
    table = policies_table()
    if table.empty:
        return
    yield (
        "\nDeployments: error after the change, delay of the first alarm, false "
        "alarms, trainings, what they cost in first trainings, rows until the error is "
        "back"
    )
    yield (
        f"{'stream':<8}{'policy':<34}{'n':>3}{'error (sd)':>18}{'delay':>14}"
        f"{'false':>7}{'trainings':>11}{'paid':>7}  recovery"
    )
    for (stream, policy), row in table.iterrows():
        error = f"{row['error_after']:.4g} ({row['error_after_sd']:.2g})"
        delay = f"{_rows(row['delay'])} ({_rows(row['delay_sd'])})"
        back = "never"
        if row["recovered"]:
            back = f"{_rows(row['recovery'])}, {row['recovered']:.0f} of {row['n']:.0f}"
        false = "-" if np.isnan(row["false_alarms"]) else f"{row['false_alarms']:.1f}"
        yield (
            f"{stream:<8}{policy:<34}{row['n']:>3.0f}{error:>18}{delay:>14}{false:>7}"
            f"{row['trainings']:>11.1f}{row['paid']:>7.2f}  {back}"
        )


def _sentences() -> Iterator[str]:
    """What the first seed says of each stream."""
    for row in read_rows(FILE):
        if row["seed"] == 0:
            yield f"\n{row['stream']}, seed 0:"
            yield from (f"  {text}" for text in row["sentences"][:2])


def _rows(value: float) -> str:
    return "-" if not np.isfinite(value) else f"{value:.0f}"
