"""The learning-rate range test of a Keras model: `sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from lr_finder._arguments import check_count, check_range, names_checked
from lr_finder.errors import ModelError
from lr_finder.results.sweep import SweepResult
from lr_finder.training.checking.preconditions import (
    check_training,
    drawn_seed,
    open_data,
)
from lr_finder.training.checking.spoilt import check_finite, with_cause
from lr_finder.training.feeding.batch_sources import readable
from lr_finder.training.feeding.batches import Batches
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.optimizer_rates import (
    accumulation_of,
    check_accumulation,
)
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.limits import limits_lifted
from lr_finder.training.state import ModelState, preserve_state
from lr_finder.training.validation import VALIDATION_SAMPLES, ValidationLoss

STEPS = 200  # of a sweep: with more the interval hardly narrows


@names_checked
def sweep(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    validation_data: Any = None,
    validation_samples: int | None = VALIDATION_SAMPLES,
    batch_size: int = 32,
    start_lr: float = 1e-7,
    end_lr: float = 10.0,
    steps: int = STEPS,
    mode: str = "exponential",
    repeats: int = 1,
    seed: int | None = None,
    stop: bool = True,
    group: str | int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    verbose: int | str = "auto",
) -> SweepResult:
    r"""Train while the rate rises, record the loss of each batch, undo the training.

    Batch `i` of an exponential sweep is trained at

    $$ lr(i) = start \cdot (end / start)^{i / (steps - 1)} $$

    and `losses[i]` is measured before its update. The whole sweep is one `model.fit`.
    If the data is shorter than the sweep, it is read again in another order. Afterwards
    model, optimizer, compiled metrics and the global random states are as they were, to
    the last bit: on success, on an error and on Ctrl-C. (Data with a state of its own
    has moved on: a generator, a tf.data pipeline that shuffles anew on each pass, a
    dataset that draws from its own random state.)

    Args:
        model: keras.Model, compiled.
        x: array or structure of arrays (samples, …), or batches, finite or not: a
            batched tf.data.Dataset, a keras.utils.PyDataset, a Python generator or a
            PyTorch DataLoader. Batches that end are read again; those of a generator
            are kept in memory for that, up to 1 GiB.
        y: targets, like `x`; None if `x` gives batches.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        class_weight: dict of class to its weight in the loss, or None.
        validation_data: `(x, y)` or `(x, y, sample_weight)` of arrays, or batches. The
            loss on them is measured after each step too: `result.validation`. That
            costs an `evaluate` for each step.
        validation_samples: int >= 1, the most samples taken of `validation_data`: drawn
            at random from arrays, the first ones of batches; None takes all.
        batch_size: int >= 1, samples in a batch (of arrays only).
        start_lr: float > 0, the rate of the first batch.
        end_lr: float > start_lr, the rate of the last batch.
        steps: int >= 2, number of batches; 200 give a good curve.
        mode: `"exponential"` (equal factors) or `"linear"` (equal increments).
        repeats: int >= 1, how many sweeps are made, from the same weights with other
            batches. `result.losses` is their mean, and the suggestion's interval
            includes their spread.
        seed: int or None, from which the order of batches is drawn; with None each call
            has another order. It is stored in `result.metadata`. A dataset keeps its
            own order, except with `repeats > 1`, which shuffles it.
        stop: bool, whether to end when the loss diverges. A loss that is not finite
            ends the sweep in any case.
        group: str or int or None, which optimizer of a `MultiOptimizer` is swept alone;
            see `LRSweep`.
        callbacks: sequence of keras.callbacks.Callback, run within the sweep.
        verbose: Keras' progress bar, one for all repeats: 0, 1, 2 or `"auto"`.

    Returns:
        SweepResult, one curve for each repeat.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be swept; nothing has been touched then.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> result = sweep(model, x, 2 * x, batch_size=8, steps=100, seed=0, verbose=0)
    >>> str(result.stop_reason), bool(1e-3 < result.suggest().lr < 2)
    ('diverged', True)

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3.
    """
    check_range(start_lr, end_lr, steps)
    check_count("repeats", repeats, least=1)
    check_training(
        model, x, y, batch_size=batch_size, group=group, callbacks=callbacks,
        way_out="Call sweep(model, x, y).",
    )  # fmt: skip
    seed = drawn_seed(seed)
    # A step of the optimizer takes several batches where it accumulates gradients.
    steps_of_fit = steps * accumulation_of(model.optimizer)
    batches, validation = open_data(
        model, x, y, sample_weight=sample_weight, class_weight=class_weight,
        validation_data=validation_data, validation_samples=validation_samples,
        batch_size=batch_size, steps=steps_of_fit, repeats=repeats, seed=seed,
    )  # fmt: skip
    with limits_lifted(), preserve_state(model, batches.element) as (state, interrupt):
        check_finite(model, state, batches, validation)
        callback = _RepeatedSweep(
            state, interrupt, batches, repeats, seed,
            start_lr=start_lr, end_lr=end_lr, steps=steps, mode=mode, stop=stop,
            validation=validation, group=group,
        )  # fmt: skip
        with readable(batches.data, batches.class_weight) as data:
            model.fit(
                **data,
                steps_per_epoch=steps_of_fit * repeats,
                shuffle=False,
                callbacks=[callback, *(callbacks or ())],
                verbose=verbose,
            )
        return with_cause(callback.measured(), model, state, batches)


class _RepeatedSweep(LRSweep):
    """Sweeps several times in one `fit`; leaves it to its caller to restore."""

    def __init__(
        self,
        state: ModelState,
        interrupt: HeldInterrupt,
        batches: Batches,
        repeats: int,
        seed: int,
        *,
        validation: ValidationLoss | None,
        **sweep: Any,
    ):
        super().__init__(**sweep)
        self._validation = validation
        self.repeats = repeats
        self._given_state, self._interrupt = state, interrupt
        self._source = {
            "batch_size": batches.batch_size, "repeats": repeats, "seed": seed
        }  # fmt: skip

    def set_model(self, model: keras.Model) -> None:
        keras.callbacks.Callback.set_model(self, model)  # no need of a bracket

    def set_aside(self) -> None:
        """Nothing: there is but one epoch."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._begin(self._given_state)
        assumed = self.params["steps"] // (self.steps * self.repeats)
        check_accumulation(self.model.optimizer, assumed)
        self._metadata |= self._source

    def _take_back(self) -> None:
        """Leave that to the caller too."""

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        super().on_train_batch_end(batch, logs)
        self._interrupt.check()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._finish()

    def measured(self) -> SweepResult:
        """What the `fit` has measured, now that it has ended."""
        if self.result is None:
            raise ModelError(
                "The model's `fit` must run the callbacks that it is given. Received: "
                f"model {self._given_state.model.name!r}, whose `fit` did not. Hand "
                "them on to `super().fit`."
            )
        return self.result
