"""The other callbacks of the `fit` that a sweep rides on."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable
from typing import Any, Protocol

import keras

from lr_finder.errors import InputError

STEPS_UP = 5  # from `set_model` to Keras' list; subclasses may lie between
SAVERS = ("ModelCheckpoint", "OrbaxCheckpoint")


class Bracketed(Protocol):
    """A callback that other callbacks of its `fit` are to notice nothing of."""

    _model: keras.Model

    def set_aside(self) -> None:
        """Show the model as it was when `fit` began."""

    def take_up(self) -> None:
        """Go on with the model as it was before `set_aside`."""

    def restore(self) -> None:
        """Put the model back for good."""


def bracket(callback: Bracketed) -> bool:
    """Come before the other callbacks where an epoch ends, after them where `fit` ends.

    `EarlyStopping(restore_best_weights=True)` keeps weights at the end of an epoch and
    puts them back when training ends; checkpoints are saved at the end of an epoch. For
    them to see no weights of a sweep, wherever it stands in the list, two callbacks are
    added to the list. Its first sets the sweep's weights aside before the others come
    at the end of an epoch, and takes them up after they came at the beginning of the
    next (so that `SwapEMAWeights` swaps back what it had swapped). Its last restores
    the model after the others. Keras shows a callback neither its list nor a hook after
    the others: the list is found as the caller of `set_model`.

    Args:
        callback: keras.callbacks.Callback, whose `set_model` is being called.

    Returns:
        bool, whether the list was found.

    Raises:
        InputError: If another callback of the list cannot be in one `fit` with a sweep.
    """
    found = list_around(callback)
    if found is None:
        return False
    others = [each for each in found.callbacks if each is not callback]
    check_neighbours(others)
    if any(isinstance(each, type(callback)) for each in others):
        raise InputError(
            f"Argument `callbacks` must hold one sweep. Received: several of "
            f"{type(callback).__name__}. Give each to a `fit` of its own."
        )
    first, last = _First(callback, others), _Last(callback)
    for each in (first, last):
        each.set_model(callback._model)
    # A list of its own: Keras is going through the present one.
    found.callbacks = [first, *found.callbacks, last]
    return True


def check_neighbours(callbacks: Iterable[keras.callbacks.Callback]) -> None:
    """Raise unless callbacks can be in one `fit` with a sweep.

    Args:
        callbacks: iterable of keras.callbacks.Callback.

    Raises:
        InputError: If one restores a backup of its own, or raises where a loss is not
            finite.

    Example:
    >>> check_neighbours([keras.callbacks.TerminateOnNaN()])
    """
    for each in callbacks:
        if isinstance(each, keras.callbacks.BackupAndRestore):
            raise InputError(
                "Argument `callbacks` must hold no BackupAndRestore beside a sweep. "
                f"Received: one for {each.backup_dir!r}. It would take the sweep for "
                "an interrupted training, load its backup over the model and delete "
                "it at the end. Give it to the training that follows."
            )
        if isinstance(each, keras.callbacks.TerminateOnNaN) and each.raise_error:
            raise InputError(
                "Argument `callbacks` must hold no TerminateOnNaN(raise_error=True) "
                "beside a sweep, which ends by itself at a loss that is not finite. "
                "Received: one. Leave it out, or give raise_error=False."
            )


def list_around(callback: Any) -> keras.callbacks.CallbackList | None:
    """The list that is just giving a callback its model; None if it is not found.

    Args:
        callback: keras.callbacks.Callback, whose `set_model` is being called.

    Returns:
        keras.callbacks.CallbackList or None.
    """
    frame = inspect.currentframe()
    for _ in range(STEPS_UP):
        frame = frame and frame.f_back
        owner = frame and frame.f_locals.get("self")
        if isinstance(owner, keras.callbacks.CallbackList) and any(
            each is callback for each in owner.callbacks
        ):
            return owner
    return None


class _First(keras.callbacks.Callback):
    """Comes before all others."""

    def __init__(self, inner: Bracketed, others: list[keras.callbacks.Callback]):
        super().__init__()
        self.inner, self.others = inner, others

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        for each in self.others:
            if type(each).__name__ in SAVERS and each.save_freq != "epoch":
                warnings.warn(
                    f"{type(each).__name__}(save_freq={each.save_freq}) saves weights "
                    "of the sweep, because it saves between batches. Use "
                    'save_freq="epoch", or leave it out of the `fit` of the sweep.',
                    stacklevel=2,
                )

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self.inner.take_up()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.inner.set_aside()


class _Last(keras.callbacks.Callback):
    """Comes after all others."""

    def __init__(self, inner: Bracketed):
        super().__init__()
        self.inner = inner

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.inner.restore()
