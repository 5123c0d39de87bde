"""What a fit is worth on other rows: gaps over rate, decay, Dropout and more.

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

import pandas as pd

from lr_finder._arguments import check_count
from lr_finder.data.label_noise import with_label_noise
from lr_finder.errors import InputError
from lr_finder.experiments.comparison import records
from lr_finder.experiments.comparison.api import CIFAR10, compare
from lr_finder.experiments.comparison.inputs import (
    Build,
    Data,
    checked_conditions,
    checked_data,
    checked_seeds,
    source_name,
)
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.settings import FOUND, Setting
from lr_finder.experiments.pool import Watch
from lr_finder.experiments.regularization import NONE, Regularization
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.results.comparison import Comparison
from lr_finder.results.generalization.gap_tables import (
    EPOCH_COLUMNS,
    RUN_COLUMNS,
    SCORES,
)
from lr_finder.results.generalization.generalization import GeneralizationResult
from lr_finder.schedules.sweeps import rates_between

RATE_RANGE = (1e-4, 1e-1)
OPTIMIZER = "adam"
# What would make one run another, or is asked for by `Regularization`.
FIXED = {"reduce_on_plateau": False, "verify": False, "score_epochs": True}
OWN = ("augmentation", "early_stopping")
Names = tuple[str, str]  # of a model and of an optimizer, as a plan has them


@dataclasses.dataclass(frozen=True)
class PairedPlan(Plan):
    """A plan that trains some models with some of its optimizers only.

    Args:
        pairs: frozenset of (name of a model, label of an optimizer), those trained.

    Example:
    >>> plan = PairedPlan(("sgd", "adam"), 0.1, 32, None, ("a", "b"), True,
    ...                   frozenset({("a", "sgd"), ("b", "adam")}))
    >>> [str(setting) for setting in plan.main_settings()]
    ['sgd, rate 0.1, batch size 32, a', 'adam, rate 0.1, batch size 32, b']
    """

    pairs: frozenset[Names] = frozenset()

    def main_settings(self) -> list[Setting]:
        """The settings of the full grid whose model and optimizer are a pair."""
        return [
            each
            for each in super().main_settings()
            if (each.model, each.optimizer.label) in self.pairs
        ]


def run_generalization(
    build_model: Build | Mapping[str, Build] = DEFAULT_MODEL,
    data: Data = CIFAR10,
    regularizations: Sequence[Regularization] = (Regularization(),),
    plan: Plan | None = None,
    seeds: int | Iterable[int] = 5,
    *,
    label_noise: float = 0.0,
    limit: int | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    threads: int | None = None,
    cluster: str | None = None,
    watch: Watch | None = None,
    **conditions: Any,
) -> GeneralizationResult:
    """Train a model with several regularizations, and measure what each is worth.

    Every combination of plan and regularization is trained with every seed, from the
    weights and with the batches of that seed. After each epoch, training, validation
    and test rows are scored without Dropout, augmentation and penalties. So the gap can
    be read after equal epochs (`gaps()`), or at an equal training loss
    (`gaps(at_loss=…)`). The test rows decide nothing.

    Args:
        build_model: what `compare` takes: str or function, or a dict of several by
            name. A function that names the argument `dropout` is given it.
        data: ThreeParts, Dataset or str, as `compare` takes it.
        regularizations: sequence of Regularization, each once; the others are compared
            with the first.
        plan: Plan; every combination is trained. None for Adam at 7 rates from 1e-4 to
            0.1 and batches of 64.
        seeds: int >= 1, how many; or the seeds themselves.
        label_noise: float in [0, 1), share of the training rows that are given another
            class, drawn once for all runs.
        limit: int, the most rows of a source that is read.
        out: str or Path, folder in which runs are kept as they end. If you call
            `run_generalization` again with it, runs that ended are not made again.
        workers: int >= 1, processes that train at a time.
        threads: int >= 1, threads of each worker; None divides the processor among
            them.
        cluster: str, address of a Ray cluster, as `compare` takes it.
        watch: callable, given a `Progress` a few times a second. It counts anew for
            augmentation, and for early stopping.
        **conditions: those arguments of `compare` that do not lower the rate on a
            plateau: `epochs`, `schedule`, `mixed_precision`, `loss`, and of sweeps
            `start_lr`, `end_lr`, `steps`, `repeats`, `method`.

    Returns:
        GeneralizationResult, of this plan and these seeds.

    Raises:
        InputError: If an argument breaks its rule, the data is not there, or the folder
            holds runs of other data.
        ModelError: If a model cannot be trained.
        LRFinderError: If the cluster does not answer.

    Example:
    >>> import keras
    >>> import numpy as np
    >>> from lr_finder.data.dataset import Dataset
    >>> x = np.linspace(-1.0, 1.0, 80, dtype="float32")[:, None]
    >>> data = Dataset(x[::2], 2 * x[::2, 0], x[1::2], 2 * x[1::2, 0], "regression")
    >>> line = lambda: keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> study = run_generalization(
    ...     line, data, [Regularization(), Regularization(l2=1.0)],
    ...     Plan("sgd", 0.1, 36, None), seeds=1, epochs=60)
    >>> study.best()[["variant", "train_loss"]].round(2).values.tolist()
    [['none', 0.0], ['L2 1', 0.49]]

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019
        (https://arxiv.org/abs/1711.05101).
        Zhang et al., Understanding Deep Learning Requires Rethinking Generalization,
        ICLR 2017 (https://arxiv.org/abs/1611.03530).
    """
    _check_conditions(conditions)
    for name, value in (("workers", workers), ("threads", threads or 1)):
        check_count(name, value, least=1)
    seeds = checked_seeds(seeds)
    regularizations = _checked(regularizations)
    plan = plan or default_plan()
    if not isinstance(build_model, Mapping):
        build_model = {source_name(build_model): build_model}
    parts = checked_data(data, limit, seeds[0], plan.batch_sizes)
    if label_noise:
        parts = with_label_noise(parts, label_noise)
    with contextlib.ExitStack() as stack:
        folder = Path(out or stack.enter_context(tempfile.TemporaryDirectory()))
        if label_noise:  # other data than without
            folder = folder / f"label_noise_{label_noise:g}"
        studies = []
        for group in _grouped(regularizations):
            arms = Arms(build_model, plan, group)
            compared = compare(
                arms.sources, parts, arms.plan, seeds, out=folder, workers=workers,
                threads=threads, cluster=cluster, watch=watch,
                **conditions, **FIXED, **group[0].conditions,
            )  # fmt: skip
            studies.append(arms.study_of(compared, label_noise))
    order = [each.label for each in regularizations]
    runs = pd.concat([study.runs for study in studies], ignore_index=True)
    return GeneralizationResult(
        runs.sort_values("regularization", key=lambda c: c.map(order.index),
                         kind="stable", ignore_index=True),
        pd.concat([study.epochs for study in studies], ignore_index=True),
        studies[0].name, studies[0].about,
    )  # fmt: skip


def default_plan() -> Plan:
    """The plan of a study: Adam at rates over three decades.

    Returns:
        Plan.

    Example:
    >>> len(default_plan().main_settings())
    7
    """
    return Plan(
        [OPTIMIZER], rates_between(*RATE_RANGE), (64,), (None,), is_full_grid=True
    )


class Arms:
    """Regularizations as models and optimizers that one comparison trains.

    Args:
        build_model: mapping of names to str or function.
        plan: Plan.
        regularizations: sequence of Regularization, of equal conditions.

    Attributes:
        sources: dict of names to what builds models, as `compare` takes it.
        plan: PairedPlan.
    """

    def __init__(
        self,
        build_model: Mapping[str, Build],
        plan: Plan,
        regularizations: Sequence[Regularization],
    ):
        self.sources: dict[str, Build] = {}
        self._meant: dict[Names, tuple[str, str, Regularization, float]] = {}
        optimizers = {}
        for each in regularizations:
            of_model = dataclasses.replace(each, weight_decay=0.0)
            for model, build in build_model.items():
                name = model
                if of_model.l2 or of_model.dropout:
                    name = f"{model}, {of_model.label}"
                self.sources.setdefault(name, each.of_model(build))
                for base in plan.optimizers:
                    choice = each.of_optimizer(base)
                    optimizers[choice.label] = choice
                    decay = float(choice.build(1.0).weight_decay or 0.0)
                    told = model, base.label, each, decay
                    self._meant[name, choice.label] = told
        self.plan = PairedPlan(
            tuple(optimizers.values()), plan.rates, plan.batch_sizes,
            plan.initializers, tuple(self.sources), True, frozenset(self._meant),
        )  # fmt: skip

    def study_of(
        self, compared: Comparison, label_noise: float
    ) -> GeneralizationResult:
        """The runs of a comparison by what was varied, each scored at its end.

        Args:
            compared: Comparison, of `plan`.
            label_noise: float.

        Returns:
            GeneralizationResult.
        """
        columns = {f"epoch_{name}": name for name in SCORES}
        epochs = compared.epochs.drop(columns=SCORES, errors="ignore")
        epochs = epochs.reindex(columns=["key", "epoch", *columns])
        epochs = epochs.rename(columns=columns)[EPOCH_COLUMNS]
        of_run = {key: frame for key, frame in epochs.groupby("key", sort=False)}
        train_rows = int(compared.about["train_rows"])
        rows = []
        for run in compared.runs.to_dict("records"):
            model, optimizer, each, decay = self._meant[run["model"], run["optimizer"]]
            rate = run["learning_rate"] if run["rate"] == FOUND else float(run["rate"])
            steps = math.ceil(train_rows / run["batch_size"])
            told = {"model": model, "optimizer": optimizer, **each.columns()}
            told |= {"weight_decay": decay, "label_noise": label_noise}
            told |= {"learning_rate": rate, "steps_per_epoch": steps}
            scores = _scores(run, of_run.get(run["key"]), each.early_stopping)
            rows.append(run | told | scores)
        return GeneralizationResult(
            pd.DataFrame(rows)[RUN_COLUMNS], epochs, compared.name, dict(compared.about)
        )


def _scores(
    run: Mapping[str, Any], epochs: pd.DataFrame | None, is_stopped: bool
) -> dict[str, float]:
    """The scores of the last epoch, or of the one whose weights were kept."""
    if run["status"] not in (records.FINISHED, records.DIVERGED) or epochs is None:
        return dict.fromkeys(["epoch", *SCORES], math.nan)
    place = int(run["best_epoch"]) - 1 if is_stopped else -1
    return dict(epochs.iloc[place][["epoch", *SCORES]].astype(float))


def _grouped(regularizations: Sequence[Regularization]) -> list[list[Regularization]]:
    """Those that one comparison can train: of equal augmentation and early stopping."""
    groups: dict[tuple[bool, ...], list[Regularization]] = {}
    for each in regularizations:
        groups.setdefault(tuple(each.conditions.values()), []).append(each)
    return list(groups.values())


def _checked(regularizations: Any) -> list[Regularization]:
    """The regularizations, each once."""
    if isinstance(regularizations, Regularization):
        regularizations = [regularizations]
    made = list(regularizations)
    labels = [getattr(each, "label", NONE) for each in made]
    is_right = all(isinstance(each, Regularization) for each in made)
    if not made or not is_right or len(set(labels)) < len(labels):
        received = ", ".join(labels) if made and is_right else f"{made!r:.80}"
        raise InputError(
            "Argument `regularizations` must hold one lr_finder.Regularization or "
            f"more, each once. Received: {received}. Regularization() is none."
        )
    return made


def _check_conditions(given: Mapping[str, Any]) -> None:
    """Refuse those that the study decides, and those that there are not."""
    for name in (*FIXED, *OWN):
        if name in given:
            way = "Leave it out."
            if name in OWN:
                way = f"Give Regularization({name}=True) among `regularizations`."
            raise InputError(
                f"Argument `{name}` is decided by a generalization study. Received: "
                f"{name}={given[name]!r:.40}. {way}"
            )
    checked_conditions(given)
