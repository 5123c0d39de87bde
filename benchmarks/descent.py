"""When should a descent stop, and how large should its batches be?

First, on two convex problems whose minimum is known, the descent of
`lr_finder.reference` stops by the norm of the gradient, by the change of the loss or
after a number of steps. Then, on these and on a network, it makes the same number of
epochs with all samples at once, with mini-batches and with single samples.
"""

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.preprocessing import scale

from lr_finder.reference import Network, batches_of, minimize

STOPS = {
    "gradient at most 1e-3": {"least_gradient": 1e-3},
    "change at most 1e-4": {"least_change": 1e-4},
    "1,000 steps": {"steps": 1000},
}
MOST = 5_000  # steps of a descent that another rule stops
EPOCHS, SIZES, SEEDS = 10, (None, 32, 1), 3
RATES = [10 ** (k / 2) for k in range(-8, 5)]


def problems():
    """Name -> network, inputs, targets; a rate, if the problem is convex."""
    x, y = load_diabetes(return_X_y=True)
    linear = Network((10, 1)), scale(x), scale(y)[:, None], 0.2
    x, y = load_iris(return_X_y=True)
    logistic = Network((4, 1), loss="binary_crossentropy")
    two = scale(x[50:]), (y[50:, None] == 2).astype(float)
    x, y = load_digits(return_X_y=True)
    deep = Network((64, 32, 10), loss="crossentropy"), x[:300] / 16, y[:300], None
    return {"linear": linear, "logistic": (logistic, *two, 1.0), "network": deep}


def lowest_loss(network, x, y):
    """The minimum of a convex problem; 0 counts as that of a network."""
    if len(network.sizes) > 2:
        return 0.0
    start = network.initialize(seed=0)
    rule = {"rule": "nesterov", "learning_rate": 0.1, "steps": 200_000}
    end = minimize(network.loss_and_gradients, start, least_gradient=1e-9,
                   batches=batches_of(x, y), **rule)  # fmt: skip
    return end.losses[-1]


def stopped(name, problem):
    """Rows: where each criterion ends, at a good rate and at a hundredth of it."""
    network, x, y, rate = problem
    if rate is None:
        return
    lowest = lowest_loss(network, x, y)
    for share in (1, 0.01):
        for told, stop in STOPS.items():
            ends = [
                minimize(network.loss_and_gradients, network.initialize(seed=seed),
                         learning_rate=share * rate, batches=batches_of(x, y),
                         **({"steps": MOST} | stop))
                for seed in range(SEEDS)
            ]  # fmt: skip
            steps = median_and_range([end.steps for end in ends], "{:,.0f}")
            above = [end.losses[-1] - lowest for end in ends]
            yield name, f"{share * rate:g}", told, steps, median_and_range(above)


def batched(name, problem):
    """Rows: the loss after the same number of epochs, each size at its best rate."""
    network, x, y, _ = problem
    lowest = lowest_loss(network, x, y)
    for size in SIZES:
        steps = EPOCHS * -(-len(x) // (size or len(x)))
        above = {
            rate: [loss_after(problem, rate, size, steps, seed) - lowest
                   for seed in range(SEEDS)]
            for rate in RATES
        }  # fmt: skip
        best = min(above, key=lambda rate: np.median(above[rate]))
        what = {None: "batch: all samples", 1: "stochastic: 1"}
        told = what.get(size, f"mini-batch: {size}")
        yield name, told, f"{steps:,}", f"{best:.2g}", median_and_range(above[best])


def loss_after(problem, rate, size, steps, seed):
    """The loss on all samples at the end of one descent."""
    network, x, y, _ = problem
    end = minimize(network.loss_and_gradients, network.initialize(seed=seed),
                   learning_rate=rate, steps=steps,
                   batches=batches_of(x, y, batch_size=size, seed=seed))  # fmt: skip
    if end.stopped_by == "diverged":
        return np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        loss = network.loss_of(end.parameters, x, y)
    return loss if np.isfinite(loss) else np.inf


def median_and_range(values, form="{:.2g}"):
    """What several seeds gave."""
    told = [
        form.format(value) for value in (np.median(values), *np.sort(values)[[0, -1]])
    ]
    return f"{told[0]} ({told[1]} to {told[2]})"


def print_table(heads, rows):
    """A table as the pages have them, a row as soon as it is there."""
    print("", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), sep="\n")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    given = problems()
    above = f"loss above the lowest, {SEEDS} seeds"
    for heads, rows in (
        (["problem", "rate", "stops at", "steps", above], stopped),
        (["problem", "samples a step", "steps", "best rate", above], batched),
    ):
        print_table(heads, (row for each in given.items() for row in rows(*each)))
