"""Candidates of a comparison while they are trained: what each did, who leads."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from lr_finder.analysis.verification.trial_losses import merit, share_lost, start_level

EXTENSIONS = 2  # candidates added at most


@dataclasses.dataclass(frozen=True, eq=False)
class Stretch:
    """Some steps of training at one rate.

    Args:
        losses: float array (n,), the training loss of each step made; the last may be
            nan or inf.
        has_diverged: bool, whether that ended the training.
        validation_loss: float at the end of the stretch, or None.
    """

    losses: np.ndarray
    has_diverged: bool = False
    validation_loss: float | None = None


class Trainer(Protocol):
    """Trains at constant rates, each from the same weights and on the same batches."""

    def run(self, lr: float, first: int, last: int, *, is_kept: bool) -> Stretch:
        """Train at `lr` from step `first`, where it was left, up to step `last`.

        `is_kept` tells whether it may be gone on with.
        """

    def drop(self, lr: float) -> None:
        """Forget the weights reached at `lr`: it will not be gone on with."""


@dataclasses.dataclass(frozen=True)
class Row:
    """What one candidate did in one rung.

    Args:
        lr: float, its rate.
        rung: int >= 1.
        steps: int, made at this rate so far.
        loss: float, what its training losses so far are worth, see `merit`: the lower,
            the better; None if it is not finite.
        validation_loss: float after the rung, or None.
        status: `"kept"`, `"dropped"`, `"diverged"` or `"winner"`; in the check after
            the last rung `"answer"`, and `"higher"` for rates above it.
    """

    lr: float
    rung: int
    steps: int
    loss: float | None
    validation_loss: float | None
    status: str

    @classmethod
    def of(
        cls, lr: float, rung: int, losses: np.ndarray, validation: float | None,
        status: str,
    ) -> Row:  # fmt: skip
        """The row of a rate with these losses since the start."""
        loss, held_out = (
            float(value) if value is not None and math.isfinite(value) else None
            for value in (merit(losses), validation)
        )
        return cls(lr, rung, len(losses), loss, held_out, status)


class Race:
    """The candidates while they are trained.

    Args:
        trainer: `Trainer`.
        steps: int, training steps to be spent at most.
        judge: `"training"` or `"validation"`, the loss that ranks them.

    Attributes:
        losses: dict of rate -> float array, the loss of each step made.
        diverged: set of the rates that diverged.
    """

    def __init__(self, trainer: Trainer, steps: int, judge: str):
        self._trainer, self._steps, self._judge = trainer, steps, judge
        self.losses: dict[float, np.ndarray] = {}
        self._validation: dict[float, float | None] = {}
        self.diverged: set[float] = set()
        self._rows: list[Row] = []
        self._made = 0
        self._open: list[float] = []  # those that have run in this rung
        self._scores: dict[float, list[float]] = {}  # of each, after each of its rungs

    @property
    def left(self) -> int:
        """Steps that may still be made."""
        return self._steps - sum(map(len, self.losses.values()))

    def run(self, rates: Sequence[float], length: int, places: int) -> None:
        """Train these for so many steps more; forget at once those that are too many.

        No more weights are kept than there are places in the next rung, and one.
        """
        first = self._made
        for lr in rates:
            stretch = self._trainer.run(lr, first, first + length, is_kept=places > 0)
            self._take(lr, stretch, length)
            for beaten in {lr} - {*self.ranking()} | {*self.ranking()[places:]}:
                self._trainer.drop(beaten)

    def extend(self, length: int, places: int, most: int) -> None:
        """Try further rates beyond the edge that the best of the first rung is at.

        At most so many; lower ones as long as all have diverged. What is left must
        still be enough for the next rung to be half as long.
        """
        for number in range(EXTENSIONS):
            rates, ranking = sorted(self.losses), self.ranking()
            if ranking and number >= most:
                return
            best = ranking[0] if ranking else rates[0]
            beyond = {rates[0]: best**2 / rates[1], rates[-1]: best**2 / rates[-2]}
            if best not in beyond or self.left < length * (1 + places / 2):
                return
            self.run([beyond[best]], length, places)

    def _take(self, lr: float, stretch: Stretch, length: int) -> None:
        losses = np.asarray(stretch.losses, dtype=float)[:length]
        before = self.losses.get(lr, np.empty(0))
        self.losses[lr] = np.concatenate([before, losses])
        self._validation[lr] = stretch.validation_loss
        score = merit(self.losses[lr])
        if self._judge == "validation" and stretch.validation_loss is not None:
            score = stretch.validation_loss
        finite = math.isfinite(score) and bool(np.all(np.isfinite(losses)))
        if stretch.has_diverged or len(losses) < length or not finite:
            self.diverged.add(lr)
        self._open.append(lr)
        self._scores.setdefault(lr, []).append(score)

    def ranking(self) -> list[float]:
        """Those of this rung that did not diverge, the best first."""
        alive = [lr for lr in self._open if lr not in self.diverged]
        return sorted(alive, key=lambda lr: (self._scores[lr][-1], lr))

    def lost(self, best: float) -> dict[float, float]:
        """What share of the best one's descent each has missed, by rising rate.

        They are compared after the last rung that both made; those that diverged are
        left out.
        """
        start = start_level(self.losses[min(self.losses)], self._scores[best][-1])
        found = {}
        for lr in sorted(self.losses.keys() - self.diverged):
            pairs = list(zip(self._scores[lr], self._scores[best], strict=False))
            found[lr] = share_lost(*pairs[-1], start)
        return found

    def close_rung(self, survivors: Sequence[float], length: int) -> None:
        """Note what each did, and let only these go on."""
        rung = self._rows[-1].rung + 1 if self._rows else 1
        for lr in self._open:
            status = "kept" if lr in survivors else "dropped"
            status = "diverged" if lr in self.diverged else status
            self._rows.append(
                Row.of(lr, rung, self.losses[lr], self._validation[lr], status)
            )
        self._made += length
        self._open = []

    def rows(self, winner: float) -> tuple[Row, ...]:
        """What each did in each rung, in the order of training."""
        last = max(i for i, row in enumerate(self._rows) if row.lr == winner)
        rows = self._rows.copy()
        rows[last] = dataclasses.replace(rows[last], status="winner")
        return tuple(rows)
