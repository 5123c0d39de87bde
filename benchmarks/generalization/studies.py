"""What each study trains, and where its rows lie."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.generalization import run_generalization
from lr_finder.experiments.pool import Watch
from lr_finder.experiments.regularization import Regularization
from lr_finder.results.generalization.generalization import GeneralizationResult

STORED = Path(__file__).parent / "studies"
RUNS = Path("lr_finder_runs/generalization")
TRAINED, VALIDATED = 400, 200  # digits; the other 1,197 test
BRIGHTEST = 16.0  # of a pixel of a digit, as it comes
WIDTH = 128  # units of a hidden layer
BATCH_SIZE, EPOCHS = 32, 25
NOISE = 0.4  # share of the labels replaced in the study of noise

NONE = Regularization()


def digits() -> ThreeParts:
    """8 × 8 images of digits (8, 8, 1), from 0 to 1; few to train on."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = (x[order] / BRIGHTEST).astype("float32").reshape(-1, 8, 8, 1)
    y = y[order].astype("int32")
    ends = (TRAINED, TRAINED + VALIDATED)
    (x, x_val, x_test), (y, y_val, y_test) = np.split(x, ends), np.split(y, ends)
    classes = tuple(range(10))
    dataset = Dataset(
        x, y, x_val, y_val, "classification", kind="images", classes=classes
    )
    return ThreeParts(dataset, x_test, y_test, "digits")


def network(dataset: Dataset, dropout: float = 0.0) -> keras.Model:
    """Two hidden layers of 128 units, each with its Dropout."""
    return _network(dataset, dropout, [])


def shifting(dataset: Dataset, dropout: float = 0.0) -> keras.Model:
    """The same, trained on images that are shifted by up to a pixel at random."""
    shift = keras.layers.RandomTranslation(
        1.5 / 8, 1.5 / 8, fill_mode="constant", interpolation="nearest"
    )
    return _network(dataset, dropout, [shift])


def _network(dataset: Dataset, dropout: float, first: list[keras.Layer]) -> keras.Model:
    layers = [keras.Input(dataset.input_shape), *first, keras.layers.Flatten()]
    for _ in range(2):
        layers.append(keras.layers.Dense(WIDTH, "relu", kernel_initializer="he_normal"))
        layers += [keras.layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])


@dataclasses.dataclass(frozen=True)
class Study:
    """One question: what is trained, with which regularizations, at which rates.

    Args:
        plan: Plan.
        regularizations: sequence of Regularization.
        models: mapping of names to what builds them.
        conditions: mapping, further arguments of `run_generalization`.
        seeds: int >= 1.
    """

    plan: Plan
    regularizations: Sequence[Regularization] = (NONE,)
    models: Mapping[str, Callable[..., keras.Model]] = dataclasses.field(
        default_factory=lambda: {"network": network}
    )
    conditions: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seeds: int = 3


def _plan(optimizers: Any, rates: Sequence[float], sizes: Any = BATCH_SIZE) -> Plan:
    return Plan(optimizers, rates, sizes, None, is_full_grid=True)


RATES = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
FEW_RATES = RATES[1:3]  # those at which Adam's validation loss is lowest
SGD_RATES = [0.01, 0.03, 0.1, 0.3, 1.0]
WEAKEST = 1e-3
DECAYS = [
    NONE, *(Regularization(l2=each) for each in (WEAKEST, 1e-2, 0.1)),
    *(Regularization(weight_decay=each) for each in (0.1, 1.0)),
]  # fmt: skip
NOISY = {"label_noise": NOISE, "epochs": 40}
STUDIES = {  # what several of them train is trained once
    "decay": Study(_plan("adam", RATES[1:]), DECAYS),
    "noisy_decay": Study(
        _plan("adam", RATES[1:4]),
        [each for each in DECAYS if each.l2 != WEAKEST], conditions=NOISY,
    ),
    "noise": Study(
        _plan("adam", RATES[1:4]),
        [NONE, Regularization(weight_decay=1.0), Regularization(dropout=0.5),
         Regularization(early_stopping=True)],
        conditions=NOISY,
    ),
    "layers": Study(
        _plan("adam", FEW_RATES),
        [NONE, Regularization(dropout=0.2), Regularization(dropout=0.5),
         Regularization(early_stopping=True)],
    ),
    "optimizers": Study(
        _plan(["adam", "adamw(weight_decay=0.1)", "rmsprop"], RATES)
    ),
    "sgd": Study(_plan(["sgd", "momentum"], SGD_RATES)),
    "shifts": Study(
        _plan("adam", FEW_RATES), models={"network": network, "shifted": shifting}
    ),
    "batches": Study(_plan("adam", RATES[:3], (32, 8, 128))),
}  # fmt: skip


def stored_file(name: str) -> Path:
    """Where the rows of a study lie."""
    return STORED / f"{name}.json"


def run(
    name: str, out: Path = RUNS, watch: Watch | None = None
) -> GeneralizationResult:
    """Train what a study lacks, and keep its rows when it is complete.

    Args:
        name: str, a key of `STUDIES`.
        out: Path, the folder of the runs; those that ended are not made again.
        watch: callable, as of `run_generalization`.

    Returns:
        GeneralizationResult.
    """
    study = STUDIES[name]
    result = run_generalization(
        study.models, digits(), study.regularizations, study.plan, study.seeds,
        out=out, threads=1, watch=watch,
        **{"epochs": EPOCHS} | dict(study.conditions),
    )  # fmt: skip
    STORED.mkdir(exist_ok=True)
    result.save(stored_file(name))
    return result


def stored(name: str) -> GeneralizationResult:
    """The rows of a study, as they lie in the repository."""
    return GeneralizationResult.load(stored_file(name))
