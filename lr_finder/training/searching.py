"""From a model and its data to a learning rate: swept, suggested, confirmed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras

from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.suggestion import Suggestion, suggest
from lr_finder.results.sweep import SweepResult
from lr_finder.training.feeding.passes import parts_of
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.preserving.traced_functions import shared_functions
from lr_finder.training.progress import SWEEP, VERIFICATION, Listener, telling
from lr_finder.training.sweep import STEPS, sweep

if TYPE_CHECKING:
    from lr_finder.results.verification import VerifiedSuggestion

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
        int: `budget_steps`; or those of `epochs`, but at least 55, the fewest that
        rates can be compared for; or of 20 epochs, but at least 1000.

    Example:
    >>> coming_steps(100), coming_steps(10), coming_steps(5, epochs=10)
    (2000, 1000, 55)
    >>> coming_steps(100, epochs=50, accumulation=4), coming_steps(9, budget_steps=700)
    (1250, 700)
    """
    if budget_steps is not None:
        return budget_steps
    if epochs is None:
        guessed = steps_of(COMING_EPOCHS, batches, accumulation)
        return max(guessed, FEWEST_COMING_STEPS)
    from lr_finder.analysis.verification.effort import least_budget

    return max(steps_of(epochs, batches, accumulation), least_budget())


def steps_of(epochs: int, batches: int, accumulation: int = 1) -> int:
    """The steps of a training.

    Args:
        epochs: int, of it.
        batches: int >= 1, of one epoch.
        accumulation: int >= 1, batches that a step of the optimizer takes.

    Returns:
        int.

    Example:
    >>> steps_of(10, 5, accumulation=2)
    25
    """
    return batches * epochs // accumulation


@dataclasses.dataclass(frozen=True)
class SearchSettings:
    """How a rate is searched for.

    Args:
        method: str, the rule that reads the rate, a key of `RULES`.
        budget_steps: int, steps of the training to come, see `coming_steps`; None for
            no short trainings.
        coming_steps: int, those of the training to come if they are known; noted in
            the `metadata` of the verification if they are fewer than `budget_steps`.
        judge: `"training"` or `"validation"`, whose loss tells rates apart.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, of sweep and short trainings.
        class_weight: mapping of class to its weight in the loss of both, or None.
        sweep: mapping, further arguments of `sweep`: `start_lr`, `end_lr`, `steps`, …
        about: mapping of JSON values, kept in the `metadata` of the sweep.
        verbose: Keras' progress bars: 0, 1, 2 or `"auto"`.
    """

    method: str = DEFAULT_METHOD
    budget_steps: int | None = None
    coming_steps: int | None = None
    judge: str = JUDGE
    batch_size: int = 32
    seed: int | None = None
    class_weight: Mapping[int, float] | None = None
    sweep: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    verbose: int | str = 0


@dataclasses.dataclass(frozen=True)
class SearchListeners:
    """Who is told while a search goes on, each None for nobody.

    Args:
        sweep: callable, given the SweepResult before a rate is read from it.
        suggestion: callable, given the Suggestion before short trainings start.
        progress: callable, given a `Progress` after each batch.
        head_start: callable, given a `HeadStart` of the short trainings.
    """

    sweep: Callable[[SweepResult], object] | None = None
    suggestion: Callable[[Suggestion], object] | None = None
    progress: Listener | None = None
    head_start: Callable[[HeadStart], object] | None = None


def search(
    model: keras.Model,
    data: Any,
    validation_data: Any = None,
    *,
    settings: SearchSettings | None = None,
    listeners: SearchListeners | None = None,
) -> Found:
    """Sweep the rates, read one from the curve, and let short trainings confirm it.

    This is the only place where a sweep is followed by a verification. Afterwards the
    model is as it was, to the last bit.

    Args:
        model: keras.Model, compiled.
        data: what `LearningRateOptimizer` trains on.
        validation_data: as in `verify`, for `judge="validation"`.
        settings: SearchSettings; by default those of its class.
        listeners: SearchListeners.

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
    >>> settings = SearchSettings(budget_steps=200, seed=0)
    >>> found = search(model, (x, 2 * x), settings=settings)
    >>> found.answer == found.verified.suggestion, found.verified.steps <= 120
    (True, True)
    """
    settings = settings or SearchSettings()
    listeners = listeners or SearchListeners()
    budget = settings.budget_steps
    if budget is not None:
        from lr_finder.analysis.verification.effort import plan_steps

        plan_steps(budget)
    with shared_functions(model):
        result = _swept(model, data, settings, listeners)
        suggestion = suggest(result, method=settings.method)
        if listeners.suggestion is not None:
            listeners.suggestion(suggestion)
        if budget is None:
            return Found(result, suggestion)
        verified = _verified(
            model, data, validation_data, suggestion, budget, settings, listeners,
        )  # fmt: skip
    return Found(result, suggestion, verified)


def _swept(
    model: keras.Model, data: Any, settings: SearchSettings, listeners: SearchListeners
) -> SweepResult:
    """The sweep, told what it was about."""
    x, y, weight = parts_of(data)
    given = {"steps": STEPS, "repeats": 1} | dict(settings.sweep)
    total = given["steps"] * given["repeats"]
    with telling(listeners.progress, SWEEP, total) as callbacks:
        result = sweep(
            model, x, y, sample_weight=weight, class_weight=_as_dict(settings),
            batch_size=settings.batch_size, seed=settings.seed,
            verbose=settings.verbose, callbacks=callbacks, **given,
        )  # fmt: skip
    about = {**result.metadata, **settings.about}
    result = dataclasses.replace(result, metadata=about)
    if listeners.sweep is not None:
        listeners.sweep(result)
    return result


def _verified(
    model: keras.Model,
    data: Any,
    validation_data: Any,
    suggestion: Suggestion,
    budget: int,
    settings: SearchSettings,
    listeners: SearchListeners,
) -> VerifiedSuggestion:
    """The short trainings around a suggestion."""
    from lr_finder.analysis.verification.effort import effort_for, plan_steps
    from lr_finder.results.verification import COMING
    from lr_finder.training.verification import verify

    x, y, weight = parts_of(data)
    accumulation = accumulation_of(model.optimizer)
    effort = effort_for(budget, is_swept=True)
    total = plan_steps(budget, effort=effort)[1] * accumulation
    with telling(listeners.progress, VERIFICATION, total) as callbacks:
        verified = verify(
            model, x, y, suggestion, budget_steps=budget,
            judge=settings.judge, validation_data=validation_data,
            sample_weight=weight, class_weight=_as_dict(settings),
            batch_size=settings.batch_size, seed=settings.seed,
            group=settings.sweep.get("group"), verbose=settings.verbose,
            callbacks=callbacks, keep=listeners.head_start,
        )  # fmt: skip
    coming = settings.coming_steps
    if coming is None or coming >= budget:
        return verified
    metadata = {**verified.metadata, COMING: coming}
    return dataclasses.replace(verified, metadata=metadata)


def _as_dict(settings: SearchSettings) -> dict[int, float] | None:
    weights = settings.class_weight
    return None if weights is None else dict(weights)
