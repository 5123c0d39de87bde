"""What a training does against overfitting, apart from its optimizer and its rate."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
import numbers
from typing import Any

import keras

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.comparison.inputs import Build, as_source, source_name
from lr_finder.experiments.comparison.optimizers import OptimizerChoice
from lr_finder.experiments.comparison.run import BuildModel

NONE = "none"
DECAY = "weight_decay"  # the argument of Keras' optimizers


@dataclasses.dataclass(frozen=True)
class Regularization:
    r"""One way to keep a training from overfitting, or several together.

    With the trainable weights $w$, the rate $\eta$ and a strength $\lambda$, `l2` adds
    $\frac{\lambda}{2} \lVert w \rVert^2$ to the loss, so that the optimizer is given
    the gradient $g + \lambda w$; `weight_decay` leaves the gradient alone and takes
    $\eta \lambda w$ off the weights in each step. For plain SGD both are the same. Adam
    divides the gradient by its size, with `l2` also that of the penalty: weights with
    large gradients shrink less. Both act on all trainable weights, biases too, as
    `weight_decay` of Keras' optimizers does.

    Args:
        l2: float >= 0, strength of the penalty; `keras.regularizers.L2(l2 / 2)`.
        weight_decay: float >= 0, strength of the decay apart from the gradient; 0
            leaves the optimizer as it is.
        dropout: float in [0, 1), given to the function that builds the model as its
            argument `dropout`; 0 gives it none.
        augmentation: bool, whether images are flipped and shifted at random.
        early_stopping: bool, whether training ends when the validation loss no longer
            falls, with the weights of the best epoch.

    Raises:
        InputError: If a value breaks its rule.

    Example:
    >>> Regularization(l2=0.01, dropout=0.5).label, Regularization().label
    ('L2 0.01, dropout 0.5', 'none')

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019
        (https://arxiv.org/abs/1711.05101).
    """

    l2: float = 0.0
    weight_decay: float = 0.0
    dropout: float = 0.0
    augmentation: bool = False
    early_stopping: bool = False

    def __post_init__(self) -> None:
        for name, below in (
            ("l2", math.inf), (DECAY, math.inf), ("dropout", 1.0)
        ):  # fmt: skip
            value = getattr(self, name)
            is_real = isinstance(value, numbers.Real)
            if not is_real or not 0 <= float(value) < below:
                rule = "at least 0" + f" and below {below:g}" * math.isfinite(below)
                raise InputError(
                    f"Argument `{name}` must be {rule}, and finite. Received: "
                    f"{name}={value!r:.40}. 0 is none."
                )

    @property
    def label(self) -> str:
        """What tables and figures call it: what is not off; `"none"` if all is."""
        told = [
            f"{name} {value:g}" if value is not True else name
            for name, value in (
                ("L2", self.l2), ("decay", self.weight_decay),
                ("dropout", self.dropout), ("augmentation", self.augmentation),
                ("early stopping", self.early_stopping),
            ) if value
        ]  # fmt: skip
        return ", ".join(told) or NONE

    @property
    def conditions(self) -> dict[str, bool]:
        """Those arguments of `compare` that it decides."""
        return {
            "augmentation": bool(self.augmentation),
            "early_stopping": bool(self.early_stopping),
        }

    def columns(self) -> dict[str, Any]:
        """Its settings as columns of a table."""
        return {"regularization": self.label} | dataclasses.asdict(self)

    def of_model(self, build: Build) -> BuildModel:
        """What builds a model with its penalty and its Dropout.

        Args:
            build: str or function, as `compare` takes it.

        Returns:
            callable `(dataset, initializer) -> keras.Model`.

        Raises:
            InputError: If Dropout is asked for and the function takes no `dropout`.
        """
        if self.dropout:
            if isinstance(build, str) or "dropout" not in (
                inspect.signature(build).parameters
            ):
                raise InputError(
                    "Argument `build_model` must be a function with an argument "
                    "`dropout`, if there is to be Dropout. Received: "
                    f"{source_name(build)!r} and dropout={self.dropout:g}. Write one "
                    "that gives it to its keras.layers.Dropout."
                )
            build = functools.partial(build, dropout=self.dropout)
        return PenalizedSource(as_source(build), self.l2)

    def of_optimizer(self, choice: OptimizerChoice) -> OptimizerChoice:
        """An optimizer with the decay, under a label that says so.

        Args:
            choice: OptimizerChoice.

        Returns:
            OptimizerChoice; `choice` itself without a decay.
        """
        if not self.weight_decay:
            return choice
        return dataclasses.replace(
            choice, label=f"{choice.label}, decay {self.weight_decay:g}",
            arguments=choice.arguments | {DECAY: float(self.weight_decay)},
        )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class PenalizedSource:
    """A builder of networks whose losses have an L2 penalty on all trainable weights.

    Args:
        source: callable `(dataset, initializer) -> keras.Model`.
        l2: float >= 0, the strength, see `Regularization`.

    Example:
    >>> def build(dataset, initializer=None):
    ...     return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model = PenalizedSource(build, 0.1)(None)
    >>> for variable, value in zip(model.weights, ([[2.0]], [1.0]), strict=True):
    ...     _ = variable.assign(value)
    >>> round(float(sum(model.losses)), 6)  # 0.1 / 2 * (2² + 1²)
    0.25
    """

    source: BuildModel
    l2: float = 0.0

    def __call__(self, dataset: Dataset, initializer: Any = None) -> keras.Model:
        """Build the network for a dataset."""
        model = self.source(dataset, initializer)
        if not self.l2:
            return model
        if not model.trainable_variables:
            raise ModelError(
                "The model must be built to be given an L2 penalty. Received: model "
                f"{model.name!r} without weights. Start it with keras.Input."
            )
        for variable in model.trainable_variables:
            if variable.regularizer is not None:
                raise ModelError(
                    "The model must have no regularizer of its own to be given an L2 "
                    f"penalty. Received: one of {variable.path!r}. Leave it out."
                )
            variable.regularizer = keras.regularizers.L2(self.l2 / 2)
        return model
