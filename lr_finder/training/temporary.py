"""A callback that trains a model for a while and puts it back, unseen by the others."""

from __future__ import annotations

import abc
from typing import Any

import keras

from lr_finder.training.checking.neighbours import bracket
from lr_finder.training.preserving.limits import limit_in_force
from lr_finder.training.state import ModelState


class TemporaryTraining(keras.callbacks.Callback, abc.ABC):
    """A callback in whose `fit` a model trains for a while, to be put back at the end.

    At the end of each epoch the other callbacks find the model as it was when `fit`
    began; with the next batch the training goes on. A subclass sets `_state` when
    `fit` begins, and calls `_restore_at_end` when it ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: ModelState | None = None
        self._aside: list[Any] | None = None
        self._is_bracketed = False

    def set_model(self, model: keras.Model) -> None:
        """Take the model, and a place before and after the other callbacks.

        Args:
            model: keras.Model.

        Raises:
            InputError: If another callback cannot be in one `fit` with this one.
        """
        super().set_model(model)
        self._is_bracketed = bracket(self)

    @property
    @abc.abstractmethod
    def _is_over(self) -> bool:
        """Whether there is nothing left to train."""

    def set_aside(self) -> None:
        """Show other callbacks the model as it was when `fit` began."""
        if self._state is None or self._aside is not None:
            return
        _ = self.model  # under JAX: brings the variables up to date first
        self._aside = [] if self._is_over else self._state.copy()
        self._state.put()

    def take_up(self) -> None:
        """Go on with the model as it was before `set_aside`."""
        if self._state is None or not self._aside:
            return
        _ = self.model
        self._state.put(self._aside)
        self.model.reset_metrics()  # as Keras did, since an epoch begins
        self._aside = None

    def restore(self) -> None:
        """Put model and optimizer back as they were when `fit` began.

        `fit` does it by itself at its end; after an exception in `fit` it is yours to
        call. A second call changes nothing.
        """
        if self._state is not None:
            self._state.restore()
            self._state = self._aside = None

    def _restore_at_end(self) -> None:
        """Restore; once more after the others, which may change the model then."""
        state = self._state
        self.restore()
        if self._is_bracketed:
            self._state = state

    def _advice(self, done: int, needed: int, batches: int) -> str:
        """What to do about a `fit` that ended too early.

        Args:
            done: int, steps made.
            needed: int, batches that all steps take.
            batches: int, batches taken.
        """
        epochs, steps = self.params.get("epochs") or 1, self.params.get("steps")
        limit = limit_in_force(epochs, steps)
        if limit:
            return limit
        if self.model.stop_training:
            return "Another callback ended it: leave it out of the fit of the sweep"
        if not done:
            return "Give it more batches"
        per_epoch = -(-batches // epochs)
        return (
            f"Call fit with epochs={-(-needed // per_epoch)}, or LRSweep with "
            f"steps={done}"
        )
