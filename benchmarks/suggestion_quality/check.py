"""Is the vectorized engine what `fit` does? The same training by both."""

from __future__ import annotations

import keras
import numpy as np

from benchmarks.suggestion_quality import engine
from benchmarks.suggestion_quality.tasks import TASKS, Task, make_optimizer

CASES = (  # one of each kind of state: plain, dropout and BatchNorm, recurrent
    ("digits_linear", "momentum", 0.01),
    ("wine_dropout", "adam", 0.001),
    ("digits_convolution", "rmsprop", 0.001),
    ("adding_lstm", "adamw", 0.001),
)


class _Batches(keras.utils.PyDataset):
    """The batches of an order, as `fit` takes them."""

    def __init__(self, task: Task, order: np.ndarray):
        super().__init__()
        self._x, self._y = task.load()[:2]
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int):
        return self._x[self._order[index]], self._y[self._order[index]]


def fit(task: Task, optimizer: str, rate: float, seed: int) -> np.ndarray:
    """Train by `model.fit`; (2, EVALUATIONS): training losses, and validation losses.

    The former are the means between two validations.
    """
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, rate), task.keras_loss())
    order = engine.batch_order(task, seed)
    parts, losses = task.load(), []
    for part in np.split(order, engine.EVALUATIONS):
        history = model.fit(_Batches(task, part), shuffle=False, verbose=0).history
        loss = model.evaluate(
            parts.x_validation, parts.y_validation, verbose=0,
            batch_size=len(parts.x_validation),
        )  # fmt: skip
        losses.append((history["loss"][0], loss))
    return np.transpose(losses)


def differences(
    name: str, optimizer: str, rate: float, seed: int = 1
) -> tuple[float, float]:
    """The largest difference of losses, relative to `fit`'s: early, and of all.

    Early is the first quarter of the training: what is done otherwise shows at once,
    while a rounding that differs grows, most where layers switch (ReLU, pooling).

    Example:
        `differences("digits_linear", "momentum", 0.01)` are both below 1e-5.
    """
    task = TASKS[name]
    found = engine.record(task, optimizer, [rate / 10, rate], [seed + 1, seed])
    losses, validation = (part[1, 1] for part in found)
    ours = [losses.reshape(engine.EVALUATIONS, -1).mean(1), validation]
    theirs = fit(task, optimizer, rate, seed)
    relative = np.abs(ours - theirs) / np.abs(theirs)
    early = relative[:, : engine.EVALUATIONS // 4]
    return float(early.max()), float(relative.max())
