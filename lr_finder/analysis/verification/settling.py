"""The rate that a halving points at, trained in its turn, and twice that rate."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from lr_finder.analysis.sweep.stopping import WARM_UP
from lr_finder.analysis.verification.candidates import Row, Trainer
from lr_finder.analysis.verification.effort import ALONE, Effort
from lr_finder.analysis.verification.halving import Halving
from lr_finder.analysis.verification.trial_losses import Swept, blend, loss_ratio, weigh

FEWEST_TO_TELL = WARM_UP + 1  # steps: from there on divergence is judged
FEWEST_IN_CHECK = 20  # steps: divergence is not judged before the tenth
FEWEST_TO_RAISE = 15  # steps: shorter trainings were not measured
TWICE = 2.0
SAME_RATE = 1.05  # rates that differ by less are one
# Twice the rate is much better if its loss is below this share of the answer's. From
# 0.75 on, whole trainings came out worse: so short a training favours high rates. They
# did too if the best candidate replaced a mean that trained worse.
MUCH_BETTER = 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class Settled:
    """The answer of a verification, and what was trained for it.

    Args:
        lr: float, the answer.
        low, high: float, its interval.
        mean: float, the weighted mean of the rates tried, see `blend`: the answer,
            unless it diverged or a multiple trained clearly better.
        weights: dict of rate -> float, how much each counts in that mean.
        raised_from: float, the rate that `lr` is a multiple of; None if it is none.
        twice: float, the rate that stands for twice the answer; None if no steps were
            left for it.
        ratio: float, its loss over that of the answer after as many steps; None if it
            diverged, a loss is not positive, or one of them made fewer than 11 steps.
        losses: dict of rate -> float array, the loss of each step made, by rising rate.
        diverged: frozenset of the rates that diverged.
        rows: tuple of `Row`, in the order of training.
        steps: int, made in all.
    """

    lr: float
    low: float
    high: float
    mean: float
    weights: dict[float, float]
    raised_from: float | None
    twice: float | None
    ratio: float | None
    losses: dict[float, np.ndarray]
    diverged: frozenset[float]
    rows: tuple[Row, ...]
    steps: int


def settle(
    trainer: Trainer,
    found: Halving,
    *,
    budget_steps: int,
    all_steps: int,
    judge: str = "training",
    swept: Swept | None = None,
    effort: Effort = ALONE,
    raised_below: float = MUCH_BETTER,
) -> Settled:
    """Train what the candidates point at, and twice that, with the steps left.

    The weighted mean of the candidates' rates is trained from the start like any of
    them. It is the answer; if it diverges, the best candidate is. Twice the answer
    tells how far instability is. If it trains to less than half the loss, and lies
    above all candidates, it is the answer, and twice that is trained, while there are
    steps. Below a candidate the halving has judged, by longer trainings: in so few
    steps a higher rate looks better than it is, above all on data without scaling.

    Args:
        trainer: `Trainer`.
        found: Halving.
        budget_steps: int, steps of the coming training.
        all_steps: int, steps to be spent at most, those of the candidates included.
        judge: `"training"` or `"validation"`, the loss that chose; after the latter
            the mean stays the answer, whatever its training loss.
        swept: `(lr, low, high)` of a sweep, see `blend`, or None.
        effort: Effort, as of the halving.
        raised_below: float, of the answer's loss: twice the rate is the answer if it
            trains to less.

    Returns:
        Settled.

    Example:
    >>> from lr_finder.analysis.verification.halving import halve
    >>> from lr_finder.analysis.verification.candidates import Stretch
    >>> class Recorded:
    ...     def run(self, lr, first, last, *, is_kept):
    ...         return Stretch(1 + np.exp(-lr * np.arange(first, last)), lr > 1)
    ...     def drop(self, lr):
    ...         pass
    >>> found = halve(Recorded(), [0.1, 0.3, 0.9], steps=500)
    >>> settled = settle(Recorded(), found, budget_steps=1000, all_steps=600)
    >>> 0.3 < settled.lr < 0.9, settled.rows[-2].status, settled.twice / settled.lr
    (True, 'answer', 2.0)
    """
    wanted = max(int(effort.check_share / 2 * budget_steps), FEWEST_IN_CHECK)
    check = _Check(trainer, found, wanted, all_steps)
    mean, low, high = blend(found.lost, swept, effort)
    lr = check.train(mean, shared_by=2) or mean
    highest = max(found.losses) if judge == "training" else math.inf
    if lr in check.diverged:
        lr = found.winner
    start, twice = lr, check.train(TWICE * lr)
    while twice is not None and twice > highest:
        if check.ratio_of_new(twice, lr) >= raised_below:
            break
        lr, twice = twice, check.train(TWICE * twice, least=FEWEST_TO_RAISE)
    ratio = None if twice is None else check.ratio(twice, lr)
    return Settled(
        lr, low * lr / mean, high * lr / mean, mean, weigh(found.lost, swept, effort),
        start if lr > start else None, twice, ratio,
        dict(sorted(check.losses.items())), frozenset(check.diverged),
        check.rows(lr), all_steps - check.left,
    )  # fmt: skip


class _Check:
    """The trainings that follow a halving, with the steps that are left.

    Args:
        trainer: `Trainer`.
        found: Halving.
        wanted: int, steps of each of these trainings, if so many are left.
        all_steps: int, steps to be spent at most.
    """

    def __init__(self, trainer: Trainer, found: Halving, wanted: int, all_steps: int):
        self._trainer, self._found, self._wanted = trainer, found, wanted
        self.left = all_steps - found.steps
        self.losses, self.diverged = dict(found.losses), set(found.diverged)
        self._validation: dict[float, float | None] = {}  # of those trained here

    def train(self, lr: float, *, shared_by: int = 1, least: int = 1) -> float | None:
        """Train at a rate, unless that is known; the rate that stands for it.

        The steps left are shared by so many trainings; None if fewer than `least` fall
        to this one.
        """
        for known in self.losses:
            if 1 / SAME_RATE < known / lr < SAME_RATE:
                return known
        length = min(self._wanted, self.left // shared_by)
        if length < least:
            return None
        stretch = self._trainer.run(lr, 0, length, is_kept=False)
        losses = np.asarray(stretch.losses, dtype=float)[:length]
        if stretch.has_diverged or not np.all(np.isfinite(losses)):
            self.diverged.add(lr)
        self.losses[lr], self._validation[lr] = losses, stretch.validation_loss
        self.left -= len(losses)
        return lr

    def ratio(self, lr: float, answer: float) -> float | None:
        """How large the loss at a rate is beside the answer's, after as many steps.

        None after few: the first losses are those before an update.
        """
        made = self.losses[lr], self.losses.get(answer, np.empty(0))
        if lr in self.diverged or min(map(len, made)) < FEWEST_TO_TELL:
            return None
        return loss_ratio(*made)

    def ratio_of_new(self, lr: float, answer: float) -> float:
        """The ratio of a rate that no candidate had, after enough steps; else inf."""
        is_new = lr in self._validation and len(self.losses[lr]) >= FEWEST_TO_RAISE
        ratio = self.ratio(lr, answer) if is_new else None
        return math.inf if ratio is None else ratio

    def rows(self, answer: float) -> tuple[Row, ...]:
        """The rows of the halving and of these trainings."""
        rung = max(row.rung for row in self._found.rows) + 1
        rows = list(self._found.rows)
        for lr, validation in self._validation.items():
            status = "dropped" if lr < answer else "higher"
            status = "answer" if lr == answer else status
            status = "diverged" if lr in self.diverged else status
            rows.append(Row.of(lr, rung, self.losses[lr], validation, status))
        return tuple(rows)
