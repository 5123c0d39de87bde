"""Time to judge curves of growing length, by all rules and by `suggest`."""

import time

import numpy as np

from lr_finder import RULES, Curve, SweepResult, suggest

SIZES = (1_000, 10_000, 100_000, 400_000)
RUNS = 5


def curve(points):
    """A noisy sweep: flat, then falling, then diverging."""
    rng = np.random.default_rng(0)
    lrs = np.geomspace(1e-7, 10, points)
    x = np.log10(lrs)
    losses = 1.3 - np.tanh(2 * (x + 3)) + np.exp(4 * x) + rng.normal(0, 0.1, points)
    return lrs, losses


def seconds(function):
    """Median time of a call."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return np.median(times)


def main():
    """Print a row for each length, and how the time grows from one to the next."""
    print(f"{'points':>8}  {'all rules':>10}  {'suggest':>10}  (s, median of {RUNS})")
    for points in SIZES:
        lrs, losses = curve(points)
        result = SweepResult([Curve(lrs, losses)])
        rules = seconds(lambda: [rule(lrs, losses) for rule in RULES.values()])  # noqa: B023
        whole = seconds(lambda: suggest(result))  # noqa: B023
        print(f"{points:8}  {rules:10.3f}  {whole:10.3f}")


if __name__ == "__main__":
    main()
