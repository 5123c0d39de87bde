"""Wall time of a sweep that measures the validation loss too, against one without.

Both sides run in turn in one process, so the speed of the machine cancels out. All
calls are later ones: tracing and compilation are done.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from networks import BATCH_SIZE, cnn, data_for, mlp
from rich.console import Console
from rich.table import Table
from sweep_cost import RUNS, STEPS, seconds

import lr_finder
from lr_finder.training.validation import VALIDATION_SAMPLES


def measure(build):
    """Ratios of a sweep with to one without validation, one for each run."""
    model = build()
    x, y = data_for(model, STEPS * BATCH_SIZE)

    def swept(validation_data):
        # A range in which nothing diverges: all steps are taken.
        lr_finder.sweep(model, x, y, batch_size=BATCH_SIZE, steps=STEPS, end_lr=1e-3,
                        validation_data=validation_data, seed=0, stop=False,
                        verbose=0)  # fmt: skip

    ratios = []
    for run in range(RUNS + 1):
        with_it = seconds(lambda: swept((x, y)))
        without = seconds(lambda: swept(None))
        if run:  # the first run traces
            ratios.append(with_it / without)
    return np.array(ratios)


def main():
    """Print a table: one row for each model."""
    table = Table(
        title=f"{STEPS} steps, each with {VALIDATION_SAMPLES} samples to validate, "
        f"Keras {keras.version()} on {keras.backend.backend()}; median of {RUNS} "
        "(lowest to highest)"
    )
    for column in ("model", "with / without"):
        table.add_column(column)
    for build in (mlp, cnn):
        ratios = measure(build)
        table.add_row(
            build.__name__,
            f"{np.median(ratios):.1f} ({ratios.min():.1f} to {ratios.max():.1f})",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
