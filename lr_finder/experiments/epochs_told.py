"""How far a training in another process is: told in a file, epoch by epoch."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from lr_finder._files import write_atomically
from lr_finder.experiments.comparison.settings import Task
from lr_finder.training.optimizer_rates import current_rate

EMPTY: Mapping[str, float] = {}


class ProgressFile(keras.callbacks.Callback):
    """Keeps a small JSON file up to date: what is trained, and what its epochs gave.

    Args:
        path: Path; nothing is told if its folder is missing, as on another machine.
        task: Task.
    """

    def __init__(self, path: Path, task: Task):
        super().__init__()
        self.path, self.task = path, task
        self._began = time.time()
        self._write(0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note an epoch that ended, its losses and its rate."""
        told = logs or {}
        losses = {n: float(told[n]) for n in ("loss", "val_loss") if n in told}
        rate = current_rate(self.model.optimizer)
        self._write(epoch + 1, losses | {"learning_rate": rate})

    def remove(self) -> None:
        """Take the file away: the training is over."""
        self.path.unlink(missing_ok=True)

    def _write(self, epochs: int, latest: Mapping[str, float] = EMPTY) -> None:
        document = {
            "key": self.task.key,
            "setting": str(self.task.setting),
            "seed": self.task.seed,
            "epochs": epochs,
            "max_epochs": self.task.conditions.epochs,
            "began": self._began,
            "latest": dict(latest),
        }
        if self.path.parent.is_dir():
            text = json.dumps(document)
            write_atomically(self.path, lambda file: file.write(text.encode()))
