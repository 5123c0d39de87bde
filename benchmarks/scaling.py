"""How a comparison's time and cost grow with its workers, and a model of both.

The same comparison, of 8 runs of a small network, by 1, 2 and 4 workers, in processes
of this machine and on a Ray cluster that is started on it. Each worker has one thread.
A comparison is timed twice: until its first run has ended, when each worker has made
about one, and to its end. A round holds every comparison once, in an order drawn anew;
each time is told as a ratio to that of 8 runs by one process in the same round, so that
the load of the machine cancels out, as far as it stays the same for a round. `--stored`
prints the tables of the rows that are stored.

The model, fitted to the medians of the ratios by non-negative least squares:

    time = fixed + load x ceil(w / p) + run x n / min(w, p)

with n runs, w workers, p processors; `fixed` is what is done once, `load` what it takes
until a worker has loaded TensorFlow, `run` the time of a run. Workers with processors
of their own all load at once: time = fixed + load + run x ceil(n / w).
"""

import argparse
import math
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import joblib
import numpy as np
import pandas as pd
from scipy.optimize import nnls

STORED = Path(__file__).parent / "scaling_rows.csv"
RUNS, WORKERS, ENGINES = 8, (1, 2, 4), ("processes", "ray")
REFERENCE = ["processes", RUNS, 1]  # engine, runs, workers
EPOCHS, ROWS, COLUMNS = 10, 4000, 20
FAR_WORKERS, FAR_RUNS = (1, 2, 4, 8, 16, 32, 64), 200
PARTS = ["fixed", "load", "run"]


def seconds_of(engine, workers, data):
    """How long a comparison takes: until its first run has ended, and to its answer."""
    from lr_finder import Plan, compare

    ends, start = [], time.perf_counter()

    def watch(progress):
        ends.extend([time.perf_counter()] * bool(progress.latest))

    compare(
        "mlp", data, Plan("adam", 0.001, 32, None), RUNS, workers=workers, threads=1,
        cluster="local" if engine == "ray" else None, watch=watch, epochs=EPOCHS,
        early_stopping=False,
    )  # fmt: skip
    return ends[0] - start, time.perf_counter() - start


def measure(rounds, out):
    """Add rows of so many rounds to a file, each as soon as it is measured."""
    from lr_finder.data import three_parts_of

    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, COLUMNS)).astype("float32")
    y = x @ rng.normal(size=COLUMNS).astype("float32")
    half = ROWS // 2
    data = three_parts_of(x[:half], y[:half], x[half:], y[half:])
    arms = [(engine, workers) for engine in ENGINES for workers in WORKERS]
    for number in range(rounds):
        for place in rng.permutation(len(arms)):
            engine, workers = arms[place]
            first, whole = seconds_of(engine, workers, data)
            for runs, seconds in ((workers, first), (RUNS, whole)):
                row = number, engine, runs, workers, f"{seconds:.2f}"
                print(*row, flush=True)
                with out.open("a") as file:
                    print(*row, joblib.cpu_count(), sep=",", file=file)


def ratios_of(rows):
    """Rows with their time over that of the reference in the same round."""
    is_reference = (rows[["engine", "runs", "workers"]] == REFERENCE).all(axis=1)
    seconds = rows[is_reference].set_index("round")["seconds"]
    rows = rows[rows["round"].isin(seconds.index)]
    return rows.assign(ratio=rows["seconds"] / rows["round"].map(seconds))


def terms(runs, workers, processors):
    """What the model multiplies `fixed`, `load` and `run` by; (rows, 3)."""
    at_once = np.minimum(workers, processors)
    loads = np.ceil(np.asarray(workers) / processors)
    return np.column_stack([np.ones(len(loads)), loads, np.asarray(runs) / at_once])


def fitted(runs, workers, processors, ratios):
    """`fixed`, `load` and `run`, none below 0."""
    return nnls(terms(runs, workers, processors), np.asarray(ratios))[0]


def far_time(parts, n, workers):
    """The model's time if each worker has processors of its own."""
    fixed, load, run = parts
    return fixed + load + run * math.ceil(n / workers)


def show(rows):
    """Print ratios, the model, its residuals, and what it says of more workers."""
    rows = ratios_of(rows)
    processors = int(rows["processors"].iloc[0])
    reference = rows.query("ratio == 1")["seconds"]
    low, high = reference.min(), reference.max()
    print(f"\n{len(reference)} rounds, {processors} processors; 1 is {RUNS} runs by "
          f"one process: {low:.0f} to {high:.0f} s")  # fmt: skip
    groups = rows.groupby(["engine", "runs", "workers"])["ratio"]
    table = groups.agg(["median", "min", "max"]).reset_index()
    for _, of_one in table.groupby("engine"):
        place = of_one["runs"], of_one["workers"], processors
        parts = fitted(*place, of_one["median"])
        model = terms(*place) @ parts
        residual = 100 * (of_one["median"] / model - 1)
        shown = of_one.assign(model=model, residual=residual.round())
        print("\n" + shown.round(2).to_string(index=False))
        told = ", ".join(f"{k} {v:.3f}" for k, v in zip(PARTS, parts, strict=True))
        print(f"model: {told}; residuals: {np.sqrt((residual**2).mean()):.0f} % "
              "(root mean square)")  # fmt: skip
        print(f"modelled: {FAR_RUNS} runs, each worker with a processor of its own")
        one = far_time(parts, FAR_RUNS, 1)
        for workers in FAR_WORKERS:
            share = far_time(parts, FAR_RUNS, workers) / one
            print(f"  {workers:3} workers: {1 / share:5.1f} times as fast, "
                  f"{share * workers:.2f} times the processor hours")  # fmt: skip


def main():
    """Measure, and print what the rows say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stored", action="store_true", help="print stored rows only")
    parser.add_argument("--out", type=Path, help="CSV of the rows")
    given = parser.parse_args()
    path = STORED
    if not given.stored:
        path = (given.out or Path("lr_finder_runs/scaling.csv")).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("round,engine,runs,workers,seconds,processors\n")
        measure(given.rounds, path)
    show(pd.read_csv(path))


if __name__ == "__main__":
    main()
