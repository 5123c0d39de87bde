"""A finding in a report: all that was found for a model on its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lr_finder.reports.document import (
    Paragraph,
    Section,
    Summary,
    section,
)
from lr_finder.reports.kinds import sweep, training, verification
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import PUT_BACK, how_it_was_made, model_text
from lr_finder.results.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

TRAINED = (
    "{what} changed nothing: {put_back}. The training then changed the model: it has "
    "the weights of its best epoch, and the learning rate found."
)
STOPPED = (
    "{what} changed nothing: {put_back}. The training then changed the model, until it "
    "was stopped: the model has the weights of the last batch, and model.keras, in a "
    "folder of the run, those of the best epoch so far."
)
LEFT = "{what} left the model as it was: {put_back}."


def summarize(finding: Finding) -> Summary:
    """What a finding says.

    Args:
        finding: Finding.

    Returns:
        Summary.

    Example:
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> result = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> finding = Finding({"source": "a curve"}, result, "window", result.suggest())
    >>> summarize(finding).title
    'Learning rate: a curve'
    """
    told = {k: v for k, v in finding.to_dict().items() if k != "files"}
    metadata = finding.sweep.metadata
    model = str(told.get("model") or model_text(metadata))
    return Summary(
        "finding",
        sweep.title_of("Learning rate", told),
        sweep.answer(told),
        (
            sweep.sweep_section(told),
            sweep.rules_section(told),
            *_trainings(finding, told),
            sweep.doubts_section(told),
            sweep.data_section(told, model),
            _put_back(finding),
            how_it_was_made(metadata, told),
            raw_data(told | {"metadata": dict(metadata)}, _tables(finding)),
        ),
        told,
        sweep.further(told),
    )


def draw(finding: Finding) -> dict[str, sweep.Draw]:
    """The figures of a finding, by the names that its summary has for them."""
    figures: dict[str, sweep.Draw] = {"sweep": lambda ax: finding.plot(ax)}
    if finding.verification is not None:
        figures |= verification.draw(finding.verification)
    if finding.training is not None:
        figures |= training.draw(finding.training)
    return figures


def _trainings(finding: Finding, told: dict[str, Any]) -> list[Section]:
    """The short trainings and the long one, of those that there are."""
    sections = []
    if finding.verification is not None:
        has_losses = bool(finding.verification.losses)
        sections.append(
            verification.verification_section(
                told["verification"], has_losses=has_losses
            )
        )
    if finding.training is not None:
        sections.append(training.training_section(told["training"], finding.training))
    return sections


def _put_back(finding: Finding) -> Section:
    """What the model is like afterwards."""
    what = "The sweep"
    if finding.verification is not None:
        what = "Sweep and short trainings"
    text = LEFT
    if finding.training is not None:
        text = TRAINED if finding.training.stopped_in is None else STOPPED
    told = text.format(what=what, put_back=PUT_BACK)
    return section("put-back", "What was put back", Paragraph((told,)))


def _tables(finding: Finding) -> Sequence[tuple[str, str, pd.DataFrame]]:
    """The measured numbers, as `raw_data` takes them."""
    frames = [("sweep.csv", "rate and loss of each batch", finding.sweep.to_frame())]
    if finding.verification is not None:
        frames += verification.tables(finding.verification)
    if finding.training is not None:
        frames += training.tables(finding.training)
    return frames
