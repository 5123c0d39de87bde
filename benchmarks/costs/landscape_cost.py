"""Wall time of a loss landscape, against as many plain calls of `evaluate`.

Both sides run in turn in one process, so the speed of the machine cancels out: each
pair is a landscape of so many points, then as many `model.evaluate(x, y, verbose=0)`.
The model has been evaluated before. The data are CIFAR-10, from the folder that
LR_FINDER_DATA names.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from networks import cnn
from sweep_cost import seconds

import lr_finder
from lr_finder.data import load_data


def measure(points, samples, pairs):
    """Seconds of each pair: array (pairs, 2), landscape and plain calls."""
    dataset = load_data("cifar10", limit=2 * samples)
    x, y = dataset.x_train[:samples], dataset.y_train[:samples]
    model = cnn()
    found = []
    for pair in range(pairs + 1):

        def landscape(points=points):
            lr_finder.loss_landscape(model, x, y, points=points, verbose=0)

        def plain(calls=points**2):
            for _ in range(calls):
                model.evaluate(x, y, verbose=0)

        if not pair:  # warm up both
            plain(2)
            landscape(3)
            continue
        sides = [landscape, plain] if pair % 2 else [plain, landscape]
        times = {side.__name__: seconds(side) for side in sides}
        found.append((times["landscape"], times["plain"]))
    return np.array(found)


def main():
    """Print the ratio of each pair, and their median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=25, help="along each direction")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    times = measure(given.points, given.samples, given.pairs)
    ratios = times[:, 0] / times[:, 1]
    calls = given.points**2
    print(
        f"{given.points} x {given.points} points, {given.samples} images of CIFAR-10, "
        f"Keras {keras.version()} on {keras.backend.backend()}"
    )
    for (ours, plain), ratio in zip(times, ratios, strict=True):
        print(
            f"  landscape {ours:.1f} s, {calls} x evaluate {plain:.1f} s: {ratio:.3f}"
        )
    print(f"median {np.median(ratios):.3f} ({ratios.min():.3f} to {ratios.max():.3f})")


if __name__ == "__main__":
    main()
