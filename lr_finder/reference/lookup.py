"""The update rules by name."""

from __future__ import annotations

from lr_finder.errors import InputError
from lr_finder.reference.adam import adam, amsgrad
from lr_finder.reference.adam_variants import adamax, adamw, nadam
from lr_finder.reference.adaptive import adadelta, adagrad, rmsprop
from lr_finder.reference.descent import momentum, nesterov, sgd
from lr_finder.reference.newer import lion, muon, schedule_free_sgd
from lr_finder.reference.trees import UpdateRule

UPDATE_RULES: dict[str, UpdateRule] = {
    rule.__name__: rule
    for rule in (
        sgd, momentum, nesterov, adagrad, rmsprop, adadelta, adam, amsgrad, adamax,
        nadam, adamw, lion, muon, schedule_free_sgd,
    )
}  # fmt: skip


def rule(name: str) -> UpdateRule:
    """The update rule of an optimizer.

    Args:
        name: str, a key of `UPDATE_RULES`, in any case.

    Returns:
        function `(parameters, gradients, state=None, **hyperparameters) ->
        (parameters, state)`.

    Raises:
        InputError: If there is no such rule.

    Example:
    >>> rule("Adam").__name__
    'adam'
    """
    found = UPDATE_RULES.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise InputError(
            f"Argument `rule` must be one of {', '.join(UPDATE_RULES)}. Received: "
            f"{name!r:.60}."
        )
    return found
