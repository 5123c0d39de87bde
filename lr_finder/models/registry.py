"""Networks known by name, and builders of any network that can be sent to a worker.

Keras is loaded when a network is built, not before.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError
from lr_finder.models.specs import NEAR_NAMES, split_spec

if TYPE_CHECKING:
    import keras

    from lr_finder.data.dataset import Dataset


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """A builder of networks that any process can call.

    It holds names alone, and finds the network when it is called: so it can be
    pickled, and a process that never saw a person's file can build from it.

    Args:
        spec: str, `file.py:function`, `package.module:function` or `saved.keras`.
        folder: str, where paths start and modules may lie; "" is the working folder
            of the process that calls.

    Example:
    >>> import numpy as np
    >>> from lr_finder.data import Dataset
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> build = ModelSource("lr_finder.models.defaults:build_mlp")
    >>> build(Dataset(x, y, x, y, "regression"), initializer="he_normal").output_shape
    (None, 1)
    """

    spec: str
    folder: str = ""

    def __call__(self, dataset: Dataset, initializer: Any = None) -> keras.Model:
        """Build the network for a dataset.

        Args:
            dataset: Dataset, which the network must fit.
            initializer: str, `keras.initializers.Initializer`, or None for the
                network's own.

        Returns:
            keras.Model, compiled or not, as its source gives it.

        Raises:
            InputError: If there is no such file, module or function, or it takes no
                initializer and is to have one.
            ModelError: If what it gives is no Keras model that fits the data.
        """
        from lr_finder.models.own_models import build_model

        return build_model(
            self.spec, dataset, initializer=initializer, folder=self.folder
        )


MODELS: dict[str, ModelSource] = {
    "default": ModelSource("lr_finder.models.defaults:build_for_kind"),
    "cnn": ModelSource("lr_finder.models.defaults:build_cnn"),
    "mlp": ModelSource("lr_finder.models.defaults:build_mlp"),
    "3c3d": ModelSource("lr_finder.models.published:build_3c3d"),
    "resnet20": ModelSource("lr_finder.models.published:build_resnet20"),
}


def make_builder(spec: str) -> ModelSource:
    """The builder of a network by its name or by where it comes from.

    Args:
        spec: str, a name in `MODELS`, `file.py:function`, `package.module:function`
            or `saved.keras`, whose network comes with its saved weights. A function is
            called with those of the arguments that `load_model` tells and
            `initializer` that it names.

    Returns:
        ModelSource, called as `builder(dataset, initializer=None)`.

    Raises:
        InputError: If it is neither a name nor has such a form, or there is no file.

    Example:
    >>> make_builder("cnn").spec
    'lr_finder.models.defaults:build_cnn'
    >>> make_builder("resnet")
    Traceback (most recent call last):
    ...
    lr_finder.errors.InputError: Argument `model` ... Did you mean resnet20?
    """
    if spec in MODELS:
        return MODELS[spec]
    near = difflib.get_close_matches(str(spec).lower(), MODELS, n=NEAR_NAMES)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    place, function = split_spec(spec, f", or be one of {', '.join(MODELS)}", hint)
    is_file = function is None or place.endswith(".py")
    if is_file and not Path(place).is_file():
        raise InputError(f"Model file {place} does not exist. Check the path.")
    return ModelSource(str(spec), os.getcwd())
