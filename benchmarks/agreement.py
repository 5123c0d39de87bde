"""Whether ten searches agree: `find_optimal_rate`, and sweep, suggest and verify.

Two answers agree if each lies in the other's interval. The data of a
`LearningRateOptimizer` is a tf.data.Dataset that shuffles anew on each pass and it has
no seed; the other searches read arrays, with one seed after another.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from typing import Annotated

import keras
import numpy as np
import tensorflow as tf
import typer
from rich.console import Console
from rich.table import Table

import lr_finder

CALLS, BATCH_SIZE, SAMPLES, HELD_OUT = 10, 64, 3500, 500


def sines(rng):
    """A target around 0 with noise that no model gets below."""
    x = rng.normal(size=(SAMPLES + HELD_OUT, 10)).astype("float32")
    noise = 0.6 * rng.normal(size=len(x))
    return x, (np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + noise).astype("float32")


def counts(rng):
    """Counts about 10, not scaled: most of the loss at the start is their mean."""
    x = rng.normal(size=(SAMPLES + HELD_OUT, 8)).astype("float32")
    noise = 2.2 * rng.normal(size=len(x))
    y = np.round(10 + 2 * x[:, 0] + np.abs(x[:, 1]) * x[:, 2] + noise)
    return x, np.clip(y, 1, 29).astype("float32")


def build(features):
    """Two hidden layers, the same weights each time."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((features,)), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def by_optimizer(x, y, judge):
    """Answers of `LearningRateOptimizer` without a seed."""
    data = tf.data.Dataset.from_tensor_slices((x, y))
    train = data.take(SAMPLES).shuffle(SAMPLES).batch(BATCH_SIZE)
    held_out = data.skip(SAMPLES).batch(BATCH_SIZE)
    optimizer = lr_finder.LearningRateOptimizer(build(x.shape[1]), train, held_out)
    for _ in range(CALLS):
        optimizer.find_optimal_rate(judge=judge)
        yield optimizer.verified


def by_verify(x, y):
    """Answers of sweep, suggest and verify, a seed each."""
    model = build(x.shape[1])
    given = {"batch_size": BATCH_SIZE, "verbose": 0}
    x, y = x[:SAMPLES], y[:SAMPLES]
    for seed in range(CALLS):
        swept = lr_finder.sweep(model, x, y, seed=seed, **given).suggest()
        yield lr_finder.verify(model, x, y, swept, budget_steps=1100, seed=seed,
                               **given)  # fmt: skip


def agreement(ones, others):
    """The share of pairs of different answers that lie in each other's intervals."""
    pairs = [(a, b) for a in ones for b in others if a is not b]
    return np.mean([a.low <= b.lr <= a.high and b.low <= a.lr <= b.high
                    for a, b in pairs])  # fmt: skip


def width(answers):
    """The median width of the intervals in decades."""
    return float(np.median([np.log10(a.high / a.low) for a in answers]))


def main(
    judge: Annotated[str, typer.Option(help="Of `find_optimal_rate`.")] = "",
) -> None:
    """Print a table: answers, agreement and widths for each data set."""
    table = Table(title=f"{CALLS} calls of each, Keras {keras.version()}")
    for column in ("data", "searched by", "answers", "median width", "agree", "both"):
        table.add_column(column, justify="left" if column == "data" else "right")
    for data in (sines, counts):
        x, y = data(np.random.default_rng(0))
        found = {
            "find_optimal_rate": list(by_optimizer(x, y, judge or None)),
            "verify": list(by_verify(x, y)),
        }
        all_of_them = [answer for answers in found.values() for answer in answers]
        both = f"{agreement(all_of_them, all_of_them):.0%}"
        for name, answers in found.items():
            rates = sorted(answer.lr for answer in answers)
            table.add_row(
                data.__name__, name, f"{rates[0]:.1e} to {rates[-1]:.1e}",
                f"{width(answers):.2f}", f"{agreement(answers, answers):.0%}", both,
            )  # fmt: skip
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
