"""The callback that keeps the way of a training through the space of its weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder._text import counted
from lr_finder.analysis.landscape.trajectory import LEAST_POINTS, Trajectory
from lr_finder.errors import InputError
from lr_finder.training.preserving.variables import host_copy

POINTS = 100  # of a trajectory at most: enough for a smooth line
MOST_BYTES = 2**30
MIB = 2**20


class TrajectoryRecorder(keras.callbacks.Callback):
    """Keeps the trainable weights of a model at some steps of a `fit`.

    It begins with the weights before the first batch, keeps those after every batch,
    and thins itself out: if it holds `points`, or as many as fit in `max_bytes`, it
    drops every second one and from then on keeps half as many. So the points are
    spread evenly over any training, and a long one costs few copies. The weights at the
    end are always kept. It changes nothing in the training.

    Args:
        points: int >= 4, how many are kept at most, beside the one at the end.
        max_bytes: int, memory that they may take.
        every: int >= 1, batches from one point to the next at first.

    Raises:
        InputError: If an argument breaks its rule; when a training begins, if not even
            4 points fit in `max_bytes`.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> recorder = TrajectoryRecorder(points=8)
    >>> x = np.linspace(-1.0, 1.0, 32)[:, None]
    >>> _ = model.fit(x, 2 * x, batch_size=4, epochs=3, verbose=0, callbacks=[recorder])
    >>> recorder.trajectory.steps.tolist()
    [0, 4, 8, 12, 16, 20, 24]
    """

    def __init__(
        self, points: int = POINTS, *, max_bytes: int = MOST_BYTES, every: int = 1
    ):
        super().__init__()
        check_count("points", points, least=LEAST_POINTS + 1)
        check_count("max_bytes", max_bytes, least=1)
        check_count("every", every, least=1)
        self.points, self.max_bytes, self.every = points, max_bytes, every
        self._steps: list[int] = []
        self._kept: list[list[np.ndarray]] = []

    @property
    def trajectory(self) -> Trajectory:
        """What has been kept of the latest training.

        Raises:
            InputError: If there has been none, or it diverged.
        """
        if not self._steps:
            raise InputError(
                "A TrajectoryRecorder must have seen a training. Received: one that "
                "has not. Give it to a fit: model.fit(…, callbacks=[recorder])."
            )
        for step, weights in zip(self._steps, self._kept, strict=True):
            if not all(np.isfinite(each).all() for each in weights):
                raise InputError(
                    "The training must keep its weights finite. Received: NaN or "
                    f"infinity after {counted(step, 'batch')}. It has diverged: train "
                    "at a lower rate."
                )
        parts = zip(*self._kept, strict=True)
        return Trajectory(
            np.array(self._steps), tuple(np.stack(part) for part in parts)
        )

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew, with the weights as they are."""
        self._steps, self._kept = [], []
        self._done = self._before = 0
        self._gap = self.every
        self._room = self._room_for_points()
        self._keep()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Keep the weights if it is their turn."""
        self._done = self._before + batch + 1
        if self._done < self._steps[-1] + self._gap:
            return
        if len(self._steps) >= self._room:
            del self._steps[1::2], self._kept[1::2]
            self._gap *= 2
            if self._done < self._steps[-1] + self._gap:
                return
        self._keep()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Count on: batches are numbered anew in each epoch."""
        self._before = self._done

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Keep the weights at the end; best weights that were put back are those."""
        if self._steps[-1] == self._done:
            del self._steps[-1], self._kept[-1]
        self._keep()

    def _keep(self) -> None:
        _ = self.model.weights  # under JAX: brings the variables up to date
        self._kept.append([host_copy(v) for v in self.model.trainable_variables])
        self._steps.append(self._done)

    def _room_for_points(self) -> int:
        """How many points may be kept, one being left for the end."""
        size = sum(
            int(np.prod(v.shape)) * np.dtype(_plain(v.dtype)).itemsize
            for v in self.model.trainable_variables
        )
        room = min(self.points, self.max_bytes // max(size, 1) - 1)
        if room < LEAST_POINTS:
            needed = (LEAST_POINTS + 1) * size
            raise InputError(
                f"Argument `max_bytes` must have room for {LEAST_POINTS + 1} points. "
                f"Received: {_in_mib(self.max_bytes)}, and a model of "
                f"{counted(self.model.count_params(), 'weight')} that takes "
                f"{_in_mib(size)} for each. Give max_bytes={needed} or more, or freeze "
                "layers that are not to be looked at."
            )
        return room


def _plain(dtype: str) -> str:
    """A type of NumPy of the same size."""
    return "float16" if dtype == "bfloat16" else dtype


def _in_mib(size: int) -> str:
    return f"{size / MIB:.3g} MiB" if size >= MIB / 10 else counted(size, "byte")
