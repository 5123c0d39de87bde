"""One training of a comparison: built, its rate found, trained, scored once."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import SuggestionError
from lr_finder.experiments.comparison.epoch_scores import EpochScores
from lr_finder.experiments.comparison.records import (
    DIVERGED,
    FINISHED,
    NO_RATE,
    RunRecord,
)
from lr_finder.experiments.comparison.settings import FOUND, Task
from lr_finder.models.augmentation import with_augmentation
from lr_finder.models.compile_arguments import (
    check_loss_fits,
    default_loss,
    default_metrics,
    resolve_loss,
)
from lr_finder.results.comparison_runs import RUN_TYPES
from lr_finder.training.feeding.passes import batches_of
from lr_finder.training.fitting import train
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.searching import SearchSettings, coming_steps, search
from lr_finder.training.stepping.devices import default_device_name, device_name

BuildModel = Callable[[Dataset, str | None], keras.Model]
SCORING_BATCH = 256  # samples: large, since nothing is learnt from them


def run_task(
    task: Task,
    data: ThreeParts,
    build: BuildModel,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = 0,
) -> tuple[RunRecord, keras.Model]:
    """Train one setting from the weights that its seed gives, and score it once.

    The validation part tells when to stop, and which epoch's weights are kept; the
    test part is looked at once, at the end.

    Args:
        task: Task.
        data: ThreeParts.
        build: callable `(dataset, initializer) -> keras.Model`, compiled or not; what
            it is compiled with counts for its loss only.
        callbacks: sequence of keras.callbacks.Callback, run in the training.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

    Returns:
        `(record, model)`: RunRecord, and the trained model.
    """
    setting, conditions = task.setting, task.conditions
    # A model takes the policy it is built under; later ones must not inherit it.
    policy = keras.config.dtype_policy()
    if conditions.mixed_precision:
        keras.config.set_dtype_policy(_half_precision())
    try:
        model = build_model(task, data.dataset, build)
    finally:
        keras.config.set_dtype_policy(policy)
    values = task.columns() | {"device": device_name(model)}
    start = time.perf_counter()
    try:
        rate, interval = _rate(task, model, data.dataset)
    except SuggestionError as error:
        seconds = time.perf_counter() - start
        values |= {"status": NO_RATE, "search_seconds": seconds, "message": str(error)}
        return RunRecord(values), model
    clock = EpochClock()
    scores = [EpochScores(data)] if conditions.score_epochs else []
    search_seconds = clock.start - start if setting.rate == FOUND else 0.0
    history = train(
        model, (data.dataset.x_train, data.dataset.y_train),
        (data.dataset.x_validation, data.dataset.y_validation),
        learning_rate=rate, epochs=conditions.epochs, batch_size=setting.batch_size,
        early_stopping=conditions.early_stopping,
        reduce_on_plateau=conditions.reduce_on_plateau, schedule=conditions.schedule,
        guard=False,  # a rate is compared, also one that diverges
        seed=task.seed, verbose=verbose, callbacks=[clock, *scores, *callbacks],
    )  # fmt: skip
    seconds = time.perf_counter() - clock.start
    values |= {"learning_rate": rate, "seconds": seconds, **interval}
    values |= {"search_seconds": search_seconds, "epochs_run": len(history.epoch)}
    epochs = _epochs(history, clock)
    for each in scores:
        epochs = [a | b for a, b in zip(epochs, each.rows, strict=True)]
    values |= _scores(model, data, epochs)
    return RunRecord(values, epochs), model


def build_model(task: Task, dataset: Dataset, build: BuildModel) -> keras.Model:
    """The model of a task, compiled, with the weights that its seed gives.

    Args:
        task: Task.
        dataset: Dataset.
        build: callable, see `run_task`.

    Returns:
        keras.Model; its rate is a stand-in until one is chosen.

    Raises:
        InputError: If the loss does not fit the data.
    """
    setting, conditions = task.setting, task.conditions
    keras.utils.set_random_seed(task.seed)
    model = build(dataset, setting.initializer)
    loss = resolve_loss(conditions.loss) if conditions.loss else None
    if loss is None:
        loss = model.loss if model.compiled else default_loss(dataset)
    check_loss_fits(loss, dataset, model.output_shape[-1])
    if conditions.augmentation:
        model = with_augmentation(model, dataset)
    rate = conditions.start_lr if setting.rate == FOUND else setting.rate
    model.compile(setting.optimizer.build(rate), loss, metrics=default_metrics(dataset))
    return model


class EpochClock(keras.callbacks.Callback):
    """Notes when each epoch ends, and the learning rate that it began with."""

    def __init__(self) -> None:
        super().__init__()
        self.start = time.perf_counter()
        self.elapsed: list[float] = []
        self.rates: list[float] = []

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Note the rate of the first batch."""
        if batch == 0:
            self.rates.append(float(self.model.optimizer.learning_rate))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the time."""
        self.elapsed.append(time.perf_counter() - self.start)


def _rate(
    task: Task, model: keras.Model, dataset: Dataset
) -> tuple[float, dict[str, Any]]:
    """The rate to train with; of one that was found its interval and its doubts."""
    if task.setting.rate != FOUND:
        return task.setting.rate, {}
    suggestion = _found(task, model, dataset)
    doubts = " ".join(map(str, suggestion.warnings))
    interval = {"low": suggestion.low, "high": suggestion.high, "message": doubts}
    return suggestion.lr, interval


def _found(task: Task, model: keras.Model, dataset: Dataset) -> Suggestion:
    """A rate from a sweep, confirmed if that is asked for; the model is as before."""
    conditions, batch_size = task.conditions, task.setting.batch_size
    data, budget = (dataset.x_train, dataset.y_train), None
    if conditions.verify:
        budget = coming_steps(
            batches_of(data, batch_size), epochs=conditions.epochs,
            accumulation=accumulation_of(model.optimizer),
        )  # fmt: skip
    names = ("start_lr", "end_lr", "steps", "repeats")
    settings = SearchSettings(
        conditions.method, budget, batch_size=batch_size, seed=task.seed,
        sweep={name: getattr(conditions, name) for name in names},
    )  # fmt: skip
    return search(model, data, settings=settings).answer


def _half_precision() -> str:
    """The policy of 16 bits that the device computes fast."""
    on_gpu = default_device_name().startswith("GPU")
    return "mixed_float16" if on_gpu else "mixed_bfloat16"


def _epochs(
    history: keras.callbacks.History, clock: EpochClock
) -> list[dict[str, Any]]:
    """A row for each epoch."""
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    kept = {name: history.history.get(name, ()) for name in names}
    return [
        {
            "epoch": i + 1,
            **{n: float(v[i]) if i < len(v) else math.nan for n, v in kept.items()},
            "epoch_rate": clock.rates[i],
            "elapsed": clock.elapsed[i],
        }
        for i in range(len(clock.elapsed))
    ]


def _scores(
    model: keras.Model, data: ThreeParts, epochs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Validation and test scores of the weights that were kept, and the status."""
    scores: dict[str, Any] = {}
    parts = {
        "val": (data.dataset.x_validation, data.dataset.y_validation),
        "test": (data.x_test, data.y_test),
    }
    for part, (x, y) in parts.items():
        logs = model.evaluate(
            x, y, batch_size=SCORING_BATCH, verbose=0, return_dict=True
        )
        scores |= {
            f"{part}_{name}": float(logs.get(name, math.nan))
            for name in ("loss", "accuracy")
        }
    losses = np.array([[row["loss"], row["val_loss"]] for row in epochs])
    watched = np.where(np.isfinite(losses[:, 1]), losses[:, 1], np.inf)
    is_scored = math.isfinite(scores["test_loss"])
    if not is_scored:  # an accuracy of weights that are nan says nothing
        scores |= {"val_accuracy": math.nan, "test_accuracy": math.nan}
    return scores | {
        "status": FINISHED if np.isfinite(losses).all() and is_scored else DIVERGED,
        "best_epoch": int(watched.argmin()) + 1,
    }


@dataclasses.dataclass(frozen=True, eq=False)
class TrainedModel:
    """A model that was trained in one variant, and how the training went.

    Args:
        model: keras.Model, with the weights that were kept.
        record: RunRecord, the row that a comparison has for it.

    Attributes:
        history: dict of str to list of float, one value for each epoch: losses,
            accuracies, the rate of the epoch and the seconds until its end.
        status: str, `"finished"`, `"diverged"` or `"no_rate"`.
        learning_rate: float, the rate that the training began with; nan if none was
            found.
        test_loss, test_accuracy: float, on the test part, which decided nothing; the
            accuracy of a regression is nan.
        seconds: float, duration of the training, without the search for a rate.
        epochs_run: int.
    """

    model: keras.Model
    record: RunRecord

    @property
    def history(self) -> dict[str, list[float]]:
        """One list for each column, one value for each epoch."""
        return pd.DataFrame(self.record.epochs).to_dict("list")

    def __getattr__(self, name: str) -> Any:
        if name not in RUN_TYPES:  # also while a copy is being made
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self.record.values[name]
