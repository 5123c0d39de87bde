"""One search: a method and a seed, trial after trial until the budget is paid."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import optuna

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.records import NO_RATE
from lr_finder.experiments.tuning.search_space import (
    BATCH_SIZE,
    LEARNING_RATE,
    Choice,
    Range,
    Space,
)
from lr_finder.experiments.tuning.studies import (
    GRID,
    HYPERBAND,
    NARROWED,
    ROW,
    SWEEP,
    SWEPT,
    Trials,
    sampler_for,
    trials_of,
)
from lr_finder.experiments.tuning.trial_training import Searched, Trainer
from lr_finder.results.tuning.tuning import PRUNED
from lr_finder.results.tuning.tuning_text import shown_paid

ANOTHER_SWEEP = 1_000_003  # between the seeds of a search's sweeps: each another draw


@dataclasses.dataclass(frozen=True)
class TuningProgress:
    """How far a tuning is.

    Args:
        method: str, of the search that goes on.
        seed: int, of it.
        trials: list of dict, its rows so far, as `Tuning.trials` has them.
        paid: float, trainings that it has paid.
        budget: float, those that it may pay.
        values: mapping, of the trial that goes on; empty between two.
        epoch: int, epochs that it has made.
        epochs: int, those of a whole training.
        is_new: bool, whether the last row has just been made.
    """

    method: str
    seed: int
    trials: Trials
    paid: float
    budget: float
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    epoch: int = 0
    epochs: int = 0
    is_new: bool = False


Watch = Callable[[TuningProgress], object]


class OneSearch:
    """A search of one method with one seed.

    Args:
        trainer: Trainer.
        space: Space.
        study: optuna.Study of `open_study`.
        method: str, one of `METHODS`.
        seed: int.
        budget: float >= 1, trainings.
        watch: callable, given a `TuningProgress`; or None.
    """

    def __init__(
        self, trainer: Trainer, space: Space, study: optuna.Study, *, method: str,
        seed: int, budget: float, watch: Watch | None = None,
    ):  # fmt: skip
        self._trainer, self._whole, self._study = trainer, space, study
        self._method, self._seed, self._budget = method, seed, budget
        self._watch = watch or (lambda progress: None)
        self._space, self._swept_steps = space, 0.0
        self._rows = trials_of(study)

    def run(self) -> Trials:
        """Make the trials that the budget pays for, and that are not there yet.

        Returns:
            list of dict, the rows of all.

        Raises:
            InputError: If the budget does not pay for a sweep and one training.
        """
        self._check_budget()
        if self._method == NARROWED:
            self._narrow()
        self._tell()
        while self._pays_for_another():
            self._study.sampler = sampler_for(
                self._method, self._space, self._seed, len(self._rows), self._budget
            )
            self._study.optimize(self._trial, n_trials=1)
            self._rows = trials_of(self._study)
            self._tell(is_new=True)
        return self._rows

    @property
    def _paid_steps(self) -> float:
        swept = 0.0 if self._rows else self._swept_steps
        return swept + sum(row["steps"] + row["search_steps"] for row in self._rows)

    def _pays_for_another(self) -> bool:
        if self._method == GRID:
            sizes = map(len, self._space.grid(self._budget).values())
            if len(self._rows) >= math.prod(sizes):
                return False
        steps = self._trainer.training_steps
        needed = steps + self._search_cost() * (self._method == SWEEP)
        return self._paid_steps + needed <= self._budget * steps * (1 + 1e-9)

    def _search_cost(self) -> float:
        """What a sweep, and the short trainings after it, cost at most."""
        if self._method not in (SWEEP, NARROWED):
            return 0.0
        return self._trainer.search_cost(self._first(), self._method == SWEEP)

    def _check_budget(self) -> None:
        needed = 1 + self._search_cost() / self._trainer.training_steps
        if needed > self._budget and not self._rows:
            raise InputError(
                f"Argument `budget` must pay for a sweep and one training with method="
                f"{self._method!r}: {math.ceil(10 * needed) / 10:g} trainings of "
                f"{self._trainer.training_steps} steps. Received: budget="
                f"{shown_paid(self._budget)}. Give more, or train for more epochs."
            )

    def _first(self) -> dict[str, Any]:
        """Values for a sweep before all trials: the usual ones, or the middle."""
        usual = {BATCH_SIZE: self._trainer.settings.batch_size}
        first = {}
        for name in (*self._whole.own, BATCH_SIZE):
            if name in self._whole.dimensions:
                one = self._whole.dimensions[name]
                is_there = isinstance(one, Choice) and usual.get(name) in one.values
                first[name] = usual[name] if is_there else one.middle
        return first

    def _narrow(self) -> None:
        """Sweep once, and search within the interval, the suggestion first."""
        swept = self._study.user_attrs.get(SWEPT)
        if swept is None:
            model = self._trainer.model_for(self._first(), self._seed)
            found = self._trainer.search(model, self._first(), self._seed, False)
            swept = _as_json(found)
            self._study.set_user_attr(SWEPT, swept)
        self._swept_steps = swept["steps"]
        if swept["lr"] is None:
            return
        self._space = self._whole.narrowed(swept["low"], swept["high"])
        rate = self._space.dimensions[LEARNING_RATE]
        if not isinstance(rate, Range):  # `checked_methods` saw to it
            return
        first = float(np.clip(swept["lr"], rate.low, rate.high))
        if not self._study.trials:
            self._study.enqueue_trial({LEARNING_RATE: first})

    def _trial(self, trial: optuna.Trial) -> float:
        """Train with the values of a trial; Optuna calls it."""
        names = list(self._space.dimensions)
        if self._method == SWEEP:
            names.remove(LEARNING_RATE)
        values = self._space.ask(trial, names)
        self._tell(values)
        model = self._trainer.model_for(values, self._seed)
        row = self._swept(values, model)
        if row.get("status") != NO_RATE:
            made = (
                {LEARNING_RATE: row["learning_rate"]} if self._method == SWEEP else {}
            )
            values = values | made
            row |= self._trainer.train(
                model, values, self._seed, self._stopping(trial, values)
            )
        place = {"method": self._method, "seed": self._seed, "trial": len(self._rows)}
        trial.set_user_attr(ROW, place | values | row)
        if row["status"] == PRUNED:
            raise optuna.TrialPruned
        return row["loss"]

    def _swept(self, values: Mapping[str, Any], model: keras.Model) -> dict[str, Any]:
        """What a sweep before the training found and cost."""
        if self._method != SWEEP:
            first = self._study.user_attrs.get(SWEPT) if not self._rows else None
            if first is None:
                return {"search_steps": 0.0, "message": ""}
            return {
                "search_steps": first["steps"], "low": first["low"],
                "high": first["high"], "message": first["message"],
            }  # fmt: skip
        seed = self._seed + ANOTHER_SWEEP * len(self._rows)
        found = _as_json(self._trainer.search(model, values, seed, True))
        row = {
            "learning_rate": found["lr"], "low": found["low"], "high": found["high"],
            "search_steps": found["steps"], "message": found["message"],
        }  # fmt: skip
        if found["lr"] is None:
            row |= {"status": NO_RATE, "loss": math.inf, "steps": 0.0, "seconds": 0.0}
            row |= {"learning_rate": math.nan, "low": math.nan, "high": math.nan}
        return row

    def _stopping(
        self, trial: optuna.Trial, values: Mapping[str, Any]
    ) -> Callable[[int, float], bool]:
        """What is asked after each epoch: whether the training is to end."""

        def stop(epoch: int, loss: float) -> bool:
            self._tell(values, epoch)
            trial.report(loss if math.isfinite(loss) else math.inf, epoch)
            return self._method == HYPERBAND and trial.should_prune()

        return stop

    def _tell(
        self, values: Mapping[str, Any] | None = None, epoch: int = 0, *,
        is_new: bool = False,
    ) -> None:  # fmt: skip
        paid = self._paid_steps / self._trainer.training_steps
        self._watch(
            TuningProgress(
                self._method, self._seed, self._rows, paid, self._budget, values or {},
                epoch, self._trainer.settings.epochs, is_new,
            )
        )  # fmt: skip


def _as_json(found: Searched) -> dict[str, Any]:
    """What a search found, as a study keeps it."""
    one = found.suggestion
    ends = (None, None, None) if one is None else (one.lr, one.low, one.high)
    told = dict(zip(("lr", "low", "high"), ends, strict=True))
    return told | {"steps": found.steps, "message": found.message}
