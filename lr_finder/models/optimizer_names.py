"""Optimizers as people type them: `adam`, `momentum`, `sgd(momentum=0.99)`."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.results.sweep import SweepResult

# What people call an optimizer -> Keras' name and its arguments.
SPOKEN_NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "momentum": ("sgd", {"momentum": 0.9}),
    "nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
}
KERAS_NAMES = (  # as `keras.optimizers` calls them; a test compares
    "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb",
    "Lion", "Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW",
)  # fmt: skip
FORM = "a name, or one with arguments such as `sgd(momentum=0.99)`"


def read_optimizer(text: str) -> tuple[str, dict[str, Any]]:
    """What was typed, as Keras' name of an optimizer and its arguments.

    Args:
        text: str, a name, or a name with arguments that are Python literals.

    Returns:
        `(name, arguments)`: str in lower case, and dict.

    Raises:
        InputError: If it has another form.

    Example:
    >>> read_optimizer("sgd(momentum=0.99)"), read_optimizer("Nesterov")
    (('sgd', {'momentum': 0.99}), ('sgd', {'momentum': 0.9, 'nesterov': True}))
    """
    try:
        expression = ast.parse(text.strip(), mode="eval").body
        arguments: dict[str, Any] = {}
        if isinstance(expression, ast.Call):
            for each in expression.keywords:
                if each.arg is None:
                    raise ValueError("arguments must have names")
                arguments[each.arg] = ast.literal_eval(each.value)
            if expression.args:
                raise ValueError("arguments must have names")
            expression = expression.func
        if not isinstance(expression, ast.Name):
            raise ValueError("an optimizer has a name")
        name = expression.id.lower()
    except (SyntaxError, ValueError, AttributeError) as error:
        raise InputError(
            f"Argument `optimizer` must be {FORM}. Received: {text!r:.60}."
        ) from error
    kind, usual = SPOKEN_NAMES.get(name, (name, {}))
    return kind, usual | arguments


def describe_optimizer(text: str) -> dict[str, Any]:
    """What a sweep with an optimizer would note of it, without loading Keras.

    Args:
        text: str, as `read_optimizer` takes it.

    Returns:
        dict with `optimizer`, Keras' name of its class, and `momentum` if it was given.

    Raises:
        InputError: If Keras has no such optimizer.

    Example:
    >>> describe_optimizer("momentum"), describe_optimizer("adamw")
    ({'optimizer': 'SGD', 'momentum': 0.9}, {'optimizer': 'AdamW'})
    """
    name, arguments = read_optimizer(text)
    classes = {each.lower(): each for each in KERAS_NAMES}
    if name not in classes:
        raise InputError(
            f"Argument `optimizer` must be one of {', '.join(classes)}, or {FORM}. "
            f"Received: {text!r:.60}."
        )
    described = {"optimizer": classes[name]}
    if "momentum" in arguments:
        described["momentum"] = arguments["momentum"]
    return described


def swept_with(result: SweepResult, optimizer: str | None) -> SweepResult:
    """A curve with a note of the optimizer that made it.

    Args:
        result: SweepResult.
        optimizer: str, as `read_optimizer` takes it; None if nobody told.

    Returns:
        SweepResult; without an optimizer the same.

    Raises:
        InputError: If Keras has no such optimizer.

    Example:
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> curve = SweepResult([Curve([1e-3, 1e-2], [2.0, 1.0])])
    >>> swept_with(curve, "adam").metadata
    {'optimizer': 'Adam'}
    """
    if optimizer is None:
        return result
    metadata = {**result.metadata, **describe_optimizer(optimizer)}
    return dataclasses.replace(result, metadata=metadata)
