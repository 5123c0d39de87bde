"""The models to sweep: each loaded and checked before the first sweep."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._output import as_file_name
from lr_finder.cli.shared.option_checks import check_batch_fits
from lr_finder.cli.shared.sources import Source
from lr_finder.models.specs import DEFAULT_MODEL

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True)
class SweptModel:
    """A model to sweep.

    Args:
        label: str, what tells it apart from the others, e.g. "2-build"; "" for one
            alone.
        spec: str, as `--model` has it.
        model: keras.Model, compiled, fit for the data.
    """

    label: str
    spec: str
    model: keras.Model

    def identity(self) -> dict[str, Any]:
        """Which of several models a report is of, as JSON values."""
        from lr_finder.finding_data import describe_model

        return {"name": self.label, "spec": self.spec} | describe_model(self.model)


def label_models(specs: Sequence[str]) -> list[str]:
    """Labels that differ, which are names of folders too.

    Args:
        specs: sequence of str, as `--model` has them.

    Returns:
        list of str: number and name of each, or "" for one alone.

    Example:
    >>> label_models(["a.py:build", "b.py:build", "default", "runs/best.keras"])
    ['1-build', '2-build', '3-default', '4-best']
    >>> label_models(["default"])
    ['']
    """
    if len(specs) == 1:
        return [""]
    return [f"{i}-{as_file_name(_name(spec))}" for i, spec in enumerate(specs, 1)]


def load_models(
    data: Source,
    specs: Sequence[str] | None,
    *,
    optimizer: str | None,
    loss: str | None,
    batch_size: int,
    is_trained: bool,
    seed: int,
) -> list[SweptModel]:
    """Load every model, and refuse what would otherwise fail after a sweep.

    Args:
        data: Source.
        specs: sequence of str, the options `--model`; None or empty for the default.
        optimizer: str, the option `--optimizer`, or None.
        loss: str, the option `--loss`, or None.
        batch_size: int, rows in a batch.
        is_trained: bool, whether the models are to be trained later.
        seed: int, of each model's initial weights.

    Returns:
        list of SweptModel, in the order given.

    Raises:
        InputError, ModelError: If one does not load or fit, or cannot be trained.
    """
    from lr_finder.finding_data import FindingData, model_for

    check_batch_fits(batch_size, len(data.dataset.x_train))
    specs = specs or [DEFAULT_MODEL]
    about = FindingData.of_dataset(data.dataset, data.name)
    models = []
    for label, spec in zip(label_models(specs), specs, strict=True):
        wanted = data.model if spec == DEFAULT_MODEL else spec
        model = model_for(about, wanted, optimizer, loss, seed)
        if is_trained:
            from lr_finder.training.fitting import check_rate_can_be_set

            check_rate_can_be_set(model)
        models.append(SweptModel(label, spec, model))
    return models


def _name(spec: str) -> str:
    """The function or file that a model is called after."""
    place, colon, function = spec.rpartition(":")
    return function if colon else Path(place or spec).stem
