"""Wall time of a `fit` with a live view or instruments against plain `fit`.

Both sides run in turn in one process, on models that are traced or compiled already,
and each ratio is of two neighbours: so the speed of the machine cancels out. The time
of the processor, which other work on the machine moves less, is beside it. The panel is
drawn as on a terminal, into memory. Under torch the network runs on one thread, unless
`OMP_NUM_THREADS` says otherwise.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of torch; before it is imported

import argparse
import io
import time

import keras
import numpy as np
from networks import BATCH_SIZE, cnn, data_for
from rich.console import Console
from rich.table import Table
from sweep_cost import seconds

import lr_finder

STEPS, PAIRS, EVERY = 100, 9, 10
BARS = {  # (TensorFlow and torch, JAX)
    "live monitor": (1.1, 1.5),
    "basic, every 10th step": (1.1, 1.35),
    "full, every 10th step": (1.4, 2.0),
}


def terminal():
    """A terminal that is a string."""
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def sides_of(x, y):
    """What is timed: {name: function without arguments}; `plain` is the other side."""
    models = {name: cnn() for name in ("plain", *BARS)}
    options = {"batch_size": BATCH_SIZE, "verbose": 0}

    def plain():
        models["plain"].fit(x, y, **options)

    def live():
        monitor = lr_finder.LiveMonitor(place="terminal", console=terminal())
        models["live monitor"].fit(x, y, callbacks=[monitor], **options)

    def watched(name, preset):
        analyzer = lr_finder.TrainingDynamicsAnalyzer(
            (x, y), batch_size=BATCH_SIZE, instruments=preset
        )
        return lambda: analyzer.analyze_training_progression(
            models[name], epochs=1, gradients_every=EVERY, verbose=0
        )

    _, basic, full = BARS
    sides = {"plain": plain, "live monitor": live}
    return sides | {basic: watched(basic, "basic"), full: watched(full, "full")}


def both_clocks(function):
    """Seconds of the wall and of the processor that a call takes."""
    start = time.process_time()
    wall = seconds(function)
    return np.array([wall, time.process_time() - start])


def told(ratios):
    """Median, quartiles and range of some ratios."""
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    ends = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return f"{middle:.2f} ({low:.2f} to {high:.2f}; {ends})"


def measure(steps, pairs):
    """Ratios to the plain `fit` beside each, {what is watched: [(wall, CPU), …]}."""
    sides = sides_of(*data_for(cnn(), steps * BATCH_SIZE))
    ratios = {name: [] for name in BARS}
    for pair in range(pairs + 1):
        for name in BARS:
            order = [name, "plain"] if pair % 2 else ["plain", name]
            taken = {side: both_clocks(sides[side]) for side in order}
            if pair:  # the first runs trace or compile
                ratios[name].append(taken[name] / taken["plain"])
    return ratios


def main():
    """Print a table: one row for each thing watched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    backend = keras.backend.backend()
    table = Table(
        title=f"{given.steps} steps of {BATCH_SIZE}, Keras {keras.version()} on "
        f"{backend}; median of {given.pairs} pairs (quartiles; lowest to highest)"
    )
    for column in ("watched", "watched / plain fit", "CPU time", "bar"):
        table.add_column(column)
    for name, ratios in measure(given.steps, given.pairs).items():
        wall, cpu = np.transpose(ratios)
        table.add_row(name, told(wall), told(cpu), f"{BARS[name][backend == 'jax']}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
