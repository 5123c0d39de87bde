"""Wall time of a sweep, and of the `fit` after it, against plain `fit` on that model.

All sides run in turn in one process, so the speed of the machine cancels out. The
first call is that of a new model and includes its tracing or compilation; the `fit`
after a sweep is the swept model's, with as many steps.
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from networks import BATCH_SIZE, cnn, data_for, mlp
from rich.console import Console
from rich.table import Table

import lr_finder

STEPS = 200
RUNS = 5


def seconds(function):
    """How long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(build):
    """Seconds of first and later calls: {name: [(sweep, fit after it, fit), …]}."""
    times = {"first": [], "later": []}
    x, y = data_for(build(), STEPS * BATCH_SIZE)
    for run in range(RUNS + 1):
        swept, fitted = build(), build()

        def sweep(model=swept):
            # A range in which nothing diverges: all steps are taken.
            lr_finder.sweep(model, x, y, batch_size=BATCH_SIZE, steps=STEPS,
                            end_lr=1e-3, seed=0, stop=False, verbose=0)  # fmt: skip

        def after(model=swept):
            model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)

        def fit(model=fitted):
            model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)

        # Whoever comes first also warms the libraries up: take turns.
        sides = [sweep, after, fit] if run % 2 else [fit, sweep, after]
        for name in times:
            taken = {side.__name__: seconds(side) for side in sides}
            if run:  # the very first run loads libraries
                row = tuple(taken[each] for each in ("sweep", "after", "fit"))
                times[name].append(row)
    return times


def main():
    """Print a table: one row for each model and kind of call."""
    table = Table(
        title=f"{STEPS} steps, batches of {BATCH_SIZE}, Keras {keras.version()} on "
        f"{keras.backend.backend()}; median of {RUNS} (lowest to highest)"
    )
    for column in ("model", "call", "sweep, s", "fit, s", "sweep / fit",
                   "fit after the sweep / fit"):  # fmt: skip
        table.add_column(column)
    for build in (mlp, cnn):
        for name, rows in measure(build).items():
            sweeps, afters, fits = np.transpose(rows)
            table.add_row(
                build.__name__, name, f"{np.median(sweeps):.2f}",
                f"{np.median(fits):.2f}", _told(sweeps / fits), _told(afters / fits),
            )  # fmt: skip
    Console().print(table)


def _told(ratios):
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"


if __name__ == "__main__":
    main()
