"""Short trainings that confirm a suggested learning rate, or move it: `verify`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from lr_finder._arguments import check_count, names_checked
from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.explanation import DecidedBy
from lr_finder.analysis.sweep.nonfinite import UNBOUNDED
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.sweep.suggestion_warnings import (
    OR_VERIFY,
    WIDE,
    interval_warnings,
)
from lr_finder.analysis.verification.effort import effort_for, plan_steps
from lr_finder.analysis.verification.halving import (
    Halving,
    candidates_around,
    halve,
)
from lr_finder.analysis.verification.settling import MUCH_BETTER, Settled, settle
from lr_finder.analysis.verification.settling_text import why_confirmed
from lr_finder.analysis.verification.trial_losses import level
from lr_finder.errors import InputError
from lr_finder.results.verification import Stability, VerifiedSuggestion
from lr_finder.training.checking.preconditions import (
    check_training,
    drawn_seed,
    open_data,
)
from lr_finder.training.checking.spoilt import check_finite, named_cause
from lr_finder.training.feeding.replay import Replay
from lr_finder.training.optimizer_rates import (
    accumulation_of,
    check_accumulation,
)
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.preserving.limits import limits_lifted
from lr_finder.training.state import preserve_state
from lr_finder.training.trials import KerasTrials
from lr_finder.training.validation import VALIDATION_SAMPLES

BEYOND = 4  # times the best: with a tenth and ten times it, rates on both its sides
MORE_STEPS = "verify with more `budget_steps`"
JUDGES = ("training", "validation")


@names_checked
def verify(
    model: keras.Model,
    x: Any,
    y: Any = None,
    suggestion: Suggestion | float | None = None,
    *,
    budget_steps: int,
    candidates: Sequence[float] | None = None,
    judge: str = "training",
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    validation_data: Any = None,
    validation_samples: int | None = VALIDATION_SAMPLES,
    batch_size: int = 32,
    seed: int | None = None,
    group: str | int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    verbose: int | str = 0,
    keep: Callable[[HeadStart], object] | None = None,
) -> VerifiedSuggestion:
    r"""Train briefly at a few rates around a suggestion, and say where the best lies.

    This is successive halving: all candidates train for some steps, the better half
    trains on, and so on. The answer is their mean, in which better candidates weigh
    more. Then the answer is trained too, and so is twice the answer, which shows how
    far instability is. See `halving.halve`, `trial_losses.blend` and `settling.settle`
    in `lr_finder.analysis.verification`. The whole costs at most

    $$ (0.34 + 0.035) \cdot budget\_steps $$

    of which the second part is for those last trainings. In the mean the sweep's
    interval counts too: a candidate far outside must train much better than the others.
    A plain rate has no interval, so more must be trained: 0.55 and 0.05, which hold
    for budgets below 89 steps as well. All trainings start from the
    same weights and see the same batches (a `PyDataset` is read anew for each: if it
    draws at random, the batches differ). Nothing is compiled or traced for a candidate.
    Afterwards the model is as it was, to the last bit, as after `sweep`. The trainings
    are short, and their rates are constant. If your training lowers its rate by a
    schedule, take the rate found as the highest of the schedule. In fine-tuning, a rate
    that is best over a few steps may be too high for the pretrained layers: judge by
    validation loss.

    Args:
        model: keras.Model, compiled.
        x: what `lr_finder.sweep` takes. Batches of a tf.data.Dataset, generator or
            DataLoader are kept in memory, up to 1 GiB of them.
        y: targets, like `x`; None if `x` gives batches.
        suggestion: Suggestion, or a rate > 0.
        budget_steps: int, steps of your training; a step is a step of the optimizer, as
            in `sweep`.
        candidates: sequence of at least two float > 0, the rates to compare; None for a
            tenth of the suggestion, the suggestion and ten times the suggestion. A few
            rates far apart are best.
        judge: `"training"`, or `"validation"` to choose by the loss on
            `validation_data`.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        class_weight: dict of class to its weight in the loss, or None.
        validation_data: as in `sweep`; its loss is measured once after each rung.
        validation_samples: int >= 1, the most samples taken of them; None takes all.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, from which the order of batches is drawn.
        group: str or int or None, which optimizer of a `MultiOptimizer` is meant.
        callbacks: sequence of keras.callbacks.Callback, run within each training.
        verbose: Keras' progress bar, one for each rung: 0, 1, 2 or `"auto"`.
        keep: callable, given a `HeadStart`: the weights and the optimizer of the
            candidate that trained best, one more copy in memory; None for nobody.

    Returns:
        VerifiedSuggestion.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be verified; nothing has been touched then.
        SuggestionError: If every candidate diverged.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> verified = verify(model, x, 2 * x, 0.1, budget_steps=200, seed=0)
    >>> 0.1 < verified.lr < 1, verified.steps <= 120
    (True, True)

    References:
        Jamieson and Talwalkar, Non-stochastic Best Arm Identification and
        Hyperparameter Optimization, AISTATS 2016 (https://arxiv.org/abs/1502.07943);
        Deep Learning Tuning Playbook, on twice the best rate
        (https://github.com/google-research/tuning_playbook).
    """
    given = _as_suggestion(suggestion)
    rates = _checked_candidates(given, candidates)
    swept = (given.lr, given.low, given.high) if given.low < given.high else None
    check_count("budget_steps", budget_steps, least=1)
    effort = effort_for(budget_steps, len(rates), is_swept=swept is not None)
    halving_steps, all_steps = plan_steps(budget_steps, len(rates), effort)
    check_training(
        model, x, y, batch_size=batch_size, group=group, callbacks=callbacks,
        way_out="Call verify(model, x, y, suggestion, …).",
    )  # fmt: skip
    _check_judge(judge, validation_data)
    seed = drawn_seed(seed)
    accumulation = accumulation_of(model.optimizer)
    batches, validation = open_data(
        model, x, y, sample_weight=sample_weight, class_weight=class_weight,
        validation_data=validation_data, validation_samples=validation_samples,
        batch_size=batch_size, steps=all_steps * accumulation, repeats=1, seed=seed,
    )  # fmt: skip
    with limits_lifted(), preserve_state(model, batches.element) as (state, interrupt):
        check_finite(model, state, batches, validation)
        check_accumulation(model.optimizer, accumulation)
        trials = KerasTrials(
            model, state, interrupt, Replay(batches), seed=seed, group=group,
            validation=validation,
            fitting={
                "class_weight": batches.class_weight, "callbacks": callbacks or (),
                "verbose": verbose,
            },
        )  # fmt: skip
        with named_cause(model, state, batches):
            found = halve(
                trials, rates, halving_steps, judge=judge, effort=effort,
                keeps_winner=keep is not None,
            )  # fmt: skip
        settled = settle(
            trials, found, budget_steps=budget_steps, all_steps=all_steps, judge=judge,
            swept=swept, effort=effort,
        )  # fmt: skip
        reached = trials.head_start(found.winner, len(found.losses[found.winner]))
    if keep is not None and reached is not None:
        keep(reached)
    about = {
        "budget_steps": int(budget_steps), "judge": judge, "seed": seed,
        "batch_size": batches.batch_size,
    }  # fmt: skip
    return VerifiedSuggestion(
        _confirmed(given, found, settled), settled.rows, settled.losses,
        _stability(settled), settled.steps, about,
    )  # fmt: skip


def _as_suggestion(suggestion: Any) -> Suggestion:
    """The suggestion to be verified; that of a plain rate has no interval."""
    if isinstance(suggestion, Suggestion):
        return suggestion
    try:
        rate = float(suggestion)
    except (TypeError, ValueError):
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0) or isinstance(suggestion, bool):
        raise InputError(
            "Argument `suggestion` must be a Suggestion or a rate > 0. Received: "
            f"{suggestion!r:.50}. Call result.suggest() of a sweep for one; with a "
            "source of batches name it: verify(model, batches, suggestion=…)."
        )
    return Suggestion(rate, rate, rate, "given")


def _checked_candidates(
    given: Suggestion, candidates: Sequence[float] | None
) -> tuple[float, ...]:
    """The rates to compare, rising."""
    if candidates is None:
        return candidates_around(given.lr)
    try:
        rates = sorted({float(rate) for rate in candidates})
    except (TypeError, ValueError):
        rates = []
    if len(rates) < 2 or not all(math.isfinite(r) and r > 0 for r in rates):
        raise InputError(
            "Argument `candidates` must hold at least two different rates > 0. "
            f"Received: {candidates!r:.50}. Give None for those around the suggestion."
        )
    return tuple(rates)


def _check_judge(judge: str, validation_data: Any) -> None:
    if judge not in JUDGES:
        raise InputError(
            f"Argument `judge` must be one of {', '.join(map(repr, JUDGES))}. "
            f"Received: judge={judge!r:.50}."
        )
    if judge == "validation" and validation_data is None:
        raise InputError(
            "Argument `judge` needs validation_data to be 'validation'. Received: "
            "none. Give validation_data=(x, y), or judge='training'."
        )


def _stability(settled: Settled) -> Stability | None:
    lr = settled.twice
    if lr is None:
        return None
    steps, has_diverged = len(settled.losses[lr]), lr in settled.diverged
    return Stability(lr, steps, has_diverged, settled.ratio)


def _confirmed(given: Suggestion, found: Halving, settled: Settled) -> Suggestion:
    """The answer as a suggestion, with its reason, its interval and its doubts."""
    why = why_confirmed(
        settled.lr, mean=settled.mean, winner=found.winner, weights=settled.weights,
        raised_from=settled.raised_from, is_swept=given.low < given.high,
    )  # fmt: skip
    return dataclasses.replace(
        given, lr=settled.lr, low=settled.low, high=settled.high,
        method=f"{given.method}, verified",
        warnings=tuple(_doubts(given, found, settled)), why=why,
        decided_by=str(DecidedBy.VERIFICATION),
    )  # fmt: skip


def _doubts(given: Suggestion, found: Halving, settled: Settled) -> list[str]:
    """The warnings of the sweep that still hold, and those of the trainings."""
    kept = [text for text in given.warnings if not text.startswith(f"{WIDE}:")]
    doubts = [text.replace(OR_VERIFY, "") for text in kept]
    if found.edge is not None:
        doubts.append(_edge_doubt(found.winner, found.edge))
    if found.edge == "highest" and level(found.losses[found.winner]) < 0:
        doubts.append(
            f"{UNBOUNDED}: the highest rate tried trained best, and its loss is "
            "negative; if the loss has no lower bound, like that of a critic, no rate "
            "is the best: keep the optimizer's usual rate"
        )
    twice = _stability(settled)
    steps = "" if twice is None else counted(twice.steps, "step")
    if twice is not None and twice.has_diverged:
        doubts.append(
            f"near_instability: a training at twice the rate diverged within {steps}; "
            "let the rate rise over the first steps (warm-up), or take "
            f"{format_rate(settled.lr / 2)}"
        )
    ratio = None if twice is None else twice.loss_ratio
    if twice is not None and ratio is not None and ratio < MUCH_BETTER:
        doubts.append(
            f"higher_better: a training at twice the rate reached {ratio:.2g} times "
            f"the loss, but over only {steps}, too few to rely on; {MORE_STEPS}"
        )
    if settled.raised_from is not None and twice is None:
        doubts.append(
            f"higher_untried: up to {format_rate(settled.lr)} each doubling of the "
            "rate more than halved the loss, and no steps were left for a higher one; "
            f"{MORE_STEPS}"
        )
    return doubts + interval_warnings(settled.low, settled.high, MORE_STEPS)


def _edge_doubt(winner: float, edge: str) -> str:
    """The best rate may lie beyond those that were tried; how to try further ones."""
    side, beyond, how = "higher", winner * BEYOND, "four times that"
    if edge == "lowest":
        side, beyond, how = "lower", winner / BEYOND, "a quarter of that"
    best, further = format_rate(winner), format_rate(beyond)
    return (
        f"edge_of_candidates: {best}, the {edge} rate tried, trained best, so the best "
        f"rate may lie {side}; verify around {further}, {how}, by "
        f"lr_finder.verify(model, x, y, {further}, …), or train at both by the command "
        f"lr_finder compare SOURCE --lr {best},{further}"
    )
