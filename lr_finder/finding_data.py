"""What `lr_finder.find` works on: data from any source, and the model for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from lr_finder._text import listed
from lr_finder.data.dataset import Dataset
from lr_finder.data.in_memory import (
    NAME_OF_ARRAYS,
    NAME_OF_FRAME,
    arrays_dataset,
    frame_dataset,
)
from lr_finder.data.request import VALIDATION_FRACTION
from lr_finder.data.saved_preprocessing import Preprocessing
from lr_finder.errors import InputError
from lr_finder.models.checks import check_fits
from lr_finder.models.defaults import build_default
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.training.checking.labels import check_validation_labels
from lr_finder.training.checking.preconditions import check_targets
from lr_finder.training.feeding.passes import parts_of, passed_over_again
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.stepping.refusals import check_compiled


@dataclasses.dataclass(frozen=True, eq=False)
class FindingData:
    """Data to train and to validate on, and what a person should know of them.

    Args:
        train: what `sweep` and `train` take: `(x, y)`, or a source of batches.
        validation: the same, or None.
        about: mapping of JSON values, for reports: `source`, `data`; of data that was
            prepared `kind`, `kind_reason`, `task`, `target`, `notes` too.
        dataset: Dataset that a network can be made for, or None.
    """

    train: Any
    validation: Any
    about: Mapping[str, Any]
    dataset: Dataset | None = None

    @classmethod
    def of_dataset(cls, dataset: Dataset, name: str) -> FindingData:
        """The arrays of a Dataset.

        Args:
            dataset: Dataset.
            name: str, what the source is called.

        Returns:
            FindingData.
        """
        return cls(
            (dataset.x_train, dataset.y_train),
            (dataset.x_validation, dataset.y_validation),
            describe_data(dataset, name),
            dataset,
        )

    def made_by(self, command: str | None) -> FindingData:
        """The same, with the command or call that began the search."""
        about = {**self.about, **({"command": command} if command else {})}
        return dataclasses.replace(self, about=about)

    @property
    def preprocessing(self) -> Preprocessing | None:
        """How rows of another file become such arrays; None if nothing is known."""
        return None if self.dataset is None else self.dataset.preprocessing


def data_of(
    source: Any,
    validation_data: Any,
    model: Any,
    seed: int,
    reading: Mapping[str, Any],
) -> FindingData:
    """The data of a source of any form that `find` takes.

    Args:
        source: as `find` takes it.
        validation_data: as `find` takes it.
        model: as `find` takes it: a keras.Model gets arrays as they are.
        seed: int, draws the rows to validate with.
        reading: mapping of arguments of `load_data`, None for those not given.

    Returns:
        FindingData.

    Raises:
        InputError: If the source or an argument breaks a rule.
    """
    given = {name: value for name, value in reading.items() if value is not None}
    is_frame = isinstance(source, pd.DataFrame)
    is_raw = isinstance(model, keras.Model) and not (
        isinstance(source, str | Path | Dataset) or (is_frame and "target" in given)
    )
    if not is_raw and validation_data is not None:
        raise InputError(
            "Argument `validation_data` is for data given with a keras.Model. "
            f"Received: source={source!r:.60}. Leave it out: the source is split."
        )
    if is_raw:
        _refuse(given, "data given with a keras.Model, which are taken as they are")
        return _as_given(source, validation_data)
    if isinstance(source, str | Path):
        from lr_finder.data.loading import load_data

        given = {"validation_fraction": VALIDATION_FRACTION, "seed": seed} | given
        return FindingData.of_dataset(load_data(source, **given), str(source))
    if isinstance(source, Dataset):
        _refuse(given, "a Dataset, which has been read")
        return FindingData.of_dataset(source, type(source).__name__)
    name = NAME_OF_FRAME if is_frame else NAME_OF_ARRAYS
    return FindingData.of_dataset(_prepared(source, seed, given), name)


def model_for(
    data: FindingData, model: Any, optimizer: Any, loss: Any, seed: int
) -> keras.Model:
    """The model to sweep: the one given, or one made or loaded for the data.

    Args:
        data: FindingData.
        model: as `find` takes it.
        optimizer: as `find` takes it.
        loss: as `find` takes it.
        seed: int, of the initial weights of a network that is made or loaded; the
            global random states are put back.

    Returns:
        keras.Model, compiled.

    Raises:
        InputError, ModelError: If there is no such model, or it does not fit.
    """
    if isinstance(model, keras.Model):
        for name, value in (("optimizer", optimizer), ("loss", loss)):
            if value is not None:
                raise InputError(
                    f"Argument `{name}` is for a model that is made or loaded. "
                    f"Received: {name}={value!r:.50} with a keras.Model. Compile the "
                    "model with it."
                )
        if data.dataset is not None:
            check_fits(model, data.dataset, "`model`")
        else:
            _check_targets(model, data)
        return model
    if data.dataset is None:
        raise InputError(
            "Argument `model` must be a keras.Model for data that are taken as they "
            f"are given. Received: model={model!r:.50}. Give a compiled model."
        )
    with preserved_randomness():
        keras.utils.set_random_seed(seed)
        if model is None or model == DEFAULT_MODEL:
            return build_default(data.dataset, optimizer=optimizer, loss=loss)
        from lr_finder.models.own_models import load_model

        return load_model(model, data.dataset, optimizer=optimizer, loss=loss)


def _check_targets(model: keras.Model, data: FindingData) -> None:
    """Refuse targets that a model cannot be trained on, before it is swept."""
    check_compiled(model)
    x, y, _ = parts_of(data.train, "source")
    check_targets(model, x, y, "source", "Call find((x, y), model=model).")
    check_validation_labels(model, data.validation)


def describe_data(dataset: Dataset, name: str) -> dict[str, Any]:
    """What a model is swept over, as JSON values.

    Args:
        dataset: Dataset.
        name: str, what its source is called.

    Returns:
        dict.
    """
    return {
        "source": name,
        "kind": dataset.kind,
        "kind_reason": dataset.kind_reason,
        "task": dataset.task,
        "target": dataset.target,
        "data": dataset.description,
        "notes": list(dataset.notes),
    }


def describe_model(model: keras.Model) -> dict[str, Any]:
    """A model's size and what it is compiled with, as JSON values.

    Args:
        model: keras.Model, compiled.

    Returns:
        dict with `parameters` (int), `optimizer` and `loss` (str).

    Example:
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


def _refuse(given: Mapping[str, Any], what: str) -> None:
    """Refuse arguments of reading, if nothing is read."""
    if given:
        raise InputError(
            f"Arguments of reading do not go with {what}. Received: "
            f"{listed(given)}. Leave them out."
        )


def _as_given(source: Any, validation_data: Any) -> FindingData:
    """Data for a model that takes them as they are."""
    train = passed_over_again(source, "source")
    validation = passed_over_again(validation_data, "validation_data")
    parts_of(train, "source")
    is_arrays = isinstance(train, tuple | list)
    about = {"source": NAME_OF_ARRAYS if is_arrays else type(source).__name__}
    return FindingData(train, validation, about)


def _prepared(source: Any, seed: int, given: Mapping[str, Any]) -> Dataset:
    """Arrays or a DataFrame prepared as those of a file are."""
    if isinstance(source, pd.DataFrame):
        return frame_dataset(source, seed, given)
    x, y, weight = parts_of(source, "source")
    if weight is not None:
        raise InputError(
            "Argument `source` must be (x, y) without a `model`. Received: sample "
            "weights. Give a compiled keras.Model, which is trained with them."
        )
    return arrays_dataset(x, y, seed, given)
