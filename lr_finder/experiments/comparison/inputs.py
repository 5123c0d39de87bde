"""What a comparison is given, checked before the first training."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras

from lr_finder._arguments import check_count
from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts, load_three_parts, split_off_test
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.run import BuildModel, build_model
from lr_finder.experiments.comparison.settings import Conditions, Task
from lr_finder.models.builders import call_builder
from lr_finder.models.checks import check_fits
from lr_finder.models.compile_arguments import resolve_initializer
from lr_finder.models.registry import make_builder
from lr_finder.training.preserving.randomness import preserved_randomness

IDENTITY_LENGTH = 16  # hexadecimal digits
NUMBERED = re.compile(r'(_\d+)+"')  # names that count the layers made so far

Data = ThreeParts | Dataset | str
Build = Callable[..., keras.Model] | str


def checked_conditions(given: Mapping[str, Any]) -> Conditions:
    """The conditions that keyword arguments name.

    Args:
        given: mapping of names to values.

    Returns:
        Conditions.

    Raises:
        InputError: If there is no condition of a name, or a value breaks its rule.

    Example:
    >>> checked_conditions({"epochs": 3}).epochs
    3
    """
    names = [field.name for field in dataclasses.fields(Conditions)]
    for name in given:
        if name not in names:
            raise InputError(
                f"Argument `{name}` must be one that a comparison takes: "
                f"{', '.join(names)}. Received: {name}={given[name]!r:.40}."
            )
    return Conditions(**given)


def checked_seeds(seeds: int | Iterable[int]) -> list[int]:
    """The seeds of a comparison.

    Args:
        seeds: int >= 1, how many, from 0 on; or an iterable of int >= 0, each once.

    Returns:
        list of int.

    Raises:
        InputError: If it is neither.

    Example:
    >>> checked_seeds(3), checked_seeds([7])
    ([0, 1, 2], [7])
    """
    if not isinstance(seeds, Iterable):
        check_count("seeds", seeds, least=1)
        return list(range(seeds))
    seeds = list(seeds)
    for seed in seeds:
        check_count("seeds", seed, least=0)
    if len(set(seeds)) < max(1, len(seeds)):
        raise InputError(
            "Argument `seeds` must hold one seed or more, each once. Received: "
            f"seeds={seeds!r:.60}."
        )
    return seeds


def checked_data(
    data: Data, limit: int | None, seed: int, batch_sizes: Sequence[int]
) -> ThreeParts:
    """Data to train on, to choose by and to test; every batch size fits it.

    Args:
        data: ThreeParts; Dataset, whose validation part is tested on; or str, a source.
        limit: int, rows at most of a source that is read; or None.
        seed: int, of the rows that are drawn.
        batch_sizes: sequence of int.

    Returns:
        ThreeParts.

    Raises:
        InputError: If it is none of these, or too small.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((40, 3), "float32"), np.zeros(40, "float32")
    >>> parts = checked_data(Dataset(x, y, x, y, "regression"), None, 0, [4])
    >>> len(parts.dataset.x_train)
    36
    """
    if isinstance(data, str):
        parts = load_three_parts(data, limit=limit, seed=seed)
    elif limit is not None:
        raise InputError(
            f"Argument `limit` needs a source that is read. Received: "
            f"limit={limit} and a {type(data).__name__}. Pass fewer rows instead."
        )
    elif isinstance(data, Dataset):
        parts = split_off_test(data, seed)
    elif isinstance(data, ThreeParts):
        parts = data
    else:
        raise InputError(
            "Argument `data` must be ThreeParts, a Dataset or the name of a source. "
            f"Received: {type(data).__name__}. Use "
            "lr_finder.data.parts.three_parts_of(...) for arrays."
        )
    rows = len(parts.dataset.x_train)
    if max(batch_sizes) > rows:
        raise InputError(
            f"Argument `batch_size` must be at most the {rows} rows to train on. "
            f"Received: batch_size={max(batch_sizes)}."
        )
    return parts


@dataclasses.dataclass(frozen=True)
class FunctionSource:
    """A builder of networks from a function, as `make_builder` makes one of a name.

    Args:
        function: callable that names those of the arguments `dataset`, `input_shape`,
            `n_outputs` and `initializer` that it takes, and returns a keras.Model.
    """

    function: Callable[..., keras.Model]

    def __call__(self, dataset: Dataset, initializer: Any = None) -> keras.Model:
        """Build the network for a dataset."""
        name = source_name(self.function)
        if initializer is not None:
            resolve_initializer(initializer)
        return call_builder(self.function, name, dataset, initializer)


def as_source(build: Build) -> BuildModel:
    """What builds a model, callable with a dataset and an initializer.

    Args:
        build: str, a name or as `--model` has it; or a function.

    Returns:
        callable `(dataset, initializer) -> keras.Model`.

    Raises:
        InputError: If it is neither.
    """
    is_model = isinstance(build, keras.Model)  # callable, too
    if is_model or not (isinstance(build, str) or callable(build)):
        raise InputError(
            "Argument `build_model` must be a name, a place such as "
            "`file.py:function`, or a function that returns a Keras model. Received: "
            f"{type(build).__name__}. Each run needs a fresh model."
        )
    if isinstance(build, str):
        return make_builder(build)
    return FunctionSource(build)


def source_name(build: Build) -> str:
    """What tables call a model.

    Args:
        build: str or function.

    Returns:
        str.

    Example:
    >>> source_name("models/own.py:build"), source_name("resnet20")
    ('own.py:build', 'resnet20')
    """
    if isinstance(build, str):
        return build.rpartition("/")[2]
    return getattr(build, "__name__", type(build).__name__)


def check_models(
    plan: Plan,
    rules: Conditions,
    sources: Mapping[str, BuildModel],
    parts: ThreeParts,
) -> dict[str, str]:
    """Build each model once with each initializer; refuse what would fail later.

    Args:
        plan: Plan.
        rules: Conditions.
        sources: mapping of names of models to what builds them.
        parts: ThreeParts.

    Returns:
        dict of names of models to what tells each from another of that name.

    Raises:
        InputError, ModelError: If one does not build, or does not fit the data.
    """
    identities = {}
    first = plan.main_settings()[0]
    with preserved_randomness():
        for name, initializer in itertools.product(plan.models, plan.initializers):
            setting = dataclasses.replace(first, initializer=initializer, model=name)
            model = build_model(Task(setting, rules), parts.dataset, sources[name])
            check_fits(model, parts.dataset, name)
            if name not in identities:  # that of the model with initializers of its own
                model = sources[name](parts.dataset, None)
                identities[name] = model_identity(model)
    return identities


def model_identity(model: keras.Model) -> str:
    """What tells a model from others of another architecture.

    Args:
        model: keras.Model, built.

    Returns:
        str, a hash of its layers and of the shapes of its weights.

    Example:
    >>> def network(units):
    ...     layers = [keras.Input((2,)), keras.layers.Dense(units)]
    ...     return keras.Sequential(layers)
    >>> identities = [model_identity(network(units)) for units in (3, 3, 4)]
    >>> identities[0] == identities[1], identities[0] == identities[2]
    (True, False)
    """
    try:
        config = model.get_config()
    except NotImplementedError:  # of a class that cannot be written down
        config = [type(layer).__name__ for layer in model.layers]
    shapes = [list(weight.shape) for weight in model.weights]
    text = json.dumps([config, shapes], default=lambda value: type(value).__name__)
    text = NUMBERED.sub('"', text)
    return hashlib.sha256(text.encode()).hexdigest()[:IDENTITY_LENGTH]
