"""Dicts of arrays, mapped over and checked: what every update rule works on.

A tree is a dict whose values are arrays, or dicts of arrays again: the parameters of a
network, e.g. `{"W1": (4, 8), "b1": (8,)}`, and whatever has the same shapes: its
gradients, velocities, averages.
"""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from lr_finder._arguments import check_rate
from lr_finder._text import listed
from lr_finder.errors import InputError

Tree: TypeAlias = dict[str, Any]
State: TypeAlias = dict[str, Any]
UpdateRule: TypeAlias = Callable[..., tuple[Tree, State]]

# Shares of the past that an average keeps: 1 would keep all of it and learn nothing.
SHARES = frozenset({"momentum", "beta", "beta_1", "beta_2", "rho"})
AT_LEAST_ZERO = frozenset({"epsilon", "weight_decay", "initial_accumulator", "scale"})


def tree_map(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """Apply a function to each array of a tree, or to those of several trees at once.

    Args:
        function: callable, takes one array of each tree.
        tree: dict of arrays, or of dicts of arrays.
        *others: dicts with the same keys.

    Returns:
        dict with the keys of `tree`.

    Example:
    >>> tree_map(lambda a, b: a + b, {"W": 1, "inner": {"b": 2}},
    ...          {"W": 10, "inner": {"b": 20}})
    {'W': 11, 'inner': {'b': 22}}
    """
    return {
        key: (tree_map if isinstance(value, dict) else _apply)(
            function, value, *(other[key] for other in others)
        )
        for key, value in tree.items()
    }


def _apply(function: Callable[..., Any], *arrays: Any) -> Any:
    return function(*arrays)


def zeros_like(tree: Tree) -> Tree:
    """Zeros of the same shapes and types: what most averages start from.

    Args:
        tree: dict of arrays.

    Returns:
        dict of arrays.

    Example:
    >>> zeros_like({"b": np.array([1.0, 2.0])})
    {'b': array([0., 0.])}
    """
    return tree_map(np.zeros_like, tree)


def leaves(tree: Tree, above: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of a tree with their names.

    Args:
        tree: dict of arrays, or of dicts of arrays.
        above: str, what stands before each name.

    Yields:
        `(name, array)`; of an inner dict `outer/inner`.

    Example:
    >>> [name for name, _ in leaves({"W": np.ones(2), "inner": {"b": np.ones(1)}})]
    ['W', 'inner/b']
    """
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}/")
        else:
            yield f"{above}{key}", np.asarray(value)


def norm(tree: Tree) -> float:
    r"""The length of a tree as one long vector.

    $$ \|\theta\| = \sqrt{\sum_i \theta_i^2} $$

    Args:
        tree: dict of arrays.

    Returns:
        float >= 0; infinite if the squares are too large for a float.

    Example:
    >>> norm({"W": np.array([[3.0]]), "b": np.array([4.0])})
    5.0
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(sum(np.sum(np.square(a)) for _, a in leaves(tree))))


def update_rule(update: UpdateRule) -> UpdateRule:
    """Let a function that computes an update check first what it is given.

    The function keeps its formula free of checks. It is called with the signature that
    all rules share: `rule(parameters, gradients, state, **hyperparameters)`.

    Args:
        update: callable `(parameters, gradients, state, *, …) -> (parameters, state)`.

    Returns:
        The rule: the same function, which raises `InputError` for trees of different
        shapes, gradients that are not finite, and hyperparameters out of their range.
    """
    defaults = inspect.signature(update).parameters

    @functools.wraps(update)
    def rule(
        parameters: Tree,
        gradients: Tree,
        state: State | None = None,
        **hyperparameters: Any,
    ) -> tuple[Tree, State]:
        for name in hyperparameters.keys() - defaults.keys():
            raise InputError(
                f"{update.__name__} has no hyperparameter `{name}`. It has "
                f"{listed(list(defaults)[3:], most=20)}."
            )
        check_same_shapes("gradients", gradients, parameters)
        check_finite(gradients)
        _check_state(update.__name__, state, parameters)
        values = {name: _checked(name, v) for name, v in hyperparameters.items()}
        try:
            return update(parameters, gradients, state, **values)
        except KeyError as missing:  # all other keys have been compared
            raise InputError(
                f"Argument `state` must be None at first, then what {update.__name__} "
                f"returned. Received: one without {missing}, of another rule?"
            ) from None

    return rule


def check_same_shapes(name: str, tree: Tree, parameters: Tree) -> None:
    """Raise `InputError` unless a tree has the keys and shapes of the parameters.

    Args:
        name: str, the argument's name.
        tree: dict of arrays.
        parameters: dict of arrays.

    Raises:
        InputError: If it has not; names the first array that differs.

    Example:
    >>> check_same_shapes("gradients", {"b": np.ones(2)}, {"b": np.zeros(2)})
    """
    for each, value in (("parameters", parameters), (name, tree)):
        if not isinstance(value, dict):
            raise InputError(
                f"Argument `{each}` must be a dict of arrays. Received: "
                f"{type(value).__name__}. Give {{'w': array}}."
            )
    given = {key: array.shape for key, array in leaves(tree)}
    wanted = {key: array.shape for key, array in leaves(parameters)}
    if given.keys() != wanted.keys():
        raise InputError(
            f"Argument `{name}` must have the keys of the parameters: "
            f"{listed(wanted)}. Received: {listed(given)}."
        )
    for key, shape in wanted.items():
        if given[key] != shape:
            raise InputError(
                f"Argument `{name}` must have the shapes of the parameters. Received: "
                f"{given[key]} for {key!r}, whose parameters have {shape}."
            )


def check_finite(gradients: Tree) -> None:
    """Raise `InputError` unless every gradient is a finite number.

    Args:
        gradients: dict of arrays.

    Raises:
        InputError: If one is not; names its array.

    Example:
    >>> check_finite({"b": np.array([1.0])})
    """
    for key, array in leaves(gradients):
        if not np.isfinite(array).all():
            count = int(np.sum(~np.isfinite(array)))
            kind = "NaN" if np.isnan(array).any() else "infinite"
            raise InputError(
                f"Argument `gradients` must be finite. Received: {kind} in {key!r} "
                f"({count} of {array.size} not finite). The training has diverged: "
                "lower the learning rate."
            )


def check_share(name: str, value: float) -> None:
    """Raise `InputError` unless an argument lies in [0, 1).

    Args:
        name: str, the argument's name.
        value: float, what was given for it.

    Raises:
        InputError: If it does not.

    Example:
    >>> check_share("beta_1", 0.9)
    """
    if not isinstance(value, numbers.Real) or not 0 <= value < 1:
        raise InputError(
            f"Argument `{name}` must lie in [0, 1): it is the share of the past that "
            f"an average keeps. Received: {name}={value!r}. 0.9 is usual."
        )


def _check_state(rule: str, state: State | None, parameters: Tree) -> None:
    if state is None:
        return
    if not isinstance(state, dict):
        raise InputError(
            f"Argument `state` must be None at first, then what {rule} returned. "
            f"Received: {type(state).__name__}."
        )
    for name, tree in state.items():
        if isinstance(tree, dict):
            check_same_shapes(f"state[{name!r}]", tree, parameters)


def _checked(name: str, value: Any) -> Any:
    """A hyperparameter that keeps its rule, as Python's number.

    A float64 of NumPy would turn float32 parameters to float64.
    """
    if name == "learning_rate":
        check_rate(name, value, zero=True)
    elif name in SHARES:
        check_share(name, value)
    elif name in AT_LEAST_ZERO:
        check_rate(name, value, zero=True, what="number")
    return value.item() if isinstance(value, np.generic) else value
