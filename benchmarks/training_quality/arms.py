"""Trainings at the rates of `shipped.csv` by other schedules, many at once.

The vectorized engine trains all arms of a schedule together, from the same weights and
on the same batches as the product did with that seed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality import engine, truth
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES, TASKS
from benchmarks.training_quality.rows import FOLDER, Store, outcome
from lr_finder.analysis.training.drift import Drift, DriftRule
from lr_finder.schedules.named import spanning

COLUMNS = ("best", "last", "evaluations")
STORE = Store(
    FOLDER / "arms.csv",
    ("task", "optimizer", "arm", "seed"),
    ("task", "optimizer", "arm", "seed", "lr", *COLUMNS),
)
GRID = Store(
    FOLDER / "grid.csv",
    ("task", "optimizer", "schedule", "seed"),
    ("task", "optimizer", "schedule", "seed", "lr", *COLUMNS, "fires", "fires_knowing"),
)
ON_GRID = ("constant", "wsd", "one_cycle")
SCHEDULE_FREE = "schedule_free"


@dataclasses.dataclass(frozen=True)
class Arm:
    """A way to train.

    Args:
        name: str, unique.
        rate: str, a column of `shipped.csv`; or `"default"`, Keras' rate.
        factor: float, by which that is multiplied.
        schedule: str, a name of `lr_finder.schedules`, or `SCHEDULE_FREE`.
    """

    name: str
    rate: str
    factor: float
    schedule: str


FACTORS = (1.0, 1.5, 2.0, 3.0)
FINAL = (
    Arm("Keras' default, constant", "default", 1.0, "constant"),
    Arm("found, constant", "suggested", 1.0, "constant"),
    Arm("verified, constant", "verified", 1.0, "constant"),
    Arm("found, wsd", "suggested", 1.0, "wsd"),
    Arm("verified, wsd", "verified", 1.0, "wsd"),
    Arm("best candidate goes on, wsd", "winner", 1.0, "wsd"),
    Arm("verified x 2, one_cycle", "verified", 2.0, "one_cycle"),
    Arm("fastai valley, one_cycle", "valley", 1.0, "one_cycle"),
    Arm("fastai minimum / 10, one_cycle", "tenth", 1.0, "one_cycle"),
)
EXPLORED = tuple(
    Arm(f"{rate} x {factor:g}, {schedule}", column, factor, schedule)
    for rate, column in (("found", "suggested"), ("verified", "verified"))
    for schedule in ("linear", "cosine", "warmup_cosine", "one_cycle", "wsd")
    for factor in FACTORS
)
FREE = Arm("verified, ScheduleFreeAdamW", "verified", 1.0, SCHEDULE_FREE)
ARMS = {arm.name: arm for arm in (*FINAL, *EXPLORED, FREE)}
LONGER = dataclasses.replace(STORE, path=FOLDER / "longer.csv")
FEW = {  # tasks and optimizers on which all arms are tried
    (task, optimizer)
    for task in ("california_dense", "digits_linear", "wine_dropout", "friedman_deep",
                 "digits_autoencoder", "noisy_labels", "messages_embedding",
                 "digits_finetune")
    for optimizer in ("sgd", "momentum", "rmsprop", "adam", "adamw")
}  # fmt: skip


def shape_of(schedule: str, steps: int) -> np.ndarray:
    """What a rate is multiplied by in each step: float array (steps,)."""
    return np.asarray(spanning(schedule, 1.0, steps)(range(steps)))


def run_arms(
    name: str, optimizer: str, arms: tuple[Arm, ...], rates: pd.DataFrame,
    times: int = 1,
) -> Iterator[dict]:  # fmt: skip
    """Train a case by all arms, once for each row of rates.

    Args:
        name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.
        arms: tuple of Arm.
        rates: DataFrame, rows of `shipped.csv` of this case.
        times: int >= 1, how long the training is beside the budget of the task.

    Yields:
        dict with the columns of `STORE`.
    """
    task, seeds = TASKS[name], rates["seed"].tolist()
    task = dataclasses.replace(task, budget=times * task.budget)
    for is_free in (False, True):
        group = [arm for arm in arms if (arm.schedule == SCHEDULE_FREE) == is_free]
        if not group:
            continue
        lrs = np.stack([_rates(arm, rates, optimizer) for arm in group], axis=1)
        if is_free:
            validation = engine.train(task, SCHEDULE_FREE, lrs, seeds)
        else:
            shapes = [shape_of(arm.schedule, task.budget) for arm in group]
            shape = np.stack(shapes)
            validation = engine.train(task, optimizer, lrs, seeds, shape=shape)
        found = outcome(validation)
        for place in np.ndindex(lrs.shape):
            arm, seed = group[place[1]].name, seeds[place[0]]
            yield {
                "task": name, "optimizer": optimizer, "arm": arm, "seed": seed,
                "lr": lrs[place], **{key: part[place] for key, part in found.items()},
            }  # fmt: skip


def _rates(arm: Arm, rates: pd.DataFrame, optimizer: str) -> np.ndarray:
    if arm.rate == "default":
        return np.full(len(rates), DEFAULT_RATES[optimizer])
    return arm.factor * rates[arm.rate].to_numpy(float)


def run_grid(name: str, optimizer: str, schedule: str) -> Iterator[dict]:
    """Train a case at the 19 rates of the grid by a schedule; ask the guard as well.

    Args:
        name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.
        schedule: str, of `ON_GRID`.

    Yields:
        dict with the columns of `GRID`: `fires` is the step in which `DivergenceGuard`
        would go back first, -1 if never; `fires_knowing` the same if it is told the
        loss of a constant guess.
    """
    task = TASKS[name]
    seeds = list(truth.SEEDS) if task.vectorize else list(truth.SEEDS[:1])
    shape = shape_of(schedule, task.budget)
    losses, validation = engine.record(
        task, optimizer, list(truth.RATES), seeds, shape=shape
    )
    found = outcome(validation)
    for place in np.ndindex(losses.shape[:2]):
        curve = losses[place]
        yield {
            "task": name, "optimizer": optimizer, "schedule": schedule,
            "seed": seeds[place[0]], "lr": truth.RATES[place[1]],
            **{key: part[place] for key, part in found.items()},
            "fires": first_drift(curve), 
            "fires_knowing": first_drift(curve, task.base_loss()),
        }  # fmt: skip


def first_drift(losses: np.ndarray, constant_loss: float | None = None) -> int:
    """The step in which a guard would go back first; -1 if it never would.

    Args:
        losses: float array (steps,), of each batch.
        constant_loss: float or None, as of `DivergenceGuard`.

    Returns:
        int.

    Example:
    >>> falling = np.linspace(1.0, 0.1, 100)
    >>> first_drift(falling), first_drift(np.append(falling, np.full(100, 0.9)))
    (-1, 109)
    """
    from lr_finder.training.watching.guard import SHORTEST, STRETCHES

    rule, stretch = DriftRule(constant_loss), max(SHORTEST, len(losses) / STRETCHES)
    taken: list[float] = []
    for step, loss in enumerate(losses.tolist()):
        taken.append(loss)
        if not np.isfinite(loss):
            taken = [loss]
        elif len(taken) < stretch:
            continue
        if rule.judge(taken) is Drift.DRIFTED:
            return step
        taken = []
    return -1


def arms_of(
    case: tuple[str, str], *, explore: bool = False, longer: bool = False
) -> tuple[Arm, ...]:
    """The arms to train a case by.

    Args:
        case: a task and an optimizer.
        explore: bool, all of them, on a few cases; else the final ones.
        longer: bool, the final ones, on six tasks and two optimizers.

    Returns:
        tuple of Arm, empty for a case that is left out.
    """
    few = sorted({task for task, _ in FEW})[:6]
    if explore:
        return EXPLORED if case in FEW else ()
    if longer and (case[0] not in few or case[1] not in ("momentum", "adam")):
        return ()
    return (*FINAL, FREE) if case[1] in ("adam", "adamw") else FINAL


def extend(
    store: Store, rates: pd.DataFrame, cases: list[tuple[str, str]], times: int = 1,
    **which: bool,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Train what a file lacks of the seeds that have rates.

    Args:
        store: Store, `STORE` or `LONGER`.
        rates: DataFrame, the rows of `shipped.csv`.
        cases: pairs of a task and an optimizer.
        times: int, as of `run_arms`.
        which: as of `arms_of`.

    Yields:
        Each case that was trained.
    """
    for task, optimizer in cases:
        here = "task == @task and optimizer == @optimizer"
        rows, known = store.read().query(here), rates.query(here)
        arms = arms_of((task, optimizer), **which)
        groups: dict[tuple[int, ...], list[Arm]] = {}
        for arm in arms:
            done = rows.loc[rows["arm"] == arm.name, "seed"]
            missing = known.loc[~known["seed"].isin(done), "seed"]
            if which.get("explore"):
                missing = missing[: 1 - len(done)]
            if len(missing):
                groups.setdefault(tuple(missing), []).append(arm)
        for seeds, group in groups.items():
            part = known[known["seed"].isin(seeds)]
            store.add(run_arms(task, optimizer, tuple(group), part, times))
        if groups:
            yield task, optimizer
