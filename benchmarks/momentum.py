"""What a sweep finds for SGD with other momenta than 0.9, and what the lag is worth.

On eight tasks the truth is trained anew (19 rates), and three sweeps are read twice: by
the rule as it is, and as if the momentum were 0.9, with which its constants were
measured. Takes about ten minutes on two cores. JAX trains the rates of a task at once.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "jax"

import dataclasses

import keras
import numpy as np
import pandas as pd

import lr_finder
from benchmarks.suggestion_quality import engine
from benchmarks.suggestion_quality.scores import CATASTROPHIC
from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import RATES, SEEDS, Truth
from lr_finder.analysis.sweep.rate_window import MEASURED_MOMENTUM

NAMES = (
    "california_dense", "digits_linear", "wine_dropout", "friedman_deep",
    "digits_autoencoder", "noisy_labels", "messages_embedding", "digits_finetune",
)  # fmt: skip
MOMENTA = (0.5, 0.95, 0.99)
SWEPT = (301, 302, 303)  # seeds of the sweeps, unlike those of the truth
AS_IT_IS, AS_IF = "as it is", f"as if it were {MEASURED_MOMENTUM}"


def truth_of(task, optimizer):
    """What each rate of the grid comes to, at its median over seeds."""
    losses = engine.train(
        task, optimizer, list(RATES), list(SEEDS[: 1 + task.vectorize])
    )
    best = np.where(np.isfinite(losses), losses, np.inf).min(-1)
    base = task.base_loss()
    return Truth(np.array(RATES), np.minimum(np.median(best, 0), base), base)


def readings(task, optimizer, seed):
    """The rate of one sweep, read in both ways."""
    x, y = task.load()[:2]
    model = task.build(seed)
    model.compile(optimizer, task.keras_loss())
    swept = lr_finder.sweep(
        model, x, y, batch_size=task.batch_size, seed=seed, verbose=0
    )
    other = dataclasses.replace(
        swept, metadata=swept.metadata | {"momentum": MEASURED_MOMENTUM}
    )
    return {AS_IT_IS: swept.suggest().lr, AS_IF: other.suggest().lr}


def main():
    """Print regret and distance from the best rate for each momentum."""
    rows = []
    for momentum in MOMENTA:
        for name in NAMES:
            truth = truth_of(TASKS[name], keras.optimizers.SGD(momentum=momentum))
            for seed in SWEPT:
                optimizer = keras.optimizers.SGD(momentum=momentum)
                for way, rate in readings(TASKS[name], optimizer, seed).items():
                    rows.append({
                        "momentum": momentum, "read": way, "task": name,
                        "regret": truth.regret(rate),
                        "decades too high": np.log10(rate / truth.best_rate),
                    })  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["catastrophes"] = frame["regret"] > CATASTROPHIC
    frame["decades away"] = frame["decades too high"].abs()
    by = frame.groupby(["momentum", "read"])
    table = by[["regret", "decades too high", "decades away"]].mean()
    table.insert(0, "runs", by.size())
    table["catastrophes"] = by["catastrophes"].sum()
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
