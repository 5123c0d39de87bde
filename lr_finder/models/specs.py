"""How a model of one's own is named: by a file, a module or a saved model."""

from __future__ import annotations

from lr_finder.errors import InputError

SAVED_SUFFIX = ".keras"
NEAR_NAMES = 3  # names proposed for one that is unknown
DEFAULT_MODEL = "default"  # what a network made for the data is called
FORMS = "`file.py:function`, `package.module:function` or `saved.keras`"


def split_spec(spec: str, others: str = "", hint: str = "") -> tuple[str, str | None]:
    """Where a model comes from, and the function that builds it.

    Args:
        spec: str, `file.py:function`, `package.module:function` or `saved.keras`.
        others: str, what else `spec` may be, for the message.
        hint: str, what may have been meant, for the message.

    Returns:
        `(place, function)`; function is None for a saved model.

    Raises:
        InputError: If `spec` has none of these forms.

    Example:
    >>> split_spec("models/own.py:build"), split_spec("own.keras")
    (('models/own.py', 'build'), ('own.keras', None))
    """
    if str(spec).endswith(SAVED_SUFFIX):
        return str(spec), None
    place, colon, function = str(spec).rpartition(":")
    if colon and place and function.isidentifier():
        return place, function
    raise InputError(
        f"Argument `model` must have the form {FORMS}{others}. Received: "
        f"model={spec!r:.80}.{hint}{_called(spec)}"
    )


def _called(spec: object) -> str:
    """The way out for a function that builds a model."""
    if callable(spec):
        return " Call the function, and give the compiled model that it returns."
    return ""
