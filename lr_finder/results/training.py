"""What a training with a rate that was found came to, and one beside it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.results import _faces

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

SAME_RATE = 1 - 1e-6  # of the rate: float32 tells no finer


@dataclasses.dataclass(frozen=True)
class Cut:
    """A time that a guard took a training back; see `DivergenceGuard`.

    Args:
        epoch: int, from 1, in which the drift was seen.
        step: int, from 1, of the training.
        lr: float, the rate until then.
        new_lr: float, the rate from then on.
        is_finite: bool, whether the loss was a number: else it had exploded.

    Example:
    >>> print(Cut(3, 120, 0.3, 0.1))
    epoch 3, step 120: the loss drifted back; went back and lowered the rate 0.3 to 0.1
    """

    epoch: int
    step: int
    lr: float
    new_lr: float
    is_finite: bool = True

    def __str__(self) -> str:
        what = "drifted back" if self.is_finite else "was not finite"
        return (
            f"epoch {self.epoch}, step {self.step}: the loss {what}; went back "
            f"and lowered the rate {format_rate(self.lr)} to {format_rate(self.new_lr)}"
        )


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingOutcome:
    """How a training went.

    Args:
        learning_rate: float, the highest rate, with which a constant one starts.
        history: DataFrame, a row for each epoch: `epoch` from 1, `loss`, `val_loss` if
            there was validation data, `learning_rate` and the metrics.
        record: TrainingRecord of its batches and epochs.
        against_default: TrainingOutcome of the training at the rate that the model was
            compiled with, from the same weights and on the same batches; None if you
            did not ask for it. If the rates are equal, it is this training.
        schedule: str, what its schedule is called; None for a constant rate, which
            plateaus may have lowered.
        cuts: sequence of `Cut`, the times that its guard went back to an earlier state
            and lowered the rate.
        head_start: int, batches of the short training that it went on from; None if it
            started anew. `history` lacks the whole epochs among them.
        epochs_asked: int, the most epochs that were asked for; None if not known.
        stopped_in: int, the epoch, from 1, in which Ctrl-C stopped it; None if it was
            not stopped.

    Example:
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"epoch": [1, 2], "loss": [3.0, 2.0]})
    >>> record = TrainingRecord({"loss": [3.5, 2.5, 2.2, 1.8]})
    >>> outcome = TrainingOutcome(0.1, frame.assign(val_loss=[2.5, 2.6]), record)
    >>> outcome.best_epoch, outcome.best_loss
    (1, 2.5)
    """

    learning_rate: float
    history: pd.DataFrame
    record: TrainingRecord
    against_default: TrainingOutcome | None = None
    schedule: str | None = None
    cuts: Sequence[Cut] = ()
    head_start: int | None = None
    epochs_asked: int | None = None
    stopped_in: int | None = None

    @property
    def watched(self) -> str:
        """The loss that judges an epoch: of validation data, else of training."""
        return "val_loss" if "val_loss" in self.history else "loss"

    @property
    def best_loss(self) -> float | None:
        """The lowest finite loss of an epoch; None if there was none.

        An epoch whose training loss is not finite does not count: its validation loss
        is that of the weights to which the guard went back.
        """
        losses = self._finite()
        return float(losses.min()) if losses.notna().any() else None

    @property
    def best_epoch(self) -> int | None:
        """The epoch of that loss, from 1."""
        losses = self._finite()
        if not losses.notna().any():
            return None
        return int(self.history["epoch"][losses.idxmin()])

    @property
    def epochs(self) -> int:
        """The number of the last epoch: those of a head start count."""
        return int(self.history["epoch"].iloc[-1]) if len(self.history) else 0

    @property
    def ending(self) -> str | None:
        """Why it has fewer epochs than were asked for; None if it has them all."""
        asked = "" if self.epochs_asked is None else f" of {self.epochs_asked}"
        if self.stopped_in is not None:
            return f"stopped by Ctrl-C in epoch {self.stopped_in}{asked}"
        if self.epochs_asked is None or self.epochs >= self.epochs_asked:
            return None
        kind = "validation" if self.watched == "val_loss" else "training"
        why = f"the {kind} loss no longer fell"
        if self.schedule is not None:
            why += ", so the rate was taken down to 0"  # see `Cooldown`
        if not np.isfinite(self.history.get("loss", self._finite()).iloc[-1:]).all():
            why = "the training loss was not finite"  # the guard ends it then
        return f"ended early, after epoch {self.epochs}{asked}: {why}"

    @property
    def lowered_to(self) -> float | None:
        """The rate of the last epoch if plateaus lowered it, else None."""
        rates = self.history.get("learning_rate")
        if self.schedule is not None or rates is None or not len(rates):
            return None
        last = float(rates.iloc[-1])
        guarded = math.prod(cut.new_lr / cut.lr for cut in self.cuts)
        return last if last < SAME_RATE * guarded * self.learning_rate else None

    def _finite(self) -> pd.Series:
        losses = self.history[self.watched]
        trained = self.history.get("loss", losses)
        return losses.where(np.isfinite(losses) & np.isfinite(trained))

    @property
    def is_own_rate(self) -> bool:
        """Whether the rate that the model was compiled with is the same."""
        own = self.against_default
        return own is not None and own.history is self.history

    @property
    def comparison(self) -> str:
        """One sentence, without a full stop: the best losses of both trainings."""
        kind = "validation" if self.watched == "val_loss" else "training"
        text = f"Best {kind} loss: {_shown(self.best_loss)} with the rate found"
        own = self.against_default
        if own is None:
            return text
        return f"{text}, {_shown(own.best_loss)} at {format_rate(own.learning_rate)}"

    def __str__(self) -> str:
        rates = "a constant rate" if self.schedule is None else self.schedule
        if self.lowered_to is not None:
            rates = f"a rate lowered to {format_rate(self.lowered_to)} on plateaus"
        epoch = f"in epoch {self.best_epoch} of {self.epochs}, with {rates}"
        if self.head_start is not None:
            made = f"{self.head_start:,} batches"
            epoch += f", from the {made} of the best short training on"
        ending = [] if self.ending is None else [self.ending]
        told = [f"{self.comparison}; {epoch}", *ending, *map(str, self.cuts)]
        return "\n  ".join(told)

    def to_dict(self) -> dict[str, Any]:
        """The outcome, as values that JSON can hold.

        Returns:
            dict with `learning_rate`, `schedule` (str, None for a constant rate),
            `lowered_to` (float, None if plateaus did not lower the rate), `cuts` (a
            dict for each time that the guard went back: `epoch`, `step`, `lr`,
            `new_lr`, `is_finite`), `head_start` (int, batches; None if the training
            started anew), `epochs`, `epochs_asked`, `stopped_in` (int, the epoch of
            Ctrl-C, or None), `ending` (str, why there are fewer epochs than asked for,
            or None), `best_epoch` and `best_val_loss`, or `best_loss` without
            validation data; after a second training also `against_default`,
            whose `is_same` tells whether the rates are equal.
        """
        told = self._alone()
        if self.against_default is not None:
            own = {"is_same": self.is_own_rate, **self.against_default._alone()}
            told["against_default"] = own
        return told

    def _alone(self) -> dict[str, Any]:
        name = "best_val_loss" if self.watched == "val_loss" else "best_loss"
        return {
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "lowered_to": self.lowered_to,
            "cuts": [dataclasses.asdict(cut) for cut in self.cuts],
            "head_start": self.head_start,
            "epochs": self.epochs,
            "epochs_asked": self.epochs_asked,
            "stopped_in": self.stopped_in,
            "ending": self.ending,
            "best_epoch": self.best_epoch,
            name: self.best_loss,
        }

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the best losses, and a small picture."""
        return _faces.as_html(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses, and those of a second training; see `plot_before_after`."""
        return _faces.plot_outcome(self, ax)


def _shown(loss: float | None) -> str:
    return "none finite" if loss is None else f"{loss:.4g}"
