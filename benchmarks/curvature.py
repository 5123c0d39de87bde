"""2/λ beside the best rate and the one found: is curvature a second opinion?

λ is the largest eigenvalue of the second derivatives of the loss on 256 samples, at the
start and after a fifth of the training at the rate found. For SGD with momentum 0.9 the
rate that is borne is 1.9 times as high as for plain SGD: 2 (1 + 0.9) / λ.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import time
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

import lr_finder
from benchmarks.suggestion_quality.methods import STEPS, ask_rule
from benchmarks.suggestion_quality.sweeps import SEEDS, load_sweeps
from benchmarks.suggestion_quality.tasks import TASKS, make_optimizer
from benchmarks.suggestion_quality.truth import load_truth
from lr_finder.training.curvature.hessian import open_hessian

NAMES = (
    "digits_linear", "diabetes_raw_target", "iris_tiny", "noisy_labels",
    "friedman_deep", "digits_convolution",
)  # fmt: skip
MOMENTUM = {"sgd": 0.0, "momentum": 0.9}
SAMPLES, SHARE = 256, 0.1  # twice: the first time is not timed
SECTIONS = {
    "found": "found by the sweep",
    "start": "what is borne, at the start",
    "later": "what is borne, after a fifth",
}


def measure(task, optimizer, seed, found):
    """What SGD bears at the start and later, and what a product costs in steps."""
    x, y = task.load()[:2]
    chosen = np.random.default_rng(seed).permutation(len(x))[:SAMPLES]
    given = x[chosen], y[chosen]
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, found), task.keras_loss())
    momentum = MOMENTUM[optimizer]
    start = lr_finder.largest_curvature(model, *given)
    with open_hessian(model, *given, None, SAMPLES) as hessian:
        product = seconds_of(lambda: hessian.times(np.ones(hessian.size)))
    epochs = max(1, round(SHARE * task.budget * task.batch_size / len(x)))
    fit = {"batch_size": task.batch_size, "epochs": epochs, "verbose": 0}
    step = seconds_of(lambda: model.fit(x, y, **fit)) / (
        epochs * -(-len(x) // task.batch_size)
    )
    later = lr_finder.largest_curvature(model, *given)
    return {
        "start": start.stable_rate(momentum), "later": later.stable_rate(momentum),
        "products": start.products, "residual": start.residual,
        "cost": product / step,
    }  # fmt: skip


def seconds_of(call, times=2):
    """The least time of some calls: the first traces."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def cases(seeds):
    """A row for each task, optimizer and seed."""
    truths, sweeps = load_truth(), load_sweeps()
    for name in NAMES:
        for optimizer in MOMENTUM:
            truth = truths[name, optimizer]
            for seed, (sweep, *_) in zip(
                SEEDS, sweeps[name, optimizer, STEPS], strict=True
            ):
                found = ask_rule("window", sweep)
                if found is None or seed not in seeds:
                    continue
                row = {"task": name, "optimizer": optimizer, "seed": seed,
                       "best": truth.best_rate, "found": found}  # fmt: skip
                yield row | measure(TASKS[name], optimizer, seed, found)


def table_of(frame):
    """Medians over the seeds, by task and optimizer."""
    table = Table("task", "optimizer", "best rate", *SECTIONS.values(), "products",
                  "steps a product")  # fmt: skip
    for (task, optimizer), rows in frame.groupby(["task", "optimizer"], sort=False):
        medians = rows.median(numeric_only=True)
        rates = [f"{medians[name]:.2g}" for name in ("best", *SECTIONS)]
        costs = f"{medians['products']:.0f}", f"{medians['cost']:.1f}"
        table.add_row(task, optimizer, *rates, *costs)
    return table


def distances(frame):
    """How far each lies from the best rate, in decades: mean, and mean distance."""
    rows = {}
    for name, told in SECTIONS.items():
        decades = np.log10(frame[name] / frame["best"])
        # The best constant factor, chosen on the other tasks.
        others = [
            decades[frame["task"] != task].median() for task in frame["task"]
        ]  # fmt: skip
        rows[told] = {
            "decades above the best, median": decades.median(),
            "distance, mean": decades.abs().mean(),
            "distance, a factor of other tasks": (decades - others).abs().mean(),
        }
    return pd.DataFrame(rows).T


def main(seeds: Annotated[int, typer.Option(help="Of at most three.")] = 3):
    """Print what curvature says of the best rates of plain SGD and momentum."""
    console = Console(width=150)
    frame = pd.DataFrame(cases(SEEDS[:seeds]))
    console.print(table_of(frame))
    summary = Table("", *distances(frame).columns)
    for name, row in distances(frame).iterrows():
        summary.add_row(name, *(f"{value:.2f}" for value in row))
    console.print(summary)
    bound = (frame["best"] > frame["later"]).mean()
    console.print(f"The best rate exceeds what is borne later in {bound:.0%} of cases.")


if __name__ == "__main__":
    typer.run(main)
