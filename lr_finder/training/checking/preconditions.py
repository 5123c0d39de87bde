"""What every training by this package checks and opens before a model is touched."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from lr_finder.training.checking.labels import check_labels, check_validation_labels
from lr_finder.training.checking.neighbours import check_neighbours
from lr_finder.training.feeding.batch_parts import check_parts
from lr_finder.training.feeding.batch_sources import source_kind
from lr_finder.training.feeding.batches import Batches, make_batches
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.optimizer_rates import check_rates
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.stepping.devices import check_batch_size
from lr_finder.training.stepping.refusals import check_compiled, check_single_optimizer
from lr_finder.training.stepping.steps import has_own_step, needs_targets
from lr_finder.training.validation import ValidationLoss


def check_training(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    batch_size: int,
    group: str | int | None,
    callbacks: Sequence[keras.callbacks.Callback] | None,
    way_out: str = "",
) -> None:
    """Raise unless model, targets and options are such that a training can begin.

    Args:
        model: keras.Model.
        x: data, as `lr_finder.sweep` takes it.
        y: targets or None.
        batch_size: int >= 1.
        group: str or int or None, as `Rates` takes it.
        callbacks: sequence of keras.callbacks.Callback or None.
        way_out: str, the call to make if there are no targets.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be trained.
    """
    check_count("batch_size", batch_size, least=1)
    check_compiled(model)
    check_single_optimizer(model)
    check_rates(model, group)
    _check_callbacks(callbacks)
    check_targets(model, x, y, way_out=way_out)


def open_data(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    seed: int,
    validation_data: Any,
    validation_samples: int | None,
    **options: Any,
) -> tuple[Batches, ValidationLoss | None]:
    """The batches to train on and the loss to validate by; random states are kept.

    Args:
        model: keras.Model, which the batches must fit.
        x: data, as `lr_finder.sweep` takes it.
        y: targets or None.
        seed: int, from which order and samples are drawn.
        validation_data: as `lr_finder.sweep` takes it, or None.
        validation_samples: int or None.
        options: the other arguments of `make_batches`.

    Returns:
        `(batches, validation)`; validation is None without validation data.

    Raises:
        InputError: If the data breaks a rule or does not fit the model.
    """
    with preserved_randomness():  # some sources draw a first batch as they are opened
        validation = None
        if validation_data is not None:
            check_validation_labels(model, validation_data)
            validation = ValidationLoss(validation_data, validation_samples, seed)
        batches = make_batches(x, y, seed=seed, **options)
    if validation is not None:
        validation.check(model)
    if not has_own_step(model):  # which may make of a batch whatever it likes
        check_parts(batches.symbolic)
        _check_batched(model, batches)
    check_batch_size(model, batches.batch_size)
    return batches, validation


def check_targets(
    model: keras.Model, x: Any, y: Any, name: str = "y", way_out: str = ""
) -> None:
    """Raise `InputError` if arrays come without targets that the model's loss takes.

    Args:
        model: keras.Model, compiled.
        x: data, as `lr_finder.sweep` takes it.
        y: targets or None.
        name: str, the argument that is to hold them.
        way_out: str, the call to make.

    Raises:
        InputError: If they are missing, or labels that the model has no output for.
    """
    if y is None and source_kind(x) is None and needs_targets(model):
        raise InputError(
            f"Argument `{name}` must hold the targets of arrays `x`. Received: y=None, "
            "with a model compiled with a loss. " + (way_out or _give_both(x))
        )
    check_labels(model, y, name)


def _give_both(x: Any) -> str:
    if inspect.isgeneratorfunction(x):
        return f"{x.__name__} is a function that makes a generator: call it."
    return "Give both, x and y."


def drawn_seed(seed: int | None) -> int:
    """The seed given, checked; for None one that nobody has chosen."""
    if seed is None:
        return int(np.random.default_rng().integers(2**31))
    check_count("seed", seed, least=0)
    return seed


def _check_batched(model: keras.Model, batches: Batches) -> None:
    """Raise `InputError` if a source gives single samples in place of batches."""
    wanted = [tensor.shape for tensor in getattr(model, "inputs", None) or ()]
    given = [tensor.shape for tensor in keras.tree.flatten(batches.symbolic[0])]
    pairs = list(zip(wanted, given, strict=False))
    # To (samples,), Keras adds the axis that an input (samples, 1) has.
    if pairs and all(
        len(shape) == len(want) - 1 and want[-1:] != (1,) for want, shape in pairs
    ):
        raise InputError(
            f"Argument `x` must give whole batches, of shape {wanted[0]}. Received: "
            f"single samples of shape {given[0]}. Call dataset.batch(32) first."
        )
    if len(wanted) == len(given) == 1 and not _agree(wanted[0], given[0]):
        raise InputError(
            f"Argument `x` must have the shape of the model's input, {wanted[0]}. "
            f"Received: {given[0]}. Change the data or the model's first layer."
        )


def _agree(wanted: Sequence[int | None], given: Sequence[int | None]) -> bool:
    """Whether two shapes of the same rank may be the same; others are Keras' matter."""
    return len(wanted) != len(given) or all(
        None in (one, other) or one == other
        for one, other in zip(wanted[1:], given[1:], strict=True)
    )


def _check_callbacks(callbacks: Sequence[keras.callbacks.Callback] | None) -> None:
    """Raise `InputError` unless these callbacks can run within a sweep."""
    if callbacks is None:
        return
    if not isinstance(callbacks, Sequence) or not all(
        isinstance(callback, keras.callbacks.Callback) for callback in callbacks
    ):
        raise InputError(
            "Argument `callbacks` must be a list of Keras callbacks. Received: "
            f"{callbacks!r:.50}."
        )
    if any(isinstance(callback, LRSweep) for callback in callbacks):
        raise InputError(
            "Argument `callbacks` must hold no other sweep. Received: an LRSweep. "
            "Call sweep alone, or give LRSweep to model.fit."
        )
    check_neighbours(callbacks)
