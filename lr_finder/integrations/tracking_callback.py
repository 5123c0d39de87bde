"""A callback that logs the true values of each batch of any `fit` to a tracker."""

from __future__ import annotations

import atexit
import os
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from lr_finder._arguments import check_count
from lr_finder._text import short_reason
from lr_finder.errors import InputError
from lr_finder.integrations.logged import Series, TrackerRun, flat, numbers
from lr_finder.integrations.logged_results import BATCH, EPOCH
from lr_finder.integrations.tracking import PATIENCE, Destination
from lr_finder.training.optimizer_rates import current_rate, optimizer_name
from lr_finder.training.watching.trackers import BatchMetricsTracker

MOST_WAITING = 500  # rows after which they are sent before their time
NOT_METRICS = ("epoch", "step")  # of a batch's row: they are the axis


class TrackingCallback(BatchMetricsTracker):
    """Logs the true loss, rate and metrics of each batch of a `fit` to a tracker.

    Keras reports the mean since the epoch began. This callback logs the loss of each
    batch alone, as `BatchMetricsTracker` records it, and what Keras reports of each
    epoch. A thread of its own sends the collected rows every few seconds and at the
    end, even if `fit` raises an error: the training does not wait for the tracker. If
    a tracker fails, or does not answer for a minute, one warning says so and the
    training goes on; what was measured is in `history`.

    Args:
        tracker: str, `"tensorboard"`, `"mlflow"` or `"wandb"`; also with the place, as
            in `"mlflow:sqlite:///runs.db"`.
        where: str or Path, the place, see `Finding.log_to`; None for the usual one.
        name: str, of the run; None for the name of the model.
        every: int >= 1, log one batch in so many; all epochs are logged.
        seconds: float > 0, time from one sending to the next.

    Attributes:
        place: str, where the run of the latest training is; None before its start.

    Raises:
        InputError: If there is no such tracker, its place cannot be written, or an
            argument breaks its rule.
        LRFinderError: If its library is not installed; the message says how.

    Example:
    >>> import tempfile
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((32, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     callback = TrackingCallback("tensorboard", folder, name="try")
    ...     _ = model.fit(x, x, batch_size=8, verbose=0, callbacks=[callback])
    ...     callback.place == folder + "/try"
    True
    """

    def __init__(
        self,
        tracker: str,
        where: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
        every: int = 1,
        seconds: float = 10.0,
    ):
        check_count("every", every, least=1)
        if not seconds > 0:
            raise InputError(
                f"Argument `seconds` must be a positive number. Received: {seconds!r}."
            )
        self._destination = Destination.of(tracker, where)
        self._name, self._every, self._seconds_between = name, every, seconds
        self._sender: Sender | None = None
        super().__init__()

    @property
    def place(self) -> str | None:
        """Where the run of the latest training is."""
        return None if self._sender is None else self._sender.place

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin a run; one that `fit` broke off by an error is ended first."""
        self._end(is_whole=False)
        super().on_train_begin(logs)
        name = self._name or self.model.name
        self._is_told = False
        self._sender = Sender(
            self._destination.here(), name, self._about(), self._seconds_between
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Collect what Keras reports of the epoch."""
        self._send(EPOCH, epoch + 1, numbers(logs or {}))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Send what is left, and end the run."""
        self._end(is_whole=True)

    def _record(self, values: dict[str, float]) -> None:
        super()._record(values)
        n = len(self.losses) - 1
        if n % self._every == 0:
            names = [name for name in self.history if name not in NOT_METRICS]
            self._send(BATCH, n, {name: self.history[name][-1] for name in names})

    def _send(self, group: str, step: int, values: Mapping[str, float]) -> None:
        sender = self._sender
        if sender is None or self._is_told:
            return
        sender.collect(group, step, values)
        if sender.failure is not None:
            self._tell(sender.failure)

    def _end(self, *, is_whole: bool) -> None:
        sender = self._sender
        if sender is None or sender.is_ended:
            return
        sender.end(is_whole=is_whole)
        if sender.failure is not None and not self._is_told:
            self._tell(sender.failure)

    def _tell(self, failure: str) -> None:
        self._is_told = True
        warnings.warn(
            f"Tracking: nothing more is logged to {self._destination}, because it "
            f"failed: {failure}. The training goes on, and `history` of the callback "
            "has every batch.",
            stacklevel=2,
        )

    def _about(self) -> dict[str, Any]:
        """What is trained, and how."""
        optimizer = self.model.optimizer
        return flat(
            {
                "model": self.model.name, "parameters": self.model.count_params(),
                "optimizer": optimizer_name(optimizer),
                "learning_rate": current_rate(optimizer),
                "epochs": self.params.get("epochs"), "steps": self.params.get("steps"),
                "backend": keras.backend.backend(), "keras": keras.version(),
            }
        )  # fmt: skip


class Sender:
    """Collects rows, and sends them to a tracker from a thread of its own.

    Args:
        destination: Destination.
        name: str, of the run.
        about: mapping of name -> str, int, float or bool, its parameters.
        seconds: float, between two sendings.
        patience: float, seconds without an answer after which `end` gives up.

    Attributes:
        place: str, where the run is; None before it has begun.
        failure: str, why nothing more is sent; None if all is well.
        is_ended: bool, whether the run was ended.
    """

    def __init__(
        self,
        destination: Destination,
        name: str,
        about: Mapping[str, Any],
        seconds: float,
        patience: float = PATIENCE,
    ):
        self.place: str | None = None
        self.failure: str | None = None
        self.is_ended = False
        self._destination, self._name, self._about = destination, name, about
        self._seconds, self._patience = seconds, patience
        self._rows: list[tuple[str, int, float, Mapping[str, float]]] = []
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._is_ending, self._is_whole, self._answers = False, True, 0
        atexit.register(self.end, is_whole=False)  # after a `fit` that raised
        self._thread = threading.Thread(
            target=self._work, daemon=True, name="lr_finder tracking"
        )
        self._thread.start()

    def collect(self, group: str, step: int, values: Mapping[str, float]) -> None:
        """Keep a row until it is sent."""
        with self._lock:
            self._rows.append((group, step, time.time(), values))
            is_much = len(self._rows) >= MOST_WAITING
        if is_much:
            self._wake.set()

    def end(self, *, is_whole: bool) -> None:
        """Send what is left and end the run; give up if nothing answers.

        Args:
            is_whole: bool, whether the training has ended as it should.
        """
        if self.is_ended:
            return
        atexit.unregister(self.end)
        self._is_whole, self._is_ending, self.is_ended = is_whole, True, True
        self._wake.set()
        while self._thread.is_alive():
            answers = self._answers
            self._thread.join(self._patience)
            if self._thread.is_alive() and answers == self._answers:
                self.failure = f"no answer within {self._patience:g} seconds"
                return

    def _work(self) -> None:
        try:
            self._destination.load()
            run = self._destination.start(self._name)
            self.place = run.place
            self._answers += 1
            run.describe(self._about, {})
            while not self._is_ending:
                self._wake.wait(self._seconds)
                self._wake.clear()
                self._deliver(run)
            self._deliver(run)
            run.close(is_whole=self._is_whole)
        except BaseException as error:  # some libraries exit
            self.failure = short_reason(error)

    def _deliver(self, run: TrackerRun) -> None:
        """Send what was collected, a table for each run of rows with the same names."""
        with self._lock:
            rows, self._rows = self._rows, []
        for series in tables_of(rows):
            run.add(series)
            self._answers += 1


def tables_of(
    rows: list[tuple[str, int, float, Mapping[str, float]]],
) -> list[Series]:
    """Rows that belong together as columns.

    Args:
        rows: list of `(group, step, seconds, values)`.

    Returns:
        list of Series, one for each group and set of names, in the order they came.

    Example:
    >>> rows = [("batch", i, 0.0, {"loss": 1.0 - i}) for i in range(2)]
    >>> [(each.group, each.columns) for each in tables_of(rows)]
    [('batch', {'loss': [1.0, 0.0]})]
    """
    tables: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        tables.setdefault((row[0], *row[3]), []).append(row)
    return [
        Series(
            group, [step for _, step, _, _ in same],
            {name: [values[name] for *_, values in same] for name in names},
            seconds=[moment for _, _, moment, _ in same],
        )
        for (group, *names), same in tables.items()
    ]  # fmt: skip
