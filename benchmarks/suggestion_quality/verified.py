"""`lr_finder.sweep`, `suggest` and `verify` for real: one row for each case."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality.methods import DEFAULT, STEPS
from benchmarks.suggestion_quality.sweeps import SEEDS
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES, TASKS, make_optimizer
from benchmarks.suggestion_quality.truth import Truth
from lr_finder._files import write_atomically
from lr_finder.analysis.verification.effort import effort_for, plan_steps
from lr_finder.errors import SuggestionError

FILE = Path(__file__).with_name("verified.csv")
KEYS = ["task", "optimizer", "seed"]
COLUMNS = [*KEYS, "suggested", "suggested_low", "suggested_high", "lr", "low", "high",
           "sweep_steps", "steps"]  # fmt: skip


def verify_case(task_name: str, optimizer: str, seed: int) -> dict:
    """Sweep, suggest and verify one case by `lr_finder` itself.

    Where the sweep gives no suggestion, the optimizer's Keras default is verified.

    Args:
        task_name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.
        seed: int, of `sweeps.SEEDS`: decides weights and batches.

    Returns:
        dict with `COLUMNS`, a row of the file.
    """
    import lr_finder

    task = TASKS[task_name]
    x, y = task.load()[:2]
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, 1e-3), task.keras_loss())
    settings = {"batch_size": task.batch_size, "verbose": 0}
    swept = lr_finder.sweep(model, x, y, steps=STEPS, seed=seed, **settings)
    row = dict(zip(KEYS, (task_name, optimizer, seed), strict=True))
    given = DEFAULT_RATES[optimizer]
    try:
        given = swept.suggest()
        row |= {"suggested": given.lr, "suggested_low": given.low,
                "suggested_high": given.high}  # fmt: skip
    except SuggestionError:
        pass
    steps = len(swept.lrs)
    row |= {"sweep_steps": steps}
    try:
        found = lr_finder.verify(
            model, x, y, given, budget_steps=task.budget, seed=seed + 1000, **settings
        )
        row |= {"lr": found.lr, "low": found.low, "high": found.high}
        steps += found.steps
    except SuggestionError:  # every candidate diverged
        effort = effort_for(task.budget, is_swept=not isinstance(given, float))
        steps += plan_steps(task.budget, effort=effort)[0]
    return row | {"steps": steps}


def read_rows(path: Path = FILE) -> pd.DataFrame:
    """The rows of the file; none without it."""
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(path)


def extend(
    wanted: Iterable[tuple[str, str]], seeds: Iterable[int] = SEEDS[:1],
    path: Path = FILE, run: Callable[[str, str, int], dict] = verify_case,
) -> Iterator[tuple[str, str, int]]:  # fmt: skip
    """Verify in the cases that the file lacks; it is written anew after each.

    Args:
        wanted: pairs of a task and an optimizer.
        seeds: of the sweeps.
        path: Path of the CSV file.
        run: callable as `verify_case`.

    Yields:
        Each case and seed that was run.
    """
    rows = read_rows(path).to_dict("records")
    there = {tuple(row[key] for key in KEYS) for row in rows}
    for seed, (task, optimizer) in itertools.product(seeds, wanted):
        if (task, optimizer, seed) not in there:
            rows.append(run(task, optimizer, seed))
            text = pd.DataFrame(rows, columns=COLUMNS).to_csv(
                index=False, float_format="%.6g", lineterminator="\n"
            )
            write_atomically(path, lambda file, text=text: file.write(text.encode()))
            yield task, optimizer, seed


def answers(truths: Mapping[tuple[str, str], Truth], path: Path = FILE) -> pd.DataFrame:
    """The rows of the file as of `methods.answers`: what was suggested, and verified.

    Args:
        truths: mapping of (task, optimizer) to Truth.
        path: Path of the CSV file.

    Returns:
        DataFrame with `share`, too: the cost over the budget.
    """
    rows = read_rows(path)
    known = [key in truths for key in rows[KEYS[:2]].itertuples(index=False, name=None)]
    rows = rows[np.array(known, bool)].rename(columns={"seed": "sweep"})
    budgets = rows["task"].map({name: task.budget for name, task in TASKS.items()})
    swept = rows.assign(
        method=DEFAULT, lr=rows["suggested"], low=rows["suggested_low"],
        high=rows["suggested_high"], cost=rows["sweep_steps"],
    )  # fmt: skip
    verified = rows.assign(method=f"{DEFAULT}, verified", cost=rows["steps"])
    both = [part.assign(share=part["cost"] / budgets) for part in (swept, verified)]
    return pd.concat(both, ignore_index=True).assign(steps=STEPS)
