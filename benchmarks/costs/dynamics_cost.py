"""Wall time of a watched training against plain `fit` of the same steps.

Both sides run in turn in one process, on a model that is traced or compiled already, so
the speed of the machine cancels out. Under torch the networks run on one thread, unless
`OMP_NUM_THREADS` says otherwise: so small ones gain nothing by more, and on a machine
that has other work its threads wait for each other most of the time.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of torch; before it is imported

import keras
import numpy as np
from networks import BATCH_SIZE, cnn, data_for, mlp
from rich.console import Console
from rich.table import Table
from sweep_cost import seconds

import lr_finder

STEPS = 200
RUNS = 3
EVERY = {"batches only": None, "gradients every 10": 10, "gradients every step": 1}


def measure(build):
    """Ratios of watched to plain, {what is watched: [ratio, …]}."""
    x, y = data_for(build(), STEPS * BATCH_SIZE)
    models = {name: build() for name in (*EVERY, "plain")}
    analyzer = lr_finder.TrainingDynamicsAnalyzer((x, y), batch_size=BATCH_SIZE)

    def watched(name):
        analyzer.analyze_training_progression(
            models[name], 1e-4, epochs=1, gradients_every=EVERY[name], verbose=0
        )

    def plain():
        models["plain"].fit(x, y, batch_size=BATCH_SIZE, verbose=0)

    ratios = {name: [] for name in EVERY}
    for run in range(RUNS + 1):
        for name in EVERY:
            # Whoever comes first also warms the libraries up: take turns.
            sides = [lambda name=name: watched(name), plain]
            order = [0, 1] if run % 2 else [1, 0]
            taken = {side: seconds(sides[side]) for side in order}
            if run:  # the very first run traces or compiles
                ratios[name].append(taken[0] / taken[1])
    return ratios


def main():
    """Print a table: one row for each model and what is watched."""
    table = Table(
        title=f"{STEPS} steps, batches of {BATCH_SIZE}, Keras {keras.version()} on "
        f"{keras.backend.backend()}; median of {RUNS} (lowest to highest)"
    )
    for column in ("model", "watched", "watched / plain fit"):
        table.add_column(column)
    for build in (mlp, cnn):
        for name, ratios in measure(build).items():
            table.add_row(
                build.__name__, name,
                f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
