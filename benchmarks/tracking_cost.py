"""Wall time of a `fit` whose batches are logged to a tracker, against plain `fit`.

All sides run in turn in one process, on a model that is traced or compiled already, so
the speed of the machine cancels out. The ratio is of the batches alone; what it takes
to begin a run and to send the last values comes on top, once for each training. MLflow
writes to a new SQLite file, W&B to files, as if offline. Under torch the networks run
on one thread, unless `OMP_NUM_THREADS` says otherwise.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of torch; before it is imported
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ["WANDB_MODE"] = "offline"

import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from networks import BATCH_SIZE, cnn, data_for, mlp
from rich.console import Console
from rich.table import Table

import lr_finder

STEPS = 200
RUNS = 3
RECORDED = "recorded only"
TRACKERS = ("tensorboard", "mlflow", "wandb")


class Clock(keras.callbacks.Callback):
    """The seconds of the batches, without what comes before and after them."""

    def on_epoch_begin(self, epoch, logs=None):
        """Start."""
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stop."""
        self.seconds = time.perf_counter() - self._begin


def fit(model, data, callbacks):
    """`(seconds of the batches, seconds of the whole)` of an epoch."""
    clock, begin = Clock(), time.perf_counter()
    model.fit(*data, batch_size=BATCH_SIZE, verbose=0, callbacks=[clock, *callbacks])
    return clock.seconds, time.perf_counter() - begin


def callbacks_in(folder):
    """What is compared: name -> function that makes the callbacks."""
    places = {
        "tensorboard": folder / "runs",
        "mlflow": f"sqlite:///{folder}/runs.db",
        "wandb": "benchmark",
    }

    def of(tracker):
        return lambda: [lr_finder.TrackingCallback(tracker, places[tracker])]

    sides = {"plain": list, RECORDED: lambda: [lr_finder.BatchMetricsTracker()]}
    return sides | {tracker: of(tracker) for tracker in TRACKERS}


def measure(build, folder):
    """`(ratios, seconds)` of each side: {name: [of a run, …]}."""
    data = data_for(build(), STEPS * BATCH_SIZE)
    sides = callbacks_in(folder)
    models = {name: build() for name in sides}
    ratios = {name: [] for name in sides}
    around = {name: [] for name in sides}
    for run in range(RUNS + 1):
        # Whoever comes first also warms the libraries up: take turns.
        order = list(sides) if run % 2 else list(sides)[::-1]
        taken = {name: fit(models[name], data, sides[name]()) for name in order}
        for name, (batches, whole) in taken.items() if run else ():
            ratios[name].append(batches / taken["plain"][0])
            around[name].append(whole - batches)
    return ratios, around


def main():
    """Print a table: one row for each model and tracker."""
    table = Table(
        title=f"{STEPS} steps, batches of {BATCH_SIZE}, Keras {keras.version()} on "
        f"{keras.backend.backend()}; median of {RUNS} (lowest to highest)"
    )
    for column in ("model", "logged to", "batches / plain fit", "around them, s"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("DIR", "DATA_DIR", "CACHE_DIR", "CONFIG_DIR"):
            os.environ[f"WANDB_{name}"] = place
        for build in (cnn, mlp):
            ratios, around = measure(build, folder)
            for name in (RECORDED, *TRACKERS):
                each = ratios[name]
                table.add_row(
                    build.__name__, name,
                    f"{np.median(each):.2f} ({min(each):.2f} to {max(each):.2f})",
                    f"{np.median(around[name]):.1f}",
                )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
