"""From a model to a trained model: `LearningRateOptimizer` finds, confirms, trains."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from lr_finder._arguments import check_count, check_range
from lr_finder.analysis.sweep.nonfinite import NOT_FINITE, UNBOUNDED
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import InputError, ModelError, SuggestionError
from lr_finder.results.sweep import SweepResult
from lr_finder.results.verification import VerifiedSuggestion
from lr_finder.schedules.named import AS_DEFAULT
from lr_finder.training.checking.preconditions import check_targets
from lr_finder.training.feeding.passes import batches_of, parts_of, passed_over_again
from lr_finder.training.fitting import train
from lr_finder.training.optimizer_rates import accumulation_of
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.searching import (
    JUDGE,
    SearchListeners,
    SearchSettings,
    coming_steps,
    search,
)
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.verification import JUDGES
from lr_finder.training.watching.choices import Choice

FEWEST_SWEEP_STEPS = 100  # of small data: with fewer a curve is mostly noise
WIDE_RANGE = (1e-7, 10.0)  # what `sweep` covers by itself


class LearningRateOptimizer:
    """Finds a learning rate for a model on its data, then trains with it.

    Args:
        model: keras.Model, compiled; or a function without arguments that returns one.
            A function is called once for the search and the first training, and
            again for each later training.
        train_dataset: batched tf.data.Dataset, keras.utils.PyDataset, Python generator
            or PyTorch DataLoader that ends; or a tuple `(x, y)` or
            `(x, y, sample_weight)` of arrays (samples, …); or `x` alone for a model
            that needs no targets. Batches of a generator are kept in memory, up to
            1 GiB.
        validation_dataset: the same for the held-out data, whose loss decides when to
            stop; None leaves that to the training loss. Data that has decided is no
            fair test of the result.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, for search and training; with None each call differs.

    Attributes:
        model: keras.Model, the one of the search and of the latest training.
        result: SweepResult of the latest search, or None before the first.
        suggestion: Suggestion read from it.
        verified: VerifiedSuggestion of the short trainings; None if there were none.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the function returns no compiled model.

    Example:
    >>> import numpy as np
    >>> keras.utils.set_random_seed(0)
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64, dtype="float32")[:, None]
    >>> optimizer = LearningRateOptimizer(model, (x, 2 * x), seed=0)
    >>> rate = optimizer.find_optimal_rate(end_lr=1.0)
    >>> trained, history = optimizer.train_optimized(rate, epochs=20, verbose=0)
    >>> rate == optimizer.verified.lr, history.history["loss"][-1] < 0.1
    (True, True)

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3.
    """

    def __init__(
        self,
        model: keras.Model | Callable[[], keras.Model],
        train_dataset: Any,
        validation_dataset: Any = None,
        *,
        batch_size: int = 32,
        seed: int | None = None,
    ):
        check_count("batch_size", batch_size, least=1)
        train_dataset = passed_over_again(train_dataset, "train_dataset")
        validation_dataset = passed_over_again(validation_dataset, "validation_dataset")
        self._batches = batches_of(train_dataset, batch_size)
        self._build = None if isinstance(model, keras.Model) else model
        self.model: keras.Model = model if self._build is None else _built(model)
        check_compiled(self.model)
        for name, data in _named(train_dataset, validation_dataset):
            x, y, _ = parts_of(data, name)
            check_targets(self.model, x, y, name, f"Give {name}=(x, y).")
        self.train_dataset = train_dataset
        self.validation_dataset = validation_dataset
        self.batch_size, self.seed = batch_size, seed
        self.result: SweepResult | None = None
        self.suggestion: Suggestion | None = None
        self.verified: VerifiedSuggestion | None = None
        self._has_trained = False
        self._head_start: HeadStart | None = None

    def find_optimal_rate(
        self,
        start_lr: float = 1e-5,
        end_lr: float = 1e-1,
        num_epochs: int = 5,
        *,
        method: str = DEFAULT_METHOD,
        is_verified: bool = True,
        judge: str | None = None,
        budget_steps: int | None = None,
        keep_winner: bool = False,
        verbose: int | str = 0,
    ) -> float:
        """Sweep the rates, read a suggestion from the curve, and confirm it.

        An exponential sweep records the loss of each batch. The rule `method` reads a
        rate from the smoothed curve, and short trainings at rates around it follow. The
        model is left as it was, to the last bit.

        Args:
            start_lr: float > 0, the rate of the first batch.
            end_lr: float > start_lr, the rate of the last.
            num_epochs: int >= 1, passes over the data that the sweep takes; if they
                have fewer than 100 steps, it takes 100 steps.
            method: str, the rule that reads the rate, a key of `lr_finder.RULES`.
            is_verified: bool, whether short trainings confirm or move the rate.
            judge: `"training"` or `"validation"`, the loss that chooses among these
                rates; None for training, as everywhere, because validation losses
                scatter more.
            budget_steps: int, steps of your training; the short trainings take at most
                0.38 of them, or 0.6 if fewer than 89. None for 20 epochs, but at least
                1000 steps.
            keep_winner: bool, whether the weights of the short training that went best
                are kept, one more copy in memory, for `train_optimized` to go on from.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            float, the learning rate.

        Raises:
            InputError: If an argument breaks its rule.
            ModelError: If the model cannot be trained.
            SuggestionError: If no rate can be read in this range.
        """
        check_count("num_epochs", num_epochs, least=1)
        steps = max(num_epochs * self._batches, FEWEST_SWEEP_STEPS)
        check_range(start_lr, end_lr, steps)
        _check_choice("method", method, RULES)
        judge = JUDGE if judge is None else judge
        _check_choice("judge", judge, JUDGES)
        accumulation = accumulation_of(self.model.optimizer)
        budget = coming_steps(
            self._batches, accumulation=accumulation, budget_steps=budget_steps
        )
        self.result = self.suggestion = self.verified = self._head_start = None
        keep = self._keep_head_start if keep_winner else None
        try:
            found = search(
                self.model, self.train_dataset, self.validation_dataset,
                listeners=SearchListeners(sweep=self._keep, head_start=keep),
                settings=SearchSettings(
                    method, budget if is_verified else None, judge=judge,
                    batch_size=self.batch_size, seed=self.seed, verbose=verbose,
                    sweep={"start_lr": start_lr, "end_lr": end_lr, "steps": steps},
                ),
            )  # fmt: skip
        except SuggestionError as error:
            if error.reason in (NOT_FINITE, UNBOUNDED):  # no other range would help
                raise
            raise _with_way_out(error, start_lr, end_lr) from error
        self.suggestion, self.verified = found.suggestion, found.verified
        return float(found.answer.lr)

    def _keep(self, result: SweepResult) -> None:
        self.result = result

    def _keep_head_start(self, head_start: HeadStart) -> None:
        self._head_start = head_start

    def train_optimized(
        self,
        learning_rate: float,
        epochs: int = 100,
        *,
        schedule: Any = AS_DEFAULT,
        early_stopping: Choice = True,
        reduce_on_plateau: Choice = None,
        guard: Choice = True,
        checkpoint: str | Path | Choice = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        continue_from_verification: bool = False,
        verbose: int | str = "auto",
    ) -> tuple[keras.Model, keras.callbacks.History]:
        """Train with a rate: follow a schedule, stop early, keep the best weights.

        If the validation loss no longer falls, the rate falls to 0 from where it is,
        over at most 30 % of the epochs so far, and training ends. If the loss drifts
        back towards where it came from, training goes on from an earlier state at a
        third of the rate. Afterwards the optimizer has `learning_rate` again, and so
        has the file if `checkpoint` is a path. `history["learning_rate"]` has the rates
        at which the epochs ended.

        Args:
            learning_rate: float > 0, the highest rate.
            epochs: int >= 1, the most passes over the data.
            schedule: str, `"wsd"`, `"one_cycle"`, `"cosine"`, `"warmup_cosine"`,
                `"linear"` or `"constant"`, over all epochs; or a schedule of
                `lr_finder.schedules` or function step -> rate, a step being a batch,
                scaled to `learning_rate`. `"default"` is `"wsd"`: constant, then
                linear to 0 over the last 30 %. It gives way to plateaus, if you ask for
                them, and to callbacks that set the rate. None is a constant rate that
                falls on plateaus.
            early_stopping: bool; or dict of arguments of keras.callbacks.EarlyStopping
                that replace `lr_finder`'s own; or such a callback.
            reduce_on_plateau: the same for keras.callbacks.ReduceLROnPlateau; None for
                the usual one if there is no schedule.
            guard: the same for `DivergenceGuard`. Without it, training ends if a loss
                is not a number.
            checkpoint: str or Path ending in `.keras`, where the best model so far is
                kept; None keeps it in memory only; or a
                keras.callbacks.ModelCheckpoint, or a dict of its arguments.
            callbacks: sequence of keras.callbacks.Callback, run as well.
            continue_from_verification: bool, whether training goes on from the short
                training that went best, `find_optimal_rate(keep_winner=True)`, whose
                whole epochs are not made again. `learning_rate` is `verified.winner`.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            `(model, history)`: keras.Model and keras.callbacks.History.

        Raises:
            InputError: If an argument breaks its rule, or if two of them set the rate.
            ModelError: If the rate of the optimizer cannot be set.
        """
        head_start = None
        if continue_from_verification:
            head_start = self._checked_head_start(learning_rate)
        elif self._build is not None and self._has_trained:
            self.model = _built(self._build)
        self._has_trained = True
        history = train(
            self.model, self.train_dataset, self.validation_dataset,
            learning_rate=learning_rate, epochs=epochs, batch_size=self.batch_size,
            schedule=schedule, early_stopping=early_stopping, guard=guard,
            reduce_on_plateau=reduce_on_plateau, checkpoint=checkpoint, seed=self.seed,
            verbose=verbose, callbacks=callbacks, head_start=head_start,
        )  # fmt: skip
        return self.model, history

    def _checked_head_start(self, learning_rate: float) -> HeadStart:
        """The kept training, if it was made at this rate; it serves once."""
        kept, self._head_start = self._head_start, None
        if kept is None:
            raise InputError(
                "Argument `continue_from_verification` needs a short training that was "
                "kept. Received: none. Call find_optimal_rate(keep_winner=True) before "
                "each such training."
            )
        if not math.isclose(kept.lr, learning_rate, rel_tol=1e-6):
            self._head_start = kept
            raise InputError(
                "Argument `learning_rate` must be that of the short training to go on "
                f"from. Received: {learning_rate!r:.50}, and {kept.lr!r}. Give "
                "learning_rate=optimizer.verified.winner."
            )
        return kept


def _named(train_dataset: Any, validation_dataset: Any) -> Iterator[tuple[str, Any]]:
    """The data given, by the names of the arguments."""
    yield "train_dataset", train_dataset
    if validation_dataset is not None:
        yield "validation_dataset", validation_dataset


def _built(build: Callable[[], keras.Model]) -> keras.Model:
    """A model of a person's own function."""
    if not callable(build):
        raise InputError(
            "Argument `model` must be a compiled keras.Model, or a function that "
            f"returns one. Received: {build!r:.50}."
        )
    model = build()
    if not isinstance(model, keras.Model) or not model.compiled:
        raise ModelError(
            "The function given as `model` must return a compiled keras.Model. "
            f"Received: {type(model).__name__}. Call model.compile in it."
        )
    return model


def _check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    """Refuse a word that means nothing, before a sweep is made for it."""
    if value not in choices:
        raise InputError(
            f"Argument `{name}` must be one of {', '.join(map(repr, choices))}. "
            f"Received: {name}={value!r:.50}."
        )


def _with_way_out(
    error: SuggestionError, start_lr: float, end_lr: float
) -> SuggestionError:
    """The error of a search, and what to do about it."""
    low, high = WIDE_RANGE
    advice = "Search with more `num_epochs`"
    if start_lr > low or end_lr < high:
        advice = (
            f"Search a wider range, find_optimal_rate(start_lr={low:g}, "
            f"end_lr={high:g}), or with more `num_epochs`"
        )
    return SuggestionError(
        f"No learning rate was found between {start_lr:g} and {end_lr:g}. {error} "
        f"{advice}; its `result.plot()` shows what was measured.",
        reason=error.reason,
        counts=error.counts,
    )
