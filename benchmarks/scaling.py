"""How a comparison's time and cost grow with its workers, and a model of both.

The same comparison, of a few runs of a small network, by 1, 2 and 4 workers, in
processes of this machine and on a Ray cluster that is started on it; each worker has
one thread. It is timed twice: until its first run has ended, when each worker has made
about one, and to its end. A round holds every comparison once, in an order drawn anew.

Two clocks run. The first is that on the wall: it tells what this machine gains, with
its processors and its load. The second is the processor time of a process beside the
comparison that does nothing but count: the time that one process was given meanwhile.
It tells what workers would take if each had a processor of its own, as on a cluster,
and hardly moves with the load. The model is fitted to it by non-negative least squares:

    time = start + run x ceil(n / w)

with n runs and w workers; `start` is what passes until a worker has loaded TensorFlow.
`--stored` prints the tables of the rows that are stored.
"""

import argparse
import contextlib
import math
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Ray's workers step back behind all other processes (nice 15); the counter does not.
os.environ.setdefault("RAY_worker_niceness", "0")

import joblib
import numpy as np
import pandas as pd
import psutil
from scipy.optimize import nnls

STORED = Path(__file__).parent / "scaling_rows.csv"
RUNS, WORKERS, ENGINES = 4, (1, 2, 4), ("processes", "ray")
EPOCHS, ROWS, COLUMNS = 5, 4000, 20
COUNTER = [sys.executable, "-c", "while True: pass"]
HEAD = "round,engine,runs,workers,wall,own,processors\n"
FAR_WORKERS, FAR_RUNS = (1, 2, 4, 8, 16, 32, 64), 200
LENGTHS = (1, 10)  # of a run, in starts: what is modelled


@contextlib.contextmanager
def clocks():
    """A function that gives the seconds on the wall and of a process that counts."""
    with subprocess.Popen(COUNTER) as process:
        counter = psutil.Process(process.pid)

        def read():
            return np.array([time.perf_counter(), counter.cpu_times().user])

        try:
            yield read
        finally:
            process.kill()


def seconds_of(engine, workers, data):
    """Seconds by both clocks, (2,): until the first run has ended, and to the end."""
    from lr_finder import Plan, compare

    ends = []
    with clocks() as read:
        start = read()

        def watch(progress):
            ends.extend([read() - start] * bool(progress.latest))

        compare(
            "mlp", data, Plan("adam", 0.001, 32, None), RUNS, workers=workers,
            threads=1, cluster="local" if engine == "ray" else None, watch=watch,
            epochs=EPOCHS, early_stopping=False,
        )  # fmt: skip
        return ends[0], read() - start


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
            for runs, (wall, own) in ((workers, first), (RUNS, whole)):
                row = number, engine, runs, workers, f"{wall:.2f}", f"{own:.2f}"
                print(*row, flush=True)
                with out.open("a") as file:
                    print(*row, joblib.cpu_count(), sep=",", file=file)


def waves(runs, workers):
    """How many runs a worker makes one after the other, at the most."""
    return np.ceil(np.asarray(runs) / workers)


def fitted(runs, workers, seconds):
    """`start` and `run`, neither below 0."""
    terms = np.column_stack([np.ones(len(runs)), waves(runs, workers)])
    return nnls(terms, np.asarray(seconds))[0]


def far_time(start, run, n, workers):
    """The model's time if each worker has a processor of its own."""
    return start + run * math.ceil(n / workers)


def show(rows):
    """Print times, ratios, the model, its residuals, and what it says of more."""
    print(f"{rows['round'].nunique()} rounds, {rows['processors'].iloc[0]} processors")
    groups = rows.groupby(["engine", "runs", "workers"])
    table = groups[["wall", "own"]].median().reset_index()
    table["own low"], table["own high"] = groups["own"].agg(["min", "max"]).values.T
    for engine, of_one in table.groupby("engine"):
        place = of_one["runs"], of_one["workers"]
        start, run = fitted(*place, of_one["own"])
        shown = of_one.assign(model=start + run * waves(*place))
        shown["residual %"] = (100 * (shown["own"] / shown["model"] - 1)).round()
        one = of_one[(of_one["runs"] == RUNS) & (of_one["workers"] == 1)].squeeze()
        for clock in ("wall", "own"):
            is_whole = of_one["runs"] == RUNS
            shown[f"gain, {clock}"] = (one[clock] / of_one[clock]).where(is_whole)
        print("\n" + shown.round(2).to_string(index=False, na_rep=""))
        error = np.sqrt((shown["residual %"] ** 2).mean())
        print(f"model of {engine}: start {start:.1f} s, run {run:.1f} s; residuals "
              f"{error:.0f} % (root mean square)")  # fmt: skip
    print(f"\nmodelled, {FAR_RUNS} runs, each worker with a processor of its own:")
    for workers in FAR_WORKERS:
        told = []
        for length in LENGTHS:
            gain = far_time(1, length, FAR_RUNS, 1)
            gain /= far_time(1, length, FAR_RUNS, workers)
            told.append(f"{gain:5.1f} times as fast at {workers / gain:.2f} times the "
                        f"cost if a run takes {length} start")  # fmt: skip
        print(f"  {workers:3} workers: " + "; ".join(told))


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
        path.write_text(HEAD)
        measure(given.rounds, path)
    show(pd.read_csv(path))


if __name__ == "__main__":
    main()
