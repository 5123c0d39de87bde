"""Optuna's studies: one for each method and seed, kept in one file, gone on with."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from lr_finder._text import short_reason
from lr_finder.errors import InputError
from lr_finder.experiments.tuning.search_space import Space

SWEEP, NARROWED, GRID, RANDOM = "sweep", "narrowed", "grid", "random"
TPE, HYPERBAND, EVOLUTION = "tpe", "hyperband", "evolution"
METHODS = (NARROWED, SWEEP, GRID, RANDOM, TPE, HYPERBAND, EVOLUTION)
POPULATION = 5  # of the evolution: four generations in 20 trainings
REDUCTION = (
    3  # a third of Hyperband's trainings go on, for three times as long: Li 2018
)
STORE_NAME = "tuning.sqlite"
ROW, ABOUT, SWEPT = "row", "about", "swept"  # attributes of trials and studies
Trials = list[dict[str, Any]]


@contextlib.contextmanager
def opened_storage(out: str | Path | None) -> Iterator[optuna.storages.BaseStorage]:
    """Where studies are kept: a file, or memory; closed at the end.

    Args:
        out: str or Path, a folder, made if it is missing; None for memory.

    Yields:
        Optuna's storage. Optuna tells nothing of what it does meanwhile.

    Raises:
        InputError: If the file in the folder is none of Optuna's.
    """
    told = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = None
    try:
        if out is None:
            yield optuna.storages.InMemoryStorage()
            return
        storage = _file_storage(Path(out))
        yield storage
    finally:
        optuna.logging.set_verbosity(told)
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()


def _file_storage(folder: Path) -> optuna.storages.RDBStorage:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STORE_NAME
    url = URL.create("sqlite", database=str(path.absolute()))
    try:
        return optuna.storages.RDBStorage(url.render_as_string())
    except (SQLAlchemyError, RuntimeError) as error:
        raise InputError(
            f"Folder `out` must hold no other {STORE_NAME} than a tuning's. Received: "
            f"{path} ({short_reason(error)}). Name another folder."
        ) from error


def open_study(
    storage: optuna.storages.BaseStorage, method: str, seed: int, *,
    about: Mapping[str, Any], epochs: int,
) -> optuna.Study:  # fmt: skip
    """The study of a method and a seed; one that is there goes on.

    A training that a kill ended is the first to be made again. The trials after it are
    those of a search that was not stopped, but for Hyperband and evolution, which count
    the trial that did not end in their brackets and generations.

    Args:
        storage: Optuna's storage.
        method: str, one of `METHODS`.
        seed: int.
        about: mapping of JSON values: space, data, model, settings.
        epochs: int, of a training.

    Returns:
        optuna.Study.

    Raises:
        InputError: If the one that is there is about something else.
    """
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if method == HYPERBAND:
        pruner = optuna.pruners.HyperbandPruner(1, epochs, REDUCTION)
    study = optuna.create_study(
        storage=storage, study_name=f"{method}, seed {seed}", pruner=pruner,
        load_if_exists=True,
    )  # fmt: skip
    wanted = json.loads(json.dumps(about))
    if ABOUT not in study.user_attrs:
        study.set_user_attr(ABOUT, wanted)
    _check_same(study.user_attrs[ABOUT], wanted)
    _repeat_last(study)
    return study


def _repeat_last(study: optuna.Study) -> None:
    """Have the last trial made again, if a kill or an error ended it."""
    states = optuna.trial.TrialState
    for trial in study.get_trials(states=[states.RUNNING]):
        study.tell(trial.number, state=states.FAIL)
    if study.trials and study.trials[-1].state == states.FAIL:
        study.enqueue_trial(study.trials[-1].params)


def _check_same(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if kept.get(name) != value:
            raise InputError(
                f"Folder `out` must hold a tuning of the same {name}. Received: one "
                f"of {kept.get(name)!r:.90} in place of {value!r:.90}. Name another "
                "folder."
            )


def trials_of(study: optuna.Study) -> Trials:
    """The rows of the trials that ended, in order."""
    return [t.user_attrs[ROW] for t in study.trials if ROW in t.user_attrs]


def sampler_for(
    method: str, space: Space, seed: int, ended: int, budget: float
) -> optuna.samplers.BaseSampler:
    """What chooses the values of the next trial.

    A sampler is made anew for each trial, its draws from the seed and the number of
    trials before, so that a search that was stopped goes on as it would have.

    Args:
        method: str, one of `METHODS`.
        space: Space.
        seed: int, of the search.
        ended: int, trials before.
        budget: float, trainings, for which a grid is laid out.

    Returns:
        Optuna's sampler: random for Hyperband, as its authors have it, and for what a
        sweep does not find; TPE within the interval for `"narrowed"`.
    """
    drawn = int(np.random.SeedSequence([seed, ended]).generate_state(1)[0])
    if method == GRID:
        return optuna.samplers.GridSampler(space.grid(budget), seed=seed)
    if method in (TPE, NARROWED):
        return optuna.samplers.TPESampler(seed=drawn)
    if method == EVOLUTION:
        return optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=drawn)
    return optuna.samplers.RandomSampler(seed=drawn)
