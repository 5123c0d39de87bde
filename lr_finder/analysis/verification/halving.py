"""Which of a few learning rates trains best: successive halving, without a framework.

Whatever trains — Keras, or a table of curves recorded before — is a `Trainer`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.nonfinite import not_finite_trials
from lr_finder.analysis.verification.candidates import Race, Row, Trainer
from lr_finder.analysis.verification.effort import ALONE, FACTORS, FEWEST_STEPS, Effort
from lr_finder.errors import InputError, SuggestionError

KEPT = 0.5  # of the candidates of a rung go on to the next, rounded up


@dataclasses.dataclass(frozen=True, eq=False)
class Halving:
    """What successive halving found.

    Args:
        winner: float, the rate that trained best.
        losses: dict of rate -> float array, the loss of each step made, by rising rate.
        lost: dict of rate -> share of the winner's descent that it has missed, of those
            that did not diverge.
        diverged: frozenset of the rates that diverged.
        rows: tuple of `Row`, in the order of training.
        steps: int, made in all.
    """

    winner: float
    losses: dict[float, np.ndarray]
    lost: dict[float, float]
    diverged: frozenset[float]
    rows: tuple[Row, ...]
    steps: int

    @property
    def edge(self) -> str | None:
        """`"lowest"` or `"highest"` if nothing was tried beyond the winner."""
        rates = list(self.losses)
        if self.winner == rates[-1]:
            return "highest"
        return "lowest" if self.winner == rates[0] else None


def halve(
    trainer: Trainer,
    rates: Sequence[float],
    steps: int,
    *,
    judge: str = "training",
    effort: Effort = ALONE,
    keeps_winner: bool = False,
) -> Halving:
    r"""Train all rates a little, the better half longer, and so on: the best is left.

    A rung of `n` steps for `k` candidates is followed by one of `g n` steps for the
    better `k / 2`, which go on from where they were. What is left of the steps is
    shared among the rungs to come,

    $$ n = steps / \sum_i k_i \cdot g^i $$

    so what a diverged candidate did not use makes the others' trainings longer. A
    candidate is judged by its losses from the start on, see
    `lr_finder.analysis.verification.trial_losses.merit`. If the best of the first rung
    is the lowest or highest of all, another one is tried beyond, at most
    `effort.extensions` times; if all diverged, at most twice.

    Args:
        trainer: `Trainer`.
        rates: sequence of float > 0, the candidates, two at least.
        steps: int, training steps to be spent at most.
        judge: `"training"` or `"validation"`, the loss that decides.
        effort: Effort, of which `rungs`, `growth` ($g$) and `extensions` count here;
            fewer rungs are made if `steps` do not give 10 in the first.
        keeps_winner: bool, whether the trainer is to keep the weights of the best.

    Returns:
        Halving.

    Raises:
        InputError: If there are too few rates or steps.
        SuggestionError: If every rate diverged.

    Example:
    >>> from lr_finder.analysis.verification.candidates import Stretch
    >>> class Recorded:
    ...     def run(self, lr, first, last, *, is_kept):
    ...         return Stretch(np.exp(-lr * np.arange(first, last)), lr > 1)
    ...     def drop(self, lr):
    ...         pass
    >>> found = halve(Recorded(), [0.1, 0.3, 0.9, 2.7], steps=300)
    >>> found.winner, found.steps <= 300, found.diverged
    (0.9, True, frozenset({2.7}))
    """
    rates = sorted({float(rate) for rate in rates})
    rungs = check_steps(len(rates), steps, effort)
    race = Race(trainer, steps, judge)
    alive = rates  # those in the next rung
    standing: list[float] = []  # all so far, best first
    for rung in range(rungs):
        if len(alive) < 2 or race.left < len(alive):
            break
        length = _rung_length(len(alive), race.left, rungs - rung, effort.growth)
        is_last = rung == rungs - 1 or len(alive) == 2
        places = int(keeps_winner) if is_last else math.ceil(KEPT * len(alive))
        race.run(alive, length, places)
        if rung == 0:
            race.extend(length, places, effort.extensions)
        ranking = race.ranking()
        others = [lr for lr in standing if lr not in ranking]
        standing = [lr for lr in ranking + others if lr not in race.diverged]
        alive = ranking[: max(places, 1)]
        race.close_rung(alive, length)
    kept = standing[:1] if keeps_winner else []
    for lr in race.losses.keys() - kept:
        trainer.drop(lr)
    if not standing:
        raise not_finite_trials(race.losses) or _all_diverged(race)
    losses = dict(sorted(race.losses.items()))
    return Halving(
        standing[0], losses, race.lost(standing[0]), frozenset(race.diverged),
        race.rows(standing[0]), steps - race.left,
    )  # fmt: skip


def candidates_around(lr: float) -> tuple[float, ...]:
    """The rates to compare with a suggested one: a tenth of it, itself and ten times.

    Args:
        lr: float > 0, the suggestion.

    Returns:
        tuple of float, rising.

    Example:
    >>> candidates_around(0.25)
    (0.025, 0.25, 2.5)
    """
    return tuple(lr * factor for factor in FACTORS)


def check_steps(candidates: int, steps: int, effort: Effort = ALONE) -> int:
    """How many rungs these steps are enough for.

    Args:
        candidates: int, rates to be compared.
        steps: int, training steps to be spent at most.
        effort: Effort.

    Returns:
        int in [1, effort.rungs].

    Raises:
        InputError: If there are fewer than two candidates, or too few steps even for
            a single rung.

    Example:
    >>> check_steps(5, 400), check_steps(5, 100)
    (3, 2)
    """
    if candidates < 2:
        raise InputError(
            "Argument `candidates` must hold two different rates at least. Received: "
            f"{candidates}. Give more, or None for those around the suggestion."
        )
    for count in range(effort.rungs, 0, -1):
        if _rung_length(candidates, steps, count, effort.growth) >= FEWEST_STEPS:
            return count
    raise InputError(
        f"A comparison of {candidates} rates must have {FEWEST_STEPS * candidates} "
        f"steps or more. Received: {steps}. Give fewer candidates, or more steps."
    )


def _rung_length(candidates: int, steps: int, rungs: int, growth: float) -> int:
    """Steps of the next rung, if these are all that is left."""
    shares = float(candidates)
    for rung in range(1, rungs):
        candidates = math.ceil(KEPT * candidates)
        shares += candidates * growth**rung * (candidates > 1)
    return max(1, int(steps / shares))


def _all_diverged(race: Race) -> SuggestionError:
    lowest = min(race.losses)
    return SuggestionError(
        f"A rate to confirm must train. Received: {len(race.losses)} rates from "
        f"{format_rate(lowest)} on, all of which diverged. Sweep anew, or give lower "
        "candidates.",
        reason="all_diverged",
        counts={"candidates": len(race.losses)},
    )
