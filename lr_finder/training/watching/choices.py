"""Callbacks of Keras that a person chooses: none, the usual, a changed, one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import keras

from lr_finder.errors import InputError

# Yes, no, arguments that differ from the usual ones, or a callback of one's own.
Choice: TypeAlias = bool | Mapping[str, Any] | keras.callbacks.Callback | None


def chosen_callbacks(
    name: str, kind: type[keras.callbacks.Callback], choice: Choice, **usual: Any
) -> list[keras.callbacks.Callback]:
    """The callback that an argument asks for, or none.

    Args:
        name: str, the argument's name.
        kind: class of the callback.
        choice: bool; or dict of arguments that replace the usual ones; or a callback.
        **usual: the arguments that the callback has otherwise.

    Returns:
        list of one keras.callbacks.Callback, or empty.

    Raises:
        InputError: If it is none of these, or the callback has no such argument.

    Example:
    >>> stopping = keras.callbacks.EarlyStopping
    >>> (one,) = chosen_callbacks("early_stopping", stopping, {"patience": 3})
    >>> one.patience, chosen_callbacks("early_stopping", stopping, False)
    (3, [])
    """
    if choice is None or choice is False:
        return []
    if isinstance(choice, keras.callbacks.Callback):
        return [choice]
    is_file = kind is keras.callbacks.ModelCheckpoint
    if choice is True and not is_file:
        choice = {}
    plain = "a path that ends in .keras, None" if is_file else "True, False"
    if not isinstance(choice, Mapping):
        raise InputError(
            f"Argument `{name}` must be {plain}, a dict of arguments or a "
            f"{kind.__name__}. Received: {choice!r:.50}."
        )
    try:
        return [kind(**usual | dict(choice))]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Argument `{name}` must hold arguments of {kind.__name__}. Received: "
            f"{dict(choice)!r:.80} ({error}). Mend them, or leave it out."
        ) from error
