"""What runs begin with: the weights of a seed, their loss, and how that loss bends."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lr_finder.data.parts import ThreeParts
from lr_finder.errors import LRFinderError
from lr_finder.experiments.comparison.inputs import model_identity
from lr_finder.experiments.comparison.run import BuildModel, build_model
from lr_finder.experiments.comparison.settings import KEY_LENGTH, Task
from lr_finder.experiments.journal import append_row, read_rows
from lr_finder.training.curvature.measuring import largest_curvature
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.watching.constant_loss import constant_loss

CURVED_ROWS = 256  # over which the curvature is measured, evenly spread
SCORED_BATCH = 256

Key = tuple[str, str, int]  # model, initializer, seed


def measure_starts(
    tasks: Iterable[Task],
    parts: ThreeParts,
    sources: Mapping[str, BuildModel],
    path: Path,
    *,
    curvature: bool,
) -> dict[Key, dict[str, Any]]:
    """Measure the weights that runs begin with, once for each model and seed.

    Args:
        tasks: iterable of Task; of those that begin alike the first is taken.
        parts: ThreeParts, whose validation rows are scored.
        sources: mapping of names of models to what builds them.
        path: Path of a journal: what it holds is not measured again.
        curvature: bool, whether the curvature is measured.

    Returns:
        dict of (model, initializer, seed) to a row: `weights`, 16 digits that change
        with any of them; `start_loss`, `guess_loss`, `curvature`, each nan if it is
        not known.
    """
    known = {row["key"]: row for row in read_rows(path)}
    starts: dict[Key, dict[str, Any]] = {}
    for task in tasks:
        setting = task.setting
        place = setting.model, setting.columns()["initializer"], task.seed
        if place in starts:
            continue
        with preserved_randomness():
            model = build_model(task, parts.dataset, sources[setting.model])
            key = _key(model, task, parts, curvature)
            if key not in known:
                row = {"key": key, **_measured(model, parts, curvature)}
                append_row(path, row)
                known[key] = row
        starts[place] = {n: math.nan if v is None else v for n, v in known[key].items()}
    return starts


def _measured(
    model: keras.Model, parts: ThreeParts, curvature: bool
) -> dict[str, float | str | None]:
    """What the journal keeps of a model's first weights; None for what is not known."""
    x, y = parts.dataset.x_validation, parts.dataset.y_validation
    # Each model is measured once: to trace it would take longer than to compute it.
    model.run_eagerly = True
    logs = model.evaluate(
        x, y, batch_size=SCORED_BATCH, verbose=0, return_dict=True
    )  # fmt: skip
    model.run_eagerly = False
    bent = None
    if curvature:
        rows = np.unique(np.linspace(0, len(x) - 1, CURVED_ROWS).round().astype(int))
        try:
            bent = largest_curvature(model, x[rows], y[rows]).value
        except LRFinderError:  # of a loss that cannot be differentiated twice
            bent = None
    guess = constant_loss(model, (x, y))
    values = {"start_loss": logs["loss"], "guess_loss": guess, "curvature": bent}
    return {"weights": _digest(model)} | {
        name: float(value) if value is not None and math.isfinite(value) else None
        for name, value in values.items()
    }


def _key(model: keras.Model, task: Task, parts: ThreeParts, curvature: bool) -> str:
    """What decides the measurement: data, model, weights, loss, and what is asked."""
    told = (parts.fingerprint, model_identity(model), _digest(model),
            str(task.conditions.loss), curvature)  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:KEY_LENGTH]


def _digest(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight))  # type: ignore[arg-type]
    return digest.hexdigest()[:KEY_LENGTH]
