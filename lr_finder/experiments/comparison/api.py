"""Which optimizer, learning rate, batch size and initializer suit a model and its data.

Every setting starts from the same weights and sees the same batches as the others of
its seed; each optimizer is trained at fixed rates and at its own, found by a sweep.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder._version import __version__
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.cluster import LOCAL, carried
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
from lr_finder.experiments.comparison.kept_runs import STORE_FILE, comparison_of
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.run import TrainedModel, run_task
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.experiments.comparison.settings import Conditions, Rate, Setting, Task
from lr_finder.experiments.engines import Engine, started_engine
from lr_finder.experiments.pool import Watch, run_tasks
from lr_finder.experiments.workers import WorkDir
from lr_finder.history.remembering import Remembering
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.results.comparison import Comparison
from lr_finder.training.preserving.randomness import preserved_randomness

WORK_FOLDER = "comparison.work"  # in that of a comparison, while it runs
CIFAR10 = "cifar10"


def train_model(
    optimizer: Any = "adam",
    lr: Rate = 0.001,
    batch_size: int = 64,
    initializer: str | None = None,
    *,
    model: Build = DEFAULT_MODEL,
    data: Data = CIFAR10,
    limit: int | None = None,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = 0,
    **conditions: Any,
) -> TrainedModel:
    """Train one variant of a model, and score it once on data it has not seen.

    Args:
        optimizer: str, class or instance of a Keras optimizer; `"momentum"`,
            `"nesterov"` and `"sgd(momentum=0.99)"` are understood too. The learning
            rate of an instance is ignored.
        lr: float > 0, the learning rate; or `"found"`, the rate that a sweep finds.
        batch_size: int >= 1, samples in a batch.
        initializer: str, Keras' name of the initializer of the hidden layers' kernels;
            None for the model's own.
        model: str, a name in `lr_finder.models.registry.MODELS`, or what `--model`
            takes; or a function that returns a Keras model. The function may have
            arguments named `dataset`, `input_shape`, `n_outputs` and `initializer`, and
            is given them.
        data: ThreeParts; or Dataset, whose validation part becomes the test part; or
            str, a source that `lr_finder find` reads.
        limit: int, the most rows of a source that is read; a published test part, as of
            CIFAR-10, is used whole.
        seed: int >= 0, for weights, batches and sweep.
        callbacks: sequence of keras.callbacks.Callback, run in the training.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.
        **conditions: arguments of `Conditions`: `epochs`, `early_stopping`,
            `reduce_on_plateau`, `schedule`, `augmentation`, `mixed_precision`, `loss`,
            `verify`, …

    Returns:
        TrainedModel.

    Raises:
        InputError: If an argument breaks its rule, or the data is not there.
        ModelError: If the model cannot be trained.

    Example:
    >>> from lr_finder.data.dataset import Dataset
    >>> x = np.linspace(-1.0, 1.0, 80, dtype="float32")[:, None]
    >>> data = Dataset(x[::2], 2 * x[::2, 0], x[1::2], 2 * x[1::2, 0], "regression")
    >>> trained = train_model("sgd", 0.1, batch_size=8, data=data, epochs=3)
    >>> trained.status, trained.epochs_run, trained.test_loss < 1.0
    ('finished', 3, True)
    """
    rules = checked_conditions(conditions)
    setting = Setting(choose_optimizer(optimizer), lr, batch_size, initializer)
    parts = checked_data(data, limit, seed, [batch_size])
    task = Task(setting, rules, checked_seeds([seed])[0])
    with preserved_randomness():
        record, trained = run_task(
            task, parts, as_source(model), callbacks=callbacks, verbose=verbose
        )
    return TrainedModel(trained, record)


def compare(
    build_model: Build | Mapping[str, Build] = DEFAULT_MODEL,
    data: Data = CIFAR10,
    plan: Plan | None = None,
    seeds: int | Iterable[int] = 5,
    *,
    limit: int | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    threads: int | None = None,
    cluster: str | None = None,
    watch: Watch | None = None,
    remember: bool | None = None,
    **conditions: Any,
) -> Comparison:
    """Train a model in many variants, with the same seeds for each, and compare them.

    Each seed gives all variants the same weights and the same batches. First every
    optimizer is trained at every rate. Then, if the plan has other batch sizes and
    initializers, they are tried one at a time, around the rate at which the optimizer's
    validation score was best. The test part decides nothing.

    Args:
        build_model: what `train_model` takes as `model`; or a dict of several, by name.
        data: ThreeParts, Dataset or str, as `train_model` takes it.
        plan: Plan; None for SGD, momentum, RMSprop and Adam at 0.01, 0.001 and the rate
            found. Models come from `build_model`.
        seeds: int >= 1, how many; or the seeds themselves.
        limit: int, the most rows of a source that is read.
        out: str or Path, folder in which runs are kept as they end. If you call
            `compare` again with this folder, runs that ended are not made again. None
            keeps none.
        workers: int >= 1, processes that train at a time.
        threads: int >= 1, threads of each worker; None divides the processor among
            them, and gives each one thread on the machines of a cluster.
        cluster: str, address of a Ray cluster, whose machines get data and models from
            this one; `"local"` starts one on this machine.
        watch: callable, given a few times a second how far the runs are, with `total`,
            `ended`, `latest`, `running` and `seconds_left`. It takes the place that
            `progress` has in `find`: the trainings are in processes of their own.
        remember: bool, whether the best setting of each optimizer is kept in the
            history of this machine, see `History`. None for what the environment
            variable LR_FINDER_REMEMBER says, by default not.
        **conditions: arguments of `Conditions`: `epochs`, `early_stopping`,
            `reduce_on_plateau`, `schedule`, `augmentation`, `mixed_precision`, `loss`,
            `verify`, …

    Returns:
        Comparison, of this plan and these seeds.

    Raises:
        InputError: If an argument breaks its rule, the data is not there, or the folder
            holds a comparison of other data.
        ModelError: If a model cannot be trained.
        LRFinderError: If the cluster does not answer, or one of its machines lacks what
            this one has installed.

    Example:
    >>> from lr_finder.data.dataset import Dataset
    >>> x = np.linspace(-1.0, 1.0, 80, dtype="float32")[:, None]
    >>> data = Dataset(x[::2], 2 * x[::2, 0], x[1::2], 2 * x[1::2, 0], "regression")
    >>> found = compare("mlp", data, Plan("adam", 0.01, 8, None), seeds=1, epochs=1)
    >>> found.table()[["optimizer", "rank", "n"]].values.tolist()
    [['adam', 1, 1]]
    """
    history = Remembering(remember)
    rules = checked_conditions(conditions)
    for name, value in (("workers", workers), ("threads", threads or 1)):
        check_count(name, value, least=1)
    seeds = checked_seeds(seeds)
    if not isinstance(build_model, Mapping):
        build_model = {source_name(build_model): build_model}
    sources = {name: as_source(build) for name, build in build_model.items()}
    plan = dataclasses.replace(plan or Plan(), models=tuple(sources))
    parts = checked_data(data, limit, seeds[0], plan.batch_sizes)
    identities = check_models(plan, rules, sources, parts)
    if threads is None:  # what other machines have says nothing of this one
        is_here = cluster in (None, LOCAL)
        threads = max(1, joblib.cpu_count() // workers) if is_here else 1
    with contextlib.ExitStack() as stack:
        folder = Path(out or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        backend = keras.backend.backend()
        about = {
            "data": parts.name,
            "fingerprint": parts.fingerprint,
            "metric": metric_of(parts),
            "chance": _chance(parts),
            "test_rows": len(parts.y_test),
            "kind": parts.dataset.kind,
            "target": parts.dataset.target,
            "train_rows": len(parts.dataset.y_train),
            "backend": backend,
            "keras": keras.version(),
            "lr_finder": __version__,
        }
        store = stack.enter_context(RunStore(folder / STORE_FILE, about))
        if cluster is not None:
            sources = {name: carried(build) for name, build in sources.items()}
        pickled = cloudpickle.dumps(sources)
        work_dir = WorkDir(folder / WORK_FOLDER, threads, pickled, backend)
        work_dir.folder.mkdir(exist_ok=True)
        with started_engine(work_dir, parts, workers, cluster) as engine:
            tasks = _run_plan(plan, rules, seeds, identities, engine, store, watch)
        shutil.rmtree(work_dir.folder)
        comparison = comparison_of(store, {task.key for task in tasks})
    history.keep(comparison)
    return comparison


def _run_plan(
    plan: Plan,
    rules: Conditions,
    seeds: Sequence[int],
    identities: Mapping[str, str],
    engine: Engine,
    store: RunStore,
    watch: Watch | None,
) -> list[Task]:
    """Do main effects, then what is varied around the best; all tasks of both."""

    def tasks_of(settings: Iterable[Setting]) -> list[Task]:
        return [  # seed by seed: what is interrupted is balanced
            Task(setting, rules, seed, identities[setting.model])
            for seed in seeds
            for setting in settings
        ]

    main = tasks_of(plan.main_settings())
    n_later = plan.n_further * len(seeds)
    run_tasks(main, engine, store, around=(0, n_later), watch=watch)
    best = _best_rates(comparison_of(store, {task.key for task in main}))
    further = tasks_of(plan.further_settings(best))
    run_tasks(further, engine, store, around=(len(main), 0), watch=watch)
    return main + further


def metric_of(parts: ThreeParts) -> str:
    """What settings are compared by: accuracy, or for a regression the loss.

    Args:
        parts: ThreeParts.

    Returns:
        `"accuracy"` or `"loss"`.
    """
    return "accuracy" if parts.dataset.task == "classification" else "loss"


def _chance(parts: ThreeParts) -> float | None:
    """The test accuracy of always saying the most frequent class."""
    if parts.dataset.task != "classification":
        return None
    usual = np.bincount(parts.dataset.y_train).argmax()
    return float((parts.y_test == usual).mean())


def _best_rates(comparison: Comparison) -> dict[tuple[str, str], Rate]:
    """The rate of each model and optimizer with the best mean validation score."""
    best = comparison.best_settings().query("n > 0")
    return {
        (row.model, row.optimizer): row.rate for row in best.itertuples(index=False)
    }
