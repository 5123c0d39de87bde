"""The studies with Keras: what is trained in each, and where its rows lie."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.stability import networks
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.pool import Watch
from lr_finder.experiments.stability import run_stability
from lr_finder.results.stability.result import StabilityResult

STORED = Path(__file__).parent / "studies"
RUNS = Path("lr_finder_runs/stability")
SEEDS = 5
EPOCHS = 8  # of 25 batches each
BATCH_SIZE = 32


@dataclasses.dataclass(frozen=True)
class Study:
    """One question: what is trained, and at which rates.

    Args:
        models: mapping of names to what builds them.
        plan: Plan.
        data: callable -> ThreeParts.
        conditions: mapping, further arguments of `run_stability`.
    """

    models: Mapping[str, Any]
    plan: Plan
    data: Callable[[], ThreeParts] = networks.digits
    conditions: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def _plan(optimizers: Any, rates: Any, sizes: Any = BATCH_SIZE, starts: Any = None):
    return Plan(optimizers, rates, sizes, starts, is_full_grid=True)


def _long(window: int) -> Callable[[], ThreeParts]:
    return lambda: networks.first_value(window)


DEPTH_RATES = [0.01, 0.032, 0.1, 0.32, 1.0, 3.2]
LONG = {"curvature": False, "epochs": 20}
STUDIES = {
    "depth": Study(networks.DEPTHS, _plan("sgd", DEPTH_RATES)),
    "layers": Study(
        networks.LAYERS, _plan("sgd", [0.1, 1.0]), conditions={"curvature": False}
    ),
    "window 10": Study(networks.RECURRENT, _plan("adam", [0.01]), _long(10), LONG),
    "window 40": Study(networks.RECURRENT, _plan("adam", [0.01]), _long(40), LONG),
}


def stored_file(name: str) -> Path:
    """Where the rows of a study lie."""
    return STORED / f"{name.replace(' ', '_')}.json"


def run(name: str, out: Path = RUNS, watch: Watch | None = None) -> StabilityResult:
    """Train what a study lacks, and keep its rows when it is complete.

    Args:
        name: str, a key of `STUDIES`.
        out: Path, the folder of the runs; those that ended are not made again.
        watch: callable, as of `run_stability`.

    Returns:
        StabilityResult.
    """
    study = STUDIES[name]
    result = run_stability(
        study.models, study.data(), study.plan, SEEDS, out=out / name, threads=1,
        watch=watch, **{"epochs": EPOCHS} | dict(study.conditions),
    )  # fmt: skip
    STORED.mkdir(exist_ok=True)
    result.save(stored_file(name))
    return result


def stored(name: str) -> StabilityResult:
    """The rows of a study, as they lie in the repository.

    Args:
        name: str, a key of `STUDIES`.

    Returns:
        StabilityResult.
    """
    return StabilityResult.load(stored_file(name))
