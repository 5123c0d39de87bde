"""Wall time of a `fit` whose batches are logged to a tracker, against plain `fit`.

Both sides of a pair run in turn in one process, on models that are traced or compiled
already, and each ratio is of two neighbours: so the speed of the machine cancels out.
The ratio is of the batches alone; what it takes to begin a run and to send the last
values comes on top, once for each training. MLflow writes to a new SQLite file, W&B to
files, as if offline. A row is printed as soon as it is measured. Under torch the
networks run on one thread, unless `OMP_NUM_THREADS` says otherwise.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of torch; before it is imported
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ["WANDB_MODE"] = "offline"

import argparse
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from live_cost import told
from networks import BATCH_SIZE, cnn, data_for, mlp

import lr_finder

STEPS, PAIRS = 100, 5
PLAIN, RECORDED = "plain", "recorded only"
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

    sides = {PLAIN: list, RECORDED: lambda: [lr_finder.BatchMetricsTracker()]}
    return sides | {tracker: of(tracker) for tracker in TRACKERS}


def measure(build, folder, *, steps, pairs):
    """Yield of each side `(name, ratios of the batches, seconds around them)`."""
    data = data_for(build(), steps * BATCH_SIZE)
    sides = callbacks_in(folder)
    plain = build()
    for name in (RECORDED, *TRACKERS):
        models, ratios, around = {PLAIN: plain, name: build()}, [], []
        for pair in range(pairs + 1):
            order = [name, PLAIN] if pair % 2 else [PLAIN, name]
            taken = {side: fit(models[side], data, sides[side]()) for side in order}
            if pair:  # the first runs trace or compile, and load the tracker
                batches, whole = taken[name]
                ratios.append(batches / taken[PLAIN][0])
                around.append(whole - batches)
        yield name, ratios, around


def main():
    """Print a row for each model and tracker, as they are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    print(
        f"{given.steps} steps of {BATCH_SIZE}, Keras {keras.version()} on "
        f"{keras.backend.backend()}; median of {given.pairs} pairs (quartiles; lowest "
        "to highest)"
    )
    print(
        f"model  {'logged to':15}{'batches / plain fit':37}around them, s", flush=True
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("DIR", "DATA_DIR", "CACHE_DIR", "CONFIG_DIR"):
            os.environ[f"WANDB_{name}"] = place
        for build in (cnn, mlp):
            for name, ratios, around in measure(build, folder, **vars(given)):
                row = f"{build.__name__:7}{name:15}{told(ratios):37}"
                print(row + f"{np.median(around):.2f}", flush=True)


if __name__ == "__main__":
    main()
