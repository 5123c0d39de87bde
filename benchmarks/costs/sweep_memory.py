"""Memory at its peak: of plain `fit`, and of a sweep with the same steps.

Each side runs in a process of its own, whose highest resident size is read at its
end. The difference is held against the size of the variables of model, optimizer and
metrics, of which the sweep keeps one copy.
"""

import os
import resource
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

STEPS = 8
RUNS = 3
MIB = 2**20


def run(side):
    """Train in this process; print its peak and the size of the variables, in bytes."""
    from networks import BATCH_SIZE, data_for, wide

    import lr_finder
    from lr_finder.training.preserving.variables import host_copy

    model = wide()
    x, y = data_for(model, STEPS * BATCH_SIZE)
    if side == "fit":
        model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)
    else:
        repeats = 3 if side == "3 sweeps" else 1
        lr_finder.sweep(model, x, y, batch_size=BATCH_SIZE, steps=STEPS, end_lr=1e-3,
                        repeats=repeats, seed=0, stop=False, verbose=0)  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    print(peak, sum(host_copy(variable).nbytes for variable in variables))


def main():
    """Print the peaks, and what the sweep takes more in units of the variables."""
    peaks = {}
    for side in ("fit", "sweep", "3 sweeps"):
        found = [
            subprocess.run([sys.executable, __file__, side], capture_output=True,
                           text=True, check=True).stdout.split()[-2:]
            for _ in range(RUNS)
        ]  # fmt: skip
        peaks[side] = np.array(found, dtype=float)
    size = peaks["fit"][0, 1]
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    print(f"{backend}: variables {size / MIB:.0f} MiB; median of {RUNS} peaks")
    fit = np.median(peaks["fit"][:, 0])
    for side, values in peaks.items():
        peak = np.median(values[:, 0])
        more = (peak - fit) / size
        print(f"{side:9} {peak / MIB:6.0f} MiB, {more:+.2f} copies of the variables")


if __name__ == "__main__":
    run(sys.argv[1]) if len(sys.argv) > 1 else main()
