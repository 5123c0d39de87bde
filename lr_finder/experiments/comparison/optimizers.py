"""Optimizers as a comparison names them: by text, class or instance, without a rate."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError
from lr_finder.models.optimizer_names import FORM, read_optimizer

if TYPE_CHECKING:
    import keras

RATE = "learning_rate"  # given by the comparison, never by an optimizer


@dataclasses.dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer and its arguments; the learning rate is chosen apart from it.

    Args:
        label: str, what tables and figures call it.
        kind: str, Keras' name of it; or a class derived from
            keras.optimizers.Optimizer.
        arguments: dict of JSON values, without `learning_rate`.

    Example:
    >>> choice = OptimizerChoice("momentum", "sgd", {"momentum": 0.9})
    >>> choice.build(0.1).get_config()["momentum"]
    0.9
    """

    label: str
    kind: Any
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def identity(self) -> list[Any]:
        """What tells it from others, as JSON values; the label does not."""
        kind = self.kind
        if not isinstance(kind, str):
            kind = f"{kind.__module__}.{kind.__qualname__}"
        return [kind, dict(sorted(self.arguments.items()))]

    def build(self, learning_rate: float) -> keras.optimizers.Optimizer:
        """The optimizer, fresh, with a learning rate.

        Args:
            learning_rate: float > 0.

        Returns:
            keras.optimizers.Optimizer.

        Raises:
            InputError: If Keras has none of that name, or it takes no such argument.
        """
        from lr_finder.models.compile_arguments import resolve_optimizer

        kind = self.kind
        if isinstance(kind, str):
            kind = type(resolve_optimizer(kind))
        try:
            return kind(**{**self.arguments, RATE: learning_rate})
        except (TypeError, ValueError) as error:
            raise InputError(
                f"Optimizer {self.label} must take its arguments. Received: "
                f"{self.arguments} ({error}). Mend or leave out the one that is wrong."
            ) from error


def choose_optimizer(optimizer: Any) -> OptimizerChoice:
    """An optimizer as it is named in a comparison.

    Args:
        optimizer: str: a name that Keras knows, `momentum` or `nesterov` (SGD with
            momentum 0.9), or one with arguments, `adam(beta_1=0.95)`; or a
            keras.optimizers.Optimizer, whose learning rate does not count, or such a
            class; or an OptimizerChoice, which is given back.

    Returns:
        OptimizerChoice.

    Raises:
        InputError: If it is none of these.

    Example:
    >>> choose_optimizer("nesterov").arguments
    {'momentum': 0.9, 'nesterov': True}
    >>> choose_optimizer("sgd(momentum=0.99)").label
    'sgd(momentum=0.99)'
    """
    if isinstance(optimizer, OptimizerChoice):
        return optimizer
    if isinstance(optimizer, str):
        choice = _from_text(optimizer.strip())
    else:
        choice = _from_keras(optimizer)
    choice.build(1e-3)  # refused now, not after an hour
    return choice


def _from_text(text: str) -> OptimizerChoice:
    """A choice from what was typed, its arguments read as Python literals."""
    kind, arguments = read_optimizer(text)
    return OptimizerChoice(text.lower(), kind, _checked(text, arguments))


def _from_keras(optimizer: Any) -> OptimizerChoice:
    """A choice from a class or an instance of Keras, or derived from one."""
    import keras

    base = keras.optimizers.Optimizer
    if isinstance(optimizer, type) and issubclass(optimizer, base):
        return OptimizerChoice(optimizer.__name__.lower(), _name_of(optimizer))
    if not isinstance(optimizer, base):
        raise InputError(
            f"Argument `optimizer` must be {FORM}, or a class or an instance of "
            f"keras.optimizers.Optimizer. Received: {optimizer!r:.60}."
        )
    config = optimizer.get_config()
    config.pop(RATE, None)
    name = config.pop("name", None) or type(optimizer).__name__.lower()
    kind = _name_of(type(optimizer))
    return OptimizerChoice(name.lower(), kind, _checked(name, config))


def _name_of(kind: type) -> Any:
    """Keras' name of a class of its own; a person's class as it is."""
    import keras

    name = kind.__name__
    return name.lower() if getattr(keras.optimizers, name, None) is kind else kind


def _checked(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments that can be written down, the rate not among them."""
    try:
        json.dumps(arguments)
    except TypeError as error:
        raise InputError(
            f"Optimizer {name} must have arguments that JSON can hold. Received: "
            f"{error}. Give numbers, words, True or False."
        ) from error
    if RATE in arguments:
        raise InputError(
            f"Optimizer {name} must come without a learning rate. Received: "
            f"{RATE}={arguments[RATE]!r}. Give the rates separately."
        )
    return arguments
