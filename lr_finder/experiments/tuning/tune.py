"""Hyperparameters searched for within a budget of trainings: `tune`."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from lr_finder._arguments import check_count, check_extra
from lr_finder._version import __version__
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.inputs import (
    Build,
    Data,
    checked_data,
    checked_seeds,
    model_identity,
    source_name,
)
from lr_finder.experiments.tuning.search_space import (
    BATCH_SIZE,
    LEARNING_RATE,
    Choice,
    Range,
    Space,
    as_space,
)
from lr_finder.experiments.tuning.trial_models import TrialSettings
from lr_finder.experiments.tuning.trial_training import Trainer
from lr_finder.results.tuning.tuning import Tuning
from lr_finder.training.preserving.randomness import preserved_randomness

FEWEST_TO_PRUNE = 3  # epochs: Hyperband ends two thirds of the trainings after a third


def tune(
    build_model: Build,
    data: Data,
    space: Mapping[str, Any],
    *,
    method: str | Sequence[str] = "narrowed",
    budget: float = 20,
    seeds: int | Iterable[int] = 1,
    epochs: int = 10,
    batch_size: int = 32,
    optimizer: Any = None,
    loss: str | None = None,
    limit: int | None = None,
    out: str | Path | None = None,
    watch: Any = None,
    **sweep: Any,
) -> Tuning:
    r"""Search for hyperparameters with as many trainings as you can pay.

    Every trial trains a fresh model at a constant rate; the lowest validation loss of
    an epoch judges it. All trials of a seed start from the same weights and see the
    same batches. Cost is counted in steps of a training,

    $$ cost = \sum_{trials} (steps_{search} + steps_{trained}) \le budget \cdot steps $$

    sweeps, short trainings and trials that failed included: a step with another batch
    size costs as many steps as an epoch of it makes usual ones. A trial that the rest
    of the budget could not pay is not begun.

    The methods: `"narrowed"` sweeps once, tries the suggestion, and searches by TPE
    within the suggestion's interval; `"sweep"` finds the rate of every trial by a sweep
    and short trainings, and draws what else is searched at random; `"grid"` lays out as
    many points as the budget pays for; `"random"`; `"tpe"`, Bayesian; `"hyperband"`
    draws at random and gives up trainings that lag behind; `"evolution"` is NSGA-II
    with a population of 5. All but the sweeps are Optuna's.

    Args:
        build_model: what `compare` takes; a function may also have arguments that are
            named in the space. The rate that a model is compiled with is replaced.
        data: ThreeParts, Dataset or str, as `compare` takes it. The validation part
            chooses; the test part is scored for each trial, and decides nothing.
        space: dict of names to `(low, high)` or to a list of choices, see
            `lr_finder.experiments.tuning.search_space.as_space`. The names
            `"learning_rate"`, `"batch_size"` and `"weight_decay"` are of the training,
            others are arguments of the function `build_model`.
        method: str, one of the above; or several, each of which may pay the budget.
        budget: float >= 1, trainings that each search may pay.
        seeds: int >= 1, searches of each method; or their seeds.
        epochs: int >= 1, of a training; at least 3 for `"hyperband"`.
        batch_size: int >= 1, samples in a batch, if that is not searched.
        optimizer: str or keras.optimizers.Optimizer; None for the model's own, or Adam.
        loss: str, Keras' name of the loss; None for the model's own, or the task's.
        limit: int, the most rows of a source that is read.
        out: str or Path, folder in which Optuna's studies are kept as a SQLite file,
            which `optuna-dashboard` opens. If you call `tune` again with this folder,
            trials that ended are not made again, and a larger budget goes on.
        watch: callable, given a `TuningProgress` before, after and in each trial.
        **sweep: arguments of the sweeps: `start_lr`, `end_lr`, `steps`, `repeats`.

    Returns:
        Tuning.

    Raises:
        InputError: If an argument breaks its rule, the budget does not pay for one
            training, or the folder holds a tuning of another space, data or model.
        ModelError: If a model cannot be built or trained.
        LRFinderError: If Optuna is not installed.

    Example:
    >>> import numpy as np
    >>> from lr_finder.data.dataset import Dataset
    >>> x = np.linspace(-1.0, 1.0, 80, dtype="float32")[:, None]
    >>> data = Dataset(x[::2], 2 * x[::2, 0], x[1::2], 2 * x[1::2, 0], "regression")
    >>> found = tune("mlp", data, {"learning_rate": (1e-4, 1e-1)}, method="random",
    ...              budget=2, epochs=2)
    >>> len(found.trials), found.to_frame()["paid"].tolist()
    (2, [1.0, 2.0])

    References:
        Bergstra and Bengio, Random Search for Hyper-Parameter Optimization, JMLR 13,
        2012; Li et al., Hyperband, JMLR 18, 2018; Akiba et al., Optuna, KDD 2019;
        Deep Learning Tuning Playbook (https://github.com/google-research/tuning_playbook).
    """
    check_extra("Tuning", ["optuna"], "tune")
    from lr_finder.experiments.tuning.one_search import OneSearch
    from lr_finder.experiments.tuning.studies import open_study, opened_storage

    searched, seeds = as_space(space), checked_seeds(seeds)
    methods = checked_methods(method, searched, epochs)
    check_budget(budget)
    for name, count in (("epochs", epochs), ("batch_size", batch_size)):
        check_count(name, count, least=1)
    parts = checked_data(data, limit, seeds[0], [batch_size, largest_batch(searched)])
    settings = TrialSettings(epochs, batch_size, optimizer, loss, sweep)
    rows = []
    with preserved_randomness():
        trainer = Trainer(build_model, parts, searched, settings)
        about = _about(trainer, searched, parts.fingerprint)
        with opened_storage(out) as storage:
            for seed in seeds:  # what is interrupted is balanced
                for each in methods:
                    study = open_study(
                        storage, each, seed, epochs=epochs,
                        about=about | _layout(each, searched, budget),
                    )  # fmt: skip
                    search = OneSearch(
                        trainer, searched, study, method=each, seed=seed,
                        budget=budget, watch=watch,
                    )  # fmt: skip
                    rows += search.run()
    order = {name: place for place, name in enumerate(methods)}
    rows.sort(key=lambda row: (order[row["method"]], seeds.index(row["seed"])))
    known = {"model": source_name(build_model), "source": parts.name} | about
    known |= {"task": parts.dataset.task, "seeds": list(seeds)}
    known |= {"keras": keras.version(), "backend": keras.backend.backend()}
    known |= {"lr_finder": __version__}
    return Tuning(
        pd.DataFrame(rows), searched.describe(), trainer.training_steps, budget,
        parts.name, known,
    )  # fmt: skip


def checked_methods(
    method: str | Sequence[str], space: Space, epochs: int
) -> tuple[str, ...]:
    """The methods that an argument names.

    Args:
        method: str or sequence of str.
        space: Space, what they are to search.
        epochs: int, of a training.

    Returns:
        tuple of str.

    Raises:
        InputError: If one is unknown, named twice, or cannot search the space.
    """
    from lr_finder.experiments.tuning.studies import HYPERBAND, METHODS, NARROWED, SWEEP

    methods = (method,) if isinstance(method, str) else tuple(method)
    if not methods or len(set(methods)) < len(methods) or set(methods) - set(METHODS):
        raise InputError(
            f"Argument `method` must be one of {', '.join(METHODS)}, or several of "
            f"them, each once. Received: method={method!r:.60}."
        )
    rate = space.dimensions.get(LEARNING_RATE)
    for name in (NARROWED, SWEEP):
        if name in methods and not isinstance(rate, Range):
            raise InputError(
                f"Argument `space` must hold a range for 'learning_rate' with method="
                f"{name!r}, which sweeps it. Received: {space.describe()!r:.90}. Add "
                "{'learning_rate': (1e-5, 1.0)}, or take method='random'."
            )
    if HYPERBAND in methods and epochs < FEWEST_TO_PRUNE:
        raise InputError(
            f"Argument `epochs` must be at least {FEWEST_TO_PRUNE} with method="
            f"'hyperband', which gives up trainings between two epochs. Received: "
            f"epochs={epochs}. Give more, or take method='random'."
        )
    return methods


def check_budget(budget: float) -> None:
    """Refuse a budget that pays for no training.

    Args:
        budget: float, trainings.

    Raises:
        InputError: If it is below 1, or no number.

    Example:
    >>> check_budget(2.5)
    """
    is_number = isinstance(budget, numbers.Real) and not isinstance(budget, bool)
    if not is_number or not 1 <= budget < math.inf:
        raise InputError(
            "Argument `budget` must be a number of trainings, at least 1. Received: "
            f"budget={budget!r:.50}. 20 is a usual one."
        )


def largest_batch(space: Space) -> int:
    """The largest batch size that a space holds; 1 if it is not searched.

    Args:
        space: Space.

    Returns:
        int.

    Example:
    >>> largest_batch(as_space({"batch_size": [32, 128]}))
    128
    """
    sizes = space.dimensions.get(BATCH_SIZE)
    if sizes is None:
        return 1
    return int(max(sizes.values) if isinstance(sizes, Choice) else sizes.high)


def _about(trainer: Trainer, space: Space, fingerprint: str) -> dict[str, Any]:
    """What a study must have in common with one that goes on with it."""
    settings = trainer.settings
    middle = {name: one.middle for name, one in space.dimensions.items()}
    model = trainer.build(middle, 0)
    return {
        "space": space.describe(),
        "data": fingerprint,
        "network": model_identity(model),
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "optimizer": _optimizer_identity(model.optimizer),
        "sweep": dict(settings.sweep),
    }


def _optimizer_identity(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """The class and the arguments of an optimizer, but for its rate."""
    config = {"class": type(optimizer).__name__} | dict(optimizer.get_config())
    for name in (LEARNING_RATE, "name"):  # Keras numbers its names
        config.pop(name, None)
    return json.loads(json.dumps(config, default=str))


def _layout(method: str, space: Space, budget: float) -> dict[str, Any]:
    """What a method fixes from the budget, so that another one does not go on."""
    from lr_finder.experiments.tuning.studies import GRID

    return {"grid": space.grid(budget)} if method == GRID else {}
