"""The rate that `fit` trains at: given, found, kept from before, or compiled."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, cast

import keras
import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import SuggestionError
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.training_rows import TrainingRows
from lr_finder.training.optimizer_rates import Rates, accumulation_of
from lr_finder.training.searching import (
    SearchListeners,
    SearchSettings,
    coming_steps,
    search,
)
from lr_finder.training.sweep import STEPS

FEWEST_STEPS = 100  # of a training that is worth a sweep
TELLS_NOTHING = ("never_descended", "barely_descended")  # kinds of warnings
OWN_RATE = "own_rate"  # kind of the warning that is given here


def rate_not_searched(
    model: keras.Model, rate: float, method: str, why: str
) -> Finding:
    """A finding without a sweep: a rate that is known already.

    Args:
        model: keras.Model.
        rate: float > 0.
        method: str, one word that says where the rate comes from.
        why: str, a sentence that says the same.

    Returns:
        Finding, whose sweep has no steps.

    Example:
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> finding = rate_not_searched(model, 0.1, "given", "The argument said so.")
    >>> finding.lr, len(finding.sweep.lrs)
    (0.1, 0)
    """
    known = Suggestion(rate, rate, rate, method, why=why, decided_by=method)
    none = Curve(np.empty(0), np.empty(0))
    return Finding(
        _about(model), SweepResult((none,)), DEFAULT_METHOD, known, model=model
    )


class RateSearch:
    """Searches for the rate of a training.

    Args:
        model: keras.Model, compiled.
        given: FitArguments.
        rows: TrainingRows, what is trained on.
        verify: bool, whether short trainings confirm or move the rate.
        seed: int or None, from which the order of batches is drawn.
        group: str or int or None, which optimizer of a `MultiOptimizer` is meant.
    """

    def __init__(
        self,
        model: keras.Model,
        given: FitArguments,
        rows: TrainingRows,
        *,
        verify: bool = False,
        seed: int | None = None,
        group: str | int | None = None,
    ):
        self._model, self._given, self._rows = model, given, rows
        self._verify, self._seed, self._group = verify, seed, group
        self._accumulation = accumulation_of(model.optimizer)

    def find(self) -> Finding:
        """Sweep, read a rate, verify it if asked; the model comes back as it was.

        Returns:
            Finding. If no rate can be read, its rate is the compiled one, and its
            suggestion has the warning `own_rate`, which says why.
        """
        steps = self._steps()
        if steps < FEWEST_STEPS:
            return self._own(
                f"the training has {counted(steps, 'step')}, too few for a sweep"
            )
        swept: list[SweepResult] = []

        def check(suggestion: Suggestion) -> None:
            _check_tells(suggestion, len(swept[0].lrs))

        batches, settings = self._settings(steps)
        try:
            found = search(
                self._model, self._rows.for_search(batches), settings=settings,
                listeners=SearchListeners(swept.append, check),
            )  # fmt: skip
        except SuggestionError as error:
            if not swept:
                raise
            return self._own(_reason(error), sweep=swept[0], error=error)
        return Finding(
            _about(self._model), found.result, settings.method, found.suggestion,
            verification=found.verified, model=self._model,
        )  # fmt: skip

    def _steps(self) -> int:
        """The steps of a sweep: those of the training, if these are fewer."""
        epochs = self._given.epochs_to_come
        most = math.ceil(STEPS * self._accumulation / epochs)
        batches = self._rows.batches_up_to(most)
        return min(STEPS, batches * epochs // self._accumulation)

    def _settings(self, steps: int) -> tuple[int, SearchSettings]:
        """The batches that a search needs, and how it is made."""
        budget = None
        if self._verify:
            budget = coming_steps(
                self._rows.batches_in_all() or steps, accumulation=self._accumulation,
                epochs=self._given.epochs_to_come,
            )  # fmt: skip
        return steps * self._accumulation, SearchSettings(
            budget_steps=budget, batch_size=self._rows.batch_size, seed=self._seed,
            class_weight=self._given.class_weight, verbose=self._given.verbose,
            sweep={"steps": steps, "group": self._group},
        )  # fmt: skip

    def _own(self, reason: str, **found: Any) -> Finding:
        """The compiled rate, with a warning that says why."""
        rate = Rates(self._model.optimizer, self._group).compiled
        text = (
            f"{OWN_RATE}: {reason}; training at the compiled rate, "
            f"{format_rate(rate)}. Give learning_rate=… for another one"
        )
        finding = rate_not_searched(
            self._model, rate, OWN_RATE, f"The compiled rate: {reason}."
        )
        own = dataclasses.replace(cast(Suggestion, finding.swept), warnings=(text,))
        return dataclasses.replace(finding, swept=own, **found)


def _check_tells(suggestion: Suggestion, points: int) -> None:
    """Raise `SuggestionError` if the loss has hardly fallen in a sweep.

    Then the suggestion is the optimizer's usual rate, which would undo what a trained
    model has learnt.
    """
    for text in suggestion.warnings:
        kind = text.split(":")[0]
        if kind in TELLS_NOTHING:
            raise SuggestionError(text, reason=str(kind), counts={"points": points})


def _reason(error: SuggestionError) -> str:
    what = str(error).split(":", 1)[-1] if error.reason in TELLS_NOTHING else str(error)
    return f"the search found no rate ({what.split(';')[0].split('. ')[0].strip()})"


def _about(model: keras.Model) -> dict[str, Any]:
    return {"source": "the data of fit", "model": model.name}
