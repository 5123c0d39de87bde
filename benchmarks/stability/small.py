"""The small studies, in NumPy: batch sizes, escapes, and convex against not convex."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.stability.networks import BRIGHTEST, DEEP, digits
from benchmarks.stability.studies import SEEDS, STORED
from lr_finder import reference
from lr_finder.analysis.training.convergence import outcome_of
from lr_finder.errors import SuggestionError
from lr_finder.experiments.journal import append_row, read_rows
from lr_finder.reference.surfaces import saddle
from lr_finder.results.sweep import Curve, SweepResult

HIDDEN = 32
BATCHES = (8, 32, 128, 800)
GRID = [float(f"{rate:.2g}") for rate in np.geomspace(0.001, 10, 13)]  # 3 in a decade
RULE_RATES = {  # the part of the grid that holds the best rate of each rule
    "sgd": GRID[4:12], "momentum": GRID[1:10], "adam": GRID[:8]
}  # fmt: skip
DECAYS = {  # name -> share of the rate at a share of the training
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "inverse": lambda done: 1.0 / (1.0 + 9.0 * done),  # a tenth at the end
}
DEEP_ARMS = [  # activation, initializer and inputs of deep networks
    *itertools.product(
        ("sigmoid", "tanh", "relu"), ("glorot_normal", "he_normal"), ("scaled",)
    ),
    ("relu", "random_normal", "scaled"), ("relu", "he_normal", "raw"),
]  # fmt: skip
DEEP_RATES = GRID[3:10]
FULL_LENGTH = 200  # steps of a range test
TESTED = (1e-4, 100.0)  # its rates
EQUAL_STEPS, EQUAL_EPOCHS = 200, 8
# On surfaces.
SURFACE_STEPS, STARTS = 2000, 40
ARMS = {  # name -> rule, rate, and sd of the noise on each gradient
    "SGD": ("sgd", 0.05, 0.0),
    "SGD with noise": ("sgd", 0.05, 0.5),
    "SGD with much noise": ("sgd", 0.05, 2.5),
    "SGD, 10 times the rate": ("sgd", 0.5, 0.0),
    "momentum": ("momentum", 0.05, 0.0),
    "momentum with noise": ("momentum", 0.05, 0.5),
    "Adam": ("adam", 0.05, 0.0),
}
TILT = 0.15  # of the two valleys: one minimum lies 0.3 above the other
# Rates as multiples of 2 / curvature at the start.
MULTIPLES = (0.5, 0.9, 1.1, 1.5, 2.0, 4.0, 8.0, 16.0)
DESCENT_STEPS = 500
MODELS = ("linear", "logistic", "separable", "network")
LAST = 50  # steps at the end that say whether a loss has settled
SETTLED = 1e-3  # of the loss: range of the last losses below which it has


def kept(
    name: str,
    cells: Sequence[Mapping[str, Any]],
    measure: Callable[..., Mapping[str, Any]],
) -> pd.DataFrame:
    """The rows of a study; those that its journal lacks are measured first.

    Args:
        name: str, of the study.
        cells: sequence of dict, what each row is about.
        measure: callable, given a cell as keyword arguments.

    Returns:
        DataFrame, a row for each cell.
    """
    path = STORED / f"{name}.jsonl"
    known = {tuple(row[k] for k in cells[0]) for row in read_rows(path)}
    for cell in cells:
        if tuple(cell.values()) not in known:
            append_row(path, {**cell, **measure(**cell)})
    return pd.DataFrame(read_rows(path))


def stored_rows(name: str) -> pd.DataFrame:
    """The rows of a study, as they lie in the repository.

    Args:
        name: str, a key of `SMALL`.

    Returns:
        DataFrame.
    """
    return pd.DataFrame(read_rows(STORED / f"{name.replace(' ', '_')}.jsonl"))


def cells_of(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination of some values, as dicts."""
    combined = itertools.product(*values.values())
    return [dict(zip(values, each, strict=True)) for each in combined]


def batch_sizes() -> pd.DataFrame:
    """Final losses by batch size and rate, at equal steps and at equal epochs."""
    cells = [
        {"rule": rule, "equal": equal, "batch_size": batch_size, "rate": rate,
         "decay": "constant", "seed": seed}
        for rule in ("sgd", "adam")
        for equal in ("steps", "epochs")
        for batch_size in BATCHES
        for rate in RULE_RATES[rule]
        for seed in range(SEEDS)
    ]  # fmt: skip
    return kept("batch_sizes", cells, measure_training)


def decays() -> pd.DataFrame:
    """Final losses by rule and rate, with a constant and with a falling rate."""
    cells = [
        {"rule": rule, "equal": "epochs", "batch_size": 32, "rate": rate,
         "decay": decay, "seed": seed}
        for rule, decay in [*(("sgd", name) for name in DECAYS),
                            ("momentum", "constant"), ("adam", "constant")]
        for rate in RULE_RATES[rule]
        for seed in range(SEEDS)
    ]  # fmt: skip
    return kept("decays", cells, measure_training)


def measure_training(
    rule: str, equal: str, batch_size: int, rate: float, decay: str, seed: int
) -> dict[str, Any]:
    """Train a network of one hidden layer on digits, and take its loss on all rows."""
    x, y, network, start = digits_task(seed)
    steps = EQUAL_STEPS if equal == "steps" else EQUAL_EPOCHS * -(-len(x) // batch_size)
    done = reference.minimize(
        network.loss_and_gradients, start, rule=rule, steps=steps,
        learning_rate=lambda step: rate * DECAYS[decay](step / steps),
        batches=reference.batches_of(x, y, batch_size=batch_size, seed=seed),
    )  # fmt: skip
    first = network.loss_of(start, x, y)
    with np.errstate(all="ignore"):
        loss = float(network.loss_of(done.parameters, x, y))
    outcome = outcome_of([loss], first, np.log(10))
    return {"steps": steps, "loss": loss if np.isfinite(loss) else None,
            "outcome": outcome}  # fmt: skip


def deep_networks() -> pd.DataFrame:
    """Final losses of deep networks by activation, initializer, inputs and rate."""
    cells = [
        {"activation": activation, "initializer": initializer, "inputs": inputs,
         "rate": rate, "seed": seed}
        for activation, initializer, inputs in DEEP_ARMS
        for rate in DEEP_RATES
        for seed in range(SEEDS)
    ]  # fmt: skip
    return kept("deep_networks", cells, measure_deep)


def measure_deep(
    activation: str, initializer: str, inputs: str, rate: float, seed: int
) -> dict[str, Any]:
    """Train a network of 6 hidden layers on digits; its gradients at the start."""
    x, y = scaled_digits()
    x = x * BRIGHTEST if inputs == "raw" else x
    sizes = (x.shape[1], *[HIDDEN] * DEEP, 10)
    network = reference.Network(sizes, activation, "crossentropy")
    start = network.initialize(initializer=initializer, seed=seed)
    first, gradients = network.loss_and_gradients(start, x, y)
    norms = [float(np.linalg.norm(gradients[f"W{i}"])) for i in (1, DEEP + 1)]
    done = reference.minimize(
        network.loss_and_gradients, start, learning_rate=rate,
        steps=EQUAL_EPOCHS * -(-len(x) // 32),
        batches=reference.batches_of(x, y, batch_size=32, seed=seed),
    )  # fmt: skip
    with np.errstate(all="ignore"):
        loss = float(network.loss_of(done.parameters, x, y))
    return {
        "first_gradient": norms[0], "last_gradient": norms[1], "start": first,
        "loss": loss if np.isfinite(loss) else None,
        "outcome": outcome_of([loss], first, np.log(10)),
    }  # fmt: skip


def found_rates() -> pd.DataFrame:
    """The rate that a range test finds, by rule and batch size."""
    cells = cells_of(rule=("sgd", "adam"), batch_size=BATCHES, seed=range(SEEDS))
    return kept("found_rates", cells, measure_found)


def measure_found(rule: str, batch_size: int, seed: int) -> dict[str, Any]:
    """A range test of the network of `measure_training`, read by the package."""
    x, y, network, start = digits_task(seed)
    rates = np.geomspace(*TESTED, FULL_LENGTH)
    descent = reference.steps_of(
        network.loss_and_gradients, start, rule=rule,
        learning_rate=lambda step: float(rates[min(step, FULL_LENGTH - 1)]),
        batches=reference.batches_of(x, y, batch_size=batch_size, seed=seed),
    )  # fmt: skip
    losses = [step.loss for step in itertools.islice(descent, FULL_LENGTH)]
    curve = Curve(rates[: len(losses)], losses)
    names = {"sgd": "SGD", "adam": "Adam"}
    result = SweepResult([curve], {"optimizer": names[rule], "momentum": None})
    try:
        return {"found": result.suggest().lr, "steepest": result.suggest("steepest").lr}
    except SuggestionError:
        return {"found": None, "steepest": None}


def digits_task(seed: int) -> tuple[Any, ...]:
    """Rows, classes, network and first weights of a seed."""
    x, y = scaled_digits()
    network = reference.Network((x.shape[1], HIDDEN, 10), "relu", "crossentropy")
    return x, y, network, network.initialize(initializer="he_normal", seed=seed)


def scaled_digits() -> tuple[np.ndarray, np.ndarray]:
    """The training rows of `digits`, from 0 to 1, and their classes."""
    dataset = digits().dataset
    return dataset.x_train.astype(float) / BRIGHTEST, dataset.y_train


def escapes() -> pd.DataFrame:
    """After how many steps each arm leaves a saddle, and a shallow valley."""
    cells = cells_of(surface=("saddle", "valley"), arm=tuple(ARMS), seed=range(STARTS))
    return kept("escapes", cells, measure_escape)


def measure_escape(surface: str, arm: str, seed: int) -> dict[str, Any]:
    """Descend from a random start, and count the steps until the deep place is reached.

    The saddle is left if the loss has fallen to 4/5 of the minimum. The start is on
    its ridge but for 1e-6 to 1e-2. The shallow valley is left if y < -0.5; the start is
    on its far side, so that momentum may carry the point over the barrier.
    """
    rng = np.random.default_rng(seed)
    rule, rate, noise = ARMS[arm]
    if surface == "saddle":
        start = [rng.uniform(-1.2, 1.2), 10 ** rng.uniform(-6, -2)]
        gradient, left = saddle().gradient, lambda p: saddle().value(p) < -0.2
    else:
        start = [rng.uniform(-1.2, 1.2), rng.uniform(1.2, 2.2)]
        gradient, left = valley_gradient, lambda p: p[1] < -0.5

    def objective(parameters: Any) -> tuple[float, Any]:
        noisy = gradient(parameters["p"]) + noise * rng.normal(size=2)
        return 0.0, {"p": noisy}

    descent = reference.steps_of(
        objective, {"p": np.array(start)}, rule=rule, learning_rate=rate
    )
    for step in itertools.islice(descent, SURFACE_STEPS + 1):
        if left(step.parameters["p"]):
            return {"steps": step.number}
    return {"steps": None}


def valley_gradient(point: np.ndarray) -> np.ndarray:
    """Of x²/2 − y²/2 + y⁴/4 + 0.15 y: a shallow minimum at y = 0.9, a deep at −1.1."""
    return saddle().gradient(point) + np.array([0.0, TILT])


def convexity() -> pd.DataFrame:
    """How full-batch descent ends at multiples of 2 / curvature, by model."""
    cells = cells_of(model=MODELS, multiple=MULTIPLES, seed=range(SEEDS))
    return kept("convexity", cells, measure_convexity)


def measure_convexity(model: str, multiple: float, seed: int) -> dict[str, Any]:
    """Descend on all rows at once at a multiple of 2 / curvature of the start."""
    objective, start = problem(model, seed)
    curvature = curvature_at(objective, start)
    done = reference.minimize(
        objective, start, learning_rate=multiple * 2 / curvature, steps=DESCENT_STEPS
    )
    last, first = done.losses[-LAST:], float(done.losses[0])
    is_finite = bool(np.isfinite(done.losses).all())
    # A quadratic overflows late; a loss above the first has diverged by then.
    is_settled = is_finite and np.ptp(last) <= SETTLED * first
    lowest = float(np.nanmin(done.losses))
    return {
        "curvature": curvature, "first": first, "lowest": lowest,
        "loss": float(last[-1]) if is_finite else None,
        "outcome": outcome_of(done.losses[-1:], first), "is_settled": bool(is_settled),
        "rises": int((np.diff(done.losses) > 0).sum()) if is_finite else None,
    }  # fmt: skip


def problem(model: str, seed: int) -> tuple[Callable[..., Any], dict[str, np.ndarray]]:
    """The loss of a model on data of its seed, and the weights it starts from."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(200, 5)) * [3, 1, 1, 1, 0.3]
    score = x @ rng.normal(size=5)
    if model == "linear":
        network, y = reference.Network((5, 1)), score[:, None]
    elif model == "network":
        network, y = reference.Network((5, 16, 16, 1), "tanh"), np.sin(score)[:, None]
    else:
        noise = rng.logistic(size=200) * (model == "logistic")
        y = (score + noise > 0).astype(float)
        return (
            lambda p: reference.logistic_loss_and_gradients(p, x, y),
            {"w": np.zeros(5)},
        )
    start = network.initialize(initializer="glorot_normal", seed=seed)
    return lambda p: network.loss_and_gradients(p, x, y), start


def curvature_at(
    objective: Callable[..., Any], parameters: Mapping[str, np.ndarray]
) -> float:
    """The largest eigenvalue of the second derivatives, by differences of gradients."""
    sizes = [np.size(each) for each in parameters.values()]

    def gradient(flat: np.ndarray) -> np.ndarray:
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        shaped = {
            name: part.reshape(np.shape(value))
            for (name, value), part in zip(parameters.items(), parts, strict=True)
        }
        found = objective(shaped)[1]
        return np.concatenate([np.ravel(found[name]) for name in parameters])

    at = np.concatenate([np.ravel(each) for each in parameters.values()])
    step = 1e-5
    columns = [
        (gradient(at + step * unit) - gradient(at - step * unit)) / (2 * step)
        for unit in np.eye(len(at))
    ]
    return float(np.linalg.eigvalsh(np.array(columns)).max())


SMALL = {
    "batch sizes": batch_sizes, "decays": decays, "found rates": found_rates,
    "deep networks": deep_networks,
    "escapes": escapes, "convexity": convexity,
}  # fmt: skip
