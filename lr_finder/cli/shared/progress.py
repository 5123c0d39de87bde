"""Progress on stderr while Keras trains: Rich bars fed by Keras callbacks."""

from __future__ import annotations

from typing import Any, Self

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lr_finder._text import format_rate
from lr_finder.training.optimizer_rates import current_rate

SMOOTHING = 0.95  # of the loss shown: steady enough to be read


class ProgressCallback(keras.callbacks.Callback):
    """A Rich progress bar, shown on a terminal and only there.

    A context manager, because Keras tells callbacks nothing when `fit` raises.

    Args:
        title: str, shown before the bar.
        total: int, steps of the whole.
        is_shown: bool, False for no bar at all.
        console: rich Console; by default standard error.
    """

    def __init__(
        self,
        title: str,
        total: int,
        *,
        is_shown: bool = True,
        console: Console | None = None,
    ):
        super().__init__()
        console = console or Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.fields[news]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not (is_shown and console.is_terminal),
        )
        self._task = self._progress.add_task(title, total=total, news="starting")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def _show(self, completed: int, news: str) -> None:
        self._progress.update(self._task, completed=completed, news=news)


class SweepProgress(ProgressCallback):
    """Shows the learning rate and the smoothed loss after each batch of a sweep."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget what an earlier fit has shown."""
        self._average, self._weight = 0.0, 0.0

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Show the batch that has ended."""
        lr = float(self.model.optimizer.learning_rate)
        self._average = SMOOTHING * self._average + (1 - SMOOTHING) * logs["loss"]
        self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
        self._show(
            batch + 1, f"lr {format_rate(lr)}  loss {self._average / self._weight:.4g}"
        )


class VerificationProgress(ProgressCallback):
    """Shows the rate that is tried and its loss, over all short trainings."""

    def __enter__(self) -> Self:
        self._batches = 0
        return super().__enter__()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Show the batch that has ended."""
        self._batches += 1
        lr = current_rate(self.model.optimizer)
        self._show(self._batches, f"lr {format_rate(lr)}  loss {logs['loss']:.4g}")


class TrainingProgress(ProgressCallback):
    """Shows the losses after each epoch of a training."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show the epoch that has ended."""
        losses = f"loss {logs['loss']:.4g}  validation loss {logs['val_loss']:.4g}"
        self._show(epoch + 1, losses)
