"""What a batch that holds NaN or infinity does to a training: tried and told."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from lr_finder.analysis.sweep.nonfinite import NOT_FINITE, check_source, is_sudden
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError, SuggestionError
from lr_finder.results.sweep import SweepResult
from lr_finder.training.feeding.batch_parts import copied
from lr_finder.training.feeding.batch_sources import readable, source_kind
from lr_finder.training.feeding.batches import (
    Batches,
    as_arrays,
    as_fit_packs,
    symbolic_batch,
)
from lr_finder.training.feeding.finite import BadRows, find_bad_rows
from lr_finder.training.feeding.indexed_batches import gatherer
from lr_finder.training.feeding.passes import parts_of
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.state import ModelState, preserve_state
from lr_finder.training.validation import ValidationLoss

WAY_OUT = (
    "Drop these rows (numpy.isfinite finds them; DataFrame.dropna) or fill them "
    "(numpy.nan_to_num, DataFrame.fillna)"
)


def check_finite(
    model: keras.Model,
    state: ModelState,
    batches: Batches,
    validation: ValidationLoss | None = None,
) -> None:
    """Refuse arrays with NaN or infinity that the model cannot be trained on.

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, put back afterwards.
        batches: Batches to train on.
        validation: ValidationLoss, or None.

    Raises:
        InputError: If loss or weights are not finite after a step on such rows.
    """
    check_trained_on(model, state, batches.bad)
    if validation is not None:
        check_trained_on(model, state, validation.bad)


def check_data(model: keras.Model, data: Any, batch_size: int, owner: str = "") -> None:
    """Refuse arrays that the model cannot be trained on; it is left as it was.

    Args:
        model: keras.Model, compiled.
        data: arrays, as `parts_of` takes them; sources of batches are not looked at.
        batch_size: int >= 1.
        owner: str, the argument that holds the data if its parts are none themselves.

    Raises:
        InputError: If loss or weights are not finite after a step on rows with NaN or
            infinity.
    """
    if data is None:
        return
    try:
        parts = parts_of(data, owner)
        arrays = as_arrays(*parts) if source_kind(parts[0]) is None else None
    except InputError:  # what else `fit` takes
        return
    if arrays is None:
        return
    bad = find_bad_rows(arrays, batch_size, owner)
    if bad is not None:
        element = symbolic_batch(as_fit_packs(arrays))
        with preserve_state(model, element) as (state, _):
            check_trained_on(model, state, bad)


def check_trained_on(
    model: keras.Model, state: ModelState, bad: BadRows | None
) -> None:
    """Refuse rows that are not finite, unless the model can be trained on them.

    Some can: a layer of their own fills in what is missing, or the loss leaves it out.
    So a step is made on such rows. If it makes loss or weights NaN, every learning
    rate would; on TensorFlow a loss can hide it (its relu of NaN is 0).

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, put back afterwards.
        bad: BadRows, or None.

    Raises:
        InputError: If loss or weights are not finite after a step on these rows.
    """
    if bad is not None and is_spoilt_by(model, state, bad.arrays):
        received = "; ".join(f"{name}: {what}" for name, what in bad.told.items())
        if len(bad.told) == 1:
            (received,) = bad.told.values()
        raise InputError(
            f"Argument{'s' * (len(bad.told) > 1)} "
            f"{', '.join(f'`{name}`' for name in bad.told)} must hold finite numbers. "
            f"Received: {received}. A step of training on these rows makes the loss or "
            f"the weights NaN at any learning rate. {WAY_OUT}."
        )


def is_spoilt_by(
    model: keras.Model, state: ModelState, arrays: tuple[Any, ...]
) -> bool:
    """Whether a step of training on a batch makes loss or weights not finite.

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, put back afterwards.
        arrays: tuple of structures of arrays, one batch.

    Returns:
        bool.
    """
    leaves = [leaf for leaf in keras.tree.flatten(arrays) if leaf is not None]
    size, steps = leaves[0].shape[0], accumulation_of(model.optimizer)
    give = gatherer(as_fit_packs(arrays), size, size)
    with readable(give(np.tile(np.arange(size), (steps, 1))), None) as given:
        try:
            model.fit(**given, steps_per_epoch=steps, shuffle=False, verbose=0)
            loss = model.history.history["loss"][-1]
        except Exception:  # under torch, a cross-entropy refuses NaN by itself
            loss = math.nan
    is_spoilt = not math.isfinite(loss) or not has_finite_weights(model)
    state.put()
    return is_spoilt


def has_finite_weights(model: keras.Model) -> bool:
    """Whether all trainable weights are finite.

    Args:
        model: keras.Model, built.

    Returns:
        bool.
    """
    return all(
        np.isfinite(host_copy(variable)).all() for variable in model.trainable_variables
    )


def spoilt_by_source(model: keras.Model, state: ModelState, batches: Batches) -> str:
    """What the first batch of a source holds that made loss or weights NaN.

    The batches are read again, as far as they can be; see `Batches.again`.

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, put back afterwards.
        batches: Batches of a source.

    Returns:
        str, e.g. `"batch 3: y holds NaN in 1 of 32 rows (row 5, counted from 0)"`;
        empty if there is no such batch.
    """
    if batches.again is None:
        return ""
    for number, batch in batches.again():
        batch = keras.tree.lists_to_tuples(batch)
        leaves = [leaf for leaf in keras.tree.flatten(batch) if leaf is not None]
        sizes = {np.shape(leaf)[:1] for leaf in leaves}
        if len(sizes) != 1 or () in sizes:  # of a ragged or sparse tensor
            return ""
        bad = find_bad_rows(copied(batch), count=sizes.pop()[0])
        if bad is not None:
            is_cause = is_spoilt_by(model, state, bad.arrays)
            return f"batch {number:,} (counted from 0): {bad}" if is_cause else ""
    return ""


def with_cause(
    result: SweepResult, model: keras.Model, state: ModelState, batches: Batches
) -> SweepResult:
    """A sweep, and in its metadata the batch that made loss or weights NaN, if any.

    The batches are read again if the loss was suddenly not finite, or if the weights
    are not finite though the loss is.

    Args:
        result: SweepResult.
        model: keras.Model as the sweep left it, within `preserve_state`.
        state: ModelState, put back after a batch is tried.
        batches: Batches that were swept.

    Returns:
        SweepResult; `suggest` refuses one that has such a batch.
    """
    ended = [
        is_sudden(curve.losses)
        for curve in result.curves
        if curve.stop_reason == StopReason.NONFINITE
    ]
    is_doubtful = any(ended) if ended else not has_finite_weights(model)
    if batches.again is None or not is_doubtful:
        return result
    cause = spoilt_by_source(model, state, batches)
    if not cause:
        return result
    metadata = {**result.metadata, NOT_FINITE: cause}
    return dataclasses.replace(result, metadata=metadata)


@contextlib.contextmanager
def named_cause(
    model: keras.Model, state: ModelState, batches: Batches
) -> Iterator[None]:
    """Add to an error of a loss that is not finite which batch made it so.

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, put back afterwards.
        batches: Batches that it was trained on.

    Raises:
        SuggestionError: that of the context.
    """
    try:
        yield
    except SuggestionError as error:
        cause = error.reason == NOT_FINITE and spoilt_by_source(model, state, batches)
        if not cause:
            raise
        check_source({NOT_FINITE: cause})
