"""The training with the rate found and, on request, one at the model's own rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder._text import format_rate
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.cli.shared.output import MODEL_FILE, PREDICTIONS_FILE, OutputFolder
from lr_finder.cli.shared.progress import TrainingProgress
from lr_finder.data.dataset import Dataset
from lr_finder.data.saved_preprocessing import FILE_NAME as PREPROCESSING_FILE
from lr_finder.errors import LRFinderError
from lr_finder.training import fitting
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.state import preserve_state
from lr_finder.training.watching.trackers import BatchMetricsTracker

HISTORY_FILE = "history.csv"
OWN_HISTORY_FILE, PICTURE_FILE = "history_default.csv", "training.png"
TRAINING_FILES = (
    MODEL_FILE, PREPROCESSING_FILE, HISTORY_FILE, OWN_HISTORY_FILE, PICTURE_FILE,
    PREDICTIONS_FILE,
)  # fmt: skip
SAME_RATE = 1e-6  # relative: float32 tells no finer


class Trainings:
    """Trains a model at one rate or at two; keeps the files of both.

    Args:
        model: keras.Model, compiled.
        dataset: Dataset.
        output: OutputFolder.
        epochs: int, the most.
        batch_size: int.
        seed: int, the same for both.
        title: str, shown before the bar.
        is_shown: bool, whether progress is shown.
    """

    def __init__(
        self,
        model: keras.Model,
        dataset: Dataset,
        output: OutputFolder,
        *,
        epochs: int,
        batch_size: int,
        seed: int,
        title: str = "Training",
        is_shown: bool = True,
    ):
        self.model, self.dataset, self.output = model, dataset, output
        self.epochs, self.batch_size, self.seed = epochs, batch_size, seed
        self.title, self.is_shown = title, is_shown

    def found(self, rate: float) -> dict[str, Any]:
        """Train with the rate found; keep history and best model.

        Args:
            rate: float > 0.

        Returns:
            dict of JSON values: how it went.

        Raises:
            LRFinderError: If the validation loss is never finite.
        """
        frame = self._fit_and_keep(rate)
        return _outcome(frame, rate)

    def both(self, rate: float) -> dict[str, Any]:
        """As `found`; then train anew at the rate that the model was compiled with.

        Both start from the same weights and see the same batches, under the same
        callbacks. A rate found that is the model's own is trained with once.

        Args:
            rate: float > 0.

        Returns:
            dict of JSON values, that of `found`; its `against_default` tells of the
            other training, with `is_same`, bool, and `best_val_loss` None if it was
            never finite.

        Raises:
            LRFinderError: If the validation loss of the first is never finite.
        """
        own = current_rate(self.model.optimizer)
        is_same = bool(np.isclose(own, rate, rtol=SAME_RATE, atol=0.0))
        if is_same:
            found = self.found(rate)
            return found | {"against_default": {"is_same": True, **found}}
        trackers = BatchMetricsTracker(), BatchMetricsTracker()
        with preserve_state(self.model) as (_, interrupt):
            held = [trackers[0], _Interruptible(interrupt)]
            frame = self._fit_and_keep(rate, held)
            report = _outcome(frame, rate)
        own_frame = self._fit(own, None, trackers[1:])
        self.output.write_table(OWN_HISTORY_FILE, own_frame)
        report["against_default"] = {"is_same": False, **_own_outcome(own_frame, own)}
        records = [
            TrainingRecord(tracker.history, each.to_dict("list"))
            for tracker, each in zip(trackers, (frame, own_frame), strict=True)
        ]
        self._draw(report, *records)
        return report

    def _fit_and_keep(
        self, rate: float, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> pd.DataFrame:
        """A training whose best model is kept, with what prepares its inputs."""
        preprocessing = self.dataset.preprocessing
        if preprocessing is not None:
            self.output.write_json(PREPROCESSING_FILE, preprocessing.to_document())
        frame = self._fit(rate, self.output.target(MODEL_FILE), callbacks)
        self.output.write_table(HISTORY_FILE, frame)
        return frame

    def _fit(
        self,
        rate: float,
        checkpoint: Path | None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> pd.DataFrame:
        """One training, as a table of a row for each epoch."""
        dataset = self.dataset
        title = self.title if checkpoint else f"{self.title} at {format_rate(rate)}"
        with TrainingProgress(title, self.epochs, is_shown=self.is_shown) as shown:
            history = fitting.train(
                self.model,
                (dataset.x_train, dataset.y_train),
                (dataset.x_validation, dataset.y_validation),
                learning_rate=rate,
                epochs=self.epochs,
                batch_size=self.batch_size,
                seed=self.seed,
                checkpoint=checkpoint,
                callbacks=[shown, *callbacks],
                verbose=0,
            )
        frame = pd.DataFrame(history.history)
        frame.insert(0, "epoch", range(1, len(frame) + 1))
        return frame

    def _draw(
        self, report: dict[str, Any], found: TrainingRecord, own: TrainingRecord
    ) -> None:
        """Write both trainings over each other, the finding as the title."""
        from lr_finder.plots.style import save_figure
        from lr_finder.plots.training.before_after import plot_before_after

        rates = report["against_default"]["learning_rate"], report["learning_rate"]
        names = [f"{format_rate(rate)}, {what}" for rate, what in zip(
            rates, ("compiled with", "found"), strict=True)]  # fmt: skip
        ax = plot_before_after(own, found, names=tuple(names))
        ax.set_title(compared(report), fontsize="medium")
        save_figure(ax.figure, self.output.target(PICTURE_FILE))


def compared(training: dict[str, Any]) -> str:
    """One sentence: the best validation losses of both trainings.

    Args:
        training: dict, the report of `Trainings.both`.

    Returns:
        str, without a full stop.

    Example:
    >>> own = {"learning_rate": 1e-3, "best_val_loss": 0.2, "is_same": False}
    >>> compared({"learning_rate": 3e-3, "best_val_loss": 0.1, "against_default": own})
    'Best validation loss: 0.1 with the rate found, 0.2 at 1e-3'
    """
    own = training["against_default"]
    loss = own["best_val_loss"]
    other = "none finite" if loss is None else f"{loss:.4g}"
    return (
        f"Best validation loss: {training['best_val_loss']:.4g} with the rate found, "
        f"{other} at {format_rate(own['learning_rate'])}"
    )


class _Interruptible(keras.callbacks.Callback):
    """Lets Ctrl-C through after each batch, which a preserved state holds back."""

    def __init__(self, interrupt: HeldInterrupt):
        super().__init__()
        self._interrupt = interrupt

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self._interrupt.check()


def _outcome(frame: pd.DataFrame, learning_rate: float) -> dict[str, Any]:
    """How a training went, from its history of one row for each epoch."""
    outcome = _own_outcome(frame, learning_rate)
    if outcome["best_val_loss"] is None:
        raise LRFinderError(
            f"Training at {format_rate(learning_rate)} must give a finite "
            f"validation loss. Received: none in {len(frame)} epochs. Sweep with more "
            "--repeats, or look at the data."
        )
    return outcome


def _own_outcome(frame: pd.DataFrame, learning_rate: float) -> dict[str, Any]:
    """As `_outcome`, with None for a loss that was never finite."""
    losses = frame["val_loss"].where(np.isfinite(frame["val_loss"]))
    is_known = bool(losses.notna().any())
    return {
        "learning_rate": learning_rate,
        "epochs": len(frame),
        "best_epoch": int(frame["epoch"][losses.idxmin()]) if is_known else None,
        "best_val_loss": float(losses.min()) if is_known else None,
    }
