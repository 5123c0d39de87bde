"""What `fit` writes beside a backup, so that another process can resume it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from lr_finder._files import write_atomically
from lr_finder._text import counted
from lr_finder.errors import InputError

FILE = "lr_finder.json"  # in the folder of the backup, which Keras removes at the end
BACKUP = "training_metadata.json"  # Keras' own, there as soon as there is a backup


@dataclasses.dataclass(frozen=True)
class Kept:
    """What a backup of Keras lacks, as it holds only the rate of its step.

    Args:
        rates: tuple of float, the rate found, or those of the groups.
        batches: int, in an epoch; None if they are not counted yet.
        factor: float in (0, 1], by which a guard has lowered the rate.
        cooldown: tuple `(epoch, epochs)`, as in `Cooldown`, or None.

    Example:
    >>> Kept.read(Kept((0.1,), cooldown=(3, 2)).text())
    Kept(rates=(0.1,), batches=None, factor=1.0, cooldown=(3, 2))
    """

    rates: tuple[float, ...]
    batches: int | None = None
    factor: float = 1.0
    cooldown: tuple[int, int] | None = None

    def rates_of(self, names: Sequence[str | None]) -> dict[str | None, float]:
        """The rates by name.

        Args:
            names: sequence of str, the groups in the same order; of None without any.

        Returns:
            dict of name to rate.

        Raises:
            InputError: If the training had other groups.
        """
        if len(names) != len(self.rates):
            raise InputError(
                "Argument `groups` must be that of the training that was interrupted. "
                f"Received: {counted(len(names), 'rate')} to find, but a backup with "
                f"{len(self.rates)}. Give the same groups, or remove the backup."
            )
        return dict(zip(names, self.rates, strict=True))

    def text(self) -> str:
        """As JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, text: str) -> Kept:
        """From JSON."""
        told = json.loads(text)
        cooldown = told["cooldown"] and tuple(told["cooldown"])
        return cls(**told | {"rates": tuple(told["rates"]), "cooldown": cooldown})


def kept_before(
    callbacks: Sequence[keras.callbacks.Callback], is_given: bool
) -> Kept | None:
    """What an interrupted training has kept, if there is a backup to resume.

    Args:
        callbacks: sequence of keras.callbacks.Callback, of the training to come.
        is_given: bool, whether the rate is given.

    Returns:
        Kept, or None if there is no backup.

    Raises:
        InputError: If the rate of a backup is not known.

    Example:
    >>> kept_before([keras.callbacks.TerminateOnNaN()], False)
    """
    for folder in folders_of(callbacks):
        if not (folder / BACKUP).exists():
            continue
        if (folder / FILE).exists():
            return Kept.read((folder / FILE).read_text("utf-8"))
        if not is_given:
            raise InputError(
                "Argument `callbacks` must hold no BackupAndRestore with a backup of "
                f"another training. Received: {str(folder)!r}, which holds a backup "
                f"without {FILE}, so the rate found is not known. Give "
                "learning_rate=…, or remove the folder to begin anew."
            )
    return None


def folders_of(callbacks: Sequence[keras.callbacks.Callback]) -> list[Path]:
    """The folders to which backups are written.

    Args:
        callbacks: sequence of keras.callbacks.Callback.

    Returns:
        list of Path.

    Raises:
        InputError: If one is not on this machine.

    Example:
    >>> [path.name for path in folders_of([keras.callbacks.BackupAndRestore("kept")])]
    ['kept']
    """
    folders = [
        str(each.backup_dir)
        for each in callbacks
        if isinstance(each, keras.callbacks.BackupAndRestore)
    ]
    for folder in folders:
        if "://" in folder:
            raise InputError(
                "Argument `callbacks` must hold no BackupAndRestore for a remote "
                "folder: the rate found is kept beside the backup. Received: "
                f"{folder!r}. Give a folder of this machine."
            )
    return [Path(folder) for folder in folders]


class KeepsRate(keras.callbacks.Callback):
    """Writes, beside each backup of a training, what is needed to resume it.

    Args:
        folders: sequence of Path.
        now: callable that gives a Kept.
    """

    def __init__(self, folders: Sequence[Path], now: Callable[[], Kept]):
        super().__init__()
        self._folders, self._now = folders, now

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Write the rate before the first backup is made."""
        self._write()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write what has changed in this epoch."""
        self._write()

    def _write(self) -> None:
        text = self._now().text().encode()
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / FILE, lambda file: file.write(text))
