"""What all tests share. Nothing here loads Keras: the core part runs without it."""

import contextlib
import dataclasses
import gc
import io
import json
import os
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The history of whoever runs the tests is theirs.
os.environ.pop("LR_FINDER_REMEMBER", None)
_HISTORY = tempfile.TemporaryDirectory(prefix="lr_finder_tests_")
os.environ["LR_FINDER_HISTORY"] = f"{_HISTORY.name}/history.sqlite"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# A shell lets its background jobs ignore Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)
# TensorFlow's traces are many small objects that live on: to search them for garbage
# after every 700 of them takes a tenth of the time.
gc.set_threshold(50_000, 20, 20)


CASES = 2  # of a test that trains, in the quick suite


@pytest.hookimpl(tryfirst=True)  # before those marked `slow` are left out
def pytest_collection_modifyitems(items):
    """Keep `few(n)` cases of a test, 2 if it trains; mark the others `slow`."""
    cases = {}
    for item in items:
        limited = any(map(item.get_closest_marker, ("few", "training")))
        if limited and not item.get_closest_marker("slow"):
            cases.setdefault((item.path, item.originalname), []).append(item)
    for same in cases.values():
        few = same[0].get_closest_marker("few")
        (count,) = few.args if few else (CASES,)
        kept = np.linspace(0, len(same) - 1, min(count, len(same))).round()
        for place, item in enumerate(same):
            if place not in kept:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data, which a fresh machine lacks."""
    folder = os.environ.get("LR_FINDER_DATA")
    if not folder:
        pytest.skip("needs real data: set LR_FINDER_DATA to its folder")
    return Path(folder)


@dataclasses.dataclass
class Run:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def command():
    """Runs `lr_finder ARGUMENTS…`."""
    from lr_finder.cli import main

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code or 0
        return Run(code, out.getvalue(), err.getvalue())

    return run


def make_dataset(n_classes=0, input_shape=(8,), outputs=()):
    """64 random rows to train on, of which 8 validate."""
    from lr_finder.data import Dataset

    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, *input_shape)).astype("float32")
    if n_classes:
        y = (np.arange(64) % n_classes).astype("int32")
        classes = tuple(range(n_classes))
        return Dataset(x, y, x[:8], y[:8], "classification", classes=classes)
    y = rng.normal(size=(64, *outputs)).astype("float32")
    return Dataset(x, y, x[:8], y[:8], "regression")


QUALITY = {  # best test accuracy of an optimizer, and the log10 of the rate it wants
    "sgd": (0.66, -1.3), "momentum": (0.74, -2.0), "nesterov": (0.745, -2.0),
    "adagrad": (0.68, -1.6), "rmsprop": (0.73, -3.0), "adam": (0.76, -2.9),
    "adamw": (0.765, -2.9), "nadam": (0.755, -2.9), "lion": (0.75, -3.6),
    "muon": (0.78, -1.8),
}  # fmt: skip


def comparison_plan(optimizers, rates):
    """Rates crossed with optimizers, then batch sizes and a start around `found`."""
    around = [("found", 32, "he_normal"), ("found", 128, "he_normal"),
              ("found", 64, "glorot_uniform")]  # fmt: skip
    for optimizer in optimizers:
        yield from ((optimizer, rate, 64, "he_normal") for rate in rates)
        yield from ((optimizer, *each) for each in around if "found" in rates)


def make_comparison_frames(
    optimizers=("sgd", "momentum", "rmsprop", "adam"),
    rates=("0.01", "0.001", "found"),
    seeds=5,
    epochs=8,
    *,
    diverged=(("rmsprop", "0.01"),),
    is_regression=False,
    model="cnn",
):
    """The `runs` and `epochs` of a comparison as its engine delivers them.

    A run scores less the farther its rate is from what its optimizer wants; all runs of
    a seed share the seed's luck. The settings in `diverged` end in the third epoch.
    """
    import pandas as pd

    rows, curves = [], []
    for setting in comparison_plan(optimizers, rates):
        is_lost = setting[:2] in diverged
        for seed in range(seeds):
            row = _setting_row(model, *setting, seed)
            row["status"] = "diverged" if is_lost else "finished"
            lr, accuracy = _accuracies(row, 3 if is_lost else epochs)
            loss = 2.3 * (1 - accuracy) ** (4 if is_regression else 1.3)
            if is_lost:
                accuracy[-1], loss[-1] = 0.1, np.nan
            if is_regression:
                accuracy[:] = np.nan
            rows.append(row | _run_values(row, lr, accuracy, loss, epochs))
            curves += _epoch_rows(row, lr, accuracy, loss)
    return pd.DataFrame(rows), pd.DataFrame(curves)


def _setting_row(model, optimizer, rate, batch_size, initializer, seed):
    key = f"{model}-{optimizer}-{rate}-{batch_size}-{initializer}-{seed}"
    return {
        "key": key, "model": model, "optimizer": optimizer, "rate": rate,
        "batch_size": batch_size, "initializer": initializer, "seed": seed,
    }  # fmt: skip


def _accuracies(row, n):
    """The rate of a run, and its accuracy after each of n epochs."""
    rng = np.random.default_rng(list(row["key"].encode()))
    top, wanted = QUALITY[row["optimizer"]]
    found = 10 ** (wanted + 0.1 * rng.normal())
    lr = found if row["rate"] == "found" else float(row["rate"])
    top -= 0.05 * abs(np.log10(lr) - wanted) ** 1.5
    top += 0.01 * np.random.default_rng(row["seed"]).normal() + 0.004 * rng.normal()
    top -= 0.01 * (row["batch_size"] == 128)
    top -= 0.008 * (row["initializer"] == "glorot_uniform")
    return lr, top - (top - 0.1) * np.exp(-np.arange(1, n + 1) / 2.5)


def _run_values(row, lr, accuracy, loss, max_epochs):
    best = int(np.nanargmin(loss))
    is_lost, is_found = row["status"] == "diverged", row["rate"] == "found"
    return {
        "learning_rate": lr,
        "low": lr / 3 if is_found else np.nan,
        "high": lr * 3 if is_found else np.nan,
        "max_epochs": max_epochs,
        "epochs_run": len(loss),
        "best_epoch": best + 1,
        "seconds": len(loss) * (3.0 + 64 / row["batch_size"]),
        "search_seconds": 2.5 * is_found,
        "val_loss": loss[best],
        "val_accuracy": accuracy[best],
        "test_loss": np.nan if is_lost else 1.02 * loss[best],
        "test_accuracy": np.nan if is_lost else accuracy[best] - 0.005,
        "device": "CPU",
        "message": "",
    }


def _epoch_rows(row, lr, accuracy, loss):
    seconds = 3.0 + 64 / row["batch_size"]
    return [
        {"epoch": i + 1, "loss": 0.95 * loss[i], "accuracy": accuracy[i] + 0.01,
         "val_loss": loss[i], "val_accuracy": accuracy[i], "epoch_rate": lr,
         "elapsed": (i + 1) * seconds} | row
        for i in range(len(loss))
    ]  # fmt: skip


@pytest.fixture(scope="session")
def comparison_frames():
    """Four optimizers, three rates, five seeds; RMSprop diverges at 0.01."""
    return make_comparison_frames()


@pytest.fixture
def comparison(comparison_frames):
    from lr_finder.results.comparison import Comparison

    return Comparison(*comparison_frames, chance=0.1, name="constructed")


def make_study_frames(
    models=("shallow", "deep"), rates=(0.01, 0.1, 1.0, 10.0), seeds=5, epochs=2
):
    """The `runs` and `epochs` of a stability study as its engine delivers them.

    The loss falls with the rate. The first model diverges at the highest rate; each
    further one gets stuck a rate lower, with its last seed lower still.
    """
    import pandas as pd

    rows, curves = [], []
    for place, model in enumerate(models):
        for level, rate in enumerate(rates):
            for seed in range(seeds):
                edge = len(rates) - 1 - place - (place > 0 and seed == seeds - 1)
                outcome = "converged"
                if level >= edge:
                    outcome = "stuck" if place else "diverged"
                loss = {"stuck": 2.3, "diverged": np.inf}.get(outcome)
                loss = loss or (1 + place) * (0.5 - 0.1 * level) + 0.01 * seed
                key = f"{model}-{rate}-{seed}"
                rows.append({
                    "key": key, "model": model, "optimizer": "sgd", "batch_size": 32,
                    "initializer": "default", "rate": f"{rate:g}",
                    "learning_rate": rate, "seed": seed, "outcome": outcome,
                    "start_loss": 2.5, "guess_loss": 2.3, "final_loss": loss,
                    "test_loss": loss, "test_accuracy": 0.5, "curvature": 2.0 + place,
                    "stable_rate": 2 / (2.0 + place), "epochs_run": epochs,
                    "max_epochs": epochs, "seconds": 1.5, "device": "CPU",
                    "message": "",
                })  # fmt: skip
                curves += [
                    {"key": key, "epoch": n + 1, "batch_loss": loss, "loss": loss,
                     "epoch_rate": rate} for n in range(epochs)
                ]  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(curves)


def make_gap_frames(
    regularizations=("none", "L2 0.1"), rates=(0.001, 0.01, 0.1), seeds=3, epochs=3
):
    """The `runs` and `epochs` of a generalization study as its engine delivers them.

    Training losses halve in each epoch; the test loss is the training loss plus a gap
    that grows with the rate, by less with each further regularization. At the highest
    rate the last seed is lost.
    """
    import pandas as pd

    rows, curves = [], []
    for place, name in enumerate(regularizations):
        for level, rate in enumerate(rates):
            for seed in range(seeds):
                is_lost = level == len(rates) - 1 and seed == seeds - 1
                gap = (1 + level) * (0.1 - 0.04 * place) + 0.001 * seed
                key = f"{name}-{rate}-{seed}"
                own = [
                    {"key": key, "epoch": i + 1.0, "train_loss": 2.0**-i,
                     "train_accuracy": 0.9, "val_loss": 2.0**-i + gap,
                     "val_accuracy": 0.8, "test_loss": 2.0**-i + gap,
                     "test_accuracy": 0.8 - 0.01 * seed}
                    for i in range(epochs)
                ]  # fmt: skip
                if is_lost:
                    own[-1] |= {"train_loss": np.nan, "test_loss": np.nan}
                curves += own
                rows.append(own[-1] | {
                    "model": "mlp", "regularization": name, "optimizer": "adam",
                    "batch_size": 32, "initializer": "default", "l2": 0.1 * place,
                    "weight_decay": 0.0, "dropout": 0.0, "augmentation": False,
                    "early_stopping": False, "label_noise": 0.0, "rate": f"{rate:g}",
                    "learning_rate": rate, "seed": seed,
                    "status": "diverged" if is_lost else "finished",
                    "epochs_run": epochs, "max_epochs": epochs, "steps_per_epoch": 10,
                    "seconds": 1.5, "device": "CPU", "message": "",
                })  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(curves)
