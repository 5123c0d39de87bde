"""How far a search or a training is: told to whoever wants to show it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras

from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.stepping.steps import loss_of

SWEEP, VERIFICATION, TRAINING = "sweep", "verification", "training"


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a sweep, a verification or a training has got.

    Args:
        stage: str, `"sweep"`, `"verification"` or `"training"`.
        done: int, batches so far, or epochs of a training; 0 when the stage begins.
        total: int, how many there will be at most.
        learning_rate: float, the rate of the latest batch; at the start of a training,
            the rate that it starts with; None if there has been none.
        losses: mapping of name -> float, the latest losses: `"loss"`, `"val_loss"`.
        is_over: bool, whether the stage has ended, also by an error.

    Example:
    >>> Progress("sweep", 20, 200, 1e-5, {"loss": 0.7}).done / 200
    0.1
    """

    stage: str
    done: int
    total: int
    learning_rate: float | None = None
    losses: Mapping[str, float] = dataclasses.field(default_factory=dict)
    is_over: bool = False


Listener = Callable[[Progress], object]


@contextlib.contextmanager
def telling(
    listener: Listener | None, stage: str, total: int, rate: float | None = None
) -> Iterator[list[keras.callbacks.Callback]]:
    """Tell a listener of a stage: its start, every batch or epoch, its end.

    A context manager, because Keras tells callbacks nothing if `fit` raises.

    Args:
        listener: callable, given a `Progress`; None for nobody.
        stage: str.
        total: int, batches of the stage, or epochs of a training.
        rate: float, that the stage starts with, if that is known.

    Yields:
        list of the callbacks that the trainings of the stage are to have: of a
        training also the listener itself, if it is a callback of Keras.

    Example:
    >>> told = []
    >>> with telling(told.append, "sweep", 200) as callbacks:
    ...     len(callbacks)
    1
    >>> [(each.done, each.is_over) for each in told]
    [(0, False), (0, True)]
    """
    if listener is None:
        yield []
        return
    watching = _Epochs if stage == TRAINING else _Batches
    callback = watching(listener, Progress(stage, 0, total, rate))
    listener(callback.latest)
    try:
        rides = stage == TRAINING and isinstance(listener, keras.callbacks.Callback)
        yield [callback, *([listener] if rides else [])]
    finally:
        listener(dataclasses.replace(callback.latest, is_over=True))


class _Teller(keras.callbacks.Callback):
    """Tells a listener of one thing more that is done."""

    def __init__(self, listener: Listener, start: Progress):
        super().__init__()
        self._listener, self.latest = listener, start

    def _note_rate(self) -> None:
        """Keep the rate of what begins: a sweep puts its own back at its last batch."""
        rate = current_rate(self.model.optimizer)
        self.latest = dataclasses.replace(self.latest, learning_rate=rate)

    def _tell(self, losses: Mapping[str, float]) -> None:
        done = self.latest.done + 1
        self.latest = dataclasses.replace(self.latest, done=done, losses=losses)
        self._listener(self.latest)


class _Batches(_Teller):
    """Tells of each batch, over all repeats and short trainings of a stage."""

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self._note_rate()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self._tell({"loss": loss_of(logs)})


class _Epochs(_Teller):
    """Tells of each epoch of a training."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._note_rate()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        names, told = ("loss", "val_loss"), logs or {}
        self._tell({name: float(told[name]) for name in names if name in told})
