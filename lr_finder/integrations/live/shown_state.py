"""What a live view shows: collected while a training goes on, and read at any time."""

from __future__ import annotations

import dataclasses
import datetime
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.training.patterns import MIN_POINTS, recognize_patterns
from lr_finder.errors import InputError
from lr_finder.training.instruments.presets import CURVATURE, DEAD, NOISE, NORM, RATIO
from lr_finder.training.progress import SWEEP, TRAINING, VERIFICATION

TITLES = {SWEEP: "Sweeping", VERIFICATION: "Verifying", TRAINING: "Training"}
MEDIAN_OF = 50  # batches: the running median is read from so many
SHARE = 0.05  # of the time, that recognising patterns may take
READINGS = {
    NORM: "gradient norm",
    RATIO: "update ratio",
    DEAD: "dead units",
    NOISE: "noise scale",
    CURVATURE: "curvature",
}


@dataclasses.dataclass
class ShownState:
    """The stage, how far it is, and what it has shown so far.

    Args:
        stage: str, `"sweep"`, `"verification"` or `"training"`.
        label: str, whose stage it is: the name of a model.
        is_named: bool, whether the label is more than the name that Keras gave.
        clock: callable, seconds that only go up.

    Attributes:
        losses: list of float, the loss of each batch.
        epoch, epochs: int, the epoch that goes on, from 1, and how many there are.
        batch, batches: int, those of the epoch that are done, and all of them; None
            while that is not known.
        done, total: int, batches of a sweep or a verification.
        learning_rate: float or None, the latest.
        epoch_losses: dict of str to list of float, `loss` and `val_loss` of epochs.
        readings: dict of str to float, the latest of each instrument.

    Example:
    >>> state = ShownState(clock=iter([0.0, 30.0]).__next__)
    >>> state.epoch, state.epochs = 2, 4
    >>> state.losses = [3.0, 1.0, 2.0]
    >>> state.seconds_left(), state.median
    (90.0, 2.0)
    """

    stage: str = TRAINING
    label: str = ""
    is_named: bool = False
    clock: Callable[[], float] = time.monotonic
    losses: list[float] = dataclasses.field(default_factory=list)
    epoch: int = 0
    epochs: int = 0
    batch: int = 0
    batches: int | None = None
    done: int = 0
    total: int = 0
    learning_rate: float | None = None
    epoch_losses: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    readings: dict[str, float] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._origin: float | None = None
        self._pattern, self._judged, self._pause = "", 0, -math.inf

    @property
    def title(self) -> str:
        """What goes on, in a few words."""
        return f"{TITLES[self.stage]} {self.label}".rstrip()

    @property
    def median(self) -> float:
        """The median of the latest losses; nan before the first."""
        return float(np.median(self.losses[-MEDIAN_OF:])) if self.losses else math.nan

    @property
    def share_done(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None if that is not known."""
        if self.stage != TRAINING:
            return self.done / self.total if self.total else None
        if not self.epochs:
            return None
        part = min(self.batch / self.batches, 1.0) if self.batches else 0.0
        return (max(self.epoch - 1, 0) + part) / self.epochs

    def begin_epoch(self, epoch: int) -> None:
        """An epoch begins.

        Args:
            epoch: int, from 1.
        """
        self.epoch, self.batch = epoch, 0
        if self._origin is None:  # a training that is resumed begins in a later epoch
            self._origin, self._began = self.share_done or 0.0, self.clock()

    def end_epoch(self, losses: Mapping[str, float]) -> None:
        """An epoch has ended.

        Args:
            losses: mapping of `loss` and `val_loss` to float, where there are such.
        """
        self.batches = self.batch or self.batches
        for name, loss in losses.items():
            self.epoch_losses.setdefault(name, []).append(loss)

    def seconds_left(self) -> float | None:
        """The time left, by the pace so far; None at the beginning and the end."""
        share, origin = self.share_done, self._origin or 0.0
        if share is None or not origin < share < 1:
            return None
        return (self.clock() - self._began) * (1 - share) / (share - origin)

    @property
    def seconds(self) -> float:
        """The time since it began."""
        return self.clock() - self._began

    def pattern(self, is_urgent: bool = False) -> str:
        """The pattern that the losses show so far, or what they show first of several.

        It is judged anew when there are a tenth more losses, but takes at most a
        twentieth of the time.

        Args:
            is_urgent: bool, whether it is judged anew in any case.

        Returns:
            str, a key of `DEFINITIONS`, or empty while there are too few losses.
        """
        count = len(self.losses)
        if self.stage != TRAINING or count < MIN_POINTS or count == self._judged:
            return self._pattern
        began = self.clock()
        if not is_urgent and (count < 1.1 * self._judged or began < self._pause):
            return self._pattern
        held_out = self.epoch_losses.get("val_loss", [])
        try:
            found = recognize_patterns(
                self.losses, held_out if len(held_out) >= 3 else None
            )
            self._pattern = found[0].name if found else ""
        except InputError:
            self._pattern = ""
        self._judged, now = count, self.clock()
        self._pause = now + (now - began) / SHARE
        return self._pattern

    def facts(self) -> Iterator[tuple[str, str]]:
        """Name and value of all there is to tell, in the order of showing.

        Yields:
            `(name, value)`, as a person reads them.
        """
        if self.losses:
            yield "loss", f"{self.losses[-1]:.4g}"
            if self.stage != VERIFICATION and len(self.losses) > 1:
                yield "median", f"{self.median:.4g}"
        elif self.epoch_losses.get("loss"):
            yield "loss", f"{self.epoch_losses['loss'][-1]:.4g}"
        if self.epoch_losses.get("val_loss"):
            yield "validation loss", f"{self.epoch_losses['val_loss'][-1]:.4g}"
        if self.learning_rate is not None:
            yield "learning rate", format_rate(self.learning_rate)
        for name, value in self.readings.items():
            if name in READINGS and not math.isnan(value):
                yield READINGS[name], reading_in_words(name, value)


def reading_in_words(name: str, value: float) -> str:
    """The value of an instrument as a person reads it.

    Args:
        name: str, a key of `READINGS`.
        value: float.

    Returns:
        str.

    Example:
    >>> reading_in_words("dead_units", 0.25), reading_in_words("noise_scale", 1234.0)
    ('25 %', 'hints at batches of about 1,200')
    >>> reading_in_words("update_ratio", 0.00123)
    '1.2e-3'
    """
    if name == DEAD:
        return f"{100 * value:.3g} %"
    if name == NOISE and math.isfinite(value):
        return f"hints at batches of about {max(float(f'{value:.2g}'), 1):,.0f}"
    if name == NOISE:
        return "hidden by the noise: hints at larger batches"
    if name == CURVATURE:
        return f"{value:.3g}"
    return format_rate(value)


def clock_in_words(seconds: float) -> str:
    """A time as hours, minutes and seconds.

    Example:
    >>> clock_in_words(83.4)
    '0:01:23'
    """
    return str(datetime.timedelta(seconds=round(seconds)))


def course_of(losses: Sequence[float], columns: int) -> list[float]:
    """A loss curve as at most so many medians, as heights from 0 to 1.

    Losses that are not finite are left out; positive ones are drawn by logarithms.

    Args:
        losses: sequence of float.
        columns: int >= 1.

    Returns:
        list of float in [0, 1], the first loss first.

    Example:
    >>> course_of([100.0, 10.0, 1.0], 40)
    [1.0, 0.5, 0.0]
    """
    values = np.asarray(losses, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return []
    parts = np.array_split(values, min(columns, len(values)))
    medians = np.array([np.median(part) for part in parts])
    if medians.min() > 0:
        medians = np.log(medians)
    height = np.ptp(medians)
    heights = (medians - medians.min()) / height if height else np.zeros(len(medians))
    return [float(value) for value in heights]
