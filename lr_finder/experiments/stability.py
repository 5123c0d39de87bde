"""Why a training does not converge: the same model at many rates, in many variants.

The runs are those of a comparison: the same seeds, batches, processes and store.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder._arguments import check_count
from lr_finder.analysis.training.convergence import DIVERGED, outcome_of
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError
from lr_finder.experiments.comparison import records
from lr_finder.experiments.comparison.api import CIFAR10, compare
from lr_finder.experiments.comparison.epoch_scores import MOST_SCORED
from lr_finder.experiments.comparison.inputs import (
    Build,
    Data,
    as_source,
    check_models,
    checked_conditions,
    checked_data,
    checked_seeds,
    source_name,
)
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.settings import FOUND, Task
from lr_finder.experiments.pool import Watch
from lr_finder.experiments.starts import Key, measure_starts
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.results.comparison import Comparison
from lr_finder.results.curvature import Curvature
from lr_finder.results.stability.result import StabilityResult
from lr_finder.results.stability.tables import EPOCH_COLUMNS, NOT_ENDED, RUN_COLUMNS
from lr_finder.schedules.sweeps import rates_between
from lr_finder.training.optimizer_rates import optimizer_name

STARTS_FILE = "starts.jsonl"  # in the folder of a study, beside its runs
RATE_RANGE = (1e-3, 10.0)
STUDIED_OPTIMIZERS = ("sgd", "momentum", "adam")
# What would lower the rate, or end a run before the others.
FIXED = {"early_stopping": False, "reduce_on_plateau": False, "verify": False}


def run_stability(
    build_model: Build | Mapping[str, Build] = DEFAULT_MODEL,
    data: Data = CIFAR10,
    plan: Plan | None = None,
    seeds: int | Iterable[int] = 5,
    *,
    curvature: bool = True,
    limit: int | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    threads: int | None = None,
    cluster: str | None = None,
    watch: Watch | None = None,
    **conditions: Any,
) -> StabilityResult:
    r"""Train a model at many rates, and tell which runs converge, stick or diverge.

    Every combination of the plan is trained with every seed, for all its epochs, from
    the weights and with the batches of that seed. Nothing is stopped early and no rate
    is lowered on a plateau. The loss of each epoch is measured on the training rows
    without Dropout and augmentation, before the first step too. Beside it stands the
    largest curvature $\lambda$ of the loss at the first weights: plain SGD is stable up
    to $2 / \lambda$ there, see `Curvature.stable_rate`.

    To study what a model is made of (its depth, its activation, BatchNorm), give a
    dict of several functions that build it.

    Args:
        build_model: what `compare` takes: str or function, or a dict of several by
            name.
        data: ThreeParts, Dataset or str, as `compare` takes it. The validation rows
            play no part.
        plan: Plan; every combination is trained. None for SGD, momentum and Adam at 9
            rates from 1e-3 to 10.
        seeds: int >= 1, how many; or the seeds themselves.
        curvature: bool, whether the curvature of the first weights is measured; it
            costs about 20 gradients of 256 rows for each model and seed.
        limit: int, the most rows of a source that is read.
        out: str or Path, folder in which runs are kept as they end. If you call
            `run_stability` again with it, runs that ended are not made again.
        workers: int >= 1, processes that train at a time.
        threads: int >= 1, threads of each worker; None divides the processor among
            them, and gives each one thread on the machines of a cluster.
        cluster: str, address of a Ray cluster, as `compare` takes it.
        watch: callable, given a `Progress` a few times a second.
        **conditions: those arguments of `compare` that do not end a run early or lower
            its rate on a plateau: `epochs`, `schedule`, `augmentation`,
            `mixed_precision`, `loss`, and of sweeps `start_lr`, `end_lr`, `steps`,
            `repeats`, `method`.

    Returns:
        StabilityResult, of this plan and these seeds.

    Raises:
        InputError: If an argument breaks its rule, the data is not there, or the folder
            holds runs of other data.
        ModelError: If a model cannot be trained.
        LRFinderError: If the cluster does not answer.

    Example:
    >>> from lr_finder.data.dataset import Dataset
    >>> x = np.linspace(-1.0, 1.0, 80, dtype="float32")[:, None]
    >>> data = Dataset(x[::2], 2 * x[::2, 0], x[1::2], 2 * x[1::2, 0], "regression")
    >>> line = lambda: keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> plan = Plan("sgd", [0.1, 5.0], 36, None)
    >>> study = run_stability(line, data, plan, seeds=1, epochs=60,
    ...                       curvature=False)
    >>> study.runs["outcome"].tolist()
    ['converged', 'diverged']

    References:
        Cohen et al., Gradient Descent on Neural Networks Typically Occurs at the Edge
        of Stability, ICLR 2021 (https://arxiv.org/abs/2103.00065).
    """
    rules = checked_conditions(_conditions(conditions) | FIXED)
    for name, value in (("workers", workers), ("threads", threads or 1)):
        check_count(name, value, least=1)
    seeds = checked_seeds(seeds)
    if not isinstance(build_model, Mapping):
        build_model = {source_name(build_model): build_model}
    sources = {name: as_source(build) for name, build in build_model.items()}
    plan = dataclasses.replace(
        plan or default_plan(), models=tuple(sources), is_full_grid=True
    )
    parts = scored_on_training(checked_data(data, limit, seeds[0], plan.batch_sizes))
    check_models(plan, rules, sources, parts)
    tasks = [Task(each, rules, seed) for seed in seeds for each in plan.main_settings()]
    with contextlib.ExitStack() as stack:
        folder = Path(out or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        starts = measure_starts(
            tasks, parts, sources, folder / STARTS_FILE, curvature=curvature
        )
        compared = compare(
            build_model, parts, plan, seeds, out=folder, workers=workers,
            threads=threads, cluster=cluster, watch=watch, **conditions, **FIXED,
        )  # fmt: skip
    return study_of(compared, starts, plan)


def default_plan(
    optimizers: Sequence[Any] = STUDIED_OPTIMIZERS,
    rates: Sequence[float] | None = None,
    batch_sizes: Sequence[int] = (64,),
    initializers: Sequence[str | None] = (None,),
) -> Plan:
    """The plan of a study: every optimizer at rates over four decades.

    Args:
        optimizers: sequence of what `compare` takes.
        rates: sequence of float > 0; None for two in a decade from 1e-3 to 10.
        batch_sizes: sequence of int >= 1.
        initializers: sequence of str or None.

    Returns:
        Plan.

    Example:
    >>> len(default_plan().main_settings())
    27
    """
    rates = rates_between(*RATE_RANGE) if rates is None else rates
    return Plan(optimizers, rates, batch_sizes, initializers, is_full_grid=True)


def scored_on_training(parts: ThreeParts) -> ThreeParts:
    """Data whose validation rows are rows that are trained on.

    So Keras measures the loss of the training rows after each epoch, as `evaluate`
    does. At most 2,000 rows are taken, evenly spread.

    Args:
        parts: ThreeParts.

    Returns:
        ThreeParts.
    """
    n = len(parts.dataset.x_train)
    rows = np.unique(np.linspace(0, n - 1, min(n, MOST_SCORED)).round().astype(int))
    dataset = dataclasses.replace(
        parts.dataset, x_validation=parts.dataset.x_train[rows],
        y_validation=parts.dataset.y_train[rows],
    )  # fmt: skip
    return dataclasses.replace(parts, dataset=dataset)


def study_of(
    compared: Comparison, starts: Mapping[Key, Mapping[str, Any]], plan: Plan
) -> StabilityResult:
    """Judge the runs of a comparison by the losses that they began with.

    Args:
        compared: Comparison, of `scored_on_training` data.
        starts: dict, as `measure_starts` returns it.
        plan: Plan, of the comparison.

    Returns:
        StabilityResult.
    """
    epochs = compared.epochs.rename(columns={"loss": "batch_loss", "val_loss": "loss"})
    of_run = {key: frame for key, frame in epochs.groupby("key", sort=False)}
    optimizers = {each.label: each.build(1.0) for each in plan.optimizers}
    rows = []
    for run in compared.runs.to_dict("records"):
        start = starts[run["model"], run["initializer"], run["seed"]]
        judged = _judged(run, start, of_run.get(run["key"]))
        stable = _stable_rate(optimizers[run["optimizer"]], start["curvature"])
        rate = run["learning_rate"] if run["rate"] == FOUND else float(run["rate"])
        rows.append(run | judged | {"stable_rate": stable, "learning_rate": rate})
    return StabilityResult(
        pd.DataFrame(rows)[RUN_COLUMNS], epochs[EPOCH_COLUMNS], compared.name,
        dict(compared.about),
    )  # fmt: skip


def _judged(
    run: Mapping[str, Any], start: Mapping[str, Any], epochs: pd.DataFrame | None
) -> dict[str, Any]:
    """The start, the end and the outcome of a run."""
    told = {name: start[name] for name in ("start_loss", "guess_loss", "curvature")}
    if run["status"] not in (records.FINISHED, records.DIVERGED) or epochs is None:
        return told | {"outcome": NOT_ENDED, "final_loss": math.nan}
    losses = epochs["loss"].to_numpy(dtype=float)
    is_finite = np.isfinite(epochs[["batch_loss", "loss"]].to_numpy(dtype=float)).all()
    first = start["start_loss"] if math.isfinite(start["start_loss"]) else losses[0]
    outcome = outcome_of(losses, first, start["guess_loss"]) if is_finite else DIVERGED
    final = float(losses[-1]) if is_finite else math.inf
    return told | {"outcome": outcome, "final_loss": final}


def _stable_rate(optimizer: keras.optimizers.Optimizer, curvature: float) -> float:
    """The highest stable rate by the curvature; nan if it says nothing of it."""
    if not math.isfinite(curvature) or optimizer_name(optimizer) != "SGD":
        return math.nan
    measured = Curvature(curvature, (), 0.0, 0, 0)
    return measured.stable_rate(optimizer.momentum, optimizer.nesterov)


def _conditions(given: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions of a study; those that it fixes are refused."""
    for name in FIXED:
        if name in given:
            raise InputError(
                f"Argument `{name}` is fixed in a stability study, in which every run "
                f"trains all its epochs at its own rate. Received: {name}="
                f"{given[name]!r:.40}. Leave it out, or use lr_finder.compare."
            )
    return dict(given)
