"""Groups of layers, each with an optimizer and a rate of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from lr_finder._arguments import check_rate
from lr_finder._text import listed
from lr_finder.errors import InputError, ModelError
from lr_finder.training.optimizer_rates import (
    Optimizer,
    current_rate,
    optimizer_name,
    rate_holders,
)
from lr_finder.training.stepping.devices import training_scope


class GroupedOptimizer:
    """The optimizer of a model, split into one for each of several groups of layers.

    Each group has an optimizer of the kind and the settings that the model was compiled
    with, named like the group. The first group is the default one of the
    `MultiOptimizer`. The new optimizers start without what the old one has gathered,
    such as momentum. If the model has these groups already, nothing is changed.

    Args:
        model: keras.Model, compiled and built.
        groups: mapping of name to a layer or to a sequence of layers; a model is a
            layer too. Together they hold each trainable weight once.

    Raises:
        InputError: If the groups break this rule.
        ModelError: If the model is not built, or its optimizer cannot be taken apart.

    Example:
    >>> body, head = keras.layers.Dense(2), keras.layers.Dense(1)
    >>> model = keras.Sequential([keras.Input((3,)), body, head])
    >>> model.compile("sgd", "mse")
    >>> grouped = GroupedOptimizer(model, {"body": body, "head": [head]})
    >>> grouped.put()
    >>> [each.name for each in rate_holders(model.optimizer)]
    ['head', 'body']
    >>> grouped.take_back()
    >>> type(model.optimizer).__name__
    'SGD'
    """

    def __init__(self, model: keras.Model, groups: Mapping[str, Any]):
        self._model, self.names = model, list(groups)
        paths = _paths_of(model, groups)
        self._before = model.optimizer, model.train_function
        self._config = getattr(model, "_compile_config", None)
        if {each.name for each in rate_holders(model.optimizer)} == set(groups):
            self._grouped = model.optimizer
            return
        if _has_more_than_one(model.optimizer):
            raise ModelError(
                "Argument `groups` needs a model with one plain optimizer, as each "
                f"group gets a copy. Received: {optimizer_name(model.optimizer)}. "
                "Compile with e.g. optimizer='adam'."
            )
        with training_scope(model):
            made = [_of_group(model.optimizer, name) for name in groups]
            others = zip(list(paths)[1:], made[1:], strict=True)
            chosen = {_pattern(paths[name]): optimizer for name, optimizer in others}
            self._grouped = keras.optimizers.MultiOptimizer(
                keras.optimizers.OptimizerMap(made[0], chosen)
            )

    def put(self) -> None:
        """Give the model this optimizer."""
        if self._grouped is not self._model.optimizer:
            self._set(self._grouped, None)

    def take_back(self) -> None:
        """Give the model its own optimizer again."""
        if self._before[0] is not self._model.optimizer:
            self._set(*self._before)

    def _set(self, optimizer: Optimizer, function: Any) -> None:
        model = self._model
        model.optimizer, model.train_function = optimizer, function
        if self._config is not None:  # what a saved model is compiled with
            self._config.config["optimizer"] = optimizer


def given_rates(groups: Sequence[str], rates: Any) -> dict[str, float]:
    """The rates of all groups, as the user gives them, checked.

    Args:
        groups: sequence of str, their names.
        rates: mapping of name to float > 0.

    Returns:
        dict of name to float, in the order of the groups.

    Raises:
        InputError: If a group has none, or one is no rate.

    Example:
    >>> given_rates(["body", "head"], {"head": 1e-3, "body": 1e-5})
    {'body': 1e-05, 'head': 0.001}
    """
    if not isinstance(rates, Mapping) or set(rates) != set(groups):
        raise InputError(
            "Argument `learning_rate` must give each of the `groups` a rate. Received: "
            f"learning_rate={rates!r:.80}, with groups {listed(groups)}. Give a dict "
            "of these names, or None to find them."
        )
    for name in groups:
        check_rate(f"learning_rate[{name!r}]", rates[name])
    return {name: float(rates[name]) for name in groups}


def _has_more_than_one(optimizer: Optimizer) -> bool:
    kinds = keras.optimizers.MultiOptimizer, keras.optimizers.LossScaleOptimizer
    return isinstance(optimizer, kinds)


def _of_group(optimizer: Optimizer, name: str) -> Optimizer:
    """Another optimizer like this one."""
    config = optimizer.get_config() | {"name": name}
    made = type(optimizer).from_config(config)
    made.learning_rate = current_rate(optimizer)
    return made


def _pattern(paths: list[str]) -> str:
    """One key for all variables of a group, as each key would be saved separately."""
    return "|".join(map(re.escape, paths))


def _paths_of(model: keras.Model, groups: Any) -> dict[str, list[str]]:
    """The paths of the weights of each group; each weight belongs to one of them."""
    if not isinstance(groups, Mapping) or len(groups) < 2:
        raise InputError(
            "Argument `groups` must be a dict of at least two names, each with its "
            f'layers. Received: {groups!r:.50}. Give {{"body": …, "head": …}}.'
        )
    if not model.built:
        raise ModelError(
            f"Argument `model` must be built for `groups`. Received: {model.name!r} "
            "without weights. Call model.build(input_shape), or start it with "
            "keras.Input."
        )
    owners: dict[int, str] = {}
    paths: dict[str, list[str]] = {}
    for name, layers in groups.items():
        variables = _variables_of(name, layers)
        for variable in variables:
            if owners.setdefault(id(variable), name) != name:
                raise InputError(
                    "Argument `groups` must hold each weight once. Received: "
                    f"{variable.path!r} in {owners[id(variable)]!r} and in {name!r}."
                )
        paths[name] = [variable.path for variable in variables]
        _check_distinct(paths, name)
    missing = [v.path for v in model.trainable_variables if id(v) not in owners]
    if missing:
        raise InputError(
            "Argument `groups` must hold all trainable weights of the model. Received: "
            f"groups without {listed(missing)}. Add their layers to a group, or set "
            "layer.trainable = False and compile."
        )
    return paths


def _check_distinct(paths: Mapping[str, list[str]], name: str) -> None:
    """Raise `InputError` if weights of two groups have the same path."""
    for other, known in paths.items():
        same = set(known).intersection(paths[name])
        if other != name and same:
            raise InputError(
                "Argument `groups` must hold layers with names of their own. Received: "
                f"{min(same)!r} in {other!r} and in {name!r}. Make the layers with "
                "name=…."
            )


def _variables_of(name: Any, layers: Any) -> list[Any]:
    layers = [layers] if isinstance(layers, keras.layers.Layer) else layers
    is_list = isinstance(layers, list | tuple) and isinstance(name, str) and name
    if not is_list or not all(isinstance(each, keras.layers.Layer) for each in layers):
        raise InputError(
            "Argument `groups` must give each name a list of layers of the model. "
            f"Received: {layers!r:.50} for {name!r}. Give {{'body': model.layers[:-1], "
            "…}."
        )
    found = {id(v): v for layer in layers for v in layer.trainable_variables}
    if not found:
        raise InputError(
            "Argument `groups` must give each group a weight to train. Received: none "
            f"in {name!r}. Leave it out, or set layer.trainable = True and compile."
        )
    return list(found.values())
