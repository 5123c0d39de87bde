"""Short trainings that confirm the rate of a sweep: run, written, reported."""

from __future__ import annotations

from typing import Any

import keras

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.halving import plan_steps
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.cli.shared.progress import VerificationProgress
from lr_finder.cli.shared.wording import warnings_in_options
from lr_finder.data.dataset import Dataset
from lr_finder.results.verification import VerifiedSuggestion
from lr_finder.training import verification
from lr_finder.training.feeding.passes import batches_of
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.searching import JUDGE, coming_steps

VERIFICATION_FILES = TABLE_FILE, PICTURE_FILE = ("verification.csv", "verification.png")


def run_verification(
    model: keras.Model,
    dataset: Dataset,
    suggestion: Suggestion,
    *,
    batch_size: int,
    seed: int,
    epochs: int | None,
    budget_steps: int | None,
    title: str,
    is_shown: bool,
) -> VerifiedSuggestion:
    """Verify a suggestion on the training data, with its progress shown.

    Args:
        model: keras.Model, compiled.
        dataset: Dataset.
        suggestion: Suggestion.
        batch_size: int.
        seed: int.
        epochs: int, of a training that is asked for, or None.
        budget_steps: int, as a person gave it, or None.
        title: str, shown before the bar.
        is_shown: bool, whether progress is shown.

    Returns:
        VerifiedSuggestion.

    Raises:
        LRFinderError: If it fails.
    """
    data = dataset.x_train, dataset.y_train
    accumulation = accumulation_of(model.optimizer)
    budget = coming_steps(
        batches_of(data, batch_size), accumulation=accumulation, epochs=epochs,
        budget_steps=budget_steps,
    )  # fmt: skip
    batches = plan_steps(budget)[1] * accumulation
    with VerificationProgress(title, batches, is_shown=is_shown) as shown:
        return verification.verify(
            model, *data, suggestion, budget_steps=budget, judge=JUDGE,
            batch_size=batch_size, seed=seed, callbacks=[shown], verbose=0,
        )  # fmt: skip


def write_verification(
    verified: VerifiedSuggestion, swept: Suggestion, output: OutputFolder
) -> dict[str, Any]:
    """Write table and picture; say in a report what was found.

    Args:
        verified: VerifiedSuggestion.
        swept: Suggestion, that of the sweep.
        output: OutputFolder.

    Returns:
        dict of JSON values: `suggestion`, which replaces that of the sweep, and
        `verification`, which holds the one of the sweep as `swept`.
    """
    from lr_finder.plots.style import save_figure

    output.write_table(TABLE_FILE, verified.to_frame())
    save_figure(verified.plot().figure, output.target(PICTURE_FILE))
    report = warnings_in_options(verified.to_dict())
    suggestion = report.pop("suggestion")
    return {
        "suggestion": suggestion,
        "verification": {"swept": swept.to_dict(), **report},
    }
