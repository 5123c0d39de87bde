"""The ways to train that an experiment compares, and what all have in common."""

from __future__ import annotations

import dataclasses

from lr_finder._arguments import check_count
from lr_finder.errors import InputError

USUAL_RATE = 1e-3  # Keras' default of Adam, which most people leave as it is
MODEL_NAMES = ("dense", "lstm", "conv")  # the keys of `time_series.model.MODELS`


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way to train.

    Args:
        is_found: bool, whether the rate is found and verified; else it is 1e-3.
        is_stopped: bool, whether training ends early, with the best weights.
        is_lowered: bool, whether the rate falls on a plateau.
        is_whole: bool, whether the watched end of the training part is learnt from
            too, as one may who watches nothing.
    """

    is_found: bool = False
    is_stopped: bool = False
    is_lowered: bool = False
    is_whole: bool = False


ARMS = {
    "baseline": Arm(),
    "optimized": Arm(is_found=True, is_stopped=True, is_lowered=True),
    "found": Arm(is_found=True),
    "stopping": Arm(is_stopped=True),
    "plateau": Arm(is_lowered=True),
    "found_stopping": Arm(is_found=True, is_stopped=True),
    "stopping_plateau": Arm(is_stopped=True, is_lowered=True),
    "baseline_whole": Arm(is_whole=True),
}
# Arms that the command compares -> what a person reads. The second tells what the
# stopping gains from what the rate gains.
SAME_STOPPING = "stopping_plateau"
COMPARED = {
    "baseline": "baseline",
    SAME_STOPPING: "Keras' rate, same stopping",
    "optimized": "optimized",
}


@dataclasses.dataclass(frozen=True)
class ForecastSettings:
    """How every arm of an experiment trains.

    Args:
        model: str, `"dense"`, `"lstm"` or `"conv"`.
        epochs: int >= 1, the most that a training runs; the baseline runs all.
        batch_size: int >= 1.
        num_epochs: int >= 1, of the sweep.

    Raises:
        InputError: If one breaks its rule.

    Example:
    >>> ForecastSettings(epochs=50).model
    'dense'
    """

    model: str = "dense"
    epochs: int = 100
    batch_size: int = 32
    num_epochs: int = 5

    def __post_init__(self):
        if self.model not in MODEL_NAMES:
            raise InputError(
                f"Argument `model` must be one of {', '.join(MODEL_NAMES)}. Received: "
                f"model={self.model!r}."
            )
        for name in ("epochs", "batch_size", "num_epochs"):
            check_count(name, getattr(self, name), least=1)


def checked_arm(name: str) -> Arm:
    """The arm of a name.

    Args:
        name: str, a key of `ARMS`.

    Returns:
        Arm.

    Raises:
        InputError: If there is none.

    Example:
    >>> checked_arm("found").is_found
    True
    """
    if name not in ARMS:
        raise InputError(
            f"Argument `arms` must hold names of {', '.join(ARMS)}. Received: {name!r}."
        )
    return ARMS[name]
