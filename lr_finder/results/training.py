"""What a training with a rate that was found came to, and one beside it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.results import _faces

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SAME_RATE = 1 - 1e-6  # of the rate: float32 tells no finer


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingOutcome:
    """How a training went.

    Args:
        learning_rate: float, that it started with.
        history: DataFrame, a row for each epoch: `epoch` from 1, `loss`, `val_loss` if
            there was validation data, `learning_rate` and the metrics.
        record: TrainingRecord of its batches and epochs.
        against_default: TrainingOutcome of the training at the rate that the model was
            compiled with, from the same weights and on the same batches; None if
            nobody asked for it. It is this very training if the rates are equal.

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

    @property
    def watched(self) -> str:
        """The loss that judges an epoch: of validation data, else of training."""
        return "val_loss" if "val_loss" in self.history else "loss"

    @property
    def best_loss(self) -> float | None:
        """The lowest finite loss of an epoch; None if there was none."""
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
    def lowered_to(self) -> float | None:
        """The rate of the last epoch if plateaus lowered it, else None."""
        rates = self.history.get("learning_rate")
        if rates is None or not len(rates):
            return None
        last = float(rates.iloc[-1])
        return last if last < SAME_RATE * self.learning_rate else None

    def _finite(self) -> pd.Series:
        losses = self.history[self.watched]
        return losses.where(np.isfinite(losses))

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

    def to_dict(self) -> dict[str, Any]:
        """How it went, as JSON takes it.

        Returns:
            dict with `learning_rate`, `lowered_to` (float, None if it was not lowered),
            `epochs`, `best_epoch` and `best_val_loss`, or `best_loss` without
            validation data; with a training beside it `against_default`, whose
            `is_same` tells whether the rates are equal.
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
            "lowered_to": self.lowered_to,
            "epochs": len(self.history),
            "best_epoch": self.best_epoch,
            name: self.best_loss,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The losses drawn; with a training beside it both, see `plot_before_after`."""
        return _faces.plot_outcome(self, ax)


def _shown(loss: float | None) -> str:
    return "none finite" if loss is None else f"{loss:.4g}"
