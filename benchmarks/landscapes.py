"""What loss landscapes say of a small convolutional network on digits, over five seeds.

For each seed: how far the loss doubles along random directions (median of five draws),
the share of the training's movement in two principal directions, and the barrier to
the network of the next seed. The digits are scikit-learn's, 8 x 8 pixels: no files are
needed. `--draw` stores the landscapes that the guide shows.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from sklearn.datasets import load_digits

import lr_finder

SEEDS, DRAWS, EPOCHS = 5, 5, 15
ROWS = 1000  # to train on; the losses are measured on them
BATCH_SIZES = (32, 256)
RATE = 0.05
FOLDER = Path(__file__).parent / "landscape_rows"


def digits():
    """Images (rows, 8, 8, 1) in [0, 1], and their digits."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))[:ROWS]
    return images[order].reshape(-1, 8, 8, 1).astype("float32") / 16, labels[order]


def network(seed):
    """Two convolutions and a dense layer, without BatchNorm."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.SGD(RATE, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def trained(seed, batch_size, data):
    """A network, and what kept its way."""
    model, recorder = network(seed), lr_finder.TrajectoryRecorder()
    model.fit(
        *data, batch_size=batch_size, epochs=EPOCHS, verbose=0, callbacks=[recorder]
    )
    return model, recorder


def measure(model, recorder, other, data):
    """Distance, loss, share and barrier of one network."""
    options = {"batch_size": ROWS, "verbose": 0}
    lines = [
        lr_finder.loss_landscape(
            model, *data, directions=1, distance=2.0, points=41, seed=draw, **options
        )
        for draw in range(DRAWS)
    ]
    distances = [line.doubles_at[0] or np.inf for line in lines]
    way = lr_finder.loss_landscape(
        model, *data, trajectory=recorder, points=3, **options
    )
    between = lr_finder.loss_landscape(model, *data, to=other, points=25, **options)
    barrier, _ = between.barrier
    return lines[0].loss, float(np.median(distances)), way.shares.sum(), barrier


def store(model, recorder, other, data):
    """The landscapes of the guide."""
    FOLDER.mkdir(exist_ok=True)
    made = {
        "random": {"points": 25, "distance": 1.0},
        "principal": {"points": 25, "trajectory": recorder},
        "between": {"points": 41, "to": other},
    }
    for name, options in made.items():
        found = lr_finder.loss_landscape(
            model, *data, batch_size=ROWS, verbose=0, **options
        )
        print(f"{found.save(FOLDER / name).name}: {found}")


def main():
    """Print a row for each batch size, medians with lowest and highest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", action="store_true")
    is_drawn, data = parser.parse_args().draw, digits()
    print(f"{SEEDS} seeds, {EPOCHS} epochs of {ROWS} digits, SGD {RATE}, momentum 0.9")
    print("batch size | loss | doubles at | two principal directions hold | barrier")
    for size in BATCH_SIZES:
        made = [trained(seed, size, data) for seed in range(SEEDS)]
        if is_drawn and size == BATCH_SIZES[0]:
            store(*made[0], made[1][0], data)
        rows = np.array(
            [
                measure(*made[seed], made[(seed + 1) % SEEDS][0], data)
                for seed in range(SEEDS)
            ]
        )
        parts = [
            f"{np.median(column):.3g} ({column.min():.3g} to {column.max():.3g})"
            for column in rows.T
        ]
        print(" | ".join([str(size), *parts]))


if __name__ == "__main__":
    main()
