"""A callback that reads chosen instruments on some steps, at little cost."""

from __future__ import annotations

import math
import time
import warnings
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from lr_finder._text import short_reason
from lr_finder.analysis.training.noise_scale import simple_noise_scale
from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
from lr_finder.training.checking.neighbours import list_around
from lr_finder.training.curvature.measuring import largest_curvature
from lr_finder.training.feeding.watched_batches import WatchedBatches
from lr_finder.training.instruments.presets import (
    CURVATURE,
    DEAD,
    LOSS,
    NOISE,
    NORM,
    OF_BATCHES,
    RATE,
    RATIO,
)
from lr_finder.training.instruments.probing import BatchProbe, Probe
from lr_finder.training.instruments.update_ratios import UpdateRatios
from lr_finder.training.optimizer_rates import current_rate, rate_holders
from lr_finder.training.watching.running_losses import BatchLosses

if TYPE_CHECKING:
    import pandas as pd

NOISE_STEPS = 20  # measured ones that a noise scale is averaged over
CURVATURE_STEPS = 10  # of the search for the largest curvature


class InstrumentTracker(keras.callbacks.Callback):
    """Records losses and rates of all batches, and instruments on some steps.

    Args:
        batches: WatchedBatches, which `fit` is given as its `x`; it keeps each
            `every`-th batch of an epoch if an instrument needs one.
        instruments: tuple of str, as `chosen_instruments` gives them.
        every: int >= 1, measure on the first step of an epoch and every so many after
            it; None measures nothing but losses and rates.
        probe: BatchProbe of an earlier training, used if it suits the model; or None.

    Attributes:
        history: dict of str to list, one entry for each batch: `epoch`, `step`,
            `learning_rate`, `seconds`, `loss`.
        probe: BatchProbe or None, what measured the batches.
        readings: dict of str to list, one entry for each step measured: `batch`
            (counted over all epochs) and the instruments.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((64, 1))
    >>> tracker = InstrumentTracker(WatchedBatches(x, x), ("loss", "update_ratio"), 1)
    >>> _ = model.fit(x, x, verbose=0, callbacks=[tracker])
    >>> tracker.readings["batch"], len(tracker.readings["update_ratio"])
    ([0, 1], 2)
    """

    def __init__(
        self,
        batches: WatchedBatches,
        instruments: tuple[str, ...],
        every: int | None,
        probe: BatchProbe | None = None,
    ):
        super().__init__()
        self.probe = probe
        self._batches, self.instruments, self._every = batches, instruments, every
        self._measured = [n for n in instruments if n not in (LOSS, RATE)]
        self._start_anew()

    def _start_anew(self) -> None:
        names = ("epoch", "step", "learning_rate", "seconds", "loss")
        self.history: dict[str, list[Any]] = {name: [] for name in names}
        columns = ("batch", *self._measured)
        self.readings: dict[str, list[Any]] = {name: [] for name in columns}
        self._epochs: dict[str, list[Any]] = {}
        self._layers: list[tuple[np.ndarray, np.ndarray]] = []
        self._probes: list[Probe] = []
        self._ratios: UpdateRatios | None = None
        self._batch: Any = None  # the last one measured
        self._samples = 0  # of it
        self._is_due = self._has_failed = False

    @property
    def losses(self) -> list[float]:
        """The loss of each batch."""
        return self.history["loss"]

    @property
    def learning_rates(self) -> list[float]:
        """The learning rate of each batch."""
        return self.history["learning_rate"]

    def latest_readings(self) -> dict[str, float]:
        """The last reading of each instrument that is no loss and no rate.

        Returns:
            dict of name to float, of those that were read.
        """
        last = {name: self.readings[name][-NOISE_STEPS:] for name in self._measured}
        read = {
            n: [v for v in values if not math.isnan(v)] for n, values in last.items()
        }
        return {name: values[-1] for name, values in read.items() if values}

    def set_model(self, model: keras.Model) -> None:
        """Take the model, and see whether anything may move its rate within an epoch.

        To read the rate takes time under JAX, as the state leaves the training.

        Args:
            model: keras.Model.
        """
        super().set_model(model)
        found = list_around(self)
        others = [] if found is None else [e for e in found.callbacks if e is not self]
        own = (keras.callbacks.History, keras.callbacks.ProgbarLogger)
        is_moved = any(
            not (isinstance(each, own) or getattr(each, "leaves_rate", False))
            for each in others
        )
        has_schedule = any(
            not isinstance(each.learning_rate, keras.Variable)
            for each in rate_holders(model.optimizer)
        )
        self._rate_moves = found is None or is_moved or has_schedule

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew: the same object can watch several fits."""
        self._start_anew()
        self._losses = BatchLosses(self.model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras' running means start anew."""
        self._epoch = epoch
        self._losses.begin_epoch()

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Keep the rate, and copy the variables if this step is measured."""
        is_due = self._every is not None and batch % self._every == 0
        self._is_due = is_due and bool(self._measured) and not self._has_failed
        if self._rate_moves or self._is_due or batch == 0:
            self._rate = current_rate(self.model.optimizer)
        if self._is_due:
            if self._ratios is None:
                self._ratios = UpdateRatios(self.model)
            self._ratios.before()
        self._begin = time.perf_counter()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the batch, and read the instruments if they are due."""
        seconds = time.perf_counter() - self._begin
        size = self._batches.share_of(batch)
        _, loss = self._losses.since(batch, logs, lambda: self.model, size)
        row = (self._epoch, batch, self._rate, seconds, loss)
        for name, value in zip(self.history, row, strict=True):
            self.history[name].append(value)
        if self._is_due:
            self._try(self._read)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep what Keras reports; measure the curvature if that is asked for."""
        for name, value in (logs or {}).items():
            self._epochs.setdefault(name, []).append(value)
        if CURVATURE in self.instruments and self._layers and not self._has_failed:
            self._try(self._read_curvature)

    def _try(self, read: Any) -> None:
        """Read instruments; if that fails, say so once and let the training go on."""
        try:
            read()
        except Exception as error:
            self._has_failed = True
            warnings.warn(
                "The instruments could not be read, and are left out from now on: "
                f"{short_reason(error)}",
                stacklevel=2,
            )

    def _read(self) -> None:
        ratios = self._ratios
        if ratios is None:
            return
        _ = self.model  # under JAX: brings the variables up to date
        probe = self._probed(ratios) if self._needs_batches else None
        updates = ratios.after()
        norms = np.full(len(ratios.names), np.nan)
        if probe is not None:
            norms = ratios.by_layers(probe.squares)
            self._probes = [*self._probes, probe][-NOISE_STEPS:]
        self._layers.append((norms, updates))
        self.readings["batch"].append(len(self.losses) - 1)
        values = self._values(probe) | {RATIO: ratios.total}
        for name in self._measured:
            self.readings[name].append(values.get(name, math.nan))

    @property
    def _needs_batches(self) -> bool:
        return bool({*OF_BATCHES, CURVATURE}.intersection(self.instruments))

    def _probed(self, ratios: UpdateRatios) -> Probe | None:
        """What the batch says; None of one that is smaller than the others."""
        batch = self._batches.take()
        batch = batch if isinstance(batch, list | tuple) else (batch,)
        samples = len(keras.tree.flatten(batch)[0])
        if samples < 2 or samples < self._samples:
            return None
        self._batch, self._samples = batch, samples
        if not set(OF_BATCHES).intersection(self.instruments):
            return None
        if self.probe is None or not self.probe.suits(self.model):
            self.probe = BatchProbe(self.model)
        return self.probe(ratios.kept, batch)

    def _values(self, probe: Probe | None) -> dict[str, float]:
        if probe is None:
            return {}
        same = [each for each in self._probes if each.size == probe.size]
        scale = simple_noise_scale(
            [each.small for each in same],
            [float(each.squares.sum()) for each in same],
            probe.size,
            2 * probe.size,
        )
        dead = float(probe.dead.mean()) if len(probe.dead) else math.nan
        return {NORM: math.sqrt(probe.squares.sum()), DEAD: dead, NOISE: scale}

    def _read_curvature(self) -> None:
        if self._batch is None:
            return
        x, y, weight = keras.utils.unpack_x_y_sample_weight(tuple(self._batch))
        found = largest_curvature(
            self.model, x, y, sample_weight=weight, iterations=CURVATURE_STEPS
        )
        self.readings[CURVATURE][-1] = found.value

    def close(self) -> bool:
        """Nothing is left behind; as `DynamicsTracker.close`."""
        return False

    def to_frame(self) -> pd.DataFrame:
        """The history as a tidy table, one row for each batch."""
        import pandas as pd

        return pd.DataFrame(self.history)

    def readings_frame(self) -> pd.DataFrame:
        """The readings as a tidy table, one row for each step measured."""
        import pandas as pd

        return pd.DataFrame(self.readings)

    def record(self) -> TrainingRecord:
        """All that was recorded, as plain arrays to be judged and drawn.

        Returns:
            TrainingRecord of the last `fit`.
        """
        layers = None
        if self._layers and self._ratios is not None:
            norms, updates = zip(*self._layers, strict=True)
            steps = np.array(self.readings["batch"])
            layers = LayerNorms(
                steps, self._ratios.names, np.array(norms), np.array(updates)
            )
        return TrainingRecord(
            dict(self.history), self._epochs, layers, readings=dict(self.readings)
        )
