"""What the product does: sweep, verify, then `train_optimized`; one row for each run.

Its rates are those that the arms of `arms` train at, with the same seeds.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from benchmarks.suggestion_quality import peers
from benchmarks.suggestion_quality.engine import EVALUATIONS, batch_order
from benchmarks.suggestion_quality.sweeps import END, START, Sweep, rates
from benchmarks.suggestion_quality.tasks import (
    DEFAULT_RATES,
    TASKS,
    Task,
    make_optimizer,
)
from benchmarks.training_quality.rows import FOLDER, Store, outcome
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.analysis.verification.effort import plan_steps
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import SweepResult

STEPS = 200  # of a sweep
STORE = Store(
    FOLDER / "shipped.csv",
    ("task", "optimizer", "seed"),
    ("task", "optimizer", "seed", "suggested", "valley", "tenth", "verified", "winner",
     "sweep_steps", "verify_steps", "best", "last", "evaluations", "cuts"),
)  # fmt: skip
VALLEY, TENTH = "fastai valley", "fastai minimum / 10"


def run(name: str, optimizer: str, seed: int) -> list[dict]:
    """Sweep, ask the peers about the same curve, verify, train.

    If a sweep gives no suggestion, the optimizer's Keras default takes its place; if
    every candidate diverges, a tenth of the suggestion.

    Args:
        name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.
        seed: int, decides weights and batches.

    Returns:
        list of one row of `STORE`.
    """
    task = TASKS[name]
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, 1e-3), task.keras_loss())
    sweep = _sweep(task, model, optimizer, seed)
    curve = sweep.stopped()
    row = {"task": name, "optimizer": optimizer, "seed": seed}
    row |= _found_by_peers(sweep) | {"sweep_steps": len(curve)}
    given: Any = DEFAULT_RATES[optimizer]
    with contextlib.suppress(SuggestionError):
        given = suggest(SweepResult([curve], sweep.metadata))
    row |= _verified(task, model, given, seed)
    return [row | train(task, model, row["verified"], seed)]


def _verified(task: Task, model, given: Any, seed: int) -> dict[str, float]:
    """The suggestion, and what short trainings make of it."""
    import lr_finder

    x, y = task.load()[:2]
    rate = float(getattr(given, "lr", given))
    settings = {"batch_size": task.batch_size, "budget_steps": task.budget}
    try:
        found = lr_finder.verify(model, x, y, given, seed=seed, **settings)
    except SuggestionError:
        lowest = rate / 10
        steps = plan_steps(task.budget)[0]
        return {"suggested": rate, "verified": lowest, "winner": lowest,
                "verify_steps": steps}  # fmt: skip
    return {"suggested": rate, "verified": found.lr, "winner": found.winner,
            "verify_steps": found.steps}  # fmt: skip


def train(task: Task, model, rate: float, seed: int, **options) -> dict:
    """`train_optimized` for the budget of a task, judged twenty times on its way.

    Args:
        task: Task.
        model: keras.Model, compiled.
        rate: float.
        seed: int, of the batches.
        options: further arguments of `train_optimized`.

    Returns:
        dict with `best`, `last`, `evaluations` and `cuts`.
    """
    from lr_finder import DivergenceGuard, LearningRateOptimizer

    parts = task.load()
    batches = _batches(task, seed)
    judged = (parts.x_validation, parts.y_validation)
    search = LearningRateOptimizer(model, batches, judged, batch_size=256, seed=seed)
    guard = DivergenceGuard(task.base_loss(), verbose=0)
    _, history = search.train_optimized(
        rate, epochs=EVALUATIONS, verbose=0, guard=guard, **options
    )
    losses = np.array(history.history["val_loss"])
    found = {key: float(value) for key, value in outcome(losses).items()}
    return found | {"cuts": len(guard.cuts)}


def _batches(task: Task, seed: int):
    """The batches of a training, a twentieth of the budget to an epoch."""
    import keras

    order = batch_order(task, seed)
    per_epoch = task.budget // EVALUATIONS
    x, y = task.load()[:2]

    class Batches(keras.utils.PyDataset):
        epoch = 0

        def __len__(self) -> int:
            return per_epoch

        def __getitem__(self, index: int):
            rows = order[(self.epoch * per_epoch + index) % len(order)]
            return x[rows], y[rows]

        def on_epoch_end(self) -> None:
            self.epoch += 1

    return Batches()


def _sweep(task: Task, model, optimizer: str, seed: int) -> Sweep:
    """One sweep to the end, whatever happens, as the peers need it."""
    import lr_finder

    x, y = task.load()[:2]
    swept = lr_finder.sweep(
        model, x, y, batch_size=task.batch_size, start_lr=START, end_lr=END,
        steps=STEPS, stop=False, seed=seed, verbose=0,
    )  # fmt: skip
    losses = np.full(STEPS, np.nan)
    losses[: len(swept.losses)] = swept.losses
    return Sweep(rates(STEPS), losses, -(-len(x) // task.batch_size), optimizer)


def _found_by_peers(sweep: Sweep) -> dict[str, float]:
    """The two rates of fastai for the same curve; Keras' default if it finds none."""
    usual = DEFAULT_RATES[sweep.optimizer]
    asked = {"valley": peers.ask(VALLEY, sweep), "tenth": peers.ask(TENTH, sweep)}
    return {name: float(rate or usual) for name, (rate, _) in asked.items()}
