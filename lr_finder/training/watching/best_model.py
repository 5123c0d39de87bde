"""The best model of a training, kept in a file that is always whole."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import keras

from lr_finder.errors import InputError
from lr_finder.training.optimizer_rates import HeldRates
from lr_finder.training.watching.choices import Choice, chosen_callbacks


def keeping_best(
    checkpoint: str | Path | Choice, monitor: str, rates: HeldRates
) -> tuple[list[keras.callbacks.Callback], Path | None]:
    """What keeps the best model in a file; and the file beside it, to be removed.

    Args:
        checkpoint: str or Path ending in `.keras`; or what `chosen_callbacks` takes.
        monitor: str, the loss that tells which model is best.
        rates: HeldRates, those that the file is to have.

    Returns:
        `(callbacks, partial)`; partial is None if there is no such file.

    Raises:
        InputError: If it is none of these.
    """
    if isinstance(checkpoint, str | os.PathLike):
        path = _checked_path(Path(checkpoint))
        partial = path.with_name(f".{path.stem}.partial.keras")
        return _checkpointing(partial, path, monitor, rates), partial
    kind = keras.callbacks.ModelCheckpoint
    return chosen_callbacks("checkpoint", kind, checkpoint, monitor=monitor), None


def _checked_path(checkpoint: Path) -> Path:
    if checkpoint.suffix != ".keras":
        raise InputError(
            "Argument `checkpoint` must end in .keras. Received: "
            f"checkpoint={str(checkpoint)!r}."
        )
    return checkpoint


def _checkpointing(
    partial: Path, path: Path, monitor: str, rates: HeldRates
) -> list[keras.callbacks.Callback]:
    """Keep the best model in `path`; it is written beside it and moved when whole.

    It is written with the rates that the training began with.
    """

    def publish(epoch: int, logs: dict[str, Any] | None = None) -> None:
        del epoch, logs
        rates.go_on()
        if partial.exists():
            os.replace(partial, path)

    return [
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.put()),
        keras.callbacks.ModelCheckpoint(
            partial,
            monitor=monitor,
            save_best_only=True,
            initial_value_threshold=math.inf,  # a loss that is nan is no better
        ),
        keras.callbacks.LambdaCallback(on_epoch_end=publish),
    ]
