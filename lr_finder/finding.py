"""The main job: from a source to a learning rate and, if wanted, a trained model."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from lr_finder._arguments import check_range
from lr_finder._output import OutputFolder
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import LRFinderError, SuggestionError
from lr_finder.finding_data import FindingData, data_of, describe_model, model_for
from lr_finder.finding_files import FindingFiles
from lr_finder.finding_settings import (
    FEWEST_SWEPT,
    FindSettings,
    check_reading,
    written_call,
)
from lr_finder.history.remembering import Remembering
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import SweepResult
from lr_finder.schedules.named import AS_DEFAULT
from lr_finder.training.feeding.passes import batches_of
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.progress import Listener
from lr_finder.training.searching import (
    SearchListeners,
    SearchSettings,
    coming_steps,
    search,
    steps_of,
)
from lr_finder.training.sweep import STEPS

if TYPE_CHECKING:
    from lr_finder.results.training import TrainingOutcome


def find(
    source: Any,
    *,
    target: str | int | None = None,
    model: Any = None,
    optimizer: Any = None,
    loss: Any = None,
    validation_data: Any = None,
    batch_size: int = 32,
    start_lr: float = 1e-7,
    end_lr: float = 10.0,
    steps: int = STEPS,
    repeats: int = 1,
    seed: int = 0,
    method: str = DEFAULT_METHOD,
    verify: bool = False,
    budget_steps: int | None = None,
    train: int | None = None,
    against_default: bool = False,
    schedule: Any = AS_DEFAULT,
    continue_from_verification: bool = False,
    out: str | Path | None = None,
    remember: bool | None = None,
    progress: Listener | None = None,
    **reading: Any,
) -> Finding:
    """Find a learning rate for a source, and train with it if asked.

    `find` reads the data, makes a model or takes yours, sweeps the rate from far too
    low to far too high, and reads a suggestion from the losses. If you ask for it,
    short trainings then confirm the suggestion, and the model is trained with it. A
    model of yours comes back as it was, to the last bit, unless you give `train`.

    Args:
        source: str or Path, a file, a folder or the name of a known data set; a Dataset
            of `lr_finder.data.load_data`; a DataFrame, read as if it were a CSV file; a
            tuple `(x, y)` of arrays or of a DataFrame and a Series, `y` also of text
            labels; or, with `model`, whatever `fit` takes: a tf.data.Dataset,
            PyDataset, DataLoader, …
        target: str or int, the column to predict, of a file or a DataFrame; None to
            choose it.
        model: keras.Model, compiled, which is swept on the data as you give it; or str,
            `file.py:function`, `package.module:function` or `saved.keras`; None for a
            network that suits the data.
        optimizer: str or keras.optimizers.Optimizer, for a network that is made or
            loaded; None for its own.
        loss: str, function or keras.losses.Loss, for the same networks; None for its
            own.
        validation_data: what judges a training, if you give data with a model; None
            judges by the training loss. Data that is read is split, see `load_data`.
        batch_size: int >= 1, samples in a batch (of arrays only).
        start_lr: float > 0, the rate of the first batch.
        end_lr: float > start_lr, the rate of the last.
        steps: int >= 10, batches of the sweep: fewer show no rate.
        repeats: int >= 1, how many sweeps the suggestion is averaged over.
        seed: int in [0, 2**32): the same one gives the same answer.
        method: str, the rule that reads the rate, a key of `lr_finder.RULES`.
        verify: bool, whether short trainings confirm or move the rate.
        budget_steps: int, steps of your training; the short trainings take at most
            0.38 of them, or 0.6 if fewer than 89. None for those of `train`, but at
            least 55, as fewer are not enough to compare rates; without `train` those of
            20 epochs, but at least 1000.
        train: int, the most epochs of a training with the rate found; None for no
            training. The rate follows `schedule`, the training ends early if the
            validation loss no longer falls, and the best weights are kept. Afterwards
            the optimizer has the rate found again.
        against_default: bool, whether to train also at the rate that the model was
            compiled with, with the same schedule.
        schedule: how the rate of the training changes, its highest being the rate
            found, see `LearningRateOptimizer.train_optimized`; `"default"` is constant,
            then linear to 0 over the last 30 % of the epochs.
        continue_from_verification: bool, whether the training goes on from the short
            training that went best, at its rate, and so saves its epochs.
        out: str or Path, folder to which everything is written as it is found; None
            for no files, see `Finding.save`.
        remember: bool, whether the result is kept in the history of this machine, see
            `History`: names and numbers, never data. None for what the environment
            variable LR_FINDER_REMEMBER says, by default not.
        progress: callable, given a `Progress` after each batch or epoch.
        reading: further arguments of `lr_finder.data.load_data`: `kind`, `task`,
            `time_column`, `window`, `horizon`, `limit`, `drop`, `encoding`, …

    Returns:
        Finding: `lr`, `suggestion`, `sweep`, `verification`, `training`, `model`. If
        no rate can be read from the sweep, `suggestion` is None and `lr` raises the
        SuggestionError that says why.

    Raises:
        TypeError: If no argument has such a name.
        InputError: If the source, its data or an argument breaks a rule.
        ModelError: If the model does not fit the data, or cannot be swept.
        LRFinderError: If the short trainings or the training fail; the error's
            attribute `finding` holds what was found before.
        KeyboardInterrupt: For Ctrl-C, with the same attribute; its `training` has the
            epochs that have ended. Sweep and short trainings leave the model as it was.
            A training leaves it with the weights of the last batch and the rate found;
            with `against_default` it is left untrained, unless the training with the
            rate found has ended. `model.keras` in `out` is the best model so far.

    Example:
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(200, 3))
    >>> finding = find((x, x @ [1.0, -2.0, 0.5]), steps=100, train=3)
    >>> finding.suggestion.low <= finding.lr <= finding.suggestion.high
    True
    >>> finding.training.learning_rate == finding.lr, finding.training.best_epoch
    (True, 3)
    """
    call = written_call(find, locals())
    check_reading(reading, inspect.signature(find).parameters)
    check_range(start_lr, end_lr, steps, least=FEWEST_SWEPT)
    sweep = {"start_lr": start_lr, "end_lr": end_lr, "steps": steps, "repeats": repeats}
    settings = FindSettings(
        method, verify, budget_steps, train, against_default, batch_size, seed, sweep,
        schedule, continue_from_verification, remember,
    )  # fmt: skip
    given = {"target": target, **reading}
    data = data_of(source, validation_data, model, seed, given).made_by(call)
    files = None
    if out is not None:  # a saved model in use is not removed with an earlier finding
        kept = [Path(model)] if isinstance(model, str | Path) else []
        files = FindingFiles(OutputFolder(Path(out), kept=kept), data.preprocessing)
    model = model_for(data, model, optimizer, loss, seed)
    return find_in(data, model, settings, files=files, progress=progress)


def find_in(
    data: FindingData,
    model: keras.Model,
    settings: FindSettings,
    *,
    files: FindingFiles | None = None,
    progress: Listener | None = None,
) -> Finding:
    """Find a rate for a model on data that are ready: what `find` ends in.

    Args:
        data: FindingData.
        model: keras.Model, compiled.
        settings: FindSettings.
        files: FindingFiles, which write everything as it is found; None for no files.
        progress: callable, given a `Progress` after each batch or epoch.

    Returns:
        Finding.

    Raises:
        LRFinderError: As of `find`.
    """
    if settings.train is not None:
        from lr_finder.training.fitting import check_rate_can_be_set

        check_rate_can_be_set(model)
    return _Search(data, model, settings, files, progress).run()


class _Search:
    """A search while it goes on."""

    def __init__(
        self,
        data: FindingData,
        model: keras.Model,
        settings: FindSettings,
        files: FindingFiles | None,
        progress: Listener | None,
    ):
        self._data, self._model, self._settings = data, model, settings
        self._files, self._progress = files, progress
        self._history = Remembering(settings.remember)
        self._found: Finding | None = None
        self._head_start: HeadStart | None = None

    @property
    def finding(self) -> Finding:
        """What is found so far: at least a sweep."""
        if self._found is None:
            raise RuntimeError("Nothing is found before the sweep has ended.")
        return self._found

    def run(self) -> Finding:
        """Sweep, suggest, verify, train; write each as it is there."""
        try:
            self._search()
            epochs = self._settings.train
            if self.finding.suggestion is not None and epochs is not None:
                self._train(epochs)
            self._history.keep(self.finding)
        except (LRFinderError, KeyboardInterrupt) as error:
            ending: Any = error  # KeyboardInterrupt declares no such attribute
            ending.finding = None
            if self._found is not None:
                ending.finding = self._with_files()
                self._history.keep(self._found)
            raise
        return self._with_files()

    def _search(self) -> None:
        goes_on = self._settings.continue_from_verification
        listeners = SearchListeners(
            self._swept, self._suggested, self._progress,
            self._keep_head_start if goes_on else None,
        )  # fmt: skip
        try:
            found = search(
                self._model, self._data.train, settings=self._search_settings(),
                listeners=listeners,
            )  # fmt: skip
        except SuggestionError as error:
            if self._found is None or self._found.swept is not None:
                raise  # before the sweep, or by the short trainings
            self._update(error=error)
            self._write("judged")
            return
        if found.verified is not None:
            self._update(verification=found.verified)
            self._write("verified")

    def _search_settings(self) -> SearchSettings:
        settings, budget, coming = self._settings, None, None
        if settings.verify:
            batches = batches_of(self._data.train, settings.batch_size)
            accumulation = accumulation_of(self._model.optimizer)
            budget = coming_steps(
                batches, accumulation=accumulation, epochs=settings.train,
                budget_steps=settings.budget_steps,
            )  # fmt: skip
            if settings.train is not None and settings.budget_steps is None:
                coming = steps_of(settings.train, batches, accumulation)
        kept = ("source", "kind", "task", "target")
        about = {name: v for name, v in self._data.about.items() if name in kept}
        return SearchSettings(
            settings.method, budget, coming, batch_size=settings.batch_size,
            seed=settings.seed, sweep=settings.sweep, about=about,
        )  # fmt: skip

    def _keep_head_start(self, head_start: HeadStart) -> None:
        self._head_start = head_start

    def _swept(self, result: SweepResult) -> None:
        about = dict(self._data.about) | {"model": _in_words(self._model)}
        about |= self._history.earlier(result.metadata, about)
        method = self._settings.method
        self._found = Finding(about, result, method, model=self._model,
                              preprocessing=self._data.preprocessing)  # fmt: skip
        self._write("swept")

    def _suggested(self, suggestion: Suggestion) -> None:
        self._update(swept=suggestion)
        self._write("judged")

    def _train(self, epochs: int) -> None:
        from lr_finder.training.found_rate import FoundRateTraining

        settings, files = self._settings, self._files
        training = FoundRateTraining(
            self._model, self._data.train, self._data.validation,
            epochs=epochs, batch_size=settings.batch_size, seed=settings.seed,
            schedule=settings.schedule, head_start=self._head_start,
            checkpoint=None if files is None else files.checkpoint(),
            progress=self._progress, keep=self._trained,
        )  # fmt: skip
        kept = self._head_start
        rate = self.finding.lr if kept is None else kept.lr
        if settings.against_default:
            self._trained(training.both(rate))
        else:
            training.found(rate)

    def _trained(self, outcome: TrainingOutcome) -> None:
        self._update(training=outcome)
        if self._files is not None:
            self._files.trained(outcome)
            self._files.reported(self.finding)

    def _update(self, **found: Any) -> None:
        self._found = dataclasses.replace(self.finding, **found)

    def _write(self, what: str) -> None:
        if self._files is not None:
            getattr(self._files, what)(self.finding)

    def _with_files(self) -> Finding:
        if self._files is None:
            return self.finding
        return dataclasses.replace(self.finding, files=self._files.output.files)


def _in_words(model: keras.Model) -> str:
    """A model in a line: its name, its size, what it is compiled with."""
    about = describe_model(model)
    return (
        f"{model.name}, {about['parameters']:,} parameters; {about['optimizer']} on "
        f"{about['loss']}"
    )
