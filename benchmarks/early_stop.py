"""What a cooldown before an early stop gains, against a training that ends at once.

Each training runs at the constant rate that a sweep found, until `EarlyStopping` sees
no better validation loss for some epochs. Then `Cooldown` lets the rate fall to 0 and
ends it. Up to the stop it is the training without a cooldown, so each is both: what it
had reached at the stop, and what it reached at its end. A second training goes on at
the same rate for as many epochs, since a cooldown also trains longer. Judged are the
best weights of each (`restore_best_weights`) and the last. Needs LR_FINDER_DATA; rows
are kept as they are made.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.suggestion_quality.methods import STEPS, ask_rule
from benchmarks.suggestion_quality.sweeps import SEEDS, load_sweeps
from benchmarks.suggestion_quality.tasks import TASKS, make_optimizer
from lr_finder.experiments.journal import append_row, read_rows_about
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.scheduling.cooldown import Cooldown

STORED = Path(__file__).with_name("early_stop_rows") / "rows.jsonl"
NAMES = (
    "digits_linear", "california_dense", "friedman_deep", "wine_dropout",
    "noisy_labels", "digits_autoencoder", "iris_tiny", "digits_convolution",
)  # fmt: skip
OPTIMIZERS = ("adam", "momentum")
LONGEST = 4  # budgets of the task; whoever is not stopped until then is not judged
PATIENCE = 5  # epochs
ABOUT = {"longest": LONGEST, "patience": PATIENCE}
KEY = ["task", "optimizer", "seed"]
COOLED, WENT_ON = "cooldown", "at the same rate"


def train(task, optimizer, rate, seed, epochs=None):
    """The validation loss of each epoch, and where the cooldown began.

    Args:
        task: Task.
        optimizer: str.
        rate: float > 0.
        seed: int, of the weights and of the batches.
        epochs: int, to train so many at this rate, without a stop; or None.

    Returns:
        `(losses, begun)`: list of float, and int, the epochs before the cooldown;
        None if there was none.
    """
    x, y, *held_out = task.load()
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, rate), task.keras_loss())
    cooldown, callbacks = Cooldown(), [ApplySchedule(rate)]
    if epochs is None:
        stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)
        callbacks += [stop, cooldown]
        epochs = max(1, LONGEST * task.budget * task.batch_size // len(x))
    history = model.fit(
        x, y, batch_size=task.batch_size, epochs=epochs, validation_data=held_out,
        callbacks=callbacks, verbose=0,
    ).history["val_loss"]  # fmt: skip
    return history, None if cooldown.begun is None else cooldown.begun[0] + 1


def run(path, seeds, tell):
    """Make the rows that the file lacks."""
    sweeps = load_sweeps()
    rows = {_key(row): row for row in read_rows_about(path, ABOUT)}
    for name, optimizer in itertools.product(NAMES, OPTIMIZERS):
        swept = sweeps[name, optimizer, STEPS]
        for seed, (sweep, *_) in zip(SEEDS, swept, strict=True):
            rate = ask_rule("window", sweep)
            if seed not in seeds or rate is None:
                continue
            about = {"task": name, "optimizer": optimizer, "seed": int(seed)}
            for kind in (COOLED, WENT_ON):
                row = about | {"kind": kind, "rate": rate, "about": ABOUT}
                first = rows.get(_key(about | {"kind": COOLED}))
                if _key(row) in rows or (kind == WENT_ON and first["begun"] is None):
                    continue
                epochs = len(first["losses"]) if kind == WENT_ON else None
                losses, begun = train(TASKS[name], optimizer, rate, int(seed), epochs)
                row |= {"losses": losses, "begun": begun}
                append_row(path, row)
                rows[_key(row)] = row
                tell(f"{about} {kind}: {begun} of {len(losses)} epochs")


def _key(row):
    return tuple(row[name] for name in KEY), row["kind"]


def gains(rows):
    """Of each training that was stopped, what going on changed, in per cent.

    Args:
        rows: list of dict.

    Returns:
        DataFrame: a row for each and `kind` of going on, with `best` and `last`,
        negative if the loss is lower than at the stop, and `longer`, the epochs that it
        took.

    Example:
    >>> row = {"task": "a", "optimizer": "adam", "seed": 1, "kind": "cooldown",
    ...        "begun": 2, "losses": [2.0, 4.0, 1.0]}
    >>> gains([row])[["best", "last", "longer"]].values.tolist()
    [[-50.0, -75.0, 50.0]]
    """
    begun = {
        tuple(row[name] for name in KEY): row["begun"]
        for row in rows
        if row["kind"] == COOLED
    }
    found = []
    for row in rows:
        losses, stop = row["losses"], begun.get(tuple(row[name] for name in KEY))
        if stop is None or not np.isfinite(losses).all():
            continue
        before = losses[:stop]
        found.append({name: row[name] for name in (*KEY, "kind")} | {
            "best": 100 * (min(losses) / min(before) - 1),
            "last": 100 * (losses[-1] / before[-1] - 1),
            "longer": 100 * (len(losses) / stop - 1),
        })  # fmt: skip
    return pd.DataFrame(found)


def interval(frame, column, draws=2000):
    """The 95 % interval of a mean, by drawing whole tasks anew."""
    rng = np.random.default_rng(0)
    means = [rows[column].to_numpy() for _, rows in frame.groupby("task")]
    drawn = [
        np.concatenate([means[i] for i in rng.integers(len(means), size=len(means))])
        for _ in range(draws)
    ]
    return np.quantile([each.mean() for each in drawn], [0.025, 0.975])


def main(
    is_stored: Annotated[
        bool, typer.Option("--stored", help="Only print what is stored.")
    ] = False,
    out: Annotated[Path, typer.Option(help="File of the rows.")] = STORED,
    seeds: Annotated[int, typer.Option(help="Of at most three.")] = 3,
):
    """Print what a cooldown before an early stop changes."""
    console = Console(width=120)
    if not is_stored:
        out.parent.mkdir(exist_ok=True)
        run(out, SEEDS[:seeds], console.print)
    rows = read_rows_about(out, ABOUT)
    frame = gains(rows)
    table = Table("task", "optimizer", "then", "stopped", "best loss, %",
                  "last loss, %")  # fmt: skip
    for (task, optimizer, kind), own in frame.groupby([*KEY[:2], "kind"], sort=False):
        cells = [f"{own[name].mean():+.1f} ± {own[name].std():.1f}"
                 for name in ("best", "last")]  # fmt: skip
        table.add_row(task, optimizer, kind, str(len(own)), *cells)
    console.print(table)
    first = frame[frame["kind"] == COOLED]
    of = sum(row["kind"] == COOLED for row in rows)
    console.print(f"{len(first)} of {of} trainings were stopped; each goes on for "
                  f"{first['longer'].mean():.0f} % more epochs (mean).")  # fmt: skip
    for kind, name in itertools.product((COOLED, WENT_ON), ("best", "last")):
        own = frame[frame["kind"] == kind]
        low, high = interval(own, name)
        console.print(
            f"{kind}, {name} loss: median {own[name].median():+.1f} %, mean "
            f"{own[name].mean():+.1f} % (95 % interval {low:+.1f} to {high:+.1f}, "
            f"clustered by task), lower in {(own[name] < 0).mean():.0%}"
        )


if __name__ == "__main__":
    typer.run(main)
