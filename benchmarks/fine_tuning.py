"""Rates for fine-tuning: found for body and head apart, against a grid of both.

A small network learns five classes of CIFAR-10 (16 x 16 pixels). With a new head it is
then fine-tuned on the other five, 100 images of each: the head first, on a frozen body;
then all of it, by a `MultiOptimizer` with a rate for the body and one for the head.
Every way to choose these two rates ends in the same training; what counts is the lowest
of eight losses of it on 600 other images. Rows are kept as they are made. Needs
LR_FINDER_DATA; run it as `python -m benchmarks.fine_tuning`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

import lr_finder
from benchmarks.suggestion_quality.datasets import cifar_images
from lr_finder.experiments.journal import append_row, read_rows_about
from lr_finder.training.optimizer_rates import Rates

STORED = Path(__file__).with_name("fine_tuning_rows") / "rows.jsonl"
SEEDS = (0, 1, 2)
BODY = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
HEAD = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
DEFAULT = 1e-3  # Keras' for Adam
PER_CLASS, WATCHED, HELD_OUT, BATCH = 100, 200, 600, 20
PRETRAINING_EPOCHS, HEAD_STEPS, STEPS, EVALUATIONS = 12, 100, 400, 8
ABOUT = {"steps": STEPS, "images": 5 * PER_CLASS, "watched": WATCHED}
NAMES = {
    "none": "the head alone, at Keras' default",
    "default": "Keras' default for both",
    "one sweep": "one sweep of both together",
    "swept": "a sweep of each group",
    "training": "… then verify each by training loss",
    "validation": "… then verify each by validation loss",
    "tenth": "rate of the head's sweep, a tenth for the body",
}


def make_data(seed):
    """Images to pretrain on, to fine-tune on, to verify by, and to score by."""
    x, y = cifar_images(10_000)
    early = y < 5
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~early))
    few = np.concatenate([order[y[order] == c][:PER_CLASS] for c in range(5, 10)])
    rest = order[~np.isin(order, few)]
    watched, held_out = rest[:WATCHED], rest[WATCHED : WATCHED + HELD_OUT]
    late = [(x[part], y[part] - 5) for part in (few, watched, held_out)]
    return (x[early], y[early]), *late


def make_body():
    """Three convolutions, each with a pooling."""
    layers = keras.layers
    parts = []
    for width in (12, 24, 48):
        parts += [layers.Conv2D(width, 3, padding="same", activation="relu")]
        parts += [layers.MaxPooling2D(2)]
    return keras.Sequential(
        [keras.Input((16, 16, 3)), *parts, layers.Flatten()], name="body"
    )


def with_head(body, optimizer):
    """The body, a new head, and an optimizer for them."""
    head = keras.layers.Dense(5, name="head")
    model = keras.Sequential([keras.Input((16, 16, 3)), body, head])
    compile_for(model, optimizer)
    return model


def compile_for(model, optimizer):
    """Compile it as a classifier of images."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])


def both_rates(body=DEFAULT, head=DEFAULT):
    """Adam for the body and Adam for the head, each with a rate of its own."""
    groups = {".*head.*": keras.optimizers.Adam(head, name="head")}
    rest = keras.optimizers.Adam(body, name="body")
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(rest, groups))


def pretrained(seed):
    """A model whose body knows the other classes, and whose head has gone first."""
    early, late, watched, held_out = make_data(seed)
    keras.utils.set_random_seed(seed)
    body = make_body()
    model = with_head(body, keras.optimizers.Adam(DEFAULT))
    model.fit(*early, batch_size=50, epochs=PRETRAINING_EPOCHS, verbose=0)
    body.trainable = False
    model = with_head(body, keras.optimizers.Adam(DEFAULT))
    given = {"batch_size": BATCH, "verbose": 0}
    swept = lr_finder.sweep(model, *late, seed=seed, **given)
    model.optimizer.learning_rate = suggested(swept)
    epochs = HEAD_STEPS * BATCH // len(late[0])
    model.fit(*late, epochs=epochs, **given)
    body.trainable = True
    compile_for(model, both_rates())
    return model, late, watched, held_out


def suggested(result):
    """The rate of a sweep; if it gives none, the default."""
    try:
        return result.suggest().lr
    except lr_finder.SuggestionError:
        return DEFAULT


class Ways:
    """How to choose the two rates; each says what it costs in steps, too."""

    def __init__(self, model, late, watched, seed):
        self.model, self.late, self.watched = model, late, watched
        self.given = {"batch_size": BATCH, "seed": seed, "verbose": 0}
        self._swept = {}

    def sweep(self, group=None):
        """The rate that a sweep suggests, of a group or of both, and its steps."""
        if group not in self._swept:
            found = lr_finder.sweep(self.model, *self.late, group=group, **self.given)
            self._swept[group] = suggested(found), len(found.lrs)
        return self._swept[group]

    def rates(self, way):
        """`(body, head, steps)` of a way."""
        if way.startswith("grid"):
            return *map(float, way.split()[1:]), 0
        if way in ("none", "default"):
            return 0.0 if way == "none" else DEFAULT, DEFAULT, 0
        if way == "one sweep":
            rate, steps = self.sweep()
            return rate, rate, steps
        (body, first), (head, second) = self.sweep("body"), self.sweep("head")
        if way == "tenth":
            return head / 10, head, second
        if way == "swept":
            return body, head, first + second
        return self.verified({"body": body, "head": head}, way, first + second)

    def verified(self, found, judge, steps):
        """Both rates verified, one after the other, from where the other stands."""
        options = {"validation_data": self.watched} if judge == "validation" else {}
        with lr_finder.preserve_state(self.model):
            for group in found:
                Rates(self.model.optimizer, group).set(found[group])
            for group in ("body", "head"):
                verified = lr_finder.verify(
                    self.model, *self.late, found[group], budget_steps=STEPS,
                    group=group, judge=judge, **options, **self.given,
                )  # fmt: skip
                found[group] = verified.lr
                Rates(self.model.optimizer, group).set(verified.lr)
                steps += verified.steps
        return found["body"], found["head"], steps


def tuned(model, late, held_out, rates, seed):
    """Losses of a fine-tuning at these rates on other images, and the best accuracy."""
    losses, accuracies = [], []
    passes = STEPS * BATCH // len(late[0]) // EVALUATIONS
    x, y = (np.concatenate([part] * passes) for part in late)  # one epoch is faster
    for group, rate in rates.items():
        Rates(model.optimizer, group).set(rate)
    keras.utils.set_random_seed(seed)
    for _ in range(EVALUATIONS):
        model.fit(x, y, batch_size=BATCH, verbose=0)
        loss, accuracy = model.evaluate(*held_out, batch_size=HELD_OUT, verbose=0)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies[int(np.nanargmin(losses))]


def missing(rows, seed):
    """The grid and the ways that a seed has no row of."""
    there = {row["way"] for row in rows if row["seed"] == seed}
    grid = [f"grid {body:g} {head:g}" for body, head in itertools.product(BODY, HEAD)]
    return [way for way in [*NAMES, *grid] if way not in there]


def run(path, tell):
    """Make the rows that the file lacks."""
    for seed in SEEDS:
        wanted = missing(read_rows_about(path, ABOUT), seed)
        if not wanted:
            continue
        model, late, watched, held_out = pretrained(seed)
        ways = Ways(model, late, watched, seed)
        # One context for all: what is traced or compiled in it serves them all.
        with lr_finder.preserve_state(model) as (state, interrupt):
            for way in wanted:
                state.put()
                body, head, steps = ways.rates(way)
                rates = {"body": body, "head": head}
                losses, accuracy = tuned(model, late, held_out, rates, seed)
                row = {"seed": seed, "way": way, **rates, "steps": steps}
                measured = {"losses": losses, "accuracy": accuracy, "about": ABOUT}
                append_row(path, row | measured)
                tell(f"{seed} {way}: {body:.2g}, {head:.2g}: {min(losses):.4g}")
                interrupt.check()


def scored(rows):
    """Each row with its lowest loss, and how far that is above the grid's best.

    The best pair of rates of the grid is that of the lowest mean over seeds; `excess`
    is in per cent of its loss with the same seed, `accuracy` in per cent.
    """
    frame = pd.DataFrame(rows)
    # A training that diverged is worth what the best constant guess is.
    frame["loss"] = [min([np.log(5), *filter(np.isfinite, x)]) for x in frame["losses"]]
    grid = frame[frame["way"].str.startswith("grid")]
    best = grid.groupby("way")["loss"].mean().idxmin()
    reached = grid[grid["way"] == best].set_index("seed")["loss"]
    frame["excess"] = 100 * (frame["loss"] / frame["seed"].map(reached) - 1)
    frame["accuracy"] *= 100
    return frame, best


def grid_table(frame):
    """Mean lowest loss over the seeds, by body and head."""
    table = Table("body \\ head", *(f"{rate:g}" for rate in HEAD))
    grid = frame[frame["way"].str.startswith("grid")]
    means = grid.groupby(["body", "head"])["loss"].mean()
    for body in BODY:
        table.add_row(f"{body:g}", *(f"{means[body, head]:.3f}" for head in HEAD))
    return table


def ways_table(frame, best):
    """Each way: its rates, excess and accuracy, with the spread over the seeds."""
    table = Table("rates by", "body", "head", "excess, %", "accuracy, %", "steps")
    names = {best: "the grid's best pair"} | NAMES
    for way, name in names.items():
        rows = frame[frame["way"] == way]
        spread = [
            f"{rows[column].mean():.1f} ± {rows[column].std():.1f}"
            for column in ("excess", "accuracy")
        ]
        rates = [
            " ".join(f"{rate:.1g}" for rate in rows[group])
            for group in ("body", "head")
        ]
        steps = rows["steps"].mean()
        cost = STEPS * len(BODY) * len(HEAD) if way == best else steps
        table.add_row(name, *rates, *spread, f"{cost:.0f}")
    return table


def main(
    is_stored: Annotated[
        bool, typer.Option("--stored", help="Only print what is stored.")
    ] = False,
    out: Annotated[Path, typer.Option(help="File of the rows.")] = STORED,
):
    """Print what rates found for two groups are worth in fine-tuning."""
    console = Console(width=140)
    if not is_stored:
        out.parent.mkdir(exist_ok=True)
        run(out, console.print)
    frame, best = scored(read_rows_about(out, ABOUT))
    console.print("Lowest validation loss, mean of three seeds, by the two rates")
    console.print(grid_table(frame))
    console.print(ways_table(frame, best))


if __name__ == "__main__":
    typer.run(main)
