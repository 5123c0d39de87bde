"""`fit`: trains as a model's own `fit` does, with a learning rate that it finds."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping
from typing import Any, cast

import keras

from lr_finder._arguments import check_rate, names_checked
from lr_finder._text import counted
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import InputError
from lr_finder.results.finding import Finding
from lr_finder.schedules.named import AS_DEFAULT
from lr_finder.training.one_call.arguments import (
    FitArguments,
    listed_callbacks,
)
from lr_finder.training.one_call.groups import GroupedOptimizer, given_rates
from lr_finder.training.one_call.rate import OWN_RATE, RateSearch, rate_not_searched
from lr_finder.training.one_call.refusals_of_fit import (
    check_given,
    check_model,
    check_search,
)
from lr_finder.training.one_call.resuming import kept_before
from lr_finder.training.one_call.scheduled_training import ScheduledTraining
from lr_finder.training.one_call.training_rows import TrainingRows, rows_of
from lr_finder.training.optimizer_rates import Rates
from lr_finder.training.scheduling.rate_of_training import check_counts_steps, settle

WENT_BACK = "went_back"  # what a warning of the guard begins with


@names_checked
def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: Any = 1,
    *,
    learning_rate: float | Mapping[str, float] | None = None,
    schedule: Any = AS_DEFAULT,
    verify: bool = False,
    groups: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> keras.callbacks.History:
    r"""Train as `model.fit` does, with a learning rate that is found first.

    Write `lr_finder.fit(model, x, y, …)` instead of `model.fit(x, y, …)`. It sweeps the
    rate on the rows that are trained on, restores the model, and trains. The rate found
    is the highest of a schedule that spans the $n$ steps of the training:

    $$ lr(i) = \begin{cases} found & i < 0.7 \, n \\
    found \cdot (n - i) / (0.3 \, n) & i \geq 0.7 \, n \end{cases} $$

    A `DivergenceGuard` watches the training. It changes nothing unless the training
    diverges. Everything else is as in `model.fit`: unless the data has a state of its
    own, weights and History are those of
    `model.fit(…, callbacks=[ApplySchedule(schedule), …])` at the same rates, to the
    last bit. Afterwards the optimizer holds the rate found, so that a later `fit`
    learns. The cost is the training and up to 200 steps of a sweep.

    The sweep has no more steps than the training. The rate stays the compiled one, with
    the warning `own_rate`, if the training has fewer than 100 steps, if no rate can be
    read from the sweep, or if the loss hardly falls in the sweep, as that of a trained
    model. There is no sweep if `initial_epoch` is not 0, or if `BackupAndRestore` has a
    backup to go on from. Then the training enters the schedule part-way, at the rate
    that the model has, or at the rate found before the backup.

    Before `EarlyStopping` ends the training, the rate falls to 0: see `Cooldown`.
    Beside `ReduceLROnPlateau` there is no schedule. A checkpoint holds the rate of its
    step: set another rate before you continue training from it.

    Args:
        model: keras.Model, compiled with a number for its rate; trained in place.
        x: as in `keras.Model.fit`. The first batches of a Python generator are kept in
            memory for the search, up to 1 GiB, and trained on in their turn. The search
            advances other data that has a state of its own: a tf.data pipeline that
            shuffles anew on each pass, a dataset that draws from its own random state.
        y: as in `keras.Model.fit`, and so are all arguments up to `validation_freq`.
        batch_size: int or None.
        epochs: int >= 0, at which the training ends; the schedule spans all of them. If
            the number of batches in an epoch is unknown, they are counted in the first
            epoch, at a constant rate.
        verbose: 0 prints nothing.
        callbacks: list of keras.callbacks.Callback. They see one ordinary training.
        validation_split: float in [0, 1). The search uses no row that it holds back.
        validation_data: as in `keras.Model.fit`; the search does not use it.
        shuffle: bool.
        class_weight: dict of class to its weight, also in the search; or None.
        sample_weight: array (samples,), also in the search; or None.
        initial_epoch: int >= 0.
        steps_per_epoch: int or None.
        validation_steps: int or None.
        validation_batch_size: int or None.
        validation_freq: int or collection of int.
        learning_rate: float > 0, the highest rate; with `groups` a dict of name to
            rate; None to find it.
        schedule: str, `"default"` or another name of `lr_finder.schedules.named`; or a
            Schedule or function step -> rate (a step is a batch), which is scaled so
            that its highest rate is the rate found; or None for a constant rate.
        verify: bool, whether short trainings confirm or move the rate. They start from
            the weights given and cost up to 0.38 of the training.
        groups: dict of name to layers, e.g. `{"body": layers, "head": layers}`, which
            together hold each trainable weight once; or None. Each group gets an
            optimizer like the model's own, and a rate that is found by a sweep of its
            own, while the other groups keep the model's rate. The schedule multiplies
            the rates of all groups by the same factor.
        seed: int or None, from which the batches of the search are drawn. The training
            itself draws from Keras' random state, as `model.fit` does.

    Returns:
        keras.callbacks.History, what `model.fit` gives. Its `finding` is a Finding with
        `lr`, `suggestion` and `sweep` (of no steps, if there was none); its `cuts` are
        those of the guard, mostly none. With `groups`,
        `finding` is that of the first group, and `findings` is a dict of name to
        Finding.

    Raises:
        InputError: If an argument breaks its rule, another callback sets the rate, or
            the batches of a generator do not fit in memory.
        ModelError: If the model's rate cannot be set, or several workers train it.

    Warns:
        UserWarning: If the rate is the compiled one; if the guard has gone back; if the
            schedule is shorter than the training.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> history = fit(model, x, 2 * x, batch_size=8, epochs=25, seed=0, verbose=0)
    >>> history.history["loss"][-1] < 0.01, len(history.finding.sweep.lrs) > 100
    (True, True)
    >>> round(float(model.optimizer.learning_rate) / history.finding.lr, 6)
    1.0
    """
    given = FitArguments(
        x, y, batch_size, epochs, verbose, callbacks, validation_split,
        validation_data, shuffle, class_weight, sample_weight, initial_epoch,
        steps_per_epoch, validation_steps, validation_batch_size, validation_freq,
    )  # fmt: skip
    call = _Call(model, given, schedule, groups, learning_rate)
    findings = call.find(verify=verify, seed=seed)
    for name, finding in findings.items():
        call.tell(name, finding)
        for text in cast(Suggestion, finding.suggestion).warnings:
            if text.startswith(f"{OWN_RATE}:"):
                warnings.warn(f"{text}.", stacklevel=2)
    history = call.train({name: finding.lr for name, finding in findings.items()})
    if history.cuts:
        times = counted(len(history.cuts), "time")
        warnings.warn(f"{WENT_BACK}: {times}; {history.cuts[-1]}.", stacklevel=2)
    history.finding = next(iter(findings.values()))
    if groups is not None:
        history.findings = findings
    return history


class _Call:
    """One call of `fit`: everything is checked when it is made."""

    def __init__(
        self,
        model: keras.Model,
        given: FitArguments,
        schedule: Any,
        groups: Mapping[str, Any] | None,
        learning_rate: Any,
    ):
        check_model(model)
        check_given(model, given)
        self._model, self._given = model, given
        self._callbacks = listed_callbacks(given.callbacks)
        self._schedule, _ = settle(schedule, None, self._callbacks)
        self._grouped = None if groups is None else GroupedOptimizer(model, groups)
        names: list[str | None] = [None] if groups is None else [*groups]
        self._known = _known_rates(names, learning_rate)
        self._kept = kept_before(self._callbacks, bool(self._known))
        if self._kept is not None and not self._known:
            self._known = self._kept.rates_of(names)
        self._names, self._is_given = names, learning_rate is not None
        self._rows = TrainingRows(None) if self._known else rows_of(given)
        batches = given.steps_per_epoch or self._rows.batches
        if self._schedule is not None and batches and given.last_epoch:
            check_counts_steps(self._schedule, given.last_epoch, batches)

    def find(self, verify: bool, seed: int | None) -> dict[str | None, Finding]:
        """A finding for each group; without groups one, under None.

        If it is interrupted, the model is as it was.
        """
        check_search(verify, seed, is_given=self._is_given)
        with contextlib.ExitStack() as undoing:
            if self._grouped is not None:
                undoing.callback(self._grouped.take_back)
                self._grouped.put()
            findings = {name: self._found(name, verify, seed) for name in self._names}
            undoing.pop_all()
        return findings

    def _found(self, name: str | None, verify: bool, seed: int | None) -> Finding:
        model, given = self._model, self._given
        if self._is_given:
            why = "The rate is the one given."
            return rate_not_searched(model, self._known[name], "given", why)
        if self._known:
            why = "The rate was found before the training was interrupted."
            return rate_not_searched(model, self._known[name], "found_before", why)
        if given.initial_epoch or not given.epochs_to_come:
            own = Rates(model.optimizer, name).compiled
            why = "The rate is the one that the model has, as in the epochs before."
            return rate_not_searched(model, own, "found_before", why)
        return RateSearch(
            model, given, self._rows, verify=verify, seed=seed, group=name
        ).find()

    def tell(self, name: str | None, finding: Finding) -> None:
        """Print the rate and its reason, unless `verbose` is 0."""
        if self._given.verbose != 0:
            of_group = "" if name is None else f" of {name}"
            print(f"Learning rate{of_group}: {finding.suggestion}")

    def train(self, rates: Mapping[str | None, float]) -> keras.callbacks.History:
        """Train at these rates."""
        training = ScheduledTraining(
            self._model, self._given, self._callbacks, self._schedule, rates,
            self._kept,
        )  # fmt: skip
        return training.run(**self._rows.for_fit())


def _known_rates(names: list[str | None], given: Any) -> dict[str | None, float]:
    """The rates given by the user; empty if none is given."""
    if given is None:
        return {}
    if names == [None]:
        if isinstance(given, Mapping):
            raise InputError(
                "Argument `learning_rate` must be a number unless `groups` is given. "
                f"Received: learning_rate={dict(given)!r:.80}, without groups. Give "
                'groups={"body": [layer, …], "head": [layer, …]} too.'
            )
        check_rate("learning_rate", given)
        return {None: float(given)}
    rates = given_rates(cast(list[str], names), given)
    return {name: rates[cast(str, name)] for name in names}
