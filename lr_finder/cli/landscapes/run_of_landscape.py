"""`lr_finder landscape`: from data and options to a model and the losses around it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lr_finder._output import OutputFolder
from lr_finder.cli.landscapes.options_of_landscape import most_evaluations
from lr_finder.cli.shared.live import shown_live
from lr_finder.cli.shared.option_checks import check_batch_fits
from lr_finder.cli.shared.sources import Source
from lr_finder.experiments.landscape import loss_landscape
from lr_finder.finding_data import FindingData, model_for
from lr_finder.models.own_models import read_saved
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.plots.style import save_figure
from lr_finder.results.landscape import LANDSCAPE_FILES, LossLandscape
from lr_finder.training.landscape.trajectory_recorder import TrajectoryRecorder
from lr_finder.training.progress import TRAINING, telling

RESULT_FILE, TABLE_FILE, PATH_FILE, PICTURE_FILE, REPORT_FILE = LANDSCAPE_FILES
UNTRAINED = (
    "the weights are initial ones: --train EPOCHS trains first, --model saved.keras "
    "looks at a trained model"
)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What was typed of the landscape.

    Args:
        model, optimizer, loss, train, to, batch_size, directions, points, distance,
            samples, seed, is_agreed: the options of these names.
    """

    model: str
    optimizer: str | None
    loss: str | None
    train: int | None
    to: Path | None
    batch_size: int
    directions: int | None
    points: int | None
    distance: float | None
    samples: int
    seed: int
    is_agreed: bool


def measure(
    source: Source, wanted: Wanted, *, command: str | None, is_shown: bool
) -> LossLandscape:
    """Load the model, train it if asked to, and measure.

    Args:
        source: Source.
        wanted: Wanted.
        command: str, that was typed, or None.
        is_shown: bool, whether progress is shown.

    Returns:
        LossLandscape, whose metadata say what it was made of.

    Raises:
        InputError, ModelError: If something does not fit.
    """
    data = FindingData.of_dataset(source.dataset, source.name)
    check_batch_fits(wanted.batch_size, len(source.dataset.x_train))
    spec = wanted.model
    spec = source.model if spec == DEFAULT_MODEL and source.model else spec
    model = model_for(data, spec, wanted.optimizer, wanted.loss, wanted.seed)
    other = None if wanted.to is None else read_saved(wanted.to)
    about = dict(data.about)
    recorder = None
    if wanted.train is not None:
        recorder = _trained(model, data.train, wanted, is_shown)
        about["epochs"] = wanted.train
    elif not str(spec).endswith(".keras"):
        about["notes"] = [*about.get("notes", ()), UNTRAINED]
    x, y = _drawn(data.train, wanted.samples, wanted.seed)
    found = loss_landscape(
        model, x, y, directions=wanted.directions, to=other, trajectory=recorder,
        points=wanted.points, distance=wanted.distance, batch_size=wanted.batch_size,
        seed=wanted.seed, max_evaluations=most_evaluations(wanted.is_agreed),
        verbose=1 if is_shown and sys.stderr.isatty() else 0,
    )  # fmt: skip
    about |= {"samples": len(x), "spec": wanted.model}
    about |= {"command": command} if command else {}
    return dataclasses.replace(found, metadata=dict(found.metadata) | about)


def _trained(
    model: keras.Model, data: tuple[Any, Any], wanted: Wanted, is_shown: bool
) -> TrajectoryRecorder:
    """Train the model; what kept its way."""
    recorder = TrajectoryRecorder()
    keras.utils.set_random_seed(wanted.seed)
    epochs = wanted.train or 0
    with telling(shown_live(is_shown=is_shown), TRAINING, epochs) as callbacks:
        model.fit(
            *data, batch_size=wanted.batch_size, epochs=epochs, verbose=0,
            callbacks=[recorder, *callbacks],
        )  # fmt: skip
    return recorder


def _drawn(data: tuple[Any, Any], samples: int, seed: int) -> tuple[Any, Any]:
    """Some of the rows, or all."""
    x, y = data
    if samples >= len(x):
        return x, y
    chosen = np.random.default_rng(seed).choice(len(x), samples, replace=False)
    chosen.sort()
    return x[chosen], y[chosen]


def write(found: LossLandscape, output: OutputFolder) -> dict[str, Any]:
    """Write result, tables, picture and report.

    Args:
        found: LossLandscape.
        output: OutputFolder.

    Returns:
        dict, the report, with its `files`.
    """
    output.discard(LANDSCAPE_FILES)
    found.save(output.target(RESULT_FILE))
    output.write_table(TABLE_FILE, found.to_frame())
    if found.path is not None:
        output.write_table(PATH_FILE, found.path_frame())
    save_figure(found.plot().figure, output.target(PICTURE_FILE))
    told = found.to_dict()
    report = told.pop("metadata") | {"landscape": told}
    output.write_json(REPORT_FILE, report)
    return report | {"files": output.files}
