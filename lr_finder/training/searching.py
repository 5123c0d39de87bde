"""From a model and its data to a learning rate: swept, suggested, confirmed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras

from lr_finder.analysis.sweep.suggestion import DEFAULT_METHOD, Suggestion, suggest
from lr_finder.analysis.verification.halving import least_budget, plan_steps
from lr_finder.results.sweep import SweepResult
from lr_finder.results.verification import VerifiedSuggestion
from lr_finder.training.feeding.passes import parts_of
from lr_finder.training.preserving.traced_functions import shared_functions
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

COMING_EPOCHS = 20  # that a verification is made for, if nobody says how many
FEWEST_COMING_STEPS = 1000  # of those: a short training says little
JUDGE = "training"  # whose loss tells rates apart: validation losses scatter more


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Args:
        result: SweepResult.
        suggestion: Suggestion, read from it.
        verified: VerifiedSuggestion, or None without short trainings.
    """

    result: SweepResult
    suggestion: Suggestion
    verified: VerifiedSuggestion | None = None

    @property
    def answer(self) -> Suggestion:
        """The suggestion to go by: the confirmed one, if there is one."""
        return self.verified.suggestion if self.verified else self.suggestion


def coming_steps(
    batches: int,
    *,
    accumulation: int = 1,
    epochs: int | None = None,
    budget_steps: int | None = None,
) -> int:
    """The steps of the training to come: given, those of its epochs, or a guess.

    Args:
        batches: int >= 1, of one epoch.
        accumulation: int >= 1, batches that a step of the optimizer takes.
        epochs: int, of the training to come, if that is known.
        budget_steps: int, as a person gave it, or None.

    Returns:
        int, enough to be verified for unless a person gave less.

    Example:
    >>> coming_steps(100), coming_steps(10), coming_steps(5, epochs=10)
    (2000, 1000, 55)
    >>> coming_steps(100, epochs=50, accumulation=4), coming_steps(9, budget_steps=700)
    (1250, 700)
    """
    if budget_steps is not None:
        return budget_steps
    steps = batches * (epochs or COMING_EPOCHS) // accumulation
    return max(steps, least_budget() if epochs else FEWEST_COMING_STEPS)


def search(
    model: keras.Model,
    data: Any,
    *,
    budget_steps: int | None,
    method: str = DEFAULT_METHOD,
    judge: str = JUDGE,
    validation_data: Any = None,
    batch_size: int = 32,
    seed: int | None = None,
    swept: Mapping[str, Any] | None = None,
    on_sweep: Callable[[SweepResult], None] | None = None,
    verbose: int | str = 0,
) -> Found:
    """Sweep the rates, read one from the curve, and let short trainings confirm it.

    Afterwards the model is as it was, to the last bit.

    Args:
        model: keras.Model, compiled.
        data: what `LearningRateOptimizer` trains on.
        budget_steps: int, steps of the training to come, see `coming_steps`; None for
            no short trainings.
        method: str, the rule that reads the rate, a key of `RULES`.
        judge: `"training"` or `"validation"`, whose loss tells rates apart.
        validation_data: as in `verify`.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, of sweep and short trainings.
        swept: mapping, further arguments of `sweep`: `start_lr`, `end_lr`, `steps`, …
        on_sweep: callable, given the sweep before a rate is read from it.
        verbose: Keras' progress bars: 0, 1, 2 or `"auto"`.

    Returns:
        Found.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be trained so; nothing has been touched then.
        SuggestionError: If no rate can be read, or all candidates diverged.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> found = search(model, (x, 2 * x), budget_steps=200, seed=0)
    >>> found.answer == found.verified.suggestion, found.verified.steps <= 120
    (True, True)
    """
    if budget_steps is not None:
        plan_steps(budget_steps)
    x, y, weight = parts_of(data)
    shared = {"sample_weight": weight, "batch_size": batch_size}
    shared |= {"seed": seed, "verbose": verbose}
    with shared_functions(model):
        result = sweep(model, x, y, **shared, **(swept or {}))
        if on_sweep is not None:
            on_sweep(result)
        suggestion = suggest(result, method=method)
        if budget_steps is None:
            return Found(result, suggestion)
        verified = verify(
            model, x, y, suggestion, budget_steps=budget_steps, judge=judge,
            validation_data=validation_data, **shared,
        )  # fmt: skip
    return Found(result, suggestion, verified)
