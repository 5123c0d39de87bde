"""Size and time of a report: a finding, a series, and a comparison of 84 runs.

The first two are searches with short trainings, a training of 20 epochs and one at the
compiled rate. The scores of the comparison are drawn by chance: a report has no
training in it. Seconds are those of the processor: other work does not count.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import lr_finder
from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
RATES = ("0.1", "0.03", "0.01", "0.003", "0.001", "0.0003", "found")
SEEDS, EPOCHS, RUNS = 3, 10, 3


def table_finding():
    """A regression of 1,000 rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 8))
    data = (x, x @ rng.normal(size=8))
    return lr_finder.find(data, verify=True, train=20, against_default=True)


def series_finding():
    """A series of 1,000 points."""
    time_of = np.arange(1000)
    values = np.sin(time_of / 7) + 0.01 * time_of
    frame = pd.DataFrame({"value": values + np.random.default_rng(0).normal(size=1000)})
    return lr_finder.find(
        frame, kind="series", verify=True, train=20, against_default=True
    )


def comparison():
    """84 runs with scores of chance."""
    rng = np.random.default_rng(0)
    runs, epochs = [], []
    for place, optimizer in enumerate(OPTIMIZERS):
        for level, rate in enumerate(RATES):
            for seed in range(SEEDS):
                score = 0.9 - 0.02 * place - 0.01 * level + 0.01 * rng.normal()
                run = {
                    "key": f"{place}-{level}-{seed}", "model": "cnn",
                    "optimizer": optimizer, "rate": rate,
                    "learning_rate": 0.004 if rate == "found" else float(rate),
                    "batch_size": 64, "initializer": "he_normal", "seed": seed,
                    "max_epochs": EPOCHS, "status": "finished", "seconds": 60.0,
                    "val_accuracy": score, "test_accuracy": score - 0.01,
                    "val_loss": 1 - score, "test_loss": 1 - score, "device": "CPU",
                    "message": "",
                }  # fmt: skip
                runs.append(run)
                for epoch in range(1, EPOCHS + 1):
                    loss = 1 - score * (1 - 0.5**epoch) + 0.01 * rng.normal()
                    epochs.append(
                        {k: v for k, v in run.items() if k in EPOCH_COLUMNS}
                        | {"epoch": epoch, "loss": loss, "val_loss": loss,
                           "accuracy": 1 - loss, "val_accuracy": 1 - loss,
                           "elapsed": 6.0 * epoch}
                    )  # fmt: skip
    return lr_finder.Comparison(
        pd.DataFrame(runs).reindex(columns=RUN_COLUMNS),
        pd.DataFrame(epochs).reindex(columns=EPOCH_COLUMNS),
        name="scores of chance", test_rows=10_000,
    )  # fmt: skip


def measure(result, path):
    """Bytes of a report, and processor seconds of its second to last writing."""
    taken = []
    for _ in range(RUNS + 1):
        began = time.process_time()
        result.report(path)
        taken.append(time.process_time() - began)
    return path.stat().st_size, taken[1:]  # the first loads libraries


def main():
    """Print a table: a row for each result and form."""
    table = Table(title=f"median of {RUNS} (lowest to highest)")
    for column in ("report of", "form", "kB", "processor seconds"):
        table.add_column(column)
    made = {
        "a finding": table_finding(),
        "a series": series_finding(),
        f"a comparison of {len(OPTIMIZERS) * len(RATES) * SEEDS} runs": comparison(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, result in made.items():
            for form in ("html", "pdf"):
                size, taken = measure(result, Path(folder, f"report.{form}"))
                seconds = (
                    f"{np.median(taken):.1f} ({min(taken):.1f} to {max(taken):.1f})"
                )
                table.add_row(name, form, f"{size / 1000:.0f}", seconds)
            shown = len(result._repr_html_())
            table.add_row(name, "in a notebook", f"{shown / 1000:.1f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
