"""The loss that `evaluate` gives on data, measured over and over again."""

from __future__ import annotations

from typing import Any

import keras

from lr_finder._arguments import check_count
from lr_finder.training.checking.preconditions import check_targets, open_data
from lr_finder.training.feeding.batch_sources import adapter_of, source_kind
from lr_finder.training.feeding.batches import as_arrays, as_fit_packs, check_alone
from lr_finder.training.feeding.indexed_batches import KeptBatches
from lr_finder.training.feeding.passes import batches_of, passed_over_again
from lr_finder.training.preserving.limits import limits_lifted
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.stepping.steps import (
    check_evaluation,
    has_own_test_step,
    loss_of,
)
from lr_finder.training.validation import arguments_of_evaluate, training_mode_kept


class EvaluatedLoss:
    """The loss of `model.evaluate` on data that is read as often as one likes.

    It has what `evaluate` has: the compiled loss with sample weights, penalties of
    layers and regularizers, BatchNorm and Dropout in inference.

    Args:
        model: keras.Model, compiled.
        x: array or structure of arrays (samples, …), or batches that end: a
            tf.data.Dataset, keras.utils.PyDataset, PyTorch DataLoader, or a Python
            generator, which is read once and kept in memory.
        y: targets, like `x`; None if `x` gives batches.
        sample_weight: array (samples,) or None.
        batch_size: int >= 1, samples at once (of arrays only).

    Attributes:
        element: structure of keras.KerasTensor, one batch as a step gets it.

    Raises:
        InputError: If the data breaks a rule or does not fit the model.
        ModelError: If the model is not compiled, or reports no loss.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(0.0, 1.0, 9)[:, None]
    >>> loss = EvaluatedLoss(model, x, 2 * x)
    >>> bool(np.isclose(loss.of(model), model.evaluate(x, 2 * x, verbose=0)))
    True
    """

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int = 32,
    ):
        check_count("batch_size", batch_size, least=1)
        check_compiled(model)
        check_targets(model, x, y, way_out="Give (model, x, y).")
        if not has_own_test_step(model):
            check_evaluation(model)
        with preserved_randomness():
            source = passed_over_again(x, "x") if source_kind(x) else x
            self.batch_size = batch_size if source is x else None
            self._arguments = _arguments(source, y, sample_weight, batch_size)
            batches, _ = open_data(
                model, source, y, sample_weight=sample_weight, class_weight=None,
                validation_data=None, validation_samples=None, batch_size=batch_size,
                steps=1, repeats=1, seed=0,
            )  # fmt: skip
        self.element = batches.element

    def of(self, model: keras.Model) -> float:
        """The loss of the model as it is now; nothing but its metrics is changed.

        Args:
            model: keras.Model, that was given.

        Returns:
            float, which may be NaN or infinite.
        """
        with limits_lifted(), training_mode_kept(model):
            logs = model.evaluate(**self._arguments, verbose=0, return_dict=True)
        return loss_of(logs)


def _arguments(x: Any, y: Any, sample_weight: Any, batch_size: int) -> dict[str, Any]:
    """What `evaluate` is given."""
    kind = source_kind(x)
    if kind is None:
        arrays = as_arrays(x, y, sample_weight)
        samples = keras.tree.flatten(arrays)[0].shape[0]
        return arguments_of_evaluate(as_fit_packs(arrays), samples, batch_size)
    check_alone(kind, y, sample_weight)
    batches_of(x, batch_size, "x")  # refuses one without batches, or without end
    return {"x": adapter_of(x) if isinstance(x, KeptBatches) else x}
