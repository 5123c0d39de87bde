"""All that was found for a model on its data: sweep, suggestion, training."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lr_finder.analysis.sweep.reading import DEFAULT_METHOD, find_rule, rates_by_rule
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import SuggestionError
from lr_finder.results import _faces
from lr_finder.results.sweep import SweepResult

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from matplotlib.axes import Axes

    from lr_finder.results.training import TrainingOutcome
    from lr_finder.results.verification import VerifiedSuggestion

NO_OPTIMIZER = (
    "optimizer not known, so the answer does not use its usual rate: give `optimizer`, "
    "such as adam, if you know it"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Finding:
    """What `lr_finder.find` found.

    Args:
        about: mapping of JSON values: `source`, `data`, `model` and, for data that was
            read or prepared, `kind`, `kind_reason`, `task`, `target`, `notes`; and
            `history`, a sentence on earlier runs, if a history is kept.
        sweep: SweepResult.
        method: str, the rule that reads the rate, a key of `RULES`.
        swept: Suggestion read from the sweep, or None if no rate can be read.
        error: SuggestionError, why there is no suggestion, or None.
        verification: VerifiedSuggestion of the short trainings, or None.
        training: TrainingOutcome with the rate found, or None.
        model: keras.Model, as it was before, or trained if you asked for a training.
        files: mapping of name -> path of what was written.
        preprocessing: Preprocessing of `lr_finder.data`: how rows of a new file become
            inputs of the model; None for arrays and images.

    Example:
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve
    >>> lrs = np.logspace(-6, 1, 100)
    >>> sweep = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> finding = Finding({"source": "a curve"}, sweep, "window", sweep.suggest())
    >>> finding.lr == sweep.suggest().lr, finding.to_dict()["points"]
    (True, 100)
    """

    about: Mapping[str, Any]
    sweep: SweepResult
    method: str
    swept: Suggestion | None = None
    error: SuggestionError | None = None
    verification: VerifiedSuggestion | None = None
    training: TrainingOutcome | None = None
    model: Any = None
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    preprocessing: Any = None

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion to go by: the verified one, if there is one."""
        return self.verification.suggestion if self.verification else self.swept

    @property
    def lr(self) -> float:
        """The learning rate.

        Raises:
            SuggestionError: If no rate can be read from the sweep: says why.
        """
        answer = self._answer
        if isinstance(answer, SuggestionError):
            raise answer
        return answer.lr

    @property
    def _answer(self) -> Suggestion | SuggestionError:
        """The suggestion, or why there is none."""
        return self.suggestion or self.error or _unread(self.sweep)

    def __str__(self) -> str:
        told = self.verification or self.suggestion or f"No suggestion. {self._answer}"
        earlier = self.about.get("history")
        return "\n".join(map(str, filter(None, [told, earlier, self.training])))

    def __repr__(self) -> str:
        told = repr(self.suggestion) if self.suggestion else "no suggestion"
        return f"<Finding for {self.about.get('source', 'data')}: {told}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the suggestion in a sentence, and a small picture."""
        return _faces.as_html(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The sweep and the suggestion drawn; see `lr_finder.plot_sweep`."""
        answer = self.suggestion or self.error
        return _faces.plot_sweep(self.sweep, ax, answer, self.swept)

    def save(self, folder: str | Path) -> dict[str, str]:
        """Write all of it into a folder, each file whole or not at all.

        Args:
            folder: str or Path; made if it is not there, files of an earlier finding
                in it are replaced.

        Returns:
            dict of name -> path: `sweep.csv`, `sweep.npz`, `sweep.png`,
            `suggestion.json`; of a verification `verification.csv` and
            `verification.png`; of a training `model.keras`, `history.csv` and more.
        """
        return _faces.save_finding(self, folder)

    def log_to(
        self,
        tracker: str,
        where: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
    ) -> str | None:
        """Log all of it to a tracker: TensorBoard, MLflow or Weights & Biases.

        Logged are parameters, the suggestion with its interval and warnings, curves
        over steps and over the learning rate, figures and files. Short trainings, and
        a training at the compiled rate, are nested runs.

        Args:
            tracker: `"tensorboard"`, `"mlflow"` or `"wandb"`; also with the place, as
                in `"mlflow:sqlite:///runs.db"`.
            where: str or Path, the place: for TensorBoard the folder of the runs,
                default `runs`; for MLflow the address of a database or a server,
                default that of MLFLOW_TRACKING_URI, else `sqlite:///mlflow.db`; for
                W&B the project, default that of WANDB_PROJECT, else `lr_finder`.
            name: str, of the run; None for one after the source.

        Returns:
            str, where the run is. None if the tracker failed or gave no answer for a
            minute, with a warning that says why: nothing found is lost.

        Raises:
            InputError: If there is no such tracker, or its place cannot be written.
            LRFinderError: If its library is not installed; says how to install it.
        """
        return _faces.log_result(self, tracker, where, name)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file: the answer, its reasons, figures and raw data.

        The page needs no network and holds no script; the same finding gives the same
        bytes.

        Args:
            path: str or Path, ending in `.html` or, with the extra `pdf`, `.pdf`; its
                folder exists, and an existing file is replaced.

        Returns:
            Path, the file written.

        Raises:
            InputError: If it has another ending or cannot be written, or the extra is
                missing.
        """
        return _faces.report(self, path)

    def to_dict(self) -> dict[str, Any]:
        """What was found, as JSON takes it; without the losses of single batches.

        Returns:
            dict, what `lr_finder find --json` prints.
        """
        told = dict(self.about) | judgement(self.sweep, self.method, self._answer)
        device = self.sweep.metadata.get("device")
        if device:
            told["device"] = device
        if self.verification is not None:
            report = self.verification.to_dict()
            del report["suggestion"]
            swept = None if self.swept is None else self.swept.to_dict()
            told["verification"] = {"swept": swept, **report}
        if self.training is not None:
            told["training"] = self.training.to_dict()
        return told | ({"files": dict(self.files)} if self.files else {})


def judged_curve(
    sweep: SweepResult,
    method: str = DEFAULT_METHOD,
    *,
    source: str = "a curve",
    notes: Sequence[str] = (),
) -> Finding:
    """What a rule says of a curve that exists already: nothing is trained.

    Args:
        sweep: SweepResult.
        method: str, the rule that reads the rate, a key of `RULES`.
        source: str, what the curve is called.
        notes: sequence of str, what was decided when it was read.

    Returns:
        Finding, with an `error` if no rate can be read.

    Raises:
        InputError: If there is no such rule.

    Example:
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve
    >>> lrs = np.logspace(-6, 1, 100)
    >>> sweep = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> judged_curve(sweep).about["notes"] == [NO_OPTIMIZER]
    True
    """
    told = list(notes)
    if sweep.metadata.get("optimizer") is None and find_rule(method).asks_usual:
        told.append(NO_OPTIMIZER)
    about = {"source": source, "notes": told}
    try:
        return Finding(about, sweep, method, sweep.suggest(method))
    except SuggestionError as error:
        return Finding(about, sweep, method, error=error)


def _unread(sweep: SweepResult) -> SuggestionError:
    """Why a finding that was ended after its sweep has no suggestion."""
    return SuggestionError(
        "No rate has been read from the sweep: the search ended before. Call "
        "`suggest()` of the sweep.",
        reason="not_read",
        counts={"points": len(sweep.lrs)},
    )


def judgement(
    sweep: SweepResult, method: str, answer: Suggestion | SuggestionError
) -> dict[str, Any]:
    """What a rule says of a sweep, and what the other rules say, as JSON takes it.

    Args:
        sweep: SweepResult.
        method: str, the rule, a key of `RULES`.
        answer: Suggestion, or the error raised in its place.

    Returns:
        dict with `suggestion` or `error`, `stop_reason`, `points`, `repeats`, and
        `other_rules`: name -> rate, None if a rule finds none.
    """
    if isinstance(answer, SuggestionError):
        told = {"error": error_dict(answer)}
    else:
        told = {"suggestion": answer.to_dict()}
    rates = rates_by_rule(sweep)
    return told | {
        "stop_reason": str(sweep.stop_reason),
        "points": len(sweep.lrs),
        "repeats": len(sweep.curves),
        "other_rules": {name: lr for name, lr in rates.items() if name != method},
    }


def error_dict(error: BaseException) -> dict[str, Any]:
    """An exception as JSON takes it: type, message and what was counted.

    Example:
    >>> error_dict(SuggestionError("no points", reason="empty", counts={"n": 0}))
    {'type': 'SuggestionError', 'message': 'no points', 'reason': 'empty', \
'counts': {'n': 0}}
    """
    told: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, SuggestionError):
        told |= {"reason": error.reason, "counts": error.counts}
    return told
