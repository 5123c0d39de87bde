"""One model's run: swept, judged, written, and trained where that was asked for."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.cli.finding.swept_models import Candidate
from lr_finder.cli.finding.trainings import TRAINING_FILES, Trainings
from lr_finder.cli.finding.verdict import Verdict
from lr_finder.cli.finding.verifying import (
    VERIFICATION_FILES,
    run_verification,
    write_verification,
)
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.cli.shared.progress import SweepProgress
from lr_finder.cli.shared.sources import Source
from lr_finder.results.sweep import SweepResult
from lr_finder.training import sweep
from lr_finder.training.preserving.traced_functions import shared_functions

SWEEP_FILES = ("sweep.csv", "sweep.npz", "sweep.png", "suggestion.json")


@dataclasses.dataclass(frozen=True)
class Settings:
    """How each model is swept, judged and trained.

    Args:
        sweep: dict, arguments of `lr_finder.sweep`, `batch_size` and `seed` among them.
        method: str, the rule that reads the rate.
        epochs: int, of a training with that rate; None for none.
        is_shown: bool, whether progress is shown.
        is_debugged: bool, whether a failure among several models shows its traceback.
        kept: paths of models in use, which an earlier run may have left: they stay.
        is_verified: bool, whether short trainings are to confirm the rate.
        budget_steps: int, steps of the training to come; None for a guess.
        is_against_default: bool, whether the model's own rate is trained with too.
    """

    sweep: dict[str, Any]
    method: str
    epochs: int | None = None
    is_shown: bool = True
    is_debugged: bool = False
    kept: tuple[Path, ...] = ()
    is_verified: bool = False
    budget_steps: int | None = None
    is_against_default: bool = False


class Run:
    """A model's run; what it found so far is in `report` even where it fails.

    Args:
        candidate: Candidate, the model.
        data: Source.
        output: OutputFolder, where its files go.
        settings: Settings.
    """

    def __init__(
        self,
        candidate: Candidate,
        data: Source,
        output: OutputFolder,
        settings: Settings,
    ):
        self.candidate, self.data = candidate, data
        self.output, self.settings = output, settings
        self.report = describe(data, candidate.model)
        self.verdict: Verdict | None = None
        self.suggestion: Suggestion | None = None

    def execute(self) -> None:
        """Sweep, judge, write; confirm the rate found, and train with it.

        Raises:
            LRFinderError: If the sweep or a training fails.
        """
        with shared_functions(self.candidate.model):
            self._find()
        if self.suggestion is not None and self.settings.epochs is not None:
            self.report["training"] = self._train(self.suggestion.lr)
            self.output.write_json("suggestion.json", self.report)

    def _find(self) -> None:
        """Sweep, judge and write; confirm the rate if that is asked for."""
        result = self._sweep()
        earlier = (*TRAINING_FILES, *VERIFICATION_FILES)
        self.output.discard(earlier, kept=self.settings.kept)
        self.output.write_table("sweep.csv", result.to_frame())
        result.save(self.output.target("sweep.npz"))
        self.verdict = Verdict(result, self.settings.method)
        if result.metadata.get("device"):
            self.report["device"] = result.metadata["device"]
        self.report |= self.verdict.report()
        self.verdict.write(self.output, self.report)
        self.suggestion = self.verdict.suggestion
        if self.suggestion is not None and self.settings.is_verified:
            self._verify()
            self.verdict.write(self.output, self.report, self.suggestion)

    def _title(self, work: str) -> str:
        return f"{work} {self.candidate.label}".rstrip()

    def _sweep(self) -> SweepResult:
        """The sweep with its progress shown, told what it was about."""
        settings, dataset = self.settings.sweep, self.data.dataset
        total = settings["steps"] * settings["repeats"]
        is_shown = self.settings.is_shown
        with SweepProgress(self._title("Sweeping"), total, is_shown=is_shown) as shown:
            result = sweep.sweep(
                self.candidate.model, dataset.x_train, dataset.y_train, **settings,
                callbacks=[shown], verbose=0,
            )  # fmt: skip
        about = {
            "source": self.data.name,
            "kind": dataset.kind,
            "task": dataset.task,
            "target": dataset.target,
        }
        return dataclasses.replace(result, metadata=result.metadata | about)

    def _verify(self) -> None:
        """Let short trainings confirm the suggestion, or move it."""
        settings = self.settings
        verified = run_verification(
            self.candidate.model, self.data.dataset, self.suggestion,
            batch_size=settings.sweep["batch_size"], seed=settings.sweep["seed"],
            budget_steps=settings.budget_steps, epochs=settings.epochs,
            title=self._title("Verifying"), is_shown=settings.is_shown,
        )  # fmt: skip
        self.suggestion = verified.suggestion
        self.report |= write_verification(
            verified, self.verdict.suggestion, self.output
        )

    def _train(self, learning_rate: float) -> dict[str, Any]:
        """Train with the rate found, and at the model's own if that is asked for."""
        settings = self.settings
        trainings = Trainings(
            self.candidate.model, self.data.dataset, self.output,
            epochs=settings.epochs, batch_size=settings.sweep["batch_size"],
            seed=settings.sweep["seed"], title=self._title("Training"),
            is_shown=settings.is_shown,
        )  # fmt: skip
        train = trainings.both if settings.is_against_default else trainings.found
        return train(learning_rate)


def describe_data(data: Source) -> dict[str, Any]:
    """What a model is swept over, for a report.

    Args:
        data: Source.

    Returns:
        dict of JSON values.
    """
    dataset = data.dataset
    return {
        "source": data.name,
        "kind": dataset.kind,
        "kind_reason": dataset.kind_reason,
        "task": dataset.task,
        "target": dataset.target,
        "data": dataset.description,
        "notes": list(dataset.notes),
    }


def describe(data: Source, model: Any) -> dict[str, Any]:
    """What is swept, for a report.

    Args:
        data: Source.
        model: keras.Model, compiled.

    Returns:
        dict of JSON values.
    """
    compiled = describe_model(model)
    return {
        **describe_data(data),
        "model": f"{model.name}, {compiled['parameters']:,} parameters; "
        f"{compiled['optimizer']} on {compiled['loss']}",
    }


def describe_model(model: Any) -> dict[str, Any]:
    """A model's size and what it is compiled with, as JSON values.

    Args:
        model: keras.Model, compiled.

    Returns:
        dict with `parameters` (int), `optimizer` and `loss` (str).

    Example:
    >>> import keras
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> describe_model(model)
    {'parameters': 4, 'optimizer': 'SGD', 'loss': 'mse'}
    """
    return {
        "parameters": model.count_params(),
        "optimizer": _name(model.optimizer),
        "loss": _name(model.loss),
    }


def _name(thing: Any) -> str:
    """How a person calls a loss or an optimizer."""
    return getattr(thing, "__name__", None) or (
        thing if isinstance(thing, str) else type(thing).__name__
    )
