"""Short trainings that confirm a suggested learning rate, or move it: `verify`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.analysis.advice import OR_VERIFY, WIDE, interval_warnings
from lr_finder.analysis.halving import (
    STABILITY_SHARE,
    Halving,
    candidates_around,
    halve,
    plan_steps,
)
from lr_finder.analysis.suggestion import Suggestion
from lr_finder.analysis.trial_losses import blend, level, loss_ratio
from lr_finder.analysis.unbounded import UNBOUNDED
from lr_finder.errors import InputError
from lr_finder.training.opening import check_training, drawn_seed, open_data
from lr_finder.training.rates import (
    accumulation_of,
    check_accumulation,
)
from lr_finder.training.replay import Replay
from lr_finder.training.spoilt import check_finite, named_cause
from lr_finder.training.state import preserve_state
from lr_finder.training.trials import KerasTrials
from lr_finder.training.validation import VALIDATION_SAMPLES
from lr_finder.verified import Stability, VerifiedSuggestion

FEWEST_AT_TWICE = 20  # steps: divergence is not judged before the tenth
TWICE = 2.0
SAME_RATE = 1.05  # rates that differ by less are one
JUDGES = ("training", "validation")


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
) -> VerifiedSuggestion:
    r"""Train at a few rates around a suggestion, briefly, and say where the best lies.

    Successive halving: all candidates train for some steps, the better half goes on,
    and so on; see `lr_finder.analysis.halving.halve`. The answer lies between the
    candidates, the nearer to one the better it trained; see
    `lr_finder.analysis.trial_losses.blend`. The whole costs at most

    $$ (0.55 + 0.05) \cdot budget\_steps $$

    the second part for twice the answer, which tells how far instability is. All start
    from the same weights and see the same batches (a `PyDataset` is read anew for
    each: where it draws at random, they differ). Nothing is compiled or traced for a
    candidate. Afterwards the model is as it was, to the last bit, as after `sweep`.
    The rates are constant, the trainings short. Where the coming one lowers its rate by
    a schedule, the rate found is its highest. In fine-tuning, a rate that is best over
    a few steps may be too high for the pretrained layers: judge by validation loss.

    Args:
        model: keras.Model, compiled.
        x: what `lr_finder.sweep` takes. Batches of a tf.data.Dataset, generator or
            DataLoader are kept in memory, up to 1 GiB of them.
        y: targets, like `x`; None where `x` gives batches.
        suggestion: Suggestion, or a rate > 0.
        budget_steps: int, steps of the coming training; a step is one of the
            optimizer, as in `sweep`.
        candidates: sequence of float > 0, the rates to compare, two at least; None for
            a tenth of the suggestion, itself and ten times. Few and far apart is best.
        judge: `"training"`, or `"validation"` to choose by the loss on
            `validation_data`.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        class_weight: dict of class to its weight in the loss, or None.
        validation_data: as in `sweep`; measured once after each stretch of training.
        validation_samples: int >= 1, of these at most; None takes all.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, from which the order of batches is drawn.
        group: str or int or None, which optimizer of a `MultiOptimizer` is meant.
        callbacks: sequence of keras.callbacks.Callback, run within each training.
        verbose: Keras' progress bar, one for each stretch: 0, 1, 2 or `"auto"`.

    Returns:
        VerifiedSuggestion.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be trained so; nothing has been touched then.
        SuggestionError: If every candidate diverged.

    Example:
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
    halving_steps, all_steps = plan_steps(budget_steps, len(rates))
    check_training(model, x, y, batch_size=batch_size, group=group, callbacks=callbacks)
    _check_judge(judge, validation_data)
    seed = drawn_seed(seed)
    accumulation = accumulation_of(model.optimizer)
    batches, validation = open_data(
        model, x, y, sample_weight=sample_weight, class_weight=class_weight,
        validation_data=validation_data, validation_samples=validation_samples,
        batch_size=batch_size, steps=all_steps * accumulation, repeats=1, seed=seed,
    )  # fmt: skip
    with preserve_state(model, batches.symbolic) as (state, interrupt):
        check_finite(model, state, batches, validation)
        check_accumulation(model.optimizer, accumulation)
        trials = KerasTrials(
            model, state, interrupt, Replay(batches), seed=seed, group=group,
            class_weight=batches.class_weight, validation=validation,
            callbacks=callbacks or (), verbose=verbose,
        )  # fmt: skip
        with named_cause(model, state, batches):
            found = halve(trials, rates, halving_steps, judge=judge)
        answer = blend(found.lost)
        stability, steps = _try_twice(
            trials, found, TWICE * answer[0], all_steps, budget_steps
        )
    about = {
        "budget_steps": int(budget_steps), "judge": judge, "seed": seed,
        "batch_size": batches.batch_size,
    }  # fmt: skip
    return VerifiedSuggestion(
        _confirmed(given, answer, found, stability), found.rows, found.losses,
        stability, steps, about,
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
            f"{suggestion!r:.50}. Call result.suggest() of a sweep for one."
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
            "Argument `candidates` must hold two different rates > 0 at least. "
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


def _try_twice(
    trials: KerasTrials, found: Halving, twice: float, all_steps: int, budget_steps: int
) -> tuple[Stability | None, int]:
    """What twice the answer does, and the steps spent in all.

    Where about that rate was among the candidates, it is known already.
    """
    for lr, losses in found.losses.items():
        if 1 / SAME_RATE < lr / twice < SAME_RATE:
            return _stability(found, lr, losses, lr in found.diverged), found.steps
    wanted = max(int(STABILITY_SHARE * budget_steps), FEWEST_AT_TWICE)
    wanted = min(wanted, all_steps - found.steps)
    if wanted < 1:
        return None, found.steps
    stretch = trials.run(twice, 0, wanted, is_kept=False)
    stability = _stability(found, twice, stretch.losses, stretch.has_diverged)
    return stability, found.steps + len(stretch.losses)


def _stability(
    found: Halving, lr: float, losses: np.ndarray, has_diverged: bool
) -> Stability:
    ratio = None if has_diverged else loss_ratio(losses, found.losses[found.winner])
    return Stability(lr, len(losses), has_diverged, ratio)


def _confirmed(
    given: Suggestion,
    answer: tuple[float, float, float],
    found: Halving,
    stability: Stability | None,
) -> Suggestion:
    """The answer as a suggestion, with its interval and its doubts."""
    lr, low, high = answer
    doubts = []
    if found.edge is not None:
        beyond = found.winner / 4 if found.edge == "lowest" else found.winner * 4
        doubts.append(
            f"edge_of_candidates: the {found.edge} rate tried trained best; verify "
            f"again from {beyond:.1e} on"
        )
    if found.edge == "highest" and level(found.losses[found.winner]) < 0:
        doubts.append(
            f"{UNBOUNDED}: the highest rate tried trained best, and its loss is "
            "negative; if the loss has no lower bound, as that of a critic, no rate is "
            "the best: keep the optimizer's usual one"
        )
    if stability is not None and stability.has_diverged:
        doubts.append(
            f"near_instability: twice the rate diverged within {stability.steps} "
            f"steps; warm it up over the first steps, or take {lr / 2:.1e}"
        )
    doubts += interval_warnings(low, high, "verify with more budget_steps")
    kept = [text for text in given.warnings if not text.startswith(f"{WIDE}:")]
    return dataclasses.replace(
        given, lr=lr, low=low, high=high, method=f"{given.method}, verified",
        warnings=(*(text.replace(OR_VERIFY, "") for text in kept), *doubts),
    )  # fmt: skip
