"""The files of a finding: written as it is made, or all at once when it is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._output import (
    MODEL_FILE,
    PREDICTIONS_FILE,
    REPORT_PAGES,
    OutputFolder,
)
from lr_finder.data.saved_preprocessing import FILE_NAME as PREPROCESSING_FILE
from lr_finder.results.finding import Finding

if TYPE_CHECKING:
    from lr_finder.data.saved_preprocessing import Preprocessing
    from lr_finder.results.training import TrainingOutcome

SWEEP_FILES = CURVE_FILE, RESULT_FILE, PICTURE_FILE, REPORT_FILE = (
    "sweep.csv", "sweep.npz", "sweep.png", "suggestion.json",
)  # fmt: skip
VERIFICATION_FILES = TRIALS_FILE, TRIALS_PICTURE, STEPS_FILE = (
    "verification.csv", "verification.png", "verification_losses.csv",
)  # fmt: skip
HISTORY_FILE, OWN_HISTORY_FILE = "history.csv", "history_default.csv"
BATCHES_FILE, OWN_BATCHES_FILE = "batches.csv", "batches_default.csv"
TRAINING_PICTURE = "training.png"
TRAINING_FILES = (
    MODEL_FILE, PREPROCESSING_FILE, HISTORY_FILE, OWN_HISTORY_FILE, BATCHES_FILE,
    OWN_BATCHES_FILE, TRAINING_PICTURE, PREDICTIONS_FILE,
)  # fmt: skip
COMPARISON_FILES = ("models.csv", "sweeps.png")  # of several models, swept before

Words = Callable[[Any], Any]  # a suggestion or a report, in the words of a command


def _as_it_is(told: Any) -> Any:
    return told


@dataclasses.dataclass(frozen=True)
class FindingFiles:
    """Writes what is known of a finding, so that nothing found is lost.

    Args:
        output: OutputFolder.
        preprocessing: Preprocessing, what prepares the inputs of a model that is
            trained; None for arrays and images.
        words: callable, applied to suggestions and reports before they are written.

    Example:
    >>> import tempfile
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> sweep = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = FindingFiles(OutputFolder(Path(folder)))
    ...     files.swept(Finding({}, sweep, "window"))
    ...     sorted(files.output.files)
    ['sweep.csv', 'sweep.npz']
    """

    output: OutputFolder
    preprocessing: Preprocessing | None = None
    words: Words = _as_it_is

    def swept(self, finding: Finding) -> None:
        """Write the curve, before a rate is read from it; remove an earlier finding."""
        earlier = TRAINING_FILES + VERIFICATION_FILES + COMPARISON_FILES + REPORT_PAGES
        self.output.discard(earlier)
        self.output.write_table(CURVE_FILE, finding.sweep.to_frame())
        finding.sweep.save(self.output.target(RESULT_FILE))

    def judged(self, finding: Finding) -> None:
        """Write the picture and the report, of what is known so far."""
        from lr_finder.plots.style import save_figure
        from lr_finder.plots.sweep import plot_sweep

        answer = finding.suggestion or finding.error
        ax = plot_sweep(
            finding.sweep, suggestion=self._in_words(answer), swept=finding.swept
        )
        save_figure(ax.figure, self.output.target(PICTURE_FILE))
        self.reported(finding)

    def reported(self, finding: Finding) -> None:
        """Write the report, of what is known so far."""
        report = dataclasses.replace(finding, files={}).to_dict()
        self.output.write_json(REPORT_FILE, self.words(report))

    def verified(self, finding: Finding) -> None:
        """Write the short trainings, and anew what the verified suggestion changes."""
        from lr_finder.plots.style import save_figure

        verification = finding.verification
        if verification is None:
            return
        self.output.write_table(TRIALS_FILE, verification.to_frame())
        self.output.write_table(STEPS_FILE, verification.losses_frame())
        figure = verification.plot().figure
        save_figure(figure, self.output.target(TRIALS_PICTURE))
        self.judged(finding)

    def checkpoint(self) -> Path:
        """Where a training keeps its best model; how its inputs are made lies beside.

        Returns:
            Path.
        """
        if self.preprocessing is not None:
            document = self.preprocessing.to_document()
            self.output.write_json(PREPROCESSING_FILE, document)
        return self.output.target(MODEL_FILE)

    def trained(self, outcome: TrainingOutcome) -> None:
        """Write the history of a training and, if there is one, of that beside it."""
        from lr_finder.plots.style import save_figure

        self.output.write_table(HISTORY_FILE, outcome.history)
        self.output.write_table(BATCHES_FILE, outcome.record.to_frame())
        own = outcome.against_default
        if own is None or outcome.is_own_rate:
            return
        self.output.write_table(OWN_HISTORY_FILE, own.history)
        self.output.write_table(OWN_BATCHES_FILE, own.record.to_frame())
        figure = outcome.plot().figure
        save_figure(figure, self.output.target(TRAINING_PICTURE))

    def _in_words(self, answer: Any) -> Any:
        return answer if isinstance(answer, Exception) else self.words(answer)


def save_finding(finding: Finding, folder: str | Path) -> dict[str, str]:
    """Write all of a finding into a folder; see `Finding.save`.

    Args:
        finding: Finding.
        folder: str or Path.

    Returns:
        dict of name -> path.
    """
    files = FindingFiles(OutputFolder(Path(folder)), finding.preprocessing)
    files.swept(finding)
    write = files.judged if finding.verification is None else files.verified
    write(finding)
    if finding.training is not None:
        files.trained(finding.training)
        path = files.checkpoint()
        finding.model.save(path)
    return files.output.files
